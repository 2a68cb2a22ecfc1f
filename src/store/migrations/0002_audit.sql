-- The audit trail: one row for every write and for every read that is to be known.
-- 0 and '' mean "none"; reason and details may be absent.
CREATE TABLE audit (
	seq INTEGER PRIMARY KEY,                 -- 1, 2, 3 ... in the order of commits
	at INTEGER NOT NULL,
	node TEXT NOT NULL,                      -- the machine that wrote it
	action TEXT NOT NULL CHECK (action <> ''),
	entity TEXT NOT NULL,
	object INTEGER NOT NULL,
	org INTEGER NOT NULL,                    -- whose record the object is
	account INTEGER NOT NULL,                -- who acted; 0: the system
	person INTEGER NOT NULL,
	session INTEGER NOT NULL,
	key INTEGER NOT NULL,
	address TEXT NOT NULL,
	name TEXT NOT NULL,
	result INTEGER NOT NULL CHECK (result IN (0, 1)),
	reason TEXT,
	details TEXT,                            -- canonical JSON
	details_hash BLOB CHECK (length(details_hash) = 32)
) STRICT;

-- Every index ends in the row's seq by itself.
CREATE INDEX audit_of_object ON audit (entity, object);
CREATE INDEX audit_of_account ON audit (account);
CREATE INDEX audit_of_org ON audit (org);

-- sqlite:
CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit
WHEN new.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM audit)
BEGIN
	SELECT raise(ABORT, 'the next audit record has the next number');
END;
-- postgresql:
CREATE FUNCTION audit_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.seq <> coalesce((SELECT max(seq) FROM audit), 0) + 1 THEN
		RAISE EXCEPTION 'the next audit record has the next number';
	END IF;
	RETURN new;
END $$;
CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_no_gap();
-- both:

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
	SELECT raise(ABORT, 'audit records are never changed');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
	SELECT raise(ABORT, 'audit records are never taken away');
END;
