"""alter.py DATABASE SQL...: does it without the triggers that would refuse. --bit N: changes one bit of its first N records."""
import random
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA foreign_keys = OFF")
for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
    db.execute(f'DROP TRIGGER "{name}"')


def change_bit(most):
    seed = random.randrange(1 << 32)
    random.seed(seed)
    table = random.choice(["audit", "audit", "audit_details"])
    columns = [c[1] for c in db.execute(f"PRAGMA table_info({table})")]
    while True:
        column = random.choice(columns)
        seq = random.choice(db.execute(f"SELECT seq FROM {table} WHERE seq <= ?", (most,)).fetchall())[0]
        kind, old = db.execute(f"SELECT typeof({column}), CAST({column} AS BLOB) FROM {table} WHERE seq = ?", (seq,)).fetchone()
        # result is one of two numbers; what is not one of them cannot be put in
        if old and (table, column) not in (("audit", "seq"), ("audit", "result"), ("audit_details", "seq")):
            break
    new = bytearray(old)
    place = random.randrange(len(new) * 8)
    if kind == "integer":
        value = int(old) ^ 1 << random.randrange(40)
        db.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (value, seq))
    else:
        new[place // 8] ^= 1 << place % 8
        cast = "TEXT" if kind == "text" else "BLOB"
        db.execute(f"UPDATE {table} SET {column} = CAST(? AS {cast}) WHERE seq = ?", (bytes(new), seq))
    print(f"# seed {seed}: {table}.{column} of {seq}")


if sys.argv[2] == "--bit":
    change_bit(int(sys.argv[3]))
else:
    for sql in sys.argv[2:]:
        assert db.execute(sql).rowcount > 0, sql
db.commit()
