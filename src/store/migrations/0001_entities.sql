-- The entities. Each table has the columns of its entity table in src/model: a unit test compares them.
-- Ids and times are made by the application; times are microseconds UTC; choices are codes, sets of choices are bits.
-- The indexes of lists, figures and the board come with the work that needs them.

-- Sectors and their lead agencies: initial data, editable.
CREATE TABLE sector (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	code TEXT NOT NULL,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	agency_zh TEXT NOT NULL,
	agency_en TEXT NOT NULL,
-- sqlite:
	agency INTEGER REFERENCES organisation (id),
	cert INTEGER REFERENCES organisation (id),
-- postgresql:
	agency bigint,
	cert bigint,
-- both:
	closed INTEGER
) STRICT;
CREATE UNIQUE INDEX sector_code ON sector (code);

-- Providers, CERTs, agencies, the national CERT, the operator; parent is the superior body.
CREATE TABLE organisation (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	org_kind INTEGER NOT NULL,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	sector INTEGER REFERENCES sector (id),
	parent INTEGER REFERENCES organisation (id),
	grade INTEGER,
	in_scope INTEGER,
	regimes INTEGER,
	phone TEXT,
	email TEXT,
	address TEXT,
	state INTEGER NOT NULL,
	source TEXT
) STRICT;
-- postgresql:
ALTER TABLE sector ADD FOREIGN KEY (agency) REFERENCES organisation (id),
	ADD FOREIGN KEY (cert) REFERENCES organisation (id);
-- both:
CREATE INDEX organisation_of_sector ON organisation (sector, id);
CREATE INDEX organisation_below ON organisation (parent, id);

