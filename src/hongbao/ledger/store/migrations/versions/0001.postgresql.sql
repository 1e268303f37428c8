CREATE TABLE attempt (
    payout_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    merchant_id BIGINT NOT NULL,
    billno TEXT NOT NULL,
    PRIMARY KEY (payout_id, number),
    CONSTRAINT attempt_billno UNIQUE (merchant_id, billno)
);

CREATE TABLE book (
    id SERIAL NOT NULL,
    salt BYTEA NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT one_book CHECK (id = 1)
);

CREATE TABLE event (
    payout_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (payout_id, seq)
);

CREATE TABLE merchant (
    id BIGSERIAL NOT NULL,
    number TEXT NOT NULL,
    interval BIGINT NOT NULL,
    burst INTEGER NOT NULL,
    arrival BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    slowed_interval BIGINT,
    slowed_at BIGINT,
    ready_at BIGINT NOT NULL,
    day_amount_max BIGINT,
    user_day_count_max INTEGER,
    user_day_amount_max BIGINT,
    day INTEGER NOT NULL,
    day_amount BIGINT NOT NULL,
    opens SMALLINT NOT NULL,
    closes SMALLINT NOT NULL,
    stop_code TEXT,
    stop_reason TEXT,
    stop_advice TEXT,
    PRIMARY KEY (id),
    CONSTRAINT pace CHECK (interval >= 0 AND burst >= 1),
    CONSTRAINT hours CHECK (0 <= opens AND opens < closes AND closes <= 1440),
    CONSTRAINT day_budget CHECK (day_amount >= 0),
    UNIQUE (number)
);

CREATE INDEX merchant_ready ON merchant (ready_at);

CREATE TABLE payout (
    id BIGSERIAL NOT NULL,
    merchant_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    row INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payee TEXT NOT NULL,
    amount BIGINT NOT NULL,
    people INTEGER NOT NULL,
    terms_id BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    billno TEXT NOT NULL,
    state TEXT NOT NULL,
    task SMALLINT,
    due_at BIGINT,
    lease BIGINT,
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
    PRIMARY KEY (id),
    CONSTRAINT payout_row UNIQUE (campaign_id, row),
    CONSTRAINT payout_states CHECK ((state = 'waiting' OR state = 'in_doubt' OR state = 'sent' OR state = 'received' OR state = 'returned' OR state = 'refused' OR state = 'cancelled')),
    CONSTRAINT payout_begin CHECK (seq > 1 OR state = 'waiting'),
    CONSTRAINT tasks CHECK ((task = 0 OR task = 1 OR task = 2)),
    CONSTRAINT doubts CHECK ((doubt = 'NO' OR doubt = 'OPEN' OR doubt = 'UNKNOWN')),
    CONSTRAINT amounts CHECK (amount > 0 AND people > 0),
    CONSTRAINT settlement CHECK (claimed >= 0 AND refunded >= 0 AND claimed + refunded <= amount),
    CONSTRAINT due CHECK ((task IS NULL) = (due_at IS NULL)),
    CONSTRAINT leased CHECK (lease IS NULL OR due_at IS NOT NULL),
    CONSTRAINT answers CHECK (attempt > 0 AND 0 <= answers AND answers <= calls),
    CONSTRAINT first_call CHECK ((calls = 0) = (first_call_at IS NULL)),
    CONSTRAINT called CHECK (calls > 0 OR (state = 'waiting' OR state = 'refused' OR state = 'cancelled'))
);

CREATE INDEX payout_due ON payout (campaign_id, task, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX payout_payee ON payout (merchant_id, payee) WHERE day IS NOT NULL;

CREATE INDEX payout_handed_over ON payout (campaign_id) WHERE task IS NULL AND (state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

CREATE TABLE terms (
    id BIGSERIAL NOT NULL,
    digest BYTEA NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (digest)
);

CREATE TABLE campaign (
    id BIGSERIAL NOT NULL,
    name TEXT NOT NULL,
    merchant_id BIGINT NOT NULL,
    profile TEXT NOT NULL,
    state TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    budget BIGINT,
    rows INTEGER NOT NULL,
    planned BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    source TEXT NOT NULL,
    source_digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    approved_at BIGINT,
    approved_by TEXT,
    approved_digest BYTEA,
    stop_code TEXT,
    stop_reason TEXT,
    stop_advice TEXT,
    seq INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT budget CHECK (budget IS NULL OR planned <= budget),
    CONSTRAINT campaign_states CHECK (state IN ('importing', 'draft', 'approved', 'running', 'paused', 'cancelled')),
    CONSTRAINT approved CHECK (state IN ('importing', 'draft', 'cancelled') OR (approved_by IS NOT NULL AND approved_digest = digest)),
    UNIQUE (name),
    FOREIGN KEY(merchant_id) REFERENCES merchant (id)
);

CREATE INDEX campaign_open ON campaign (merchant_id) WHERE open;

CREATE TABLE cause (
    campaign_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    shard SMALLINT NOT NULL,
    payouts BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, code, shard),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

CREATE TABLE decision (
    campaign_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (campaign_id, seq),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

CREATE TABLE tally (
    campaign_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    shard SMALLINT NOT NULL,
    payouts BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, state, shard),
    FOREIGN KEY(campaign_id) REFERENCES campaign (id)
);

CREATE FUNCTION hongbao_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0];
END
$$;

CREATE TRIGGER event_update BEFORE UPDATE ON event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER event_delete BEFORE DELETE ON event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER decision_update BEFORE UPDATE ON decision
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER decision_delete BEFORE DELETE ON decision
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER terms_update BEFORE UPDATE ON terms
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what a payout was submitted with is never changed');

CREATE TRIGGER terms_delete BEFORE DELETE ON terms
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what a payout was submitted with is never changed');

CREATE TRIGGER payout_content BEFORE UPDATE OF merchant_id, campaign_id, key, row, kind, payee, amount, people, terms_id ON payout
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what a payout was submitted with is never changed');

CREATE TRIGGER payout_delete BEFORE DELETE ON payout
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER attempt_update BEFORE UPDATE ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never changed');

CREATE TRIGGER payout_number BEFORE UPDATE OF attempt, billno ON payout
FOR EACH ROW
WHEN (NOT (new.attempt = old.attempt AND new.billno = old.billno OR
    new.attempt = old.attempt + 1 AND old.state = 'refused' AND new.state = 'waiting'))
EXECUTE FUNCTION hongbao_refuse('only a refused payout gets another number');

CREATE TRIGGER attempt_delete BEFORE DELETE ON attempt
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER payout_step BEFORE UPDATE OF state ON payout
FOR EACH ROW
WHEN (NOT (new.state = old.state OR
    (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused')) OR
    (old.state = 'in_doubt' AND (new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting')) OR
    (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned')) OR
    (old.state = 'refused' AND (new.state = 'waiting'))))
EXECUTE FUNCTION hongbao_refuse('a payout cannot take this step');

CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER decision_truncate BEFORE TRUNCATE ON decision
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER payout_truncate BEFORE TRUNCATE ON payout
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER attempt_truncate BEFORE TRUNCATE ON attempt
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('payouts and their numbers are never deleted');

CREATE TRIGGER terms_truncate BEFORE TRUNCATE ON terms
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('what a payout was submitted with is never changed');

INSERT INTO book (id, salt)
VALUES (1, substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) for 16));
