CREATE OR REPLACE FUNCTION hongbao_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END > 1 OR new.apart)
AND (
    EXISTS (
        SELECT 1 FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        AND lower(split_part(actor, '@', 1)) = lower(split_part(new.approved_by, '@', 1))
    )
    OR (
        SELECT count(DISTINCT lower(split_part(actor, '@', 1))) FROM decision
        WHERE campaign_id = new.id AND kind = 'endorsed'
        AND lower(split_part(actor, '@', 1)) <> lower(split_part(new.approved_by, '@', 1))
        AND lower(split_part(actor, '@', 1)) NOT IN (
            SELECT lower(split_part(actor, '@', 1)) FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
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

CREATE FUNCTION hongbao_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM decision
        WHERE campaign_id = new.campaign_id AND kind IN ('begun', 'extended', 'imported')
        AND lower(split_part(actor, '@', 1)) = lower(split_part(new.actor, '@', 1))
    ) AND lower(split_part(new.actor, '@', 1)) <> (
        SELECT CASE kind WHEN 'rejected' THEN lower(split_part(actor, '@', 1)) END FROM decision
        WHERE campaign_id = new.campaign_id AND kind IN ('begun', 'extended', 'imported', 'withdrawn', 'rejected')
        ORDER BY seq DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION USING MESSAGE = 'who made the list cannot withdraw its rejection';
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER decision_withdrawal BEFORE INSERT ON decision
FOR EACH ROW
WHEN (new.kind = 'withdrawn')
EXECUTE FUNCTION hongbao_withdrawal();
