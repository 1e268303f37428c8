ALTER TABLE payout RENAME TO payout_0002;

ALTER TABLE attempt RENAME TO attempt_0002;

CREATE TABLE payout (
    id INTEGER NOT NULL,
    merchant_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    "row" INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payee TEXT NOT NULL,
    amount BIGINT NOT NULL,
    people INTEGER NOT NULL,
    terms_id BIGINT NOT NULL,
    billno TEXT NOT NULL,
    successor BIGINT,
    PRIMARY KEY (id),
    CONSTRAINT payout_row UNIQUE (campaign_id, "row"),
    CONSTRAINT amounts CHECK (amount > 0 AND people > 0)
);

CREATE TABLE submission (
    campaign_id BIGINT NOT NULL,
    first INTEGER NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (campaign_id, first)
)
 WITHOUT ROWID;

CREATE TABLE call_range (
    id INTEGER NOT NULL,
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
    payout_id INTEGER NOT NULL,
    campaign_id BIGINT NOT NULL,
    "row" INTEGER NOT NULL,
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
    hash BLOB NOT NULL,
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

CREATE TABLE attempt (
    payout_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    merchant_id BIGINT NOT NULL,
    billno TEXT NOT NULL,
    PRIMARY KEY (payout_id, number),
    CONSTRAINT later_numbers CHECK (number > 1),
    CONSTRAINT attempt_billno UNIQUE (merchant_id, billno)
)
 WITHOUT ROWID;

INSERT INTO payout (
    id, merchant_id, campaign_id, key, row, kind, payee, amount, people, terms_id, billno, successor
)
SELECT old.id, old.merchant_id, old.campaign_id, old.key, old.row, old.kind, old.payee, old.amount,
    old.people, old.terms_id, coalesce(first.billno, old.billno),
    (SELECT json_extract(body, '$.by') FROM event
        WHERE old.state = 'cancelled' AND payout_id = old.id AND kind = 'taken_over')
FROM payout_0002 AS old
LEFT JOIN attempt_0002 AS first ON first.payout_id = old.id AND first.number = 1;

INSERT INTO standing (
    payout_id, campaign_id, row, amount, payee, state, task, due_at, lease, attempt, billno,
    calls, answers, doubt, first_call_at, resend_until, tries, code, reason, listid, voucher,
    sent_at, settled_at, claimed, refunded, day, seq, hash
)
SELECT old.id, old.campaign_id, old.row, old.amount,
    CASE WHEN merchant.user_day_count_max IS NOT NULL OR merchant.user_day_amount_max IS NOT NULL
        THEN old.payee END,
    old.state, old.task, old.due_at, old.lease, old.attempt,
    CASE WHEN old.attempt > 1 THEN old.billno END,
    old.calls, old.answers, old.doubt, old.first_call_at, old.resend_until, old.tries, old.code,
    old.reason, old.listid, old.voucher, old.sent_at, old.settled_at, old.claimed, old.refunded,
    old.day, old.seq,
    coalesce(event.hash, zeroblob(32))
FROM payout_0002 AS old
LEFT JOIN merchant ON merchant.id = old.merchant_id
LEFT JOIN event ON event.payout_id = old.id AND event.seq = old.seq;

INSERT INTO attempt (payout_id, number, merchant_id, billno)
SELECT payout_id, number, merchant_id, billno FROM attempt_0002 WHERE number > 1;

DROP TABLE attempt_0002;

DROP TABLE payout_0002;

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
SELECT campaign_id, row, at, actor FROM (
    SELECT payout.campaign_id, payout.row, event.at, event.actor,
        lag(event.at) OVER successive AS at_before, lag(event.actor) OVER successive AS actor_before
    FROM payout JOIN event ON event.payout_id = payout.id AND event.seq = 1
    WINDOW successive AS (PARTITION BY payout.campaign_id ORDER BY payout.row)
) AS stored
WHERE at_before IS NULL OR at <> at_before OR actor <> actor_before;

ALTER TABLE campaign ADD COLUMN begun INTEGER DEFAULT 0 NOT NULL;

UPDATE campaign SET begun = coalesce(
    (SELECT max(row) FROM payout WHERE payout.campaign_id = campaign.id), 0);

DROP TABLE payee_tail;

CREATE TABLE payee_tail (
    bucket SMALLINT NOT NULL,
    campaign_id INTEGER NOT NULL,
    first INTEGER NOT NULL,
    tails TEXT NOT NULL,
    PRIMARY KEY (bucket, campaign_id, first),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
)
 WITHOUT ROWID;

INSERT INTO payee_tail(bucket, campaign_id, first, tails)
SELECT bucket, campaign_id, first, tails FROM (
    SELECT bucket, campaign_id, first,
        group_concat(entry, '') OVER (
            line ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS tails,
        row_number() OVER line AS number
    FROM (
        SELECT unicode(substr(tail, -1)) % 32 AS bucket, campaign_id,
            place - place % 4096 + 1 AS first, place,
            substr(tail, 1, 3) || substr(digits, place % 4096 / 64 + 1, 1)
                || substr(digits, place % 64 + 1, 1) AS entry
        FROM (
            SELECT campaign_id, row - 1 AS place, substr('    ' || payee, -4) AS tail,
                'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_' AS digits
            FROM payout
        )
    )
    WINDOW line AS (PARTITION BY bucket, campaign_id, first ORDER BY place)
) WHERE number = 1;

CREATE TRIGGER payout_content BEFORE UPDATE OF id, merchant_id, campaign_id, key, row, kind, payee, amount, people, terms_id, billno ON payout
BEGIN
    SELECT RAISE(ABORT, 'what a payout was submitted with is never changed');
END;

CREATE TRIGGER payout_successor BEFORE UPDATE OF successor ON payout
WHEN NOT (old.successor IS NULL AND new.successor IS NOT NULL AND EXISTS (SELECT 1 FROM standing WHERE payout_id = old.id AND state = 'cancelled'
    AND attempt = 1 AND calls = 0))
BEGIN
    SELECT RAISE(ABORT, 'only the number of a payout that was cancelled before any call is taken over');
END;

CREATE TRIGGER payout_delete BEFORE DELETE ON payout
BEGIN
    SELECT RAISE(ABORT, 'payouts and their numbers are never deleted');
END;

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
BEGIN
    SELECT RAISE(ABORT, 'payouts and their numbers are never changed');
END;

CREATE TRIGGER attempt_delete BEFORE DELETE ON attempt
BEGIN
    SELECT RAISE(ABORT, 'payouts and their numbers are never deleted');
END;

CREATE TRIGGER attempt_insert BEFORE INSERT ON attempt
WHEN EXISTS (SELECT 1 FROM payout WHERE merchant_id = new.merchant_id
    AND billno = new.billno AND successor IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'a number belongs to one payout');
END;

CREATE TRIGGER call_range_insert BEFORE INSERT ON call_range
WHEN (SELECT last FROM call_range WHERE campaign_id = new.campaign_id AND first <= new.last
    ORDER BY first DESC LIMIT 1) >= new.first
BEGIN
    SELECT RAISE(ABORT, 'a payout has one first call');
END;

CREATE TRIGGER standing_step AFTER UPDATE OF state ON standing
WHEN NOT (new.state = old.state
    OR (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused'))
    OR (old.state = 'in_doubt' AND (new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting'))
    OR (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned'))
    OR (old.state = 'refused' AND (new.state = 'in_doubt' OR new.state = 'waiting')))
BEGIN
    SELECT RAISE(ABORT, 'a payout cannot take this step');
END;

CREATE TRIGGER standing_number BEFORE UPDATE OF attempt, billno ON standing
WHEN NOT (new.attempt = old.attempt AND new.billno IS old.billno OR
    new.attempt = old.attempt + 1 AND old.state = 'refused' AND new.state = 'waiting')
BEGIN
    SELECT RAISE(ABORT, 'only a refused payout gets another number');
END;

CREATE TRIGGER standing_payout BEFORE UPDATE OF payout_id, campaign_id, row, amount ON standing
BEGIN
    SELECT RAISE(ABORT, 'a standing stays that of its payout');
END;

CREATE TRIGGER standing_delete BEFORE DELETE ON standing
BEGIN
    SELECT RAISE(ABORT, 'payouts and their numbers are never deleted');
END;

CREATE TRIGGER submission_update BEFORE UPDATE ON submission
BEGIN
    SELECT RAISE(ABORT, 'when and by whom a payout was stored is never changed');
END;

CREATE TRIGGER submission_delete BEFORE DELETE ON submission
BEGIN
    SELECT RAISE(ABORT, 'when and by whom a payout was stored is never changed');
END;

CREATE TRIGGER call_range_calls BEFORE UPDATE OF id, campaign_id, first, last, at, actor, day ON call_range
BEGIN
    SELECT RAISE(ABORT, 'first calls that began are never changed');
END;

CREATE TRIGGER call_range_reopen BEFORE UPDATE ON call_range
WHEN old.open = 0 OR new.open > old.open OR new.open_amount > old.open_amount
BEGIN
    SELECT RAISE(ABORT, 'first calls that began are never changed');
END;

CREATE TRIGGER call_range_delete BEFORE DELETE ON call_range
BEGIN
    SELECT RAISE(ABORT, 'first calls that began are never changed');
END;
