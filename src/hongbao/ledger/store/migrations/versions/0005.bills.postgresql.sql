ALTER TABLE bill_break DROP CONSTRAINT break_kinds;

ALTER TABLE bill_break ADD CONSTRAINT break_kinds CHECK ((kind = 'missing_in_ledger' OR kind = 'period_changed' OR kind = 'duplicate' OR kind = 'direction' OR kind = 'amount' OR kind = 'missing_in_bill' OR kind = 'return_missing' OR kind = 'return_unexpected' OR kind = 'foreign' OR kind = 'unknown_kind' OR kind = 'balance_gap' OR kind = 'summary'));

CREATE TABLE bill_period (
    id BIGSERIAL NOT NULL,
    merchant_id BIGINT NOT NULL,
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
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('closed periods are kept');

CREATE TRIGGER bill_period_truncate BEFORE TRUNCATE ON bill_period
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('closed periods are kept');
