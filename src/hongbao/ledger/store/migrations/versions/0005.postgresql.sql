CREATE TABLE kept (
    payout_id BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (payout_id)
);

CREATE TABLE kept_request (
    payout_id BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    call TEXT NOT NULL,
    key_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (payout_id, attempt, seq)
);

CREATE TRIGGER kept_update BEFORE UPDATE ON kept
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');

CREATE TRIGGER kept_delete BEFORE DELETE ON kept
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');

CREATE TRIGGER kept_truncate BEFORE TRUNCATE ON kept
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');

CREATE TRIGGER kept_request_update BEFORE UPDATE ON kept_request
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');

CREATE TRIGGER kept_request_delete BEFORE DELETE ON kept_request
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');

CREATE TRIGGER kept_request_truncate BEFORE TRUNCATE ON kept_request
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('what is kept is never changed');
