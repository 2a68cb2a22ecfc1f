-- The keys that sign the log, what they have stated, checkpoints, and other people's logs that we witness.
-- Private keys are never in here.

CREATE TABLE signing_key (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	name TEXT NOT NULL,
	key_id TEXT NOT NULL,
	purpose INTEGER NOT NULL,
	algorithm INTEGER NOT NULL,
	vkey TEXT NOT NULL,
	owner INTEGER REFERENCES account (id),
	not_before INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	state INTEGER NOT NULL,
	follows INTEGER REFERENCES signing_key (id),
	compromised_from INTEGER,
	compromised_size INTEGER,
	ended_at INTEGER,
	warned INTEGER,
	shared_at INTEGER,
	tested_at INTEGER,
	tested_well INTEGER,
	reason TEXT
) STRICT;
CREATE UNIQUE INDEX signing_key_vkey ON signing_key (vkey);

-- Signed notes about keys (docs/reference/receipt-format.md), in the order in which they were stated.
CREATE TABLE key_statement (
	id INTEGER PRIMARY KEY,
	about INTEGER NOT NULL REFERENCES signing_key (id),
	signer INTEGER NOT NULL REFERENCES signing_key (id),
	at INTEGER NOT NULL,
	note TEXT NOT NULL
) STRICT;

CREATE TRIGGER key_statement_no_update BEFORE UPDATE ON key_statement
BEGIN
	SELECT raise(ABORT, 'statements about keys are never changed');
END;

CREATE TRIGGER key_statement_no_delete BEFORE DELETE ON key_statement
BEGIN
	SELECT raise(ABORT, 'statements about keys are never taken away');
END;

-- What the log was when it was signed: the note without the lines of witnesses.
CREATE TABLE checkpoint (
	size INTEGER PRIMARY KEY CHECK (size > 0),
	at INTEGER NOT NULL,
	root BLOB NOT NULL CHECK (length(root) = 32),
	note TEXT NOT NULL
) STRICT;

CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN
	SELECT raise(ABORT, 'checkpoints are never changed');
END;

CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN
	SELECT raise(ABORT, 'checkpoints are never taken away');
END;

-- A witness's signature line on a checkpoint of ours.
CREATE TABLE cosignature (
	size INTEGER NOT NULL REFERENCES checkpoint (size),
	witness TEXT NOT NULL,                   -- its public key
	at INTEGER NOT NULL,                     -- by the witness's clock
	line TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX cosignature_of ON cosignature (size, witness);

CREATE TRIGGER cosignature_no_update BEFORE UPDATE ON cosignature
BEGIN
	SELECT raise(ABORT, 'cosignatures are never changed');
END;

CREATE TRIGGER cosignature_no_delete BEFORE DELETE ON cosignature
BEGIN
	SELECT raise(ABORT, 'cosignatures are never taken away');
END;

-- The newest checkpoint that we saw, and cosigned, of each log that we witness.
CREATE TABLE witnessed (
	origin TEXT PRIMARY KEY,
	size INTEGER NOT NULL,
	at INTEGER NOT NULL,                     -- when we saw it
	note TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- sqlite:
CREATE TRIGGER witnessed_grows BEFORE UPDATE ON witnessed
WHEN new.origin <> old.origin OR new.size < old.size
BEGIN
	SELECT raise(ABORT, 'what was witnessed only grows');
END;
-- postgresql:
CREATE TRIGGER witnessed_grows BEFORE UPDATE ON witnessed FOR EACH ROW
WHEN (new.origin <> old.origin OR new.size < old.size)
EXECUTE FUNCTION never('what was witnessed only grows');
-- both:
