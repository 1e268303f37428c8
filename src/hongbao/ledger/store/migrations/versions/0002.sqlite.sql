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

ALTER TABLE campaign ADD COLUMN parent_id BIGINT;

DROP TRIGGER attempt_update;

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
WHEN NOT (new.number = 1 AND old.number = 1 AND new.merchant_id = old.merchant_id
    AND new.billno = old.billno
    AND EXISTS (SELECT 1 FROM payout WHERE id = old.payout_id AND state = 'cancelled'
        AND attempt = 1 AND calls = 0)
    AND EXISTS (SELECT 1 FROM payout WHERE id = new.payout_id AND merchant_id = new.merchant_id
        AND billno = new.billno))
BEGIN
    SELECT RAISE(ABORT, 'only the number of a payout that was cancelled before any call is taken over');
END;

ALTER TABLE merchant ADD COLUMN seq INTEGER DEFAULT 0 NOT NULL;

CREATE TABLE merchant_event (
    merchant_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (merchant_id, seq),
    FOREIGN KEY(merchant_id) REFERENCES merchant (id)
)
 WITHOUT ROWID;

CREATE TRIGGER merchant_event_update BEFORE UPDATE ON merchant_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TRIGGER merchant_event_delete BEFORE DELETE ON merchant_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TABLE outbox (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TRIGGER outbox_update BEFORE UPDATE ON outbox
BEGIN
    SELECT RAISE(ABORT, 'what has happened is never changed');
END;

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
WHEN old.approved_at IS NOT NULL AND (new.rows <> old.rows AND (old.amount_max IS NULL OR old.ended_at IS NOT NULL) OR new.day_amount > new.day_amount_max OR new.day_count > new.day_count_max OR coalesce(new.budget, 0) <> coalesce(old.budget, 0) OR coalesce(new.amount_max, 0) <> coalesce(old.amount_max, 0) OR coalesce(new.day_amount_max, 0) <> coalesce(old.day_amount_max, 0) OR coalesce(new.day_count_max, 0) <> coalesce(old.day_count_max, 0))
BEGIN
    SELECT RAISE(ABORT, 'what was approved is not changed, and only programs add to it, within their mandate');
END;

CREATE TRIGGER campaign_numbers BEFORE UPDATE ON campaign
WHEN old.approved_at IS NULL AND new.approved_at IS NOT NULL AND new.amount_max IS NOT NULL AND (typeof(new.budget) <> 'integer' OR typeof(new.amount_max) <> 'integer' OR typeof(new.day_amount_max) <> 'integer' OR typeof(new.day_count_max) <> 'integer')
BEGIN
    SELECT RAISE(ABORT, 'what programs may add is said in whole numbers');
END;

DROP INDEX payout_handed_over;

CREATE INDEX payout_handed_over ON payout (campaign_id, "row") WHERE task IS NULL AND (state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

CREATE INDEX payout_state ON payout (campaign_id, state, sent_at, "row") WHERE state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN';

CREATE INDEX payout_code ON payout (campaign_id, code, "row") WHERE code IS NOT NULL;

CREATE INDEX payout_settled ON payout (campaign_id, settled_at, "row") WHERE settled_at IS NOT NULL;

CREATE INDEX payout_unknown ON payout (first_call_at) WHERE state = 'in_doubt' AND (state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN');

CREATE INDEX payout_listid ON payout (listid) WHERE listid IS NOT NULL;

CREATE TABLE payee_tail (
    campaign_id INTEGER NOT NULL,
    "row" INTEGER NOT NULL,
    tails TEXT NOT NULL,
    PRIMARY KEY (campaign_id, "row"),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

INSERT INTO payee_tail (campaign_id, row, tails)
SELECT block.campaign_id, block.row, (
    SELECT group_concat(tail, '') FROM (
        SELECT substr('    ' || payee, -4) AS tail FROM payout
        WHERE payout.campaign_id = block.campaign_id
            AND payout.row >= block.row AND payout.row < block.row + 5000
        ORDER BY payout.row))
FROM (SELECT campaign_id, row FROM payout WHERE row % 5000 = 1) AS block;

CREATE TABLE hourly (
    hour INTEGER NOT NULL,
    campaign_id INTEGER NOT NULL,
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
