CREATE TABLE standing_0003 AS SELECT * FROM standing;

DROP TABLE standing;

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
    CONSTRAINT payout_states CHECK ((state = 'waiting' OR state = 'in_doubt' OR state = 'awaiting_user' OR state = 'sent' OR state = 'received' OR state = 'returned' OR state = 'refused' OR state = 'cancelled')),
    CONSTRAINT tasks CHECK ((task = 0 OR task = 1 OR task = 2 OR task = 3)),
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
SELECT
    payout_id, campaign_id, "row", amount, payee, state, task, due_at, lease, attempt, billno,
    calls, answers, doubt, first_call_at, resend_until, tries, code, reason, listid, voucher,
    sent_at, settled_at, claimed, refunded, day, seq, hash
FROM standing_0003;

DROP TABLE standing_0003;

CREATE INDEX standing_code ON standing (campaign_id, code, "row") WHERE code IS NOT NULL;

CREATE INDEX standing_due ON standing (campaign_id, task, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX standing_handed_over ON standing (campaign_id, "row") WHERE task IS NULL AND (state = 'awaiting_user' OR state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

CREATE INDEX standing_listid ON standing (listid) WHERE listid IS NOT NULL;

CREATE INDEX standing_payee ON standing (payee, day) WHERE payee IS NOT NULL AND day IS NOT NULL;

CREATE INDEX standing_settled ON standing (campaign_id, settled_at, "row") WHERE settled_at IS NOT NULL;

CREATE INDEX standing_state ON standing (campaign_id, state, sent_at, "row") WHERE state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN';

CREATE INDEX standing_unknown ON standing (first_call_at) WHERE state = 'in_doubt' AND (state <> 'in_doubt' OR lease IS NULL OR answers = calls OR doubt = 'UNKNOWN');

CREATE TRIGGER standing_step AFTER UPDATE OF state ON standing
WHEN NOT (new.state = old.state
    OR (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused'))
    OR (old.state = 'in_doubt' AND (new.state = 'awaiting_user' OR new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting'))
    OR (old.state = 'awaiting_user' AND (new.state = 'received' OR new.state = 'refused'))
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
