#!/usr/bin/env python3
"""Backups and restores that are killed, and backups while people file: there is a whole one or none.

usage: backup.py BUILD_DIR [ROUNDS]     12 rounds of each unless told; TAP

While 16 clients file reports, backups are made and killed at random moments: the file is not there, or it is whole; one that is let
finish holds one moment (as many records as its log has leaves, every reference leads somewhere), and `--verify` says so. Then restores
are killed at random moments: the directory holds no database, or a whole one; and the next restore succeeds.
"""
import json, os, random, shutil, subprocess, sys, threading, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "play"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import run as play
from kill9 import file_one

CLIENTS = 16
FILED_MOST = 1500                # the database shall stay small, whatever the machine


class Program:
    def __init__(self, binary):
        self.binary = str(binary)

    def run(self, *words):
        return subprocess.run([self.binary, *map(str, words)], capture_output=True, text=True)

    def killed(self, limit, *words):
        """Ends it after at most so many seconds; True when it was done before."""
        p = subprocess.Popen([self.binary, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
        p = program.run("backup", "--data", data, "--to", work / f"{n}.zst", "--json")
        finished = program.killed(0.3, "backup", "--data", data, "--to", cut)
        made.append((json.loads(p.stdout) if p.returncode == 0 else None, p.stderr, cut, finished))
    return made


def look_at_backups(program, made, work, tap):
    for n, (facts, words, cut, finished) in enumerate(made):
        wrong = [] if facts else [words]
        for f in (work / f"{n}.zst", cut):
            if f.exists() and (said := program.run("backup", "--verify", f, "--scratch", work)).returncode:
                wrong.append(f"{f.name}: {said.stderr}")
        if finished and not cut.exists():
            wrong.append("it said that it was done, and there is no file")
        tap.holds(f"backup {n + 1}: {facts['records'] if facts else 0} records while people file; the one that was killed is "
                  f"{'whole' if cut.exists() else 'not there'}", wrong)
    sizes = [facts["records"] for facts, *_ in made if facts]
    tap.holds("none holds less than the one before, and the last one more than the first",
              [] if sizes == sorted(sizes) and sizes[0] < sizes[-1] else [str(sizes)])


def restores(program, file, data, work, rounds, tap):
    began = time.monotonic()
    program.run("restore", file, "--data", work / "timed")
    takes = time.monotonic() - began
    for n in range(rounds):
        place, wrong = work / f"restored-{n}", []
        place.mkdir(mode=0o700)
        shutil.copy2(data / "secret", place / "secret")
        finished = program.killed(takes * 1.3, "restore", file, "--data", place)
        there = (place / "tocsin.db").exists()
        if finished and not there:
            wrong.append("it said that it was done, and there is no database")
        if there and (said := program.run("doctor", "--full", "--data", place, "--json")).returncode not in (0, 1, 3):
            wrong.append(said.stderr)
        elif there:
            wrong += [f"{c['check']}: {c['words']}" for c in json.loads(said.stdout)["checks"]
                      if c["check"] in ("database", "log", "statements", "writing") and c["state"] != "good"]
        said = program.run("restore", file, "--data", place, *(["--replace-existing"] if there else []))
        if said.returncode or (place / "restore.part").exists():
            wrong.append(f"again: {said.stderr}")
        tap.holds(f"restore {n + 1}: killed with {'a whole database' if there else 'none'}; again it succeeds", wrong)
        shutil.rmtree(place)


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 30)))
    random.seed(seed)
    print(f"# seed {seed}")
    world, tap = play.World(build), Tap()
    work = build / "crash-backup"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    shutil.copytree(world.data, work / "data")
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
    left = [f.name for f in work.glob("tocsin-verify.*")]
    tap.holds("no scratch place is left", left)
    print(f"1..{tap.n}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
