-- Duties that count as met or missed in a period. One that is open and not late counts in neither,
-- so that filing a report writes nothing here.
DROP INDEX duty_by_due;
CREATE INDEX duty_by_due ON duty (due_at, state, overdue, cert_id, org_id) WHERE state = 1 OR overdue = 1;
