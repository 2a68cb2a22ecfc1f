-- Holds on systems: what each names, and what each report ever named, in the order of model/host.h.
-- Serves no schema before: a program that does not know this kind of hold would erase what one keeps.
ALTER TABLE hold ADD COLUMN systems TEXT;

CREATE TABLE hold_system (
	hold INTEGER NOT NULL REFERENCES hold (id),
	low BLOB NOT NULL,
	high BLOB NOT NULL,
	PRIMARY KEY (hold, low, high)
) STRICT, WITHOUT ROWID;

-- Of every version of a report, a draft's too: only ever added to.
CREATE TABLE report_system (
	report_id INTEGER NOT NULL REFERENCES report (id),
	low BLOB NOT NULL,
	high BLOB NOT NULL,
	PRIMARY KEY (report_id, low, high)
) STRICT, WITHOUT ROWID;

-- Reports from before, whose systems nobody has gone through yet; until then each counts as naming every system.
CREATE TABLE report_unlisted (
	report_id INTEGER PRIMARY KEY REFERENCES report (id)
) STRICT;
INSERT INTO report_unlisted (report_id) SELECT id FROM report;

-- Each old record is asked whether a hold covers it: of those that are lifted none is looked at.
CREATE INDEX hold_standing ON hold (kind) WHERE state <> 2;
