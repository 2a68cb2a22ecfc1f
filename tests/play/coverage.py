#!/usr/bin/env python3
"""Which routes the scenarios and the denials never called, or never with success in the declared shape.

usage: coverage.py BUILD_DIR       reads what run.py and denial.py left in BUILD_DIR/play-coverage/
"""
import json, sys
from pathlib import Path

from denial import Tap

# For the terminal alone: only the program itself has a key for it, and the stages of commands, backups and keys go that way.
TERMINAL = {"POST /keys/{key_id}/backup", "POST /terminal/backup", "POST /terminal/link", "POST /terminal/suspend"}


def main():
    found = sorted((Path(sys.argv[1]) / "play-coverage").glob("*.json"))
    if [f.stem for f in found] != ["denial", "play"]:
        print("the scenarios and the denials have to run whole before this")
        sys.exit(77)
    routes, tap = {}, Tap()
    for file in found:
        for route, seen in json.loads(file.read_text()).items():
            so_far = routes.setdefault(route, {"statuses": set(), "checked": False})
            so_far["statuses"] |= set(seen["statuses"])
            so_far["checked"] |= seen["checked"]
    for route, seen in sorted(routes.items()):
        if route in TERMINAL:
            continue
        tap.ok(f"{route}: {' '.join(map(str, sorted(seen['statuses'])))}", [] if seen["checked"] else
               ["never called with success by a program, so that its answer was never checked"])
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
