CREATE TABLE operator (
    id BIGSERIAL NOT NULL,
    name TEXT NOT NULL,
    public BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT,
    revoked_for TEXT,
    PRIMARY KEY (id),
    CONSTRAINT operator_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoked_for IS NULL)),
    UNIQUE (name),
    UNIQUE (public)
);

CREATE TABLE signature (
    digest BYTEA NOT NULL,
    operator_id BIGINT NOT NULL,
    statement TEXT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (digest),
    FOREIGN KEY(operator_id) REFERENCES operator (id)
);

CREATE TRIGGER operator_update BEFORE UPDATE ON operator
FOR EACH ROW
WHEN (old.id <> new.id OR old.name <> new.name OR old.public <> new.public OR old.added_at <> new.added_at OR old.added_by <> new.added_by OR old.revoked_at IS NOT NULL)
EXECUTE FUNCTION hongbao_refuse('an operator is revoked once, and nothing else of it is ever changed');

CREATE TRIGGER operator_delete BEFORE DELETE ON operator
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('operators are never deleted');

CREATE TRIGGER signature_update BEFORE UPDATE ON signature
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what was signed is never changed');

CREATE TRIGGER signature_delete BEFORE DELETE ON signature
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('what was signed is never changed');

CREATE TRIGGER campaign_signed BEFORE UPDATE ON campaign
FOR EACH ROW
WHEN (new.signed AND old.approved_at IS NULL AND new.approved_at IS NOT NULL AND strpos(new.approved_by, '@signed-') = 0)
EXECUTE FUNCTION hongbao_refuse('its approval must be signed by an operator');
