-- Holds: as long as one stands, nothing that it covers is erased.
CREATE TABLE hold (
	id INTEGER PRIMARY KEY,
	version INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	kind INTEGER NOT NULL,                   -- 0 case, 1 organisation, 2 time range
	case_no TEXT,
	org INTEGER REFERENCES organisation (id),
	from_at INTEGER,
	until_at INTEGER,
	reason TEXT NOT NULL,
	report INTEGER REFERENCES report (id),
	owner INTEGER NOT NULL REFERENCES organisation (id),
	state INTEGER NOT NULL,                  -- 0 standing, 1 one person wants it lifted, 2 lifted
	set_by INTEGER NOT NULL REFERENCES person (id),
	set_name TEXT NOT NULL,
	asked_by INTEGER REFERENCES person (id),
	asked_name TEXT,
	asked_at INTEGER,
	asked_why TEXT,
	lifted_by INTEGER REFERENCES person (id),
	lifted_name TEXT,
	lifted_at INTEGER
) STRICT;
