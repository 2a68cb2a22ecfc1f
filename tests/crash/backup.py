#!/usr/bin/env python3
"""Backups and restores that are killed, and backups while people file: there is a whole one or none.

usage: backup.py BUILD_DIR [ROUNDS]     12 rounds of each unless told; TAP

While 16 clients file reports, backups are made and killed at random moments: the file is not there, or it is whole; one that is let
finish holds one moment (as many records as its log has leaves, every reference leads somewhere), and `--verify` says so. Then restores
are killed at random moments: the directory holds no database, or a whole one; and the next restore succeeds.

With TOCSIN_ENGINE=postgresql the database lies on a server, and the moves between the engines (`migrate --to`) are killed as well, both ways.
"""
import json, os, random, shutil, subprocess, sys, threading, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "play"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import run as play, store
from kill9 import file_one

CLIENTS = 16
FILED_MOST = 1500                # the database shall stay small, whatever the machine


class Program:
    """data: whose store it is given."""

    def __init__(self, binary):
        self.binary = str(binary)

    def run(self, verb, data, *words, on=store.environment):
        return subprocess.run([self.binary, verb, "--data", str(data), *map(str, words)], capture_output=True, text=True,
                              env={**os.environ, **on(data)})

    def killed(self, limit, verb, data, *words, on=store.environment):
        """Ends it after at most so many seconds; True when it was done before."""
        p = subprocess.Popen([self.binary, verb, "--data", str(data), *map(str, words)], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env={**os.environ, **on(data)})
        try:
            return p.wait(random.random() * limit) == 0
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            return False


class Tap:
    def __init__(self):
        self.n, self.failed = 0, 0

    def holds(self, name, wrong):
        """wrong: what was found, as a list of sentences."""
        self.n += 1
        self.failed += bool(wrong)
        print(f"{'not ' if wrong else ''}ok {self.n} - {name}", flush=True)
        for line in wrong[:10]:
            print("# " + line)


class Filing:
    """People who file until the end of the block."""

    def __init__(self, port, token):
        self.port, self.token, self.over, self.filed = port, token, threading.Event(), 0

    def client(self, which):
        n = 0
        while not self.over.is_set() and self.filed < FILED_MOST:
            n += 1
            if file_one(self.port, self.token, f"backup-{which}-{n}"):
                self.filed += 1

    def __enter__(self):
        self.threads = [threading.Thread(target=self.client, args=(i,)) for i in range(CLIENTS)]
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for t in self.threads:
            t.join()


def backups(program, data, work, rounds):
    """Rounds of one that is let finish and one that is killed: (its JSON or None, words, the other's file, whether that one finished)."""
    made = []
    for n in range(rounds):
        cut = work / f"{n}-killed.zst"
        p = program.run("backup", data, "--to", work / f"{n}.zst", "--json")
        finished = program.killed(0.3, "backup", data, "--to", cut)
        made.append((json.loads(p.stdout) if p.returncode == 0 else None, p.stderr, cut, finished))
    return made


def look_at_backups(program, made, work, tap):
    for n, (facts, words, cut, finished) in enumerate(made):
        wrong = [] if facts else [words]
        for f in (work / f"{n}.zst", cut):
            if f.exists() and (said := program.run("backup", work / "data", "--verify", f, "--scratch", work)).returncode:
                wrong.append(f"{f.name}: {said.stderr}")
        if finished and not cut.exists():
            wrong.append("it said that it was done, and there is no file")
        tap.holds(f"backup {n + 1}: {facts['records'] if facts else 0} records while people file; the one that was killed is "
                  f"{'whole' if cut.exists() else 'not there'}", wrong)
    sizes = [facts["records"] for facts, *_ in made if facts]
    tap.holds("none holds less than the one before, and the last one more than the first",
              [] if sizes == sorted(sizes) and sizes[0] < sizes[-1] else [str(sizes)])


