CREATE TABLE bill_break_0004 AS SELECT * FROM bill_break;

DROP TABLE bill_break;

CREATE TABLE bill_break (
    id INTEGER NOT NULL,
    merchant_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    payout_id BIGINT,
    bill_id BIGINT,
    line INTEGER,
    day INTEGER NOT NULL,
    expected BIGINT,
    found BIGINT,
    detail TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT,
    reason TEXT,
    learned TEXT,
    PRIMARY KEY (id),
    CONSTRAINT break_key UNIQUE (merchant_id, kind, subject),
    CONSTRAINT break_kinds CHECK ((kind = 'missing_in_ledger' OR kind = 'period_changed' OR kind = 'duplicate' OR kind = 'direction' OR kind = 'amount' OR kind = 'missing_in_bill' OR kind = 'return_missing' OR kind = 'return_unexpected' OR kind = 'foreign' OR kind = 'unknown_kind' OR kind = 'balance_gap' OR kind = 'summary')),
    CONSTRAINT learned CHECK (learned IS NULL OR (kind = 'unknown_kind' AND (learned = 'own' OR learned = 'others'))),
    CONSTRAINT closed CHECK (open = (closed_at IS NULL)),
    CONSTRAINT closed_by CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (reason IS NULL)),
    FOREIGN KEY(merchant_id) REFERENCES reconciliation (merchant_id)
);

INSERT INTO bill_break (
    id, merchant_id, kind, subject, payout_id, bill_id, line, day, expected, found, detail,
    open, opened_at, closed_at, closed_by, reason, learned
)
SELECT
    id, merchant_id, kind, subject, payout_id, bill_id, line, day, expected, found, detail,
    open, opened_at, closed_at, closed_by, reason, learned
FROM bill_break_0004;

DROP TABLE bill_break_0004;

CREATE INDEX break_open ON bill_break (merchant_id) WHERE open;

CREATE INDEX break_payout ON bill_break (payout_id) WHERE payout_id IS NOT NULL;

CREATE TABLE bill_period (
    id INTEGER NOT NULL,
    merchant_id INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    body TEXT NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by TEXT NOT NULL,
    reopened_at BIGINT,
    reopened_by TEXT,
    reason TEXT,
    PRIMARY KEY (id),
    CONSTRAINT period_days CHECK (first_day <= last_day),
    CONSTRAINT reopened CHECK ((reopened_at IS NULL) = (reopened_by IS NULL) AND (reopened_at IS NULL) = (reason IS NULL)),
    FOREIGN KEY(merchant_id) REFERENCES reconciliation (merchant_id)
);

CREATE UNIQUE INDEX period_closed ON bill_period (merchant_id, first_day) WHERE reopened_at IS NULL;

CREATE TRIGGER bill_period_delete BEFORE DELETE ON bill_period
BEGIN
    SELECT RAISE(ABORT, 'closed periods are kept');
END;
