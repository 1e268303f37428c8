PRAGMA defer_foreign_keys = ON;

CREATE TABLE channel (
    id INTEGER NOT NULL,
    merchant_id INTEGER NOT NULL,
    rail TEXT NOT NULL,
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
    last_day INTEGER DEFAULT 0 NOT NULL,
    seen_at BIGINT DEFAULT 0 NOT NULL,
    seq INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT pace CHECK (interval >= 0 AND burst >= 1),
    CONSTRAINT hours CHECK (0 <= opens AND opens < closes AND closes <= 1440),
    CONSTRAINT channel_rail UNIQUE (merchant_id, rail),
    CONSTRAINT day_budget CHECK (day_amount >= 0),
    FOREIGN KEY(merchant_id) REFERENCES merchant (id)
);

INSERT INTO channel (
    id, merchant_id, rail, interval, burst, arrival, turn, slowed_interval, slowed_at,
    ready_at, day_amount_max, user_day_count_max, user_day_amount_max, day, day_amount,
    opens, closes, stop_code, stop_reason, stop_advice, last_day, seen_at, seq
)
SELECT
    id, id, 'redpack', interval, burst, arrival, turn, slowed_interval, slowed_at,
    ready_at, day_amount_max, user_day_count_max, user_day_amount_max, day, day_amount,
    opens, closes, stop_code, stop_reason, stop_advice, last_day, seen_at, seq
FROM merchant;

CREATE INDEX channel_ready ON channel (ready_at);

CREATE TABLE channel_event (
    channel_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (channel_id, seq),
    FOREIGN KEY(channel_id) REFERENCES channel (id)
)
 WITHOUT ROWID;

INSERT INTO channel_event (channel_id, seq, at, kind, actor, body, hash)
SELECT merchant_id, seq, at, kind, actor, body, hash FROM merchant_event;

DROP TABLE merchant_event;

CREATE TRIGGER channel_event_update BEFORE UPDATE ON channel_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TRIGGER channel_event_delete BEFORE DELETE ON channel_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TABLE campaign_0003 AS SELECT * FROM campaign;

DROP TABLE campaign;

CREATE TABLE campaign (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    profile TEXT NOT NULL,
    state TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    budget BIGINT,
    rows INTEGER NOT NULL,
    planned BIGINT NOT NULL,
    digest BLOB NOT NULL,
    source TEXT NOT NULL,
    source_digest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    approved_at BIGINT,
    approved_by TEXT,
    approved_digest BLOB,
    stop_code TEXT,
    stop_reason TEXT,
    stop_advice TEXT,
    seq INTEGER NOT NULL,
    parent_id BIGINT,
    amount_max BIGINT,
    day_amount_max BIGINT,
    day_count_max INTEGER,
    day INTEGER,
    day_amount BIGINT,
    day_count INTEGER,
    ended_at BIGINT,
    begun INTEGER DEFAULT 0 NOT NULL,
    approvers INTEGER DEFAULT 1 NOT NULL,
    two_from BIGINT,
    apart BOOLEAN DEFAULT false NOT NULL,
    signed BOOLEAN DEFAULT false NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT approvers CHECK (approvers BETWEEN 1 AND 2),
    CONSTRAINT budget CHECK (budget IS NULL OR planned <= budget),
    CONSTRAINT campaign_states CHECK (state IN ('importing', 'draft', 'approved', 'running', 'paused', 'cancelled')),
    CONSTRAINT approved CHECK (state IN ('importing', 'draft', 'cancelled') OR (approved_by IS NOT NULL AND approved_digest = digest)),
    UNIQUE (name),
    FOREIGN KEY(channel_id) REFERENCES channel (id)
);

INSERT INTO campaign (
    id, name, channel_id, profile, state, open, budget, rows, planned, digest, source,
    source_digest, created_at, created_by, approved_at, approved_by, approved_digest,
    stop_code, stop_reason, stop_advice, seq, parent_id, amount_max, day_amount_max,
    day_count_max, day, day_amount, day_count, ended_at, begun
)
SELECT
    id, name, merchant_id, profile, state, open, budget, rows, planned, digest, source,
    source_digest, created_at, created_by, approved_at, approved_by, approved_digest,
    stop_code, stop_reason, stop_advice, seq, parent_id, amount_max, day_amount_max,
    day_count_max, day, day_amount, day_count, ended_at, begun
FROM campaign_0003;

DROP TABLE campaign_0003;

