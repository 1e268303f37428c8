CREATE TABLE operator (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    public BLOB NOT NULL,
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
    digest BLOB NOT NULL,
    operator_id INTEGER NOT NULL,
    statement TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (digest),
    FOREIGN KEY(operator_id) REFERENCES operator (id)
)
 WITHOUT ROWID;

CREATE TRIGGER operator_update BEFORE UPDATE ON operator
WHEN old.id <> new.id OR old.name <> new.name OR old.public <> new.public OR old.added_at <> new.added_at OR old.added_by <> new.added_by OR old.revoked_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an operator is revoked once, and nothing else of it is ever changed');
END;

CREATE TRIGGER operator_delete BEFORE DELETE ON operator
BEGIN
    SELECT RAISE(ABORT, 'operators are never deleted');
END;

CREATE TRIGGER signature_update BEFORE UPDATE ON signature
BEGIN
    SELECT RAISE(ABORT, 'what was signed is never changed');
END;

CREATE TRIGGER signature_delete BEFORE DELETE ON signature
BEGIN
    SELECT RAISE(ABORT, 'what was signed is never changed');
END;

CREATE TRIGGER campaign_signed BEFORE UPDATE ON campaign
WHEN new.signed AND old.approved_at IS NULL AND new.approved_at IS NOT NULL AND instr(new.approved_by, '@signed-') = 0
BEGIN
    SELECT RAISE(ABORT, 'its approval must be signed by an operator');
END;
