#!/usr/bin/env python3
"""kill -9 while 64 clients file: every acknowledged report is there once, none is half there.

usage: kill9.py BUILD_DIR [ROUNDS]     10 rounds unless told; TAP

Each round starts a server on the same data, lets 64 clients file reports with idempotency keys, kills every process of it after a
random number of answers, and then reads the database itself: each acknowledged report is there, under its number, once, with its
versions, duties and audit records; a report that was not acknowledged is there whole or not at all; after the restart the key of an
acknowledged one gives the same report again.

With TOCSIN_ENGINE=postgresql every second round crashes the database server instead (TOCSIN_TEST_SERVER, its folder) and starts it
again: Tocsin goes on by itself.
"""
import http.client, json, os, random, shutil, signal, subprocess, sys, threading, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "play"))
import run as play, store

CLIENTS = 64
FORM = {"aware_at": "2026-11-21T18:00:00Z", "occurred_at": "2026-11-21T17:50:00Z", "on_behalf": False, "victim_hosts": 6,
        "victim_servers": 3, "os_family": ["windows"], "controls": ["none"], "soc": "none", "isms_certified": True,
        "maintenance_vendor": "無", "impact_c": 1, "impact_i": 2, "impact_a": 2, "category": "intrusion", "conditions": ["malware"],
        "description": "勒索訊息", "scope_loss": "門診停擺", "other_ci_affected": False, "measures": "隔離", "source": "self",
        "support_needed": False}


def file_one(port, token, key):
    """The report's id and number, or None when the server died under it."""
    try:
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        c.request("POST", "/reports?submit=yes", body=json.dumps(FORM).encode(), headers={
            "Authorization": "Bearer " + token, "Accept": "application/json", "Content-Type": "application/json", "Idempotency-Key": key})
        answer = c.getresponse()
        body = answer.read()
        c.close()
    except (OSError, http.client.HTTPException):
        return None
    if answer.status == 503 and store.POSTGRESQL:
        return None                     # the server is gone
    if answer.status not in (200, 201):
        raise SystemExit(f"Bail out! filing answered {answer.status}: {body[:500]}")
    try:
        value = json.loads(body)
    except ValueError:
        return None                     # cut off in the middle: not acknowledged
    return value["id"], value["report_no"]


class Round:
    def __init__(self, number, port, token, kill, limit):
        self.number, self.port, self.token, self.kill, self.limit = number, port, token, kill, limit
        self.lock, self.acknowledged, self.dead = threading.Lock(), {}, threading.Event()

    def client(self, which):
        n = 0
        while not self.dead.is_set():
            n += 1
            key = f"round-{self.number}-client-{which}-{n}"
            got = file_one(self.port, self.token, key)
            if got is None:
                return
            with self.lock:
                self.acknowledged[key] = got
                if len(self.acknowledged) >= self.limit and not self.dead.is_set():
                    self.dead.set()
                    self.kill()

    def run(self):
        threads = [threading.Thread(target=self.client, args=(i,)) for i in range(CLIENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def check(data, acknowledged):
    """What is wrong, as a list of sentences."""
    wrong, found = [], {}
    if not store.POSTGRESQL and store.rows(data, "PRAGMA integrity_check") != [("ok",)]:
        wrong.append("the database is damaged")
    for number, identity, state in store.rows(data, "SELECT report_no, id, state FROM report WHERE report_no IS NOT NULL"):
        found.setdefault(number, []).append((identity, state))
    for key, (identity, number) in acknowledged.items():
        if found.get(number) != [(identity, 1)]:
            wrong.append(f"{key}: acknowledged as {number}, found {found.get(number)}")
    ids = [i for i, _ in acknowledged.values()]
    if len(set(ids)) != len(ids):
        wrong.append("one report was acknowledged under two keys")
    half = "SELECT count(*) FROM report r WHERE r.state = 1 AND ({})"
    for name, missing in (("a version", "NOT EXISTS (SELECT 1 FROM report_version v WHERE v.report_id = r.id)"),
                          ("duties", "coalesce(r.report_kind, 0) <> 1 AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.report_id = r.id)"),
                          ("an audit record", "NOT EXISTS (SELECT 1 FROM audit a WHERE a.entity = 'report' AND a.object = r.id)"),
                          ("a number", "r.report_no IS NULL"), ("a time of filing", "r.filed_at IS NULL")):
        n = store.rows(data, half.format(missing))[0][0]
        if n:
            wrong.append(f"{n} filed reports without {name}")
    seq = store.rows(data, "SELECT count(*), min(seq), max(seq) FROM audit")[0]
    if seq[0] != seq[2] - seq[1] + 1:
        wrong.append(f"the audit trail has gaps: {seq}")
    return wrong


DATABASE = Path(__file__).resolve().parent.parent / "lib" / "postgresql"


def stop_database():
    """As a power cut would."""
    subprocess.run([DATABASE, "stop", os.environ["TOCSIN_TEST_SERVER"], "immediate"], check=True)


def start_database():
    subprocess.run([DATABASE, "start", os.environ["TOCSIN_TEST_SERVER"], "fsync=on"], check=True, stdout=subprocess.DEVNULL)


def crash_database():
    stop_database()
    start_database()


def goes_on(server):
    """Within a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if server.json("GET", "/readyz").status == 200:
            return True
        time.sleep(0.1)
    return False


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 30)))
    random.seed(seed)
    world = play.World(build)
    work = build / ("crash" + store.FOLDER)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    store.copy(world.data, work / "data")
    play.Clock(work / "clock")
    total, failed = 0, 0
    print(f"1..{rounds}\n# seed {seed}")
    with open(work / "server.log", "wb") as log:
        server = play.Server(world.binary, work / "data", work / "clock", log, ["--per-address", "1000"])
        before = {}
        for n in range(1, rounds + 1):
            server.start()
            again = [k for k, got in before.items() if file_one(server.port, world.tokens["chen.meihua"], k) != tuple(got)]
            kill_server = lambda: os.killpg(server.process.pid, signal.SIGKILL)
            crash = store.POSTGRESQL and n % 2 == 0
            r = Round(n, server.port, world.tokens["chen.meihua"], crash_database if crash else kill_server, random.randrange(20, 300))
            r.run()
            wrong = []
            if crash:
                wrong = [] if goes_on(server) else ["the server does not go on when the database is back"]
                kill_server()
            server.process.wait()
            server.process = None
            wrong += check(work / "data", r.acknowledged)
            wrong += [f"the key {k} of the round before gave another report" for k in again]
            total += len(r.acknowledged)
            failed += bool(wrong)
            print(f"{'not ' if wrong else ''}ok {n} - {'the database crashed' if crash else 'killed'} after {len(r.acknowledged)} acknowledged reports", flush=True)
            for line in wrong[:10]:
                print("# " + line)
            before = dict(random.sample(sorted(r.acknowledged.items()), min(3, len(r.acknowledged))))
    print(f"# {total} acknowledged reports in {rounds} rounds")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
