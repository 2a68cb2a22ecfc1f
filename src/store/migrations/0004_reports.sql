-- The work on reports: versions, numbers, what makes them found, and the indexes of their lists.

-- What each change left, whole. Only ever added to: the store refuses anything else, and so do these triggers.
CREATE TABLE report_version (
	report_id INTEGER NOT NULL REFERENCES report (id),
	version INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	verb TEXT NOT NULL,                      -- "create", "save", "submit", "review" ...
	changed TEXT NOT NULL,                   -- names of the fields that differ from the version before, by blanks
	body TEXT NOT NULL                       -- the report as canonical JSON
) STRICT;
CREATE UNIQUE INDEX report_version_of ON report_version (report_id, version);

CREATE TRIGGER report_version_no_update BEFORE UPDATE ON report_version
BEGIN
	SELECT raise(ABORT, 'versions are never changed');
END;

CREATE TRIGGER report_version_no_delete BEFORE DELETE ON report_version
BEGIN
	SELECT raise(ABORT, 'versions are never taken away');
END;

-- What the form kept of a draft while somebody typed: the newest only, until the draft is saved.
CREATE TABLE report_autosave (
	report_id INTEGER PRIMARY KEY REFERENCES report (id),
	version INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	changed TEXT NOT NULL,
	body TEXT NOT NULL
) STRICT;

-- The next number of a sector in a year; drills count for themselves.
CREATE TABLE report_counter (
	sector INTEGER NOT NULL REFERENCES sector (id),
	year INTEGER NOT NULL,
	drill INTEGER NOT NULL,
	next INTEGER NOT NULL,
	PRIMARY KEY (sector, year, drill)
) STRICT, WITHOUT ROWID;

-- Words of submitted reports, made by the application (bigrams of Chinese). Neither text nor positions are kept.
-- sqlite:
CREATE VIRTUAL TABLE report_text USING fts5 (
	body, content = '', columnsize = 0, detail = none, tokenize = 'ascii tokenchars ''.-:@/_'''
);
-- postgresql:
CREATE TABLE report_text (
	id bigint PRIMARY KEY,
	words tsvector NOT NULL
);
CREATE INDEX report_text_words ON report_text USING gin (words);
-- both:

-- Outer addresses of submitted reports, for the duplicate hint.
CREATE TABLE report_address (
	report_id INTEGER NOT NULL REFERENCES report (id),
	address TEXT NOT NULL,
	category INTEGER NOT NULL,
	at INTEGER NOT NULL,                     -- received
	PRIMARY KEY (report_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_address_found ON report_address (address, category, at);

-- Answers to creations that came with a key, for those who ask again.
CREATE TABLE idempotency (
	account INTEGER NOT NULL,
	key TEXT NOT NULL,
	body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
	status INTEGER NOT NULL,
	answer TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX idempotency_key ON idempotency (account, key);
CREATE INDEX idempotency_by_age ON idempotency (at);

-- Lists of reports, newest first. Behind the id stands what filters and figures ask for, so that rows are read only to be shown.
CREATE INDEX report_list_of_cert ON report (
	cert_id, shown_to_cert, id, state, category, level, org_id, filed_at, closed_at, is_drill
);
CREATE INDEX report_list_of_org ON report (org_id, id, state, category, level, filed_at, closed_at, is_drill);

-- The board: open duties of one side by due time.
CREATE INDEX duty_board_of_cert ON duty (cert_id, holder, due_at, id, level, org_id, clock) WHERE state = 0;
CREATE INDEX duty_board_of_org ON duty (org_id, holder, due_at, id, level, clock) WHERE state = 0;
-- The mark of being overdue: who has it wrongly, who lacks it.
CREATE INDEX duty_by_mark ON duty (overdue, due_at) WHERE state = 0;
-- Duties that fell due in a period, for the share that was met in time.
CREATE INDEX duty_by_due ON duty (due_at, state, overdue, cert_id, org_id);
