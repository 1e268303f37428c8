CREATE TABLE console_account (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT,
    second_factor BLOB,
    factor_step BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE console_invitation (
    hash BLOB NOT NULL,
    account_id INTEGER,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
)
 WITHOUT ROWID;

CREATE TABLE console_recovery (
    account_id INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (account_id, hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
)
 WITHOUT ROWID;

CREATE TABLE console_session (
    hash BLOB NOT NULL,
    account_id INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (hash),
    FOREIGN KEY(account_id) REFERENCES console_account (id)
)
 WITHOUT ROWID;

CREATE INDEX console_session_account ON console_session (account_id);

CREATE TABLE console_delay (
    subject BLOB NOT NULL,
    failures INTEGER NOT NULL,
    quiet_until BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (subject)
)
 WITHOUT ROWID;

CREATE TABLE console_form (
    hash BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash)
)
 WITHOUT ROWID;

CREATE INDEX console_form_expiry ON console_form (expires_at);

CREATE TABLE console_record (
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE console_act (
    record_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (record_id, seq),
    FOREIGN KEY(record_id) REFERENCES console_record (id)
)
 WITHOUT ROWID;

CREATE TRIGGER console_act_update BEFORE UPDATE ON console_act
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TRIGGER console_act_delete BEFORE DELETE ON console_act
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;
