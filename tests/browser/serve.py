#!/usr/bin/env python3
"""Servers for the browser tests: each on a copy of the fictional sector of its own, confined as in service.

usage: serve.py BUILD_DIR

Speaks JSON, one line a message. It begins with {"password", "tokens", "roles", "organisations", "api"}; then
    {"open": NAME}                 -> {"port": N, "now": MICROSECONDS}
    {"open": NAME, "backups": true} -> the same with scheduled backups
    {"open": NAME, "empty": true}  -> the same of an empty installation, and {"setup": PATH} of its first administrator
    {"clock": NAME, "by": SECONDS} -> {"now": MICROSECONDS}
    {"close": NAME}                -> {} or {"trouble": TEXT}
and the end of its input stops all of them.
"""
import json, re, signal, subprocess, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "play"))
import world


def say(value):
    print(json.dumps(value, ensure_ascii=False), flush=True)


class Empty(world.Stage):
    """A server on what `tocsin init` makes."""

    def __init__(self, made, name):
        self.world, self.work, self.disk = made, made.root / name, None
        self.work.mkdir()
        self.clock = world.Clock(self.work / "clock")
        self.log = open(self.work / "server.log", "wb")
        told = subprocess.run([made.binary, "init", "--data", self.work / "data", "--test-clock", self.work / "clock"], capture_output=True, check=True)
        self.setup = re.search(r"/setup/\S+", told.stdout.decode()).group()
        self.server = world.Server(made.binary, self.work / "data", self.work / "clock", self.log)


class Servers:
    def __init__(self, build):
        self.world = world.World(build, "browser")
        self.stages = {}
        with world.Stage(self.world, "table") as stage:
            api = stage.server.json("GET", "/openapi.json").json
        say({"password": self.world.password, "tokens": self.world.tokens, "roles": self.world.roles,
             "organisations": self.world.organisations, "api": api})

    def open(self, name, empty=False, backups=False):
        stage = Empty(self.world, name) if empty else world.Stage(self.world, name)
        if backups:
            (stage.work / "backups").mkdir()
            stage.server.command += ["--backup-dir", stage.work / "backups"]
        stage.server.start()
        self.stages[name] = stage
        return {"port": stage.server.port, "now": stage.clock.now(), "setup": getattr(stage, "setup", None)}

    def clock(self, name, by):
        clock = self.stages[name].clock
        clock.set(clock.now() + round(by * 1_000_000))
        return {"now": clock.now()}

    def close(self, name):
        trouble = self.stages.pop(name).close()
        return {"trouble": trouble} if trouble else {}


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)     # the one who asked stops us by closing our input
    servers = Servers(Path(sys.argv[1]).resolve())
    for line in sys.stdin:
        told = json.loads(line)
        try:
            if "open" in told:
                say(servers.open(told["open"], told.get("empty", False), told.get("backups", False)))
            elif "clock" in told:
                say(servers.clock(told["clock"], told["by"]))
            else:
                say(servers.close(told["close"]))
        except (world.Failed, OSError) as e:
            say({"trouble": str(e)})
    for stage in servers.stages.values():
        stage.server.stop(signal.SIGKILL)


if __name__ == "__main__":
    main()
