CREATE FUNCTION hongbao_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF 'rejected' = (
        SELECT kind FROM decision
        WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported', 'withdrawn', 'rejected')
        ORDER BY seq DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION USING MESSAGE = 'it was rejected';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER campaign_rejection BEFORE UPDATE ON campaign
FOR EACH ROW
WHEN (old.approved_at IS NULL AND new.approved_at IS NOT NULL)
EXECUTE FUNCTION hongbao_rejection();
