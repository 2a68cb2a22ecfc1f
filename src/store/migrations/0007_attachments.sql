-- Files of reports. Their bytes lie here in sealed parts, so that no scanner of disks or backups meets what may be malware alive.
ALTER TABLE report ADD COLUMN attachments TEXT;          -- those that are whole, as the report's answers list them: JSON

CREATE TABLE attachment (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	report_id INTEGER NOT NULL REFERENCES report (id),
	name TEXT NOT NULL,
	name_sent TEXT,
	size INTEGER NOT NULL CHECK (size > 0),
	sha256 TEXT,
	state INTEGER NOT NULL,
	account_id INTEGER NOT NULL REFERENCES account (id),
	org_id INTEGER NOT NULL REFERENCES organisation (id),
	whole_at INTEGER,
	withdrawn_at INTEGER,
	withdrawn_by INTEGER REFERENCES account (id),
	reason TEXT
) STRICT;
CREATE INDEX attachment_of_report ON attachment (report_id, id);

-- The key of one file, itself sealed with the server's secret. Without this row its parts are noise: taking it away erases the file.
CREATE TABLE attachment_key (
	attachment_id INTEGER PRIMARY KEY REFERENCES attachment (id),
	key TEXT NOT NULL
) STRICT;

-- at is the place of the part's first byte in the file; each is written once.
CREATE TABLE attachment_part (
	id INTEGER PRIMARY KEY,
	attachment_id INTEGER NOT NULL REFERENCES attachment (id),
	at INTEGER NOT NULL,
	sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX attachment_part_at ON attachment_part (attachment_id, at);

-- How far a file has come that is not whole yet, and the digest of that much, to go on from.
CREATE TABLE attachment_progress (
	attachment_id INTEGER PRIMARY KEY REFERENCES attachment (id),
	received INTEGER NOT NULL,
	at INTEGER NOT NULL,
	digest BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_given_up ON attachment_progress (at);
