"""Fills a copy of the fictional sector with many reports and duties, by copying rows: only the sizes matter here.

usage: fill.py DATABASE REPORTS DUTIES_EACH
"""
import random, sqlite3, sys

path, reports, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(7)
db = sqlite3.connect(path)
db.execute("PRAGMA synchronous = OFF")
db.execute("PRAGMA cache_size = -400000")


def columns(table):
    return [r[1] for r in db.execute(f"PRAGMA table_info({table})")]


report, duty = columns("report"), columns("duty")
models = [dict(zip(report, r)) for r in db.execute("SELECT * FROM report WHERE report_no IS NOT NULL ORDER BY id")]
duties = [dict(zip(duty, r)) for r in db.execute("SELECT * FROM duty ORDER BY id")]
first = db.execute("SELECT min(id) FROM report").fetchone()[0]
now = db.execute("SELECT max(changed_at) FROM report").fetchone()[0]
day = 86_400_000_000


def rows(table, names, made):
    db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", made)


def new_reports():
    for n in range(reports):
        r = dict(random.choice(models))
        shift = int((reports - n) / reports * 1000 * day)
        r["id"] = first - (reports - n) * 4
        r["report_no"] = f"OLD-2024-{n:06d}"
        r["merged_into"] = r["matched_with"] = None
        for name in ("created_at", "changed_at", "filed_at", "aware_at", "occurred_at", "received_at"):
            if r.get(name) is not None:
                r[name] -= shift
        yield [r[c] for c in report]


def new_duties():
    identity = first - reports * 4 * (each + 1)
    for n in range(reports):
        model = random.choice(models)
        for _ in range(each):
            d = dict(random.choice(duties))
            identity += 1
            d["id"], d["report_id"] = identity, first - (reports - n) * 4
            d["org_id"], d["cert_id"], d["category"] = model["org_id"], model["cert_id"], model["category"]
            d["due_at"] = now + random.randrange(-400 * day, 30 * day)
            d["state"] = 0 if random.random() < 0.1 else 1
            d["overdue"] = 1 if d["due_at"] < now else 0
            yield [d[c] for c in duty]


with db:
    rows("report", report, new_reports())
    rows("duty", duty, new_duties())
db.execute("ANALYZE")
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.close()
