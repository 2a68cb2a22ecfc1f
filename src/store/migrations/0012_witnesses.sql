-- Witnesses: who cosigns our checkpoints, how it goes with each, and the logs of others that we cosign.

CREATE TABLE witness (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	title TEXT NOT NULL,
	vkey TEXT NOT NULL,
	url TEXT NOT NULL,
	state INTEGER NOT NULL                   -- 0 active, 1 ended
) STRICT;
CREATE UNIQUE INDEX witness_of_key ON witness (vkey) WHERE state = 0;

-- How it went with a witness. Not in the audit log, which would grow by it; what matters of it is.
CREATE TABLE witness_visit (
	witness INTEGER PRIMARY KEY REFERENCES witness (id),
	next_at INTEGER NOT NULL,                -- not before then; who goes moves it on, so that one node goes
	tried_at INTEGER NOT NULL,
	seen_at INTEGER,                         -- of its newest cosignature, by its clock
	seen_size INTEGER NOT NULL,              -- of the log in that; 0: none yet
	known_size INTEGER NOT NULL,             -- what it said that it knows
	failing_since INTEGER,                   -- since when nothing comes of it
	failures INTEGER NOT NULL,
	outcome INTEGER NOT NULL,                -- of the last try: desk/envoy.h
	words TEXT NOT NULL                      -- and in its words
) STRICT;

CREATE TABLE witness_log (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	title TEXT NOT NULL,
	keys TEXT NOT NULL,
	origin TEXT NOT NULL,
	state INTEGER NOT NULL                   -- 0 active, 1 ended
) STRICT;
CREATE UNIQUE INDEX witness_log_of_origin ON witness_log (origin) WHERE state = 0;

-- Checkpoints, signed by their logs, that we did not cosign since they do not go on from what we saw: each once.
CREATE TABLE witness_refusal (
	id INTEGER PRIMARY KEY,
	origin TEXT NOT NULL,
	size INTEGER NOT NULL,
	root BLOB NOT NULL CHECK (length(root) = 32),
	at INTEGER NOT NULL,
	forked INTEGER NOT NULL,                 -- 1: as many records as we saw, and others; 0: its proof does not hold
	note TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX witness_refusal_of ON witness_refusal (origin, size, root, forked);

CREATE TRIGGER witness_refusal_no_update BEFORE UPDATE ON witness_refusal
BEGIN
	SELECT raise(ABORT, 'what a witness refused is never changed');
END;

CREATE TRIGGER witness_refusal_no_delete BEFORE DELETE ON witness_refusal
BEGIN
	SELECT raise(ABORT, 'what a witness refused is never taken away');
END;
