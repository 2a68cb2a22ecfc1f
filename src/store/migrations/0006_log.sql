-- The audit trail becomes a log: every record is a leaf of one hash tree (docs/reference/log-format.md).
-- The record itself is never changed; its details lie beside it, and only they can be erased.

-- the person behind a delegated login; 0: none
ALTER TABLE audit ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;
-- random, so that nobody guesses a neighbour from its hash; records older than the log have none
ALTER TABLE audit ADD COLUMN salt BLOB CHECK (length(salt) = 16);

CREATE TABLE audit_details (
	seq INTEGER PRIMARY KEY REFERENCES audit (seq),
	salt BLOB CHECK (length(salt) = 16),
	details TEXT,                            -- canonical JSON
	erased_at INTEGER,
	CHECK ((details IS NULL) = (erased_at IS NOT NULL))
) STRICT;

INSERT INTO audit_details (seq, details) SELECT seq, details FROM audit WHERE details IS NOT NULL;

ALTER TABLE audit DROP COLUMN details;

-- sqlite:
CREATE TRIGGER audit_details_only_erased BEFORE UPDATE ON audit_details
WHEN new.seq <> old.seq OR old.details IS NULL OR new.details IS NOT NULL OR new.salt IS NOT NULL
BEGIN
	SELECT raise(ABORT, 'details of an audit record are erased, never changed');
END;
-- postgresql:
CREATE TRIGGER audit_details_only_erased BEFORE UPDATE ON audit_details FOR EACH ROW
WHEN (new.seq <> old.seq OR old.details IS NULL OR new.details IS NOT NULL OR new.salt IS NOT NULL)
EXECUTE FUNCTION never('details of an audit record are erased, never changed');
-- both:

CREATE TRIGGER audit_details_no_delete BEFORE DELETE ON audit_details
BEGIN
	SELECT raise(ABORT, 'that there were details is never taken away');
END;

-- One row. The edge: for each level of tiles, from the leaves upwards, the hashes of its last tile that is not full.
CREATE TABLE log (
	id INTEGER PRIMARY KEY CHECK (id = 0),
	origin TEXT NOT NULL CHECK (origin <> ''),   -- whose log it is, from its birth on
	size INTEGER NOT NULL CHECK (size >= 0),
	at INTEGER NOT NULL,                         -- time of the newest record
	edge BLOB NOT NULL
) STRICT;

-- sqlite:
CREATE TRIGGER log_grows BEFORE UPDATE ON log
WHEN new.id <> old.id OR new.origin <> old.origin OR new.size < old.size
BEGIN
	SELECT raise(ABORT, 'the log keeps its name and only grows');
END;
-- postgresql:
CREATE TRIGGER log_grows BEFORE UPDATE ON log FOR EACH ROW
WHEN (new.id <> old.id OR new.origin <> old.origin OR new.size < old.size)
EXECUTE FUNCTION never('the log keeps its name and only grows');
-- both:

CREATE TRIGGER log_no_delete BEFORE DELETE ON log
BEGIN
	SELECT raise(ABORT, 'the log is never taken away');
END;

-- Sixteen hashes side by side: of leaves at level 0, of tiles of the level below at the others.
CREATE TABLE log_tile (
	level INTEGER NOT NULL,
	position INTEGER NOT NULL,
	hashes BLOB NOT NULL CHECK (length(hashes) = 512),
	PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER log_tile_no_update BEFORE UPDATE ON log_tile
BEGIN
	SELECT raise(ABORT, 'hashes of the log are never changed');
END;

CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile
BEGIN
	SELECT raise(ABORT, 'hashes of the log are never taken away');
END;
