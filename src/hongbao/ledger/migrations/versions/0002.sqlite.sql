ALTER TABLE merchant ADD COLUMN last_day INTEGER DEFAULT 0 NOT NULL;

ALTER TABLE merchant ADD COLUMN seen_at BIGINT DEFAULT 0 NOT NULL;

UPDATE merchant SET last_day = (SELECT coalesce(max(day), 0) FROM payout),
    seen_at = (SELECT coalesce(max(at), 0) FROM event);
