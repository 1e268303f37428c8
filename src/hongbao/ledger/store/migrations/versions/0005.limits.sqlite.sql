CREATE TRIGGER channel_event_apart BEFORE INSERT ON channel_event
WHEN new.kind = 'accepted' AND coalesce((
    SELECT lower(substr(actor, 1, instr(actor || '@', '@') - 1)) = lower(substr(new.actor, 1, instr(new.actor || '@', '@') - 1))
    FROM channel_event WHERE channel_id = new.channel_id AND kind = 'asked'
    ORDER BY seq DESC LIMIT 1
), 1)
BEGIN
    SELECT RAISE(ABORT, 'another person accepts limits than who has asked for them');
END;
