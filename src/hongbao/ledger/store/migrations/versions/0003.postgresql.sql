CREATE TABLE submission (
    campaign_id BIGINT NOT NULL,
    first INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (campaign_id, first)
);

DROP TABLE payee_tail;

CREATE TABLE payee_tail (
    bucket SMALLINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    first INTEGER NOT NULL,
    tails TEXT NOT NULL,
    PRIMARY KEY (bucket, campaign_id, first),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

INSERT INTO payee_tail (bucket, campaign_id, first, tails)
SELECT
    mod(ascii(right(tail, 1)), 32), campaign_id, place - mod(place, 4096) + 1,
    string_agg(
        left(tail, 3) || substr(digits, mod(place, 4096) / 64 + 1, 1) || substr(digits, mod(place, 64) + 1, 1),
        '' ORDER BY place
    )
FROM (
    SELECT campaign_id, "row" - 1 AS place, right('    ' || payee, 4) AS tail,
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_' AS digits
    FROM payout
) AS said
GROUP BY 1, 2, 3;

CREATE TABLE call_range (
    id BIGSERIAL NOT NULL,
    campaign_id BIGINT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    day INTEGER NOT NULL,
    lease BIGINT,
    due_at BIGINT,
    open INTEGER NOT NULL,
    open_amount BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT call_range_rows UNIQUE (campaign_id, first),
    CONSTRAINT ranges CHECK (first <= last AND 0 <= open AND open <= last - first + 1),
    CONSTRAINT range_leases CHECK ((open = 0) = (due_at IS NULL) AND (lease IS NULL) = (due_at IS NULL))
);

CREATE TABLE standing (
    payout_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    row INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    payee TEXT,
    state TEXT NOT NULL,
    task SMALLINT,
    due_at BIGINT,
    lease BIGINT,
    attempt INTEGER NOT NULL,
    billno TEXT,
    calls INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    doubt TEXT,
    first_call_at BIGINT,
    resend_until BIGINT,
    tries INTEGER NOT NULL,
    code TEXT,
    reason TEXT,
    listid TEXT,
    voucher TEXT,
    sent_at BIGINT,
    settled_at BIGINT,
    claimed BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    day INTEGER,
    seq INTEGER NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (payout_id),
    CONSTRAINT payout_states CHECK ((state = 'waiting' OR state = 'in_doubt' OR state = 'sent' OR state = 'received' OR state = 'returned' OR state = 'refused' OR state = 'cancelled')),
    CONSTRAINT tasks CHECK ((task = 0 OR task = 1 OR task = 2)),
    CONSTRAINT doubts CHECK ((doubt = 'NO' OR doubt = 'OPEN' OR doubt = 'UNKNOWN')),
    CONSTRAINT settlement CHECK (claimed >= 0 AND refunded >= 0 AND claimed + refunded <= amount),
    CONSTRAINT due CHECK ((task IS NULL) = (due_at IS NULL)),
    CONSTRAINT leased CHECK (lease IS NULL OR due_at IS NOT NULL),
    CONSTRAINT answers CHECK (attempt > 0 AND 0 <= answers AND answers <= calls),
    CONSTRAINT numbers CHECK ((attempt = 1) = (billno IS NULL)),
    CONSTRAINT first_call CHECK ((calls = 0) = (first_call_at IS NULL)),
    CONSTRAINT standing_begin CHECK (seq > 2 OR state = 'waiting' OR (seq = 2 AND (state = 'in_doubt' OR state = 'refused' OR state = 'cancelled'))),
    CONSTRAINT called CHECK (calls > 0 OR (state = 'waiting' OR state = 'refused' OR state = 'cancelled'))
);

INSERT INTO standing (
    payout_id, campaign_id, "row", amount, payee, state, task, due_at, lease, attempt, billno,
    calls, answers, doubt, first_call_at, resend_until, tries, code, reason, listid, voucher,
    sent_at, settled_at, claimed, refunded, day, seq, hash
)
SELECT old.id, old.campaign_id, old."row", old.amount,
    CASE WHEN merchant.user_day_count_max IS NOT NULL OR merchant.user_day_amount_max IS NOT NULL
        THEN old.payee END,
    old.state, old.task, old.due_at, old.lease, old.attempt,
    CASE WHEN old.attempt > 1 THEN old.billno END,
    old.calls, old.answers, old.doubt, old.first_call_at, old.resend_until, old.tries, old.code,
    old.reason, old.listid, old.voucher, old.sent_at, old.settled_at, old.claimed, old.refunded,
    old.day, old.seq,
    coalesce(event.hash, decode(repeat('00', 32), 'hex'))
FROM payout AS old
LEFT JOIN merchant ON merchant.id = old.merchant_id
LEFT JOIN event ON event.payout_id = old.id AND event.seq = old.seq;

DROP TRIGGER payout_content ON payout;

DROP TRIGGER payout_number ON payout;

DROP TRIGGER payout_step ON payout;

DROP TRIGGER attempt_update ON attempt;

DROP TRIGGER attempt_delete ON attempt;

DROP FUNCTION hongbao_take_over;

ALTER TABLE payout
    DROP COLUMN state,
    DROP COLUMN task,
    DROP COLUMN due_at,
    DROP COLUMN lease,
    DROP COLUMN attempt,
    DROP COLUMN calls,
    DROP COLUMN answers,
    DROP COLUMN doubt,
    DROP COLUMN first_call_at,
    DROP COLUMN resend_until,
    DROP COLUMN tries,
    DROP COLUMN code,
    DROP COLUMN reason,
    DROP COLUMN listid,
    DROP COLUMN voucher,
    DROP COLUMN sent_at,
    DROP COLUMN settled_at,
    DROP COLUMN claimed,
    DROP COLUMN refunded,
    DROP COLUMN day,
    DROP COLUMN seq,
    ADD COLUMN successor BIGINT;

UPDATE payout SET billno = first.billno
FROM attempt AS first, standing
WHERE standing.payout_id = payout.id AND standing.attempt > 1
    AND first.payout_id = payout.id AND first.number = 1;

UPDATE payout SET successor = (event.body::json ->> 'by')::bigint
FROM event, standing
WHERE standing.payout_id = payout.id AND standing.state = 'cancelled'
    AND event.payout_id = payout.id AND event.kind = 'taken_over';

DELETE FROM attempt WHERE number = 1;

ALTER TABLE attempt ADD CONSTRAINT later_numbers CHECK (number > 1);

CREATE UNIQUE INDEX payout_billno ON payout (merchant_id, billno) WHERE successor IS NULL;

CREATE INDEX standing_code ON standing (campaign_id, code, "row") WHERE code IS NOT NULL;

CREATE INDEX standing_due ON standing (campaign_id, task, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX standing_handed_over ON standing (campaign_id, "row") WHERE task IS NULL AND (state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

CREATE INDEX standing_listid ON standing (listid) WHERE listid IS NOT NULL;

CREATE INDEX standing_payee ON standing (payee, day) WHERE payee IS NOT NULL AND day IS NOT NULL;

CREATE INDEX standing_settled ON standing (campaign_id, settled_at, "row") WHERE settled_at IS NOT NULL;

CREATE INDEX standing_state ON standing (campaign_id, state, sent_at, "row") WHERE state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN';

CREATE INDEX standing_unknown ON standing (first_call_at) WHERE state = 'in_doubt' AND (state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN');

CREATE INDEX call_range_open ON call_range (campaign_id, due_at) WHERE due_at IS NOT NULL;

INSERT INTO submission (campaign_id, first, at, actor)
SELECT campaign_id, "row", at, actor FROM (
    SELECT payout.campaign_id, payout."row", event.at, event.actor,
        lag(event.at) OVER successive AS at_before, lag(event.actor) OVER successive AS actor_before
    FROM payout JOIN event ON event.payout_id = payout.id AND event.seq = 1
    WINDOW successive AS (PARTITION BY payout.campaign_id ORDER BY payout."row")
) AS stored
WHERE at_before IS NULL OR at <> at_before OR actor <> actor_before;

ALTER TABLE campaign ADD COLUMN begun INTEGER DEFAULT 0 NOT NULL;

UPDATE campaign SET begun = coalesce(
    (SELECT max("row") FROM payout WHERE payout.campaign_id = campaign.id), 0);

CREATE FUNCTION hongbao_take_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (old.successor IS NULL AND new.successor IS NOT NULL AND EXISTS (SELECT 1 FROM standing WHERE payout_id = old.id AND state = 'cancelled'
        AND attempt = 1 AND calls = 0))
    THEN
        RAISE EXCEPTION 'only the number of a payout that was cancelled before any call is taken over';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER payout_successor BEFORE UPDATE OF successor ON payout
FOR EACH ROW
EXECUTE FUNCTION hongbao_take_over();

CREATE FUNCTION hongbao_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM payout WHERE merchant_id = new.merchant_id
        AND billno = new.billno AND successor IS NULL)
    THEN
        RAISE EXCEPTION 'a number belongs to one payout';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER attempt_insert BEFORE INSERT ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_number();

CREATE FUNCTION hongbao_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT last FROM call_range WHERE campaign_id = new.campaign_id AND first <= new.last
        ORDER BY first DESC LIMIT 1) >= new.first
    THEN
        RAISE EXCEPTION 'a payout has one first call';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER call_range_insert BEFORE INSERT ON call_range
FOR EACH ROW
EXECUTE FUNCTION hongbao_range();

CREATE TRIGGER payout_content BEFORE UPDATE OF id, merchant_id, campaign_id, key, row, kind, payee, amount, people, terms_id, billno ON payout
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what a payout was submitted with is never changed');

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never changed');

CREATE TRIGGER attempt_delete BEFORE DELETE ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER standing_step BEFORE UPDATE OF state ON standing
FOR EACH ROW
WHEN (NOT (new.state = old.state
    OR (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused'))
    OR (old.state = 'in_doubt' AND (new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting'))
    OR (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned'))
    OR (old.state = 'refused' AND (new.state = 'in_doubt' OR new.state = 'waiting'))))
EXECUTE FUNCTION hongbao_refuse('a payout cannot take this step');

CREATE TRIGGER standing_number BEFORE UPDATE OF attempt, billno ON standing
FOR EACH ROW
WHEN (NOT (new.attempt = old.attempt AND new.billno IS NOT DISTINCT FROM old.billno OR
    new.attempt = old.attempt + 1 AND old.state = 'refused' AND new.state = 'waiting'))
EXECUTE FUNCTION hongbao_refuse('only a refused payout gets another number');

CREATE TRIGGER standing_payout BEFORE UPDATE OF payout_id, campaign_id, row, amount ON standing
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('a standing stays that of its payout');

CREATE TRIGGER standing_delete BEFORE DELETE ON standing
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER submission_update BEFORE UPDATE ON submission
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('when and by whom a payout was stored is never changed');

CREATE TRIGGER submission_delete BEFORE DELETE ON submission
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('when and by whom a payout was stored is never changed');

CREATE TRIGGER call_range_calls BEFORE UPDATE OF id, campaign_id, first, last, at, actor, day ON call_range
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('first calls that began are never changed');

CREATE TRIGGER call_range_reopen BEFORE UPDATE ON call_range
FOR EACH ROW
WHEN (old.open = 0 OR new.open > old.open OR new.open_amount > old.open_amount)
EXECUTE FUNCTION hongbao_refuse('first calls that began are never changed');

CREATE TRIGGER call_range_delete BEFORE DELETE ON call_range
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('first calls that began are never changed');

CREATE TRIGGER standing_truncate BEFORE TRUNCATE ON standing
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER submission_truncate BEFORE TRUNCATE ON submission
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('when and by whom a payout was stored is never changed');

CREATE TRIGGER call_range_truncate BEFORE TRUNCATE ON call_range
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('first calls that began are never changed');
