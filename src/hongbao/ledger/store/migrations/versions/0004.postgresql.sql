CREATE TABLE channel (
    id BIGSERIAL NOT NULL,
    merchant_id BIGINT NOT NULL,
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

SELECT setval('channel_id_seq', (SELECT coalesce(max(id), 1) FROM channel), EXISTS (SELECT 1 FROM channel));

CREATE INDEX channel_ready ON channel (ready_at);

CREATE TABLE channel_event (
    channel_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (channel_id, seq),
    FOREIGN KEY(channel_id) REFERENCES channel (id)
);

INSERT INTO channel_event (channel_id, seq, at, kind, actor, body, hash)
SELECT merchant_id, seq, at, kind, actor, body, hash FROM merchant_event;

DROP TABLE merchant_event;

CREATE TRIGGER channel_event_update BEFORE UPDATE ON channel_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER channel_event_delete BEFORE DELETE ON channel_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER channel_event_truncate BEFORE TRUNCATE ON channel_event
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

ALTER TABLE campaign ADD COLUMN channel_id BIGINT;

UPDATE campaign SET channel_id = merchant_id;

ALTER TABLE campaign
    ALTER COLUMN channel_id SET NOT NULL,
    ADD FOREIGN KEY (channel_id) REFERENCES channel (id),
    DROP COLUMN merchant_id;

CREATE INDEX campaign_open ON campaign (channel_id) WHERE open;

ALTER TABLE merchant
    DROP COLUMN interval,
    DROP COLUMN burst,
    DROP COLUMN arrival,
    DROP COLUMN turn,
    DROP COLUMN slowed_interval,
    DROP COLUMN slowed_at,
    DROP COLUMN ready_at,
    DROP COLUMN day_amount_max,
    DROP COLUMN user_day_count_max,
    DROP COLUMN user_day_amount_max,
    DROP COLUMN day,
    DROP COLUMN day_amount,
    DROP COLUMN opens,
    DROP COLUMN closes,
    DROP COLUMN stop_code,
    DROP COLUMN stop_reason,
    DROP COLUMN stop_advice,
    DROP COLUMN last_day,
    DROP COLUMN seen_at,
    DROP COLUMN seq;

CREATE TABLE endpoint (
    id BIGSERIAL NOT NULL,
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
    endpoint_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (endpoint_id, seq),
    FOREIGN KEY(endpoint_id) REFERENCES endpoint (id)
);

CREATE TABLE delivery (
    endpoint_id BIGINT NOT NULL,
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
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER endpoint_event_delete BEFORE DELETE ON endpoint_event
FOR EACH ROW
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

CREATE TRIGGER endpoint_event_truncate BEFORE TRUNCATE ON endpoint_event
FOR EACH STATEMENT
EXECUTE FUNCTION hongbao_refuse('events and decisions are never changed');

ALTER TABLE campaign
    ADD COLUMN approvers INTEGER DEFAULT 1 NOT NULL,
    ADD COLUMN two_from BIGINT,
    ADD COLUMN apart BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN signed BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT approvers CHECK (approvers BETWEEN 1 AND 2);

CREATE FUNCTION hongbao_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END > 1 OR new.apart)
AND (
    EXISTS (
        SELECT 1 FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        AND split_part(actor, '@', 1) = split_part(new.approved_by, '@', 1)
    )
    OR (
        SELECT count(DISTINCT split_part(actor, '@', 1)) FROM decision
        WHERE campaign_id = new.id AND kind = 'endorsed'
        AND split_part(actor, '@', 1) <> split_part(new.approved_by, '@', 1)
        AND split_part(actor, '@', 1) NOT IN (
            SELECT split_part(actor, '@', 1) FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        )
        AND at > new.approved_at - 86400000000
        AND seq > (
            SELECT max(seq) FROM decision
            WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported', 'withdrawn')
        )
    ) < CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END - 1
) THEN
        RAISE EXCEPTION USING MESSAGE = 'another person has to approve it';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER campaign_approval BEFORE UPDATE ON campaign
FOR EACH ROW
WHEN (old.approved_at IS NULL AND new.approved_at IS NOT NULL)
EXECUTE FUNCTION hongbao_approval();

CREATE TRIGGER campaign_policy BEFORE UPDATE ON campaign
FOR EACH ROW
WHEN (new.approvers < old.approvers OR (old.apart AND NOT new.apart) OR (old.signed AND NOT new.signed) OR coalesce(new.two_from, 4611686018427387904) > coalesce(old.two_from, 4611686018427387904))
EXECUTE FUNCTION hongbao_refuse('who must approve it is never made less');
