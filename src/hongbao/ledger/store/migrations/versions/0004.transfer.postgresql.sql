ALTER TABLE standing DROP CONSTRAINT payout_states;

ALTER TABLE standing DROP CONSTRAINT tasks;

ALTER TABLE standing ADD CONSTRAINT payout_states CHECK ((state = 'waiting' OR state = 'in_doubt' OR state = 'awaiting_user' OR state = 'sent' OR state = 'received' OR state = 'returned' OR state = 'refused' OR state = 'cancelled'));

ALTER TABLE standing ADD CONSTRAINT tasks CHECK ((task = 0 OR task = 1 OR task = 2 OR task = 3));

DROP INDEX standing_handed_over;

CREATE INDEX standing_handed_over ON standing (campaign_id, "row") WHERE task IS NULL AND (state = 'awaiting_user' OR state = 'in_doubt' OR state = 'sent' OR state = 'waiting');

DROP TRIGGER standing_step ON standing;

CREATE TRIGGER standing_step BEFORE UPDATE OF state ON standing
FOR EACH ROW
WHEN (NOT (new.state = old.state
    OR (old.state = 'waiting' AND (new.state = 'cancelled' OR new.state = 'in_doubt' OR new.state = 'refused'))
    OR (old.state = 'in_doubt' AND (new.state = 'awaiting_user' OR new.state = 'received' OR new.state = 'refused' OR new.state = 'returned' OR new.state = 'sent' OR new.state = 'waiting'))
    OR (old.state = 'awaiting_user' AND (new.state = 'received' OR new.state = 'refused'))
    OR (old.state = 'sent' AND (new.state = 'received' OR new.state = 'returned'))
    OR (old.state = 'refused' AND (new.state = 'in_doubt' OR new.state = 'waiting'))))
EXECUTE FUNCTION hongbao_refuse('a payout cannot take this step');
