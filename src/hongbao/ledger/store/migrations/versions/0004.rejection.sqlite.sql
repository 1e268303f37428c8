CREATE TRIGGER campaign_rejection BEFORE UPDATE ON campaign
WHEN old.approved_at IS NULL AND new.approved_at IS NOT NULL
AND 'rejected' = (
    SELECT kind FROM decision
    WHERE campaign_id = new.id AND kind IN ('begun', 'extended', 'imported', 'withdrawn', 'rejected')
    ORDER BY seq DESC LIMIT 1
)
BEGIN
    SELECT RAISE(ABORT, 'it was rejected');
END;
