-- Addresses at which a person's calendar program reads when his duties are due. The address is a secret; only its keyed digest is kept.
CREATE TABLE calendar_link (
	id INTEGER PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	name TEXT NOT NULL,
	token TEXT NOT NULL,
	made_at INTEGER NOT NULL,
	used_at INTEGER,                         -- written at most once an hour
	used_from TEXT,                          -- the address it was last read from
	revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX calendar_link_token ON calendar_link (token);
CREATE INDEX calendar_link_of_account ON calendar_link (account_id, id);