-- For each organisation itself and every body above it: whose reports a superior body sees.
CREATE TABLE org_above (
	org_id INTEGER NOT NULL REFERENCES organisation (id),
	above_id INTEGER NOT NULL REFERENCES organisation (id),
	PRIMARY KEY (org_id, above_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX org_below ON org_above (above_id, org_id);

-- People, and whether their contact data was found right.
CREATE TABLE person (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	name TEXT NOT NULL,
	org INTEGER NOT NULL REFERENCES organisation (id),
	title TEXT,
	phone TEXT,
	fax TEXT,
	email TEXT NOT NULL,
	contact_state INTEGER,
	verified_at INTEGER
) STRICT;
CREATE INDEX person_of_org ON person (org, id);

-- One person, one account.
CREATE TABLE account (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	login TEXT NOT NULL,
	person INTEGER NOT NULL REFERENCES person (id),
	org INTEGER NOT NULL REFERENCES organisation (id),
	roles INTEGER NOT NULL,
	state INTEGER NOT NULL,
	lang INTEGER,
	roc_year INTEGER,
	password TEXT,
	password_at INTEGER,
	totp TEXT,
	totp_at INTEGER,
	totp_step INTEGER,
	reason TEXT,
	successor INTEGER
) STRICT;
CREATE UNIQUE INDEX account_login ON account (login);
CREATE UNIQUE INDEX account_of_person ON account (person);
CREATE INDEX account_of_org ON account (org, id);

-- The incident report. What lists and scopes read stands first: a row may go on over further pages, and these are read often.
CREATE TABLE report (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	report_no TEXT,
	report_kind INTEGER,
	filed_at INTEGER,
	aware_at INTEGER,
	is_drill INTEGER,
	tlp INTEGER,
	unit_name TEXT,
	level_reported INTEGER,
	level_reviewed INTEGER,
	level_national INTEGER,
	level INTEGER,
	category INTEGER,
	state INTEGER NOT NULL,
	org_id INTEGER NOT NULL REFERENCES organisation (id),
	closed_at INTEGER,
	escalation INTEGER,
	sector_id INTEGER REFERENCES sector (id),
	cert_id INTEGER REFERENCES organisation (id),
	shown_to_cert INTEGER NOT NULL,
	form_kind INTEGER,
	reporting_unit INTEGER REFERENCES organisation (id),
	reporting_phone TEXT,
	reporting_email TEXT,
	channel INTEGER,
	channel_reason TEXT,
	lead_agency INTEGER REFERENCES sector (id),
	reporter_name TEXT,
	reporter_phone TEXT,
	reporter_fax TEXT,
	reporter_email TEXT,
	on_behalf INTEGER,
	on_behalf_unit TEXT,
	occurred_at INTEGER,
	victim_hosts INTEGER,
	victim_servers INTEGER,
	ip_internal TEXT,
	ip_external TEXT,
	web_url TEXT,
	os_family INTEGER,
	os_version TEXT,
	controls INTEGER,
	controls_other TEXT,
	soc INTEGER,
	soc_vendor TEXT,
	isms_certified INTEGER,
	maintenance_vendor TEXT,
	operated_by TEXT,
	impact_c INTEGER,
	impact_i INTEGER,
	impact_a INTEGER,
	level_reason TEXT,
	conditions INTEGER,
	category_other TEXT,
	category_reviewed INTEGER,
	description TEXT,
	scope_loss TEXT,
	other_ci_affected INTEGER,
	other_ci_reviewed INTEGER,
	cross_sector INTEGER,
	wide_scale INTEGER,
	measures TEXT,
	source INTEGER,
	notice_no TEXT,
	support_needed INTEGER,
	support_wanted TEXT,
	resolution TEXT,
	resolved_at INTEGER,
	criminal_case INTEGER,
	criminal_note TEXT,
	regimes INTEGER,
	classified_at INTEGER,
	regime INTEGER,
	regime_version TEXT,
	entered_by INTEGER REFERENCES account (id),
	received_at INTEGER,
	reviewed_at INTEGER,
	reviewed_by INTEGER REFERENCES account (id),
	contained_at INTEGER,
	remark TEXT,
	withdraw_asked_at INTEGER,
	state_reason TEXT,
	merged_into INTEGER REFERENCES report (id),
	matched_with INTEGER REFERENCES report (id),
	police_authority TEXT,
	police_told_at INTEGER,
	police_approved_by TEXT,
	escalation_why INTEGER,
	escalation_sent_at INTEGER,
	escalation_ref TEXT,
	escalation_ack_at INTEGER,
	improvement INTEGER,
	imp_times TEXT,
	imp_scope TEXT,
	imp_control TEXT,
	imp_investigation TEXT,
	imp_root_cause TEXT,
	imp_measures TEXT,
	imp_schedule TEXT
) STRICT;
CREATE UNIQUE INDEX report_no ON report (report_no);
-- What was handed over to the national CERT.
CREATE INDEX report_handed_over ON report (id) WHERE escalation IN (2, 3);

-- Calls and mails with the provider about a report.
CREATE TABLE contact_entry (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	report_id INTEGER NOT NULL REFERENCES report (id),
	at INTEGER NOT NULL,
	means INTEGER,
	with_whom TEXT,
	summary TEXT NOT NULL,
	account_id INTEGER REFERENCES account (id)
) STRICT;
CREATE INDEX contact_entry_of_report ON contact_entry (report_id, id);

-- One clock of one regime running for one report.
CREATE TABLE duty (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	report_id INTEGER NOT NULL REFERENCES report (id),
	org_id INTEGER NOT NULL REFERENCES organisation (id),
	cert_id INTEGER REFERENCES organisation (id),
	regime_version TEXT NOT NULL,
	clock TEXT NOT NULL,
	holder INTEGER NOT NULL,
	anchor INTEGER NOT NULL,
	anchor_at INTEGER NOT NULL,
	level INTEGER,
	due_at INTEGER NOT NULL,
	state INTEGER NOT NULL,
	done_at INTEGER,
	overdue INTEGER NOT NULL,
	overdue_at INTEGER,
	note TEXT,
	extend_until INTEGER,
	extend_reason TEXT
) STRICT;
CREATE INDEX duty_of_report ON duty (report_id);
-- postgresql:
-- What is added up: the sum of a smallint is a bigint.
ALTER TABLE duty ALTER overdue TYPE smallint;
