#!/usr/bin/env python3
"""What the database server may do: be gone, come back, end a session in the middle, make wait. Never a false "saved".

usage: TOCSIN_ENGINE=postgresql TOCSIN_TEST_DB=... TOCSIN_TEST_SERVER=... lost.py BUILD_DIR

The server is the tests' own (tests/lib/postgresql, fsync=on). What was acknowledged is there afterwards, once and whole; what
was refused is not; and everything goes on by itself when the server is back. Output is TAP.
"""
import contextlib, subprocess, sys, threading, time
from pathlib import Path

import store
from denial import Tap, code_of
from disk import REFUSED, Desk
from page import Page
from world import LANGS, Stage, World

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))
import kill9

CLIENTS = 8
WRITER = "1414480723, hashtext('public')"  # the lock that all who write take one after the other


def away(tap, world):
    """A server that is stopped as by a power cut, and started again."""
    what = "a database that is gone"
    with Stage(world, "gone") as stage:
        desk, server = Desk(world, stage), stage.server
        for _ in range(3):
            desk.file()
        kill9.stop_database()
        refused = desk.file()
        tap.holds(f"{what}: filing is refused, not lost", code_of(refused) in REFUSED, refused.body)
        said = {lang: server.json("POST", f"/reports?lang={lang}", desk.token, {}) for lang in LANGS.values()}
        words = {a.json["message"] for a in said.values() if a.status == 503}
        tap.holds(f"{what}: it says why, in both languages", len(words) == 2, words)
        read = [server.json("GET", path, desk.token) for path in ("/reports", "/duties", "/me")]
        told = all(a.status in (200, 503) and (a.status == 200 or a.json["message"]) for a in read)
        tap.holds(f"{what}: whatever cannot be read says so", told and read[0].status == 503, [a.body for a in read])
        page = desk.house.ask("chen.meihua", "GET", "/reports", page=True)
        tap.holds(f"{what}: a page too", page.status == 503 and not Page(page.body).wrong, page.words())
        alive, ready = server.json("GET", "/healthz"), server.json("GET", "/readyz")
        well = (alive.status, ready.status) == (200, 503) and any(c["cure"] for c in ready.json["checks"])
        tap.holds(f"{what}: the server lives, is not ready, and tells the cure", well, ready.body)
        late = [a.headers.get("retry-after") for a in (refused, page, ready, read[0], *said.values())]
        tap.holds(f"{what}: each refusal says when to ask again", all(late), late)
        kill9.start_database()
        tap.holds(f"{what}: filing works again by itself", desk.file_until(201), "not within a minute")
        tap.holds(f"{what}: reading too", server.json("GET", "/reports", desk.token).status == 200, "it does not")
        server.stop()
        counts = f"{len(desk.acknowledged)} acknowledged reports are there, {len(desk.refused)} refused ones are not"
        tap.ok(f"{what}: {counts}", desk.wrong_afterwards())
        server.start()


def torn(tap, world):
    """Sessions that end in the middle of transactions, again and again, while several people file."""
    what = "sessions that are torn"
    with Stage(world, "torn") as stage:
        desks = [Desk(world, stage, f"torn-{n}") for n in range(CLIENTS)]
        rests = threading.Event()
        other, torn_times = set(), 0

        def work(desk):
            while not rests.is_set():
                answer = desk.file()
                if answer.status != 201 and code_of(answer) not in REFUSED + ("busy",):
                    other.add(answer.body)

        people = [threading.Thread(target=work, args=(d,)) for d in desks]
        for p in people:
            p.start()
        for _ in range(20):
            before = sum(len(d.acknowledged) for d in desks)
            until = time.monotonic() + 60
            while sum(len(d.acknowledged) for d in desks) < before + CLIENTS and time.monotonic() < until:
                rests.wait(0.01)
            torn_times += int(store.tell("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
                                         f"'{store.database_of(stage.work / 'data')}'"))
        rests.set()
        for p in people:
            p.join()
        tap.ok(f"{what}: each of {sum(d.tries for d in desks)} filings is acknowledged, or refused in words", sorted(other))
        tap.holds(f"{what}: {torn_times} were", torn_times >= 20, torn_times)
        tap.holds(f"{what}: filing goes on by itself", desks[0].file_until(201), "not within a minute")
        stage.server.stop()
        wrong = [line for d in desks for line in d.wrong_afterwards()]
        there = sum(len(d.acknowledged) for d in desks)
        tap.ok(f"{what}: {there} acknowledged reports are there, {sum(len(d.refused) for d in desks)} refused ones are not", wrong)
        stage.server.start()


@contextlib.contextmanager
def lock_held(database):
    """Another node that stands still in the middle of its writing."""
    other = subprocess.Popen(["psql", "-XqAt", "-d", store.conninfo(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    other.stdin.write(f"BEGIN; SELECT pg_advisory_xact_lock({WRITER}); SELECT 'held';\n")
    other.stdin.flush()
    while other.stdout.readline().strip() != "held":
        pass
    yield
    other.stdin.close()
    other.wait()


def held(tap, world):
    what = "a database in which somebody else writes"
    with Stage(world, "held") as stage:
        desk = Desk(world, stage)
        desk.file()
        with lock_held(store.database_of(stage.work / "data")):
            refused = desk.file()
            busy = refused.status == 503 and code_of(refused) == "busy" and refused.headers.get("retry-after")
            tap.holds(f"{what}: busy, within the time of a request", busy, refused.body)
            read = stage.server.json("GET", "/reports", desk.token)
            tap.holds(f"{what}: reading goes on", read.status == 200, read.body)
        tap.holds(f"{what}: afterwards filing works again", desk.file_until(201), "not within a minute")
        stage.server.stop()
        tap.ok(f"{what}: nothing is lost, nothing half", desk.wrong_afterwards())
        stage.server.start()


def main():
    if not store.POSTGRESQL:
        print("1..0 # SKIP only with a database server")
        sys.exit(0)
    world = World(Path(sys.argv[1]).resolve(), "lost")
    tap = Tap()
    away(tap, world)
    torn(tap, world)
    held(tap, world)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
