#!/usr/bin/env python3
"""Receipts and bundles as the server gives them, in the hands of who trusts nobody: tocsin-verify and tocsin verify say what is
proved, every change is found, and what is on paper can be read, selected and typed.

usage: proved.py BUILD_DIR

Needs pdftotext, pdffonts and pdfinfo. Output is TAP.
"""
import json, random, re, socket, subprocess, sys
from pathlib import Path

from denial import House, Tap
from world import LANGS, Stage, World

CHANGES = 200


class Hands:
    """Somebody with files, the key and the two programs."""

    def __init__(self, build, work, tap):
        self.build, self.work, self.tap = build, work, tap
        self.key = work / "log.pub"

    def file(self, name, data):
        path = self.work / name
        path.write_bytes(data)
        return path

    def run(self, *command):
        return subprocess.run([str(c) for c in command], capture_output=True, text=True)

    def verdict(self, path, program="tocsin-verify"):
        command = [self.build / "tocsin-verify"] if program == "tocsin-verify" else [self.build / "tocsin", "verify"]
        return self.run(*command, "--key", self.key, path)

    def proved(self, what, path):
        for program in ("tocsin-verify", "tocsin verify"):
            said = self.verdict(path, program)
            good = said.returncode == 0 and said.stdout.startswith("PROVED")
            self.tap.holds(f"{program}: {what}", good, said.stdout + said.stderr)

    def every_change_is_found(self, what, data):
        passed = []
        dice = random.Random(20261122)
        for _ in range(CHANGES):
            at, bit = dice.randrange(len(data)), 1 << dice.randrange(8)
            changed = bytearray(data)
            changed[at] ^= bit
            if changed.rstrip(b"\n") != data.rstrip(b"\n") and not self.verdict(self.file("changed", bytes(changed))).returncode:
                passed.append(f"byte {at} bit {bit}")
        self.tap.ok(f"{CHANGES} changed bits of {what}: each is found", passed)


def ask(house, who, method, path, value=None, lang="zh-TW", **headers):
    return house.stage.server.json(method, path, house.world.tokens[who], value, lang, **headers)


def receipts(house, hands, filed):
    """At once, and whole as soon as a checkpoint is signed."""
    made = ask(house, "chen.meihua", "POST", "/log/checkpoint", {})
    hands.tap.holds("a checkpoint on demand", made.status in (200, 201), made.words())
    answer = ask(house, "chen.meihua", "GET", filed["receipt"])
    receipt = answer.json or {}
    hands.tap.holds("the receipt of the filing has a checkpoint", bool(receipt.get("checkpoint")), answer.words())
    key = house.stage.server.ask("GET", "/log/keys")
    hands.tap.holds("the log's keys are there for everybody", key.status == 200, key.words())
    hands.file("log.pub", key.raw)
    hands.proved("the receipt", hands.file("one.receipt.json", answer.raw))
    said = hands.verdict(hands.work / "one.receipt.json").stdout
    hands.tap.holds("it says what was filed, and by whom", "report.submit" in said and "陳美華" in said, said)
    hands.every_change_is_found("a receipt", answer.raw)


def paper(house, hands, filed):
    """The PDF: text that can be selected, fonts inside, marked and numbered on each page, the code and the hash."""
    for lang, words in (("zh-TW", ("資安事件通報單", "收據代碼", "如何驗證", "事故說明")),
                        ("en", ("Incident report form", "Receipt code", "How to check it", "Description of the incident"))):
        page = ask(house, "chen.meihua", "GET", filed["receipt"].split("?")[0] + "?lang=" + lang, lang=lang, Accept="text/html")
        code = re.search(r'receipt-code">([0-9A-Z-]{23})<', page.body)
        answer = ask(house, "chen.meihua", "GET", filed["receipt"].replace("receipt?", f"receipt.pdf?lang={lang}&"), lang=lang)
        path = hands.file(f"{lang}.pdf", answer.raw)
        text = hands.run("pdftotext", "-layout", path, "-").stdout
        fonts = hands.run("pdffonts", path).stdout.splitlines()[2:]
        pages = int(re.search(r"Pages: +(\d+)", hands.run("pdfinfo", path).stdout).group(1))
        lacking = [w for w in (*words, filed["report_no"], code and code.group(1), house.form()["description"][:12]) if not w or w not in text]
        hands.tap.ok(f"the PDF ({lang}) says what it should, as text", lacking)
        hands.tap.ok(f"its fonts are inside ({lang})", [f for f in fonts if f.split()[-5] != "yes"] or ([] if fonts else ["none"]))
        marks = [p.count("TLP:AMBER") >= 2 and bool(re.search(rf"{n + 1}\D+{pages}", p)) for n, p in enumerate(text.split("\f")[:pages])]
        hands.tap.holds(f"each page is marked and numbered ({lang})", pages >= 3 and all(marks), f"{pages} pages, {marks}")
        info = hands.run("pdfinfo", path).stdout
        hands.tap.holds(f"the document has its title ({lang})", filed["report_no"] in info and words[0] in info, info)


