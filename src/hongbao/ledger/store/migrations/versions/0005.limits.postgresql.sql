CREATE FUNCTION hongbao_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce((
        SELECT lower(split_part(actor, '@', 1)) = lower(split_part(new.actor, '@', 1))
        FROM channel_event WHERE channel_id = new.channel_id AND kind = 'asked'
        ORDER BY seq DESC LIMIT 1
    ), true) THEN
        RAISE EXCEPTION USING MESSAGE = 'another person accepts limits than who has asked for them';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER channel_event_apart BEFORE INSERT ON channel_event
FOR EACH ROW
WHEN (new.kind = 'accepted')
EXECUTE FUNCTION hongbao_apart();
