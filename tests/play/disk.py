#!/usr/bin/env python3
"""What the disk may do: full, read-only, failing to confirm, held by somebody else. Never a false "saved".

usage: disk.py BUILD_DIR

What was acknowledged is there afterwards, once and whole; what was refused is not; and filing goes on by itself when
the disk is well again. The disks are small ones of our own, in a mount namespace that goes with this program. Output is TAP.
"""
import mmap, os, sqlite3, subprocess, sys, time
from pathlib import Path

from denial import House, Tap, code_of
from page import Page
from world import LANGS, Failed, Stage, World

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))
import kill9, store

REFUSED = ("store.not_saved", "store.read_only")
PATIENCE = 60  # seconds that a recovery may take before the test gives up

# Between the program and the C library: what the disk says when the first byte of a file says so.
BROKEN_DISK = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static volatile const char *mode = "";
__attribute__((constructor)) static void
look(void)
{
	int fd = open(getenv("BROKEN_DISK"), O_RDONLY);

	mode = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
}
static int
refuses(int fd, char what, int code)
{
	struct stat s;

	if (*mode != what || fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
		return 0;
	errno = code;
	return 1;
}
int fsync(int fd) { return refuses(fd, 'f', EIO) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return refuses(fd, 'f', EIO) ? -1 : (int)syscall(SYS_fdatasync, fd); }
ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return refuses(fd, 'r', EROFS) ? -1 : syscall(SYS_pwrite64, fd, p, n, at);
}
ssize_t pwrite(int fd, const void *p, size_t n, off_t at) { return pwrite64(fd, p, n, at); }
"""


class Desk:
    """Somebody who files one report after another, and what became of each."""

    def __init__(self, world, stage, name="disk"):
        self.house, self.stage, self.name = House(world, stage), stage, name
        self.token, self.tries = world.tokens["chen.meihua"], 0
        self.acknowledged, self.refused = {}, []

    def file(self):
        self.tries += 1
        key = f"{self.name}-{self.tries}"
        form = self.house.form(description=key + " " + "字" * 3000)
        answer = self.stage.server.json("POST", "/reports?submit=yes", self.token, form, Idempotency_Key=key)
        if answer.status == 201:
            self.acknowledged[key] = (answer.json["id"], answer.json["report_no"])
        else:
            self.refused.append(key)
        return answer

    def file_until(self, wanted):
        """The first answer with such a status; None when patience ends."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.file()
            if answer.status == wanted:
                return answer
        return None

    def wrong_afterwards(self):
        """After the server has ended: what the database itself says."""
        data = self.stage.work / "data"
        wrong = kill9.check(data, self.acknowledged)
        for key in self.refused:
            if store.rows(data, f"SELECT count(*) FROM report WHERE description LIKE '{key} %'") != [(0,)]:
                wrong.append(f"{key} was refused, and is there")
        return wrong


def story(tap, desk, what, break_it, mend_it):
    """Files, breaks the disk, is refused, mends it, files again, starts again: a line of TAP for each promise."""
    server = desk.stage.server
    for _ in range(3):
        desk.file()
    if len(desk.acknowledged) != 3:
        tap.ok(f"{what}: three reports before", ["not filed"])
        return
    break_it()
    refused = desk.file_until(503)
    tap.holds(f"{what}: filing is refused, not lost", refused and code_of(refused) in REFUSED, refused and refused.body)
    said = {lang: server.json("POST", f"/reports?lang={lang}", desk.token, {}) for lang in LANGS.values()}
    words = {a.json["message"] for a in said.values() if a.status == 503}
    tap.holds(f"{what}: it says why, in both languages", len(words) == 2, words)
    page = desk.house.ask("chen.meihua", "POST", "/reports", {"description": "打了很久的字"}, page=True)
    kept = page.status == 503 and "打了很久的字" in page.body and not Page(page.body).wrong
    tap.holds(f"{what}: a form keeps what was typed", kept, page.words())
    read, board, ready, alive = (server.json("GET", path, desk.token)
                                 for path in ("/reports", "/duties", "/readyz", "/healthz"))
    well = (read.status, board.status, ready.status, alive.status) == (200, 200, 503, 200) and any(
        c["cure"] for c in ready.json["checks"])
    tap.holds(f"{what}: lists and the board go on, and the cure is told", well, f"{read.status} {board.status} {ready.body}")
    unread = f"/reports/{next(iter(desk.acknowledged.values()))[0]}"
    shut = {lang: server.json("GET", f"{unread}?lang={lang}", desk.token) for lang in LANGS.values()}
    seen = desk.house.ask("chen.meihua", "GET", f"{unread}?lang=zh-TW", page=True)
    told = {code_of(a) for a in shut.values()} == {"store.reading_not_recorded"}
    told = told and len({a.json["message"] for a in shut.values()}) == 2
    told = told and seen.status == 503 and shut["zh-TW"].json["message"][:8] in seen.body and not Page(seen.body).wrong
    tap.holds(f"{what}: a report whose reading cannot be recorded is not shown, in words", told, seen.words())
    late = [a.headers.get("retry-after") for a in (refused, page, ready, seen, *said.values(), *shut.values())]
    tap.holds(f"{what}: each refusal says when to ask again", all(late), late)
    mend_it()
    tap.holds(f"{what}: filing works again by itself", desk.file_until(201), "not within a minute")
    key = next(iter(desk.acknowledged))
    server.stop()
    counts = f"{len(desk.acknowledged)} acknowledged reports are there, {len(desk.refused)} refused ones are not"
    tap.ok(f"{what}: {counts}", desk.wrong_afterwards())
    server.start()
    back = server.json("GET", f"/reports/{desk.acknowledged[key][0]}", desk.token)
    tap.holds(f"{what}: and after a restart", back.status == 200, back.body)


