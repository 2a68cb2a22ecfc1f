-- What several nodes on one database have in common beside its rows; no backup has it.

-- Who leads. The epoch goes up whenever somebody takes over, and what is written by right of leading is compared with it.
CREATE TABLE leader (
	role INTEGER PRIMARY KEY,                -- 0 timers, 1 the notary
	epoch INTEGER NOT NULL,
	node TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;

-- How often something changed of which nodes keep a memory of their own.
CREATE TABLE change (
	topic INTEGER PRIMARY KEY,               -- 0 accounts, sessions, keys, organisations; 1 a checkpoint is waited for
	n INTEGER NOT NULL
) STRICT;

-- postgresql:
CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN NOTIFY tocsin_change; RETURN NULL; END';
CREATE TRIGGER change_told AFTER INSERT OR UPDATE ON change FOR EACH STATEMENT EXECUTE FUNCTION tell_change();
-- both:

-- A digest made with the secret with which this database is used: nobody opens it with another one.
CREATE TABLE installation (
	id INTEGER PRIMARY KEY CHECK (id = 0),
	secret_check TEXT NOT NULL
) STRICT;

-- How often somebody came within this minute.
CREATE TABLE tally (
	subject TEXT PRIMARY KEY,                -- a keyed digest
	minute INTEGER NOT NULL,
	n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tally_minute ON tally (minute);
