"""Databases that a program may meet: schema.py newer|altered|stranger|older DIR [MIGRATIONS], version|one-less FILE.

older makes one as the program before the last migration would have left it, by the same rules as src/store/migrate.c.
"""
import hashlib
import sqlite3
import sys
from pathlib import Path

from sections import sqlite_text

OWN = """PRAGMA application_id = 1414480723;
CREATE TABLE schema ( version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, schema_sha256 TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER NOT NULL) STRICT;
INSERT INTO probe (id, n) VALUES (0, 0);"""


def digest(db):
    rows = db.execute("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema"
                      " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name")
    return hashlib.sha256("".join(text + "\0" for row in rows for text in row).encode()).hexdigest()


def older(path, migrations):
    path.unlink()
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(OWN)
    for m in sorted(Path(migrations).glob("*.sql"))[:-1]:
        text = sqlite_text(m)
        db.executescript(text)
        db.execute("INSERT INTO schema VALUES (?, ?, ?, ?, 0)",
                   (int(m.stem[:4]), m.stem, hashlib.sha256(text.encode()).hexdigest(), digest(db)))
    db.close()


def version(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    return db.execute("SELECT max(version) FROM schema").fetchone()[0]


def main(what, where, *rest):
    path = Path(where) / "tocsin.db"
    if what == "older":
        older(path, *rest)
    elif what == "version":
        print(version(where))
    elif what == "one-less":
        print(version(where) - 1)
    else:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute({
            "newer": "INSERT INTO schema SELECT max(version) + 1, 'x', 'x', schema_sha256, 0 FROM schema",
            "altered": "CREATE INDEX mine ON organisation (name_en)",
            "stranger": "PRAGMA application_id = 1",
        }[what])
        db.close()


main(*sys.argv[1:])
