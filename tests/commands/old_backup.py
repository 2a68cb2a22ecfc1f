"""A backup as an older program would have made it: old_backup.py FILE VERSION MIGRATIONS [newest].

Written by another hand than the program's, after docs/reference/backup-format.md: the tables of that schema version, made by its own
migrations, with a small sector in them. "newest" claims a version that no program has yet.
"""
import base64
import hashlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from sections import sqlite_text

AT = 1790994960000000           # 2026-10-03
ROWS = {
    "sector": [{"id": 1, "code": "MED", "name_zh": "衛生醫療", "name_en": "Health", "agency_zh": "衛福部", "agency_en": "MOHW", "cert": 11}],
    "organisation": [{"id": 10, "org_kind": 0, "name_zh": "安和醫院", "name_en": "Anhe Hospital", "sector": 1, "state": 1},
                     {"id": 11, "org_kind": 1, "name_zh": "醫療 CERT", "name_en": "H-CERT", "sector": 1, "state": 1}],
    "org_above": [{"org_id": 10, "above_id": 10}, {"org_id": 11, "above_id": 11}],
    "person": [{"id": 20, "name": "陳美華", "org": 10, "email": "mh@anhe.example"}],
    "account": [{"id": 30, "login": "chen.meihua", "person": 20, "org": 10, "roles": 1, "state": 1}],
    "report": [{"id": 40 + i, "report_no": f"MED-2026-00000{i}", "filed_at": AT, "aware_at": AT, "received_at": AT, "state": 1, "org_id": 10,
                "sector_id": 1, "cert_id": 11, "shown_to_cert": 1, "entered_by": 30, "regime": 0, "regime_version": "tw-2026",
                "description": f"勒索軟體加密了第 {i} 部伺服器", "ip_external": "192.0.2.7", "category": 1, "level": 3} for i in range(1, 4)],
    "report_version": [{"report_id": 40 + i, "version": 1, "at": AT, "account_id": 30, "verb": "submit", "changed": "", "body": "{}"}
                       for i in range(1, 4)],
    "report_counter": [{"sector": 1, "year": 2026, "drill": 0, "next": 4}],
    "recovery_code": [{"code": "x" * 43, "account_id": 30}],
    "audit": [{"seq": n, "at": AT + n, "node": "old", "action": "report.submit", "entity": "report", "object": 41, "org": 10, "account": 30,
               "person": 20, "session": 0, "key": 0, "address": "192.0.2.1", "name": "陳美華", "result": 0,
               "details": '{"n":%d}' % n, "details_hash": hashlib.sha256(b'{"n":%d}' % n).digest()} for n in range(1, 26)],
}
LETTER = {"INTEGER": "i", "TEXT": "t", "BLOB": "b"}


def tables(version, migrations):
    """The tables of that version and their columns, as SQLite has them."""
    db = sqlite3.connect(":memory:")
    for m in sorted(Path(migrations).glob("*.sql")):
        if int(m.stem[:4]) <= version:
            db.executescript(sqlite_text(m))
    plain = {name for schema, name, kind, *_ in db.execute("PRAGMA table_list") if schema == "main" and kind == "table"}
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").fetchall():
        if name in plain and not name.startswith("sqlite_"):
            yield name, [(c[1], LETTER[c[2]]) for c in db.execute(f"PRAGMA table_info({name})")]


def row_of(columns, row):
    row = {"version": 1, "created_at": AT, "changed_at": AT} | row
    values = [row.get(name) for name, _ in columns]
    return [base64.urlsafe_b64encode(v).decode().rstrip("=") if isinstance(v, bytes) else v for v in values]


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def lines(version, claimed, migrations):
    yield {"format": "tocsin-backup/1", "program": "0.1.0", "schema": claimed, "engine": "sqlite", "node": "old", "created": "2026-10-03T00:00:00Z",
           "log": {"origin": "", "records": len(ROWS["audit"]), "root": ""}}
    found, total = {}, 0
    for name, columns in tables(version, migrations):
        part = [{"table": name, "columns": [list(c) for c in columns]}] + [row_of(columns, r) for r in ROWS.get(name, [])]
        digest = hashlib.sha256("".join(map(canonical, part)).encode()).hexdigest()
        yield from part
        found[name] = {"rows": len(part) - 1, "sha256": digest}
        total += len(part) - 1
        yield {"end": name, **found[name]}
    yield {"end": "tocsin-backup/1", "rows": total, "tables": found}


def main(path, version, migrations, claim=None):
    version = int(version)
    text = "".join(map(canonical, lines(version, 9999 if claim else version, migrations)))
    body = subprocess.run(["zstd", "-q", "-c"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    body += bytes.fromhex("5a2a4d1820000000")
    Path(path).write_bytes(body + hashlib.sha256(body).digest())


main(*sys.argv[1:])
