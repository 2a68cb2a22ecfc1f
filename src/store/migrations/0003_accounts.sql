-- What belongs to accounts beside their row. Tokens, keys, links and recovery codes are never stored: only keyed digests of them.

-- seen_at is written at most once a minute; the exact moment lives in memory.
CREATE TABLE session (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	token TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	ended_at INTEGER,
	why TEXT,                                -- signed_out, idle, longest, password, roles, suspended ...
	address TEXT NOT NULL,
	place TEXT NOT NULL,                     -- the address's network: where the person has been lately
	user_agent TEXT NOT NULL,
	opened_with TEXT NOT NULL                -- password, totp, recovery
) STRICT;
CREATE UNIQUE INDEX session_token ON session (token);
CREATE INDEX session_of_account ON session (account_id, started_at);
CREATE INDEX session_place ON session (account_id, place, started_at);
CREATE INDEX session_open ON session (seen_at) WHERE ended_at IS NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE api_key (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	name TEXT NOT NULL,
	hint TEXT NOT NULL,                      -- its first letters, to tell one from another
	token TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	made_by INTEGER NOT NULL,                -- account; 0: the system
	expires_at INTEGER,
	used_at INTEGER,                         -- written at most once an hour
	revoked_at INTEGER,
	why TEXT
) STRICT;
CREATE UNIQUE INDEX api_key_token ON api_key (token);
CREATE INDEX api_key_of_account ON api_key (account_id, id);

CREATE TABLE one_time_link (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,                   -- 0 set-up, 1 invitation, 2 new password
	account_id INTEGER REFERENCES account (id),
	token TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	made_by INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	used_at INTEGER,
	drop_totp INTEGER NOT NULL               -- the second factor was lost too
) STRICT;
CREATE UNIQUE INDEX one_time_link_token ON one_time_link (token);
CREATE INDEX one_time_link_of_account ON one_time_link (account_id, id);
CREATE INDEX one_time_link_expiry ON one_time_link (expires_at);

CREATE TABLE password_history (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	hash TEXT NOT NULL,
	made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX password_history_of_account ON password_history (account_id, id);

CREATE TABLE recovery_code (
	code TEXT PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_code_of_account ON recovery_code (account_id);

-- Failed tries by account and by address; the subject is a keyed digest, so nothing that was typed is kept.
CREATE TABLE attempt (
	subject TEXT PRIMARY KEY,
	failures INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	until_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_last ON attempt (last_at);

CREATE INDEX organisation_by_name ON organisation (name_zh, id);
CREATE INDEX account_successor ON account (successor) WHERE successor IS NOT NULL;