def hostile_paper(house, hands):
    """Whatever stands in a report: a PDF, or a plain fault, and a server that goes on."""
    text = "🔔🇹🇼👩‍💻 العربية עברית ไทย हिन्दी 한국어 𠮷\n" + "長" * 9000 + "\n" + "x" * 9000
    made = house.made("chen.meihua", "/reports?submit=yes", dict(house.form(), description=text, unit_name="{{page}} {pages} %s"))
    answer = ask(house, "chen.meihua", "GET", f"/reports/{made['id']}/receipt.pdf")
    path = hands.file("hostile.pdf", answer.raw)
    said = hands.run("pdftotext", path, "-").stdout
    hands.tap.holds("letters of every kind and long words are printed", answer.status == 200 and "{{page}} {pages} %s" in said and
                    said.count("x") >= 9000, answer.words()[:300])


def bundles(house, hands, filed):
    taken = ask(house, "wu.manager", "POST", f"/reports/{filed['id']}/export", {"reason": "檢調來函"})
    answer = ask(house, "wu.manager", "GET", taken.json["bundle"])
    hands.proved("a case", hands.file("case.bundle", answer.raw))
    hands.tap.holds("it is as long, and has the digest, that the page says",
                    len(answer.raw) == taken.json["bytes"] and taken.json["digest"] in answer.body, str(taken.json))
    again = ask(house, "wu.manager", "GET", taken.json["bundle"])
    hands.tap.holds("fetched again it is the same, byte for byte", again.raw == answer.raw, "it differs")
    hands.every_change_is_found("a bundle", answer.raw)
    lines = answer.raw.splitlines(keepends=True)
    for what, cut in (("without its end", lines[:-1]), ("without an entry", lines[:2] + lines[3:]), ("in another order", [lines[0], lines[2], lines[1], *lines[3:]])):
        hands.tap.holds(f"a bundle {what} is not proved", hands.verdict(hands.file("cut", b"".join(cut))).returncode != 0, "it is")
    period = ask(house, "auditor", "POST", "/exports", {"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z", "reason": "稽核"})
    hands.proved("a period", hands.file("period.bundle", ask(house, "auditor", "GET", period.json["bundle"]).raw))
    return period.json


def interrupted(house, hands, period):
    """Whoever stops fetching in the middle harms nobody."""
    with socket.create_connection(("127.0.0.1", house.stage.server.port)) as s:
        s.sendall(f"GET {period['bundle']} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.world.tokens['auditor']}\r\n\r\n".encode())
        s.recv(1000)
    answer = ask(house, "auditor", "GET", period["bundle"])
    hands.tap.holds("a download that was broken off can begin again", len(answer.raw) == period["bytes"], f"{len(answer.raw)} bytes")


def at_the_terminal(house, hands, filed):
    """The server rests; the same from the command line, as a record of the log before the first byte."""
    house.stage.server.stop()
    export = [hands.build / "tocsin", "export"]
    data = ["--data", house.stage.work / "data", "--test-clock", house.stage.work / "clock"]
    for words, name in ((("case", filed["report_no"]), "c"), (("period", "2020-01-01", "2030-01-01"), "p"), (("log",), "l")):
        path = hands.work / f"terminal-{name}.bundle"
        made = hands.run(*export, *words, path, "法院命令", *data)
        hands.tap.holds(f"tocsin export {words[0]}", made.returncode == 0 and path.stat().st_mode & 0o777 == 0o600, made.stderr)
        hands.proved(f"what tocsin export {words[0]} wrote", path)
        again = hands.run(*export, *words, path, "法院命令", *data)
        hands.tap.holds("it writes over nothing", again.returncode == 1, again.stdout)
    wrong = hands.run(*export, "case", "XXX-2026-000001", hands.work / "none", "x", *data)
    hands.tap.holds("a report that is none", wrong.returncode == 1 and not (hands.work / "none").exists(), wrong.stderr)
    for words in ((), ("case",), ("film", "a", "b", "c"), ("period", "a", "b", "c", ""), ("log", "x")):
        hands.tap.holds(f"tocsin export {' '.join(words)}: asked wrongly", hands.run(*export, *words, *data).returncode == 2, "")
    house.stage.server.start()
    exports = ask(house, "auditor", "GET", "/log/entries?records=yes&after=0&limit=1000")
    hands.tap.holds("each is a record of the log", exports.body.count("法院命令") >= 3, exports.words()[:300])


def main():
    build = Path(sys.argv[1]).resolve()
    world, tap = World(build, "proved"), Tap()
    with Stage(world, "house") as stage:
        house, hands = House(world, stage), Hands(build, stage.work, tap)
        filed = house.made("chen.meihua", "/reports?submit=yes", house.form())
        receipts(house, hands, filed)
        paper(house, hands, filed)
        hostile_paper(house, hands)
        interrupted(house, hands, bundles(house, hands, filed))
        at_the_terminal(house, hands, filed)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
