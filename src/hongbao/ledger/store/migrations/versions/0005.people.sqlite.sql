DROP TRIGGER campaign_approval;

CREATE TRIGGER campaign_approval BEFORE UPDATE ON campaign
WHEN old.approved_at IS NULL AND new.approved_at IS NOT NULL
AND (CASE WHEN CASE WHEN new.amount_max IS NULL THEN new.planned ELSE new.budget END >= new.two_from THEN 2 ELSE new.approvers END > 1 OR new.apart)
AND (
    EXISTS (
        SELECT 1 FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
        AND lower(substr(actor, 1, instr(actor || '@', '@') - 1)) = lower(substr(new.approved_by, 1, instr(new.approved_by || '@', '@') - 1))
    )
    OR (
        SELECT count(DISTINCT lower(substr(actor, 1, instr(actor || '@', '@') - 1))) FROM decision
        WHERE campaign_id = new.id AND kind = 'endorsed'
        AND lower(substr(actor, 1, instr(actor || '@', '@') - 1)) <> lower(substr(new.approved_by, 1, instr(new.approved_by || '@', '@') - 1))
        AND lower(substr(actor, 1, instr(actor || '@', '@') - 1)) NOT IN (
            SELECT lower(substr(actor, 1, instr(actor || '@', '@') - 1)) FROM decision WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported')
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

CREATE TRIGGER decision_withdrawal BEFORE INSERT ON decision
WHEN new.kind = 'withdrawn'
AND EXISTS (
    SELECT 1 FROM decision
    WHERE campaign_id = new.campaign_id AND kind IN ('begun', 'extended', 'imported')
    AND lower(substr(actor, 1, instr(actor || '@', '@') - 1)) = lower(substr(new.actor, 1, instr(new.actor || '@', '@') - 1))
)
AND lower(substr(new.actor, 1, instr(new.actor || '@', '@') - 1)) <> (
    SELECT CASE kind WHEN 'rejected' THEN lower(substr(actor, 1, instr(actor || '@', '@') - 1)) END FROM decision
    WHERE campaign_id = new.campaign_id AND kind IN ('begun', 'extended', 'imported', 'withdrawn', 'rejected')
    ORDER BY seq DESC LIMIT 1
)
BEGIN
    SELECT RAISE(ABORT, 'who made the list cannot withdraw its rejection');
END;
