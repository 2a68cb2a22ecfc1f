-- The report's category stands beside each of its duties, as its organisation does, so that the board is filtered by it on the index alone.
ALTER TABLE duty ADD COLUMN category INTEGER;
UPDATE duty SET category = (SELECT r.category FROM report r WHERE r.id = duty.report_id);
DROP INDEX duty_board_of_cert;
DROP INDEX duty_board_of_org;
CREATE INDEX duty_board_of_cert ON duty (cert_id, holder, due_at, id, level, org_id, clock, category) WHERE state = 0;
CREATE INDEX duty_board_of_org ON duty (org_id, holder, due_at, id, level, clock, category) WHERE state = 0;