def full(tap, world):
    size = sum(f.stat().st_size for f in world.data.rglob("*") if f.is_file()) // (1 << 20) + 4
    with Stage(world, "full", disk=size) as stage:
        filler = stage.work / "data" / "filler"

        def fill():
            with open(filler, "wb", buffering=0) as f:
                for block in (1 << 16, 1 << 12, 1):
                    try:
                        while True:
                            f.write(b"x" * block)
                    except OSError:
                        pass

        story(tap, Desk(world, stage), "a full disk", fill, filler.unlink)


def broken(tap, world, library, what, mode):
    switch = world.root / f"switch-{mode}"
    switch.write_bytes(b"-")
    with open(switch, "r+b") as f:
        byte = mmap.mmap(f.fileno(), 1)

    def turn(to):
        byte[:] = to.encode()

    env = {"LD_PRELOAD": str(library), "BROKEN_DISK": str(switch)}
    with Stage(world, f"broken-{mode}", env=env) as stage:
        story(tap, Desk(world, stage), what, lambda: turn(mode), lambda: turn("-"))


def read_only_start(tap, world):
    """From a disk that takes no writes: it says so and does not serve, or serves for reading."""
    with Stage(world, "read-only", disk=64) as stage:
        stage.server.stop()
        stage.mount("-o", "remount,ro")
        try:
            stage.server.start()
        except Failed:
            stage.log.flush()
            said = (stage.work / "server.log").read_text()
            tap.ok("a read-only disk: it says so and does not serve",
                   [] if "read" in said.lower() else [said[-500:]])
        else:
            answer = Desk(world, stage).file()
            tap.ok("a read-only disk: it serves for reading",
                   [] if code_of(answer) in REFUSED else [f"{answer.status} {answer.body[:300]}"])
            stage.server.stop()
        stage.mount("-o", "remount,rw")


def held(tap, world):
    with Stage(world, "held") as stage:
        desk = Desk(world, stage)
        desk.file()
        other = sqlite3.connect(stage.work / "data" / "tocsin.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        refused = desk.file()
        tap.ok("a database that somebody else holds: busy, within the time of a request",
               [] if refused.status == 503 and code_of(refused) == "busy" and
               refused.headers.get("retry-after") else [refused.body[:300]])
        read = stage.server.json("GET", "/reports", desk.token)
        tap.ok("a database that somebody else holds: reading goes on",
               [] if read.status == 200 else [read.body[:300]])
        other.execute("ROLLBACK")
        other.close()
        tap.ok("a database that was let go: filing works again",
               [] if desk.file_until(201) else ["not within a minute"])
        stage.server.stop()
        tap.ok("a database that was held: nothing is lost, nothing half", desk.wrong_afterwards())
        stage.server.start()


def main():
    if "--inside" not in sys.argv:
        tried = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"],
                               capture_output=True)
        if tried.returncode:
            print("1..0 # SKIP no mount namespace of our own: the full and the read-only disk were NOT tried")
            sys.exit(0)
        os.execvp("unshare", [
            "unshare", "--mount", "--propagation", "private", sys.executable, __file__, sys.argv[1],
            "--inside"
        ])
    build = Path(sys.argv[1]).resolve()
    world = World(build, "disk")
    tap = Tap()
    library = world.root / "broken_disk.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", library],
                   input=BROKEN_DISK.encode(), check=True)
    full(tap, world)
    broken(tap, world, library, "a disk that turns read-only", "r")
    broken(tap, world, library, "a disk that does not confirm", "f")
    read_only_start(tap, world)
    held(tap, world)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
