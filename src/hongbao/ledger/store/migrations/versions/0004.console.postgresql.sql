CREATE TABLE console_account (
    id BIGSERIAL NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT,
    second_factor BYTEA,
    factor_step BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE console_invitation (
    hash BYTEA NOT NULL,
    account_id BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
);

CREATE TABLE console_recovery (
    account_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (account_id, hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
);

CREATE TABLE console_session (
    hash BYTEA NOT NULL,
    account_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
);

CREATE INDEX console_session_account ON console_session (account_id);

CREATE TABLE console_delay (
    subject BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    quiet_until BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject)
);

CREATE TABLE console_form (
    hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash)
);

CREATE INDEX console_form_expiry ON console_form (expires_at);

CREATE TABLE console_record (
    id BIGSERIAL NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE console_act (
    record_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (record_id, seq),
    FOREIGN KEY(record_id) REFERENCES console_record (id)
);

CREATE TRIGGER console_act_update BEFORE UPDATE ON console_act
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER console_act_delete BEFORE DELETE ON console_act
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER console_act_truncate BEFORE TRUNCATE ON console_act
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');
