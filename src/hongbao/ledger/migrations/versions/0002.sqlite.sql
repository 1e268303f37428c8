ALTER TABLE merchant ADD COLUMN last_day INTEGER DEFAULT 0 NOT NULL;

ALTER TABLE merchant ADD COLUMN seen_at BIGINT DEFAULT 0 NOT NULL;

UPDATE merchant SET last_day = (SELECT coalesce(max(day), 0) FROM payout),
    seen_at = (SELECT coalesce(max(at), 0) FROM event);

DROP TRIGGER payout_step;

CREATE TRIGGER payout_step AFTER UPDATE OF state ON payout
WHEN NOT (new.state = old.state OR
    (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused')) OR
    (old.state = 'in_doubt' AND (new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting')) OR
    (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned')) OR
    (old.state = 'refused' AND (new.state = 'in_doubt' OR new.state = 'waiting')))
BEGIN
    SELECT RAISE(ABORT, 'a payout cannot take this step');
END;