class Place:
    """Where something is brought that may be killed on the way: a directory with the secret, and on a server an empty database."""

    def __init__(self, path, secret, engine="postgresql" if store.POSTGRESQL else "sqlite"):
        self.path, self.served = path, engine == "postgresql"
        path.mkdir(mode=0o700)
        shutil.copy2(secret, path)
        if self.served:
            store.make(path)

    def on(self, data):
        return store.environment(self.path) if self.served else {}

    def there(self):
        """Whether an installation is. What was killed has its server roll back a moment later."""
        if not self.served:
            return (self.path / "tocsin.db").exists()
        name = store.database_of(self.path)
        while int(store.tell("postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'")):
            time.sleep(0.02)
        return bool(int(store.tell(name, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")))

    def whole(self, program):
        """What is wrong with what is there."""
        said = program.run("doctor", self.path, "--full", "--json", on=self.on)
        if said.returncode not in (0, 1, 3):
            return [said.stderr]
        return [f"{c['check']}: {c['words']}" for c in json.loads(said.stdout)["checks"]
                if c["check"] in ("database", "log", "statements", "writing") and c["state"] != "good"]

    def left(self):
        """What lies there that nobody needs."""
        if not self.served:
            return [f.name for f in self.path.glob("*.part*")]
        return store.tell(store.database_of(self.path), "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tocsin%'").split()

    def remove(self):
        if self.served:
            store.drop(self.path)
        shutil.rmtree(self.path)


def timed(bring):
    """How long it takes when nobody kills it."""
    began = time.monotonic()
    done = bring()
    if done.returncode:
        sys.exit(f"Bail out! {done.args}: {done.stderr}")
    return time.monotonic() - began


def killed(program, tap, what, place, finished, again, refused=None):
    """Looks at what was left, and does it once more. refused: what is said to that when a whole database is there."""
    there, wrong = place.there(), []
    if finished and not there:
        wrong.append("it said that it was done, and there is no database")
    if there:
        wrong += place.whole(program)
    said = again(there)
    if there and refused:
        wrong += [] if said.returncode == 1 and refused in said.stderr else [f"again: {said.returncode} {said.stderr}"]
    elif said.returncode:
        wrong.append(f"again: {said.stderr}")
    wrong += place.whole(program)
    wrong += [f"{name} is left" for name in place.left()]
    tap.holds(f"{what}: killed with {'a whole database' if there else 'none'}; again it {'is refused' if there and refused else 'succeeds'}", wrong)
    place.remove()


def restores(program, file, data, work, rounds, tap):
    place = Place(work / "timed", data / "secret")
    takes = timed(lambda: program.run("restore", place.path, file, on=place.on))
    place.remove()
    for n in range(rounds):
        place = Place(work / f"restored-{n}", data / "secret")
        finished = program.killed(takes * 1.3, "restore", place.path, file, on=place.on)
        killed(program, tap, f"restore {n + 1}", place, finished, lambda there: program.run(
            "restore", place.path, file, *(["--replace-existing"] if there else []), on=place.on))


def moves(program, file, data, work, rounds, tap):
    """From a file to the server, and from the server into a file."""
    lite = Place(work / "lite", data / "secret", "sqlite")
    timed(lambda: program.run("restore", lite.path, file, on=lite.on))
    there = Place(work / "moved", data / "secret")
    takes = timed(lambda: program.run("migrate", lite.path, "--to", store.conninfo(store.database_of(there.path)), on=lite.on))
    there.remove()
    for n in range(rounds):
        place = Place(work / f"moved-{n}", data / "secret")
        to = store.conninfo(store.database_of(place.path))
        finished = program.killed(takes * 1.3, "migrate", lite.path, "--to", to, on=lite.on)
        killed(program, tap, f"move {n + 1} to the server", place, finished,
               lambda there: program.run("migrate", lite.path, "--to", to, on=lite.on))
    lite.remove()
    on = lambda _: store.environment(data)
    back = lambda place: program.run("migrate", place.path, "--to", "sqlite", on=on)
    place = Place(work / "back", data / "secret", "sqlite")
    takes = timed(lambda: back(place))
    place.remove()
    for n in range(rounds):
        place = Place(work / f"back-{n}", data / "secret", "sqlite")
        finished = program.killed(takes * 1.3, "migrate", place.path, "--to", "sqlite", on=on)
        # a file that is there is not replaced
        killed(program, tap, f"move {n + 1} into a file", place, finished, lambda there: back(place), "exists already")


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 30)))
    random.seed(seed)
    print(f"# seed {seed}")
    world, tap = play.World(build), Tap()
    work = build / ("crash-backup" + store.FOLDER)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    store.copy(world.data, work / "data")
    play.Clock(work / "clock")
    program = Program(world.binary)
    with open(work / "server.log", "wb") as log:
        server = play.Server(world.binary, work / "data", work / "clock", log, ["--per-address", "1000"])
        server.start()
        with Filing(server.port, world.tokens["chen.meihua"]) as filing:
            made = backups(program, work / "data", work, rounds)
        print(f"# {filing.filed} reports were filed meanwhile")
        tap.holds("people could file", [] if filing.filed else ["nobody could"])
        server.stop()
    look_at_backups(program, made, work, tap)
    restores(program, work / f"{rounds - 1}.zst", work / "data", work, rounds, tap)
    if store.POSTGRESQL:
        moves(program, work / f"{rounds - 1}.zst", work / "data", work, rounds, tap)
    left = [f.name for f in work.glob("tocsin-verify.*")]
    tap.holds("no scratch place is left", left)
    print(f"1..{tap.n}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
