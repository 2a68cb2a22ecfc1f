-- What was taken out of the platform as a bundle: by whom, why, of what, and how it proves itself. The bundle itself is not kept:
-- it is written again from the log, up to its size then.
CREATE TABLE bundle (
	id INTEGER PRIMARY KEY,
	made_at INTEGER NOT NULL,
	account_id INTEGER NOT NULL REFERENCES account (id),
	org_id INTEGER NOT NULL REFERENCES organisation (id),
	by_name TEXT NOT NULL,
	reason TEXT NOT NULL,
	subject TEXT NOT NULL,
	report_id INTEGER REFERENCES report (id),
	from_at INTEGER NOT NULL,
	to_at INTEGER NOT NULL,
	cert_id INTEGER NOT NULL,                -- a period's reports; 0: every record
	told_org INTEGER NOT NULL,               -- whose administrators are told; 0: none
	told_cert INTEGER NOT NULL,              -- whose managers; 0: all
	size INTEGER NOT NULL,
	checkpoint TEXT,
	entries INTEGER NOT NULL,
	files INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	digest TEXT NOT NULL
) STRICT;
CREATE INDEX bundle_of_account ON bundle (account_id, id);
CREATE INDEX bundle_told_cert ON bundle (told_cert, id);
CREATE INDEX bundle_told_org ON bundle (told_org, id) WHERE told_org <> 0;

-- Who of those who are told has said that he has seen it.
CREATE TABLE bundle_seen (
	bundle_id INTEGER NOT NULL REFERENCES bundle (id),
	account_id INTEGER NOT NULL REFERENCES account (id),
	at INTEGER NOT NULL,
	PRIMARY KEY (bundle_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER bundle_no_update BEFORE UPDATE ON bundle
BEGIN
	SELECT raise(ABORT, 'what was taken out stays recorded');
END;

CREATE TRIGGER bundle_no_delete BEFORE DELETE ON bundle
BEGIN
	SELECT raise(ABORT, 'what was taken out stays recorded');
END;
