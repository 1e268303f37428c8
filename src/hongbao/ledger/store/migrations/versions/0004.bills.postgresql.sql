CREATE TABLE reconciliation (
    merchant_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (merchant_id),
    FOREIGN KEY(merchant_id) REFERENCES merchant (id)
);

CREATE TABLE reconciliation_event (
    merchant_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, seq),
    FOREIGN KEY(merchant_id) REFERENCES reconciliation (merchant_id)
);

CREATE TABLE bill (
    id BIGSERIAL NOT NULL,
    merchant_id BIGINT NOT NULL,
    account TEXT NOT NULL,
    day INTEGER NOT NULL,
    sha256 BYTEA NOT NULL,
    plain_bytes BIGINT NOT NULL,
    rows INTEGER NOT NULL,
    rows_out INTEGER NOT NULL,
    amount_in BIGINT NOT NULL,
    amount_out BIGINT NOT NULL,
    whole BOOLEAN NOT NULL,
    bad_lines INTEGER NOT NULL,
    bad_line INTEGER,
    opening BIGINT,
    closing BIGINT,
    gaps INTEGER NOT NULL,
    gap_line INTEGER,
    source TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT bill_key UNIQUE (merchant_id, account, day, sha256),
    FOREIGN KEY(merchant_id) REFERENCES reconciliation (merchant_id)
);

CREATE TABLE bill_piece (
    bill_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (bill_id, seq),
    FOREIGN KEY(bill_id) REFERENCES bill (id)
);

CREATE TABLE movement (
    bill_id BIGINT NOT NULL,
    line INTEGER NOT NULL,
    payout_id BIGINT NOT NULL,
    attempt SMALLINT NOT NULL,
    outgoing BOOLEAN NOT NULL,
    amount BIGINT NOT NULL,
    booked_at BIGINT NOT NULL,
    flow TEXT NOT NULL,
    PRIMARY KEY (bill_id, line)
);

CREATE INDEX movement_payout ON movement (payout_id);

CREATE TABLE bill_match (
    bill_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    movements INTEGER NOT NULL,
    amount_in BIGINT NOT NULL,
    amount_out BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (bill_id),
    FOREIGN KEY(bill_id) REFERENCES bill (id)
);

CREATE TABLE bill_break (
    id BIGSERIAL NOT NULL,
    merchant_id BIGINT NOT NULL,
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
    CONSTRAINT break_kinds CHECK ((kind = 'missing_in_ledger' OR kind = 'duplicate' OR kind = 'direction' OR kind = 'amount' OR kind = 'missing_in_bill' OR kind = 'return_missing' OR kind = 'return_unexpected' OR kind = 'foreign' OR kind = 'unknown_kind' OR kind = 'balance_gap' OR kind = 'summary')),
    CONSTRAINT learned CHECK (learned IS NULL OR (kind = 'unknown_kind' AND (learned = 'own' OR learned = 'others'))),
    CONSTRAINT closed CHECK (open = (closed_at IS NULL)),
    CONSTRAINT closed_by CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (reason IS NULL)),
    FOREIGN KEY(merchant_id) REFERENCES reconciliation (merchant_id)
);

CREATE INDEX break_open ON bill_break (merchant_id) WHERE open;

CREATE INDEX break_payout ON bill_break (payout_id) WHERE payout_id IS NOT NULL;

CREATE TRIGGER reconciliation_event_update BEFORE UPDATE ON reconciliation_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER reconciliation_event_delete BEFORE DELETE ON reconciliation_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER reconciliation_event_truncate BEFORE TRUNCATE ON reconciliation_event
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER bill_update BEFORE UPDATE ON bill
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_delete BEFORE DELETE ON bill
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_truncate BEFORE TRUNCATE ON bill
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_piece_update BEFORE UPDATE ON bill_piece
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_piece_delete BEFORE DELETE ON bill_piece
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_piece_truncate BEFORE TRUNCATE ON bill_piece
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER movement_update BEFORE UPDATE ON movement
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER movement_delete BEFORE DELETE ON movement
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER movement_truncate BEFORE TRUNCATE ON movement
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_match_update BEFORE UPDATE ON bill_match
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_match_delete BEFORE DELETE ON bill_match
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');

CREATE TRIGGER bill_match_truncate BEFORE TRUNCATE ON bill_match
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('bills are kept as they came');
