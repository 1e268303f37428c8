ALTER TABLE merchant ADD COLUMN last_day INTEGER DEFAULT 0 NOT NULL;

ALTER TABLE merchant ADD COLUMN seen_at BIGINT DEFAULT 0 NOT NULL;

UPDATE merchant SET last_day = (SELECT coalesce(max(day), 0) FROM payout),
    seen_at = (SELECT coalesce(max(at), 0) FROM event);

DROP TRIGGER payout_step ON payout;

CREATE TRIGGER payout_step BEFORE UPDATE OF state ON payout
FOR EACH ROW
WHEN (NOT (new.state = old.state OR
    (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused')) OR
    (old.state = 'in_doubt' AND (new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting')) OR
    (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned')) OR
    (old.state = 'refused' AND (new.state = 'in_doubt' OR new.state = 'waiting'))))
EXECUTE FUNCTION hongbao_refuse('a payout cannot take this step');

ALTER TABLE campaign ADD COLUMN parent_id BIGINT;

CREATE FUNCTION hongbao_take_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.number = 1 AND old.number = 1 AND new.merchant_id = old.merchant_id
        AND new.billno = old.billno
        AND EXISTS (SELECT 1 FROM payout WHERE id = old.payout_id AND state = 'cancelled'
            AND attempt = 1 AND calls = 0)
        AND EXISTS (SELECT 1 FROM payout WHERE id = new.payout_id
            AND merchant_id = new.merchant_id AND billno = new.billno)
    THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'only the number of a payout that was cancelled before any call is taken over';
END
$$;

DROP TRIGGER attempt_update ON attempt;

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_take_over();

ALTER TABLE merchant ADD COLUMN seq INTEGER DEFAULT 0 NOT NULL;

CREATE TABLE merchant_event (
    merchant_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, seq),
    FOREIGN KEY(merchant_id) REFERENCES merchant (id)
);

CREATE TRIGGER merchant_event_update BEFORE UPDATE ON merchant_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER merchant_event_delete BEFORE DELETE ON merchant_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER merchant_event_truncate BEFORE TRUNCATE ON merchant_event
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TABLE outbox (
    position BIGSERIAL NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (position)
);

CREATE TRIGGER outbox_update BEFORE UPDATE ON outbox
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what has happened is never changed');

CREATE TABLE worker (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    host TEXT NOT NULL,
    process BIGINT NOT NULL,
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (name)
);

ALTER TABLE campaign ADD COLUMN amount_max BIGINT;

ALTER TABLE campaign ADD COLUMN day_amount_max BIGINT;

ALTER TABLE campaign ADD COLUMN day_count_max INTEGER;

ALTER TABLE campaign ADD COLUMN day INTEGER;

ALTER TABLE campaign ADD COLUMN day_amount BIGINT;

ALTER TABLE campaign ADD COLUMN day_count INTEGER;

ALTER TABLE campaign ADD COLUMN ended_at BIGINT;

CREATE TRIGGER campaign_mandate BEFORE UPDATE ON campaign
FOR EACH ROW
WHEN (old.approved_at IS NOT NULL AND (new.rows <> old.rows AND (old.amount_max IS NULL OR old.ended_at IS NOT NULL) OR new.day_amount > new.day_amount_max OR new.day_count > new.day_count_max OR coalesce(new.budget, 0) <> coalesce(old.budget, 0) OR coalesce(new.amount_max, 0) <> coalesce(old.amount_max, 0) OR coalesce(new.day_amount_max, 0) <> coalesce(old.day_amount_max, 0) OR coalesce(new.day_count_max, 0) <> coalesce(old.day_count_max, 0)))
EXECUTE FUNCTION hongbao_refuse('what was approved is not changed, and only programs add to it, within their mandate');

DROP INDEX payout_handed_over;

CREATE INDEX payout_handed_over ON payout (campaign_id, "row") WHERE task IS NULL AND (state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

CREATE INDEX payout_state ON payout (campaign_id, state, sent_at, "row") WHERE state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN';

CREATE INDEX payout_code ON payout (campaign_id, code, "row") WHERE code IS NOT NULL;

CREATE INDEX payout_settled ON payout (campaign_id, settled_at, "row") WHERE settled_at IS NOT NULL;

CREATE INDEX payout_unknown ON payout (first_call_at) WHERE state = 'in_doubt' AND (state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN');

CREATE INDEX payout_listid ON payout (listid) WHERE listid IS NOT NULL;

CREATE TABLE payee_tail (
    campaign_id BIGINT NOT NULL,
    "row" INTEGER NOT NULL,
    tails TEXT NOT NULL,
    PRIMARY KEY (campaign_id, "row"),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

INSERT INTO payee_tail (campaign_id, "row", tails)
SELECT campaign_id, min("row"), string_agg(right('    ' || payee, 4), '' ORDER BY "row")
FROM payout GROUP BY campaign_id, ("row" - 1) / 5000;

CREATE TABLE hourly (
    hour INTEGER NOT NULL,
    campaign_id BIGINT NOT NULL,
    shard SMALLINT NOT NULL,
    paid BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    PRIMARY KEY (hour, campaign_id, shard),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

INSERT INTO hourly (hour, campaign_id, shard, paid, amount, claimed, refunded)
SELECT hour, campaign_id, 0, sum(paid), sum(amount), sum(claimed), sum(refunded) FROM (
    SELECT coalesce(sent_at, first_call_at) / 3600000000 AS hour, campaign_id, 1 AS paid, amount,
        0 AS claimed, 0 AS refunded
    FROM payout WHERE state = 'sent' OR state = 'received' OR state = 'returned'
    UNION ALL
    SELECT coalesce(settled_at, sent_at, first_call_at) / 3600000000, campaign_id, 0, 0,
        claimed, refunded
    FROM payout WHERE claimed + refunded > 0
) AS figures GROUP BY hour, campaign_id;