CREATE INDEX campaign_open ON campaign (channel_id) WHERE open;

CREATE TRIGGER campaign_mandate BEFORE UPDATE ON campaign
WHEN old.approved_at IS NOT NULL AND (new.rows <> old.rows AND (old.amount_max IS NULL OR old.ended_at IS NOT NULL) OR new.day_amount > new.day_amount_max OR new.day_count > new.day_count_max OR coalesce(new.budget, 0) <> coalesce(old.budget, 0) OR coalesce(new.amount_max, 0) <> coalesce(old.amount_max, 0) OR coalesce(new.day_amount_max, 0) <> coalesce(old.day_amount_max, 0) OR coalesce(new.day_count_max, 0) <> coalesce(old.day_count_max, 0))
BEGIN
    SELECT RAISE(ABORT, 'what was approved is not changed, and only programs add to it, within their mandate');
END;

CREATE TRIGGER campaign_numbers BEFORE UPDATE ON campaign
WHEN old.approved_at IS NULL AND new.approved_at IS NOT NULL AND new.amount_max IS NOT NULL AND (typeof(new.budget) <> 'integer' OR typeof(new.amount_max) <> 'integer' OR typeof(new.day_amount_max) <> 'integer' OR typeof(new.day_count_max) <> 'integer')
BEGIN
    SELECT RAISE(ABORT, 'what programs may add is said in whole numbers');
END;

CREATE TABLE merchant_0003 AS SELECT id, number FROM merchant;

DROP TABLE merchant;

CREATE TABLE merchant (
    id INTEGER NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (number)
);

INSERT INTO merchant (id, number) SELECT id, number FROM merchant_0003;

DROP TABLE merchant_0003;

CREATE TABLE endpoint (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    state TEXT NOT NULL,
    position BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    quiet_until BIGINT,
    delivered_at BIGINT,
    answer TEXT,
    seq INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT endpoint_states CHECK (state = 'active' OR state = 'disabled'),
    UNIQUE (name)
);

CREATE TABLE endpoint_event (
    endpoint_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (endpoint_id, seq),
    FOREIGN KEY(endpoint_id) REFERENCES endpoint (id)
)
 WITHOUT ROWID;

CREATE TABLE delivery (
    endpoint_id INTEGER NOT NULL,
    about TEXT NOT NULL,
    subject BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    lease BIGINT,
    PRIMARY KEY (endpoint_id, about, subject, seq),
    FOREIGN KEY(endpoint_id) REFERENCES endpoint (id)
);

CREATE INDEX delivery_due ON delivery (endpoint_id, due_at);

CREATE TRIGGER endpoint_event_update BEFORE UPDATE ON endpoint_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TRIGGER endpoint_event_delete BEFORE DELETE ON endpoint_event
BEGIN
    SELECT RAISE(ABORT, 'events and decisions are never changed');
END;

CREATE TRIGGER campaign_approval BEFORE UPDATE ON campaign
WHEN old.approved_at IS NULL AND new.approved_at IS NOT NULL
AND (CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END > 1 OR new.apart)
AND (
    EXISTS (
        SELECT 1 FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        AND substr(actor, 1, instr(actor || '@', '@') - 1) = substr(new.approved_by, 1, instr(new.approved_by || '@', '@') - 1)
    )
    OR (
        SELECT count(DISTINCT substr(actor, 1, instr(actor || '@', '@') - 1)) FROM decision
        WHERE campaign_id = new.id AND kind = 'endorsed'
        AND substr(actor, 1, instr(actor || '@', '@') - 1) <> substr(new.approved_by, 1, instr(new.approved_by || '@', '@') - 1)
        AND substr(actor, 1, instr(actor || '@', '@') - 1) NOT IN (
            SELECT substr(actor, 1, instr(actor || '@', '@') - 1) FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        )
        AND at > new.approved_at - 86400000000
        AND seq > (
            SELECT max(seq) FROM decision
            WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported', 'withdrawn')
        )
    ) < CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END - 1
)
BEGIN
    SELECT RAISE(ABORT, 'another person has to approve it');
END;

CREATE TRIGGER campaign_policy BEFORE UPDATE ON campaign
WHEN new.approvers < old.approvers OR old.apart > new.apart OR old.signed > new.signed OR coalesce(new.two_from, 4611686018427387904) > coalesce(old.two_from, 4611686018427387904)
BEGIN
    SELECT RAISE(ABORT, 'who must approve it is never made less');
END;
