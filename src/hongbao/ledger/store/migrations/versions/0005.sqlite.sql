CREATE TABLE kept (
    payout_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (payout_id)
);

CREATE TABLE kept_request (
    payout_id BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    call TEXT NOT NULL,
    key_id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (payout_id, attempt, seq)
)
 WITHOUT ROWID;

CREATE TRIGGER kept_update BEFORE UPDATE ON kept
BEGIN
    SELECT RAISE(ABORT, 'what is kept is never changed');
END;

CREATE TRIGGER kept_delete BEFORE DELETE ON kept
BEGIN
    SELECT RAISE(ABORT, 'what is kept is never changed');
END;

CREATE TRIGGER kept_request_update BEFORE UPDATE ON kept_request
BEGIN
    SELECT RAISE(ABORT, 'what is kept is never changed');
END;

CREATE TRIGGER kept_request_delete BEFORE DELETE ON kept_request
BEGIN
    SELECT RAISE(ABORT, 'what is kept is never changed');
END;
