#!/usr/bin/env python3
"""Two servers on loopback that witness each other: each new checkpoint is cosigned, and whoever has it sees that. A log that was
set back or changed is refused, recorded and shown. A witness that is away, slow or answers rubbish stops nothing.

usage: witness.py SANITIZED_BUILD BUILD

Output is TAP.
"""
import base64, hashlib, http.server, json, os, re, socket, ssl, subprocess, sys, threading, time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import denial, store
from denial import Tap
from world import Failed, Stage, World, rfc3339

PATIENCE = 60  # seconds that something may take before the test gives up
MINUTE = 60_000_000


class House:
    """One server with its log; at its own hour."""

    def __init__(self, build, name):
        os.environ["TOCSIN_LOG_ORIGIN"] = f"log.{name}.example"
        self.name, self.world = name, World(build, "witness-" + name)
        del os.environ["TOCSIN_LOG_ORIGIN"]
        self.stage = Stage(self.world, "server")
        self.server = self.stage.server
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.server.port = s.getsockname()[1]
        self.command = list(self.server.command)

    def start(self, outbound, *more):
        self.server.command = [*self.command, "--outbound", outbound, *more]
        self.server.start()

    def ask(self, method, path, value=None, who="admin", want=(200, 201)):
        answer = self.server.json(method, path, who and self.world.tokens[who], value)
        if answer.status not in want:
            raise Failed(f"{self.name} {method} {path}: {answer.status} {answer.words()}")
        return answer

    def witnesses(self):
        return self.ask("GET", "/witnesses").json

    def row(self, title):
        rows = [w for w in self.witnesses()["rows"] if w["title"] == title]
        return next((w for w in rows if w["state"] == "active"), rows[0])

    def checkpoint(self):
        """Something happens, and the log is signed."""
        self.ask("POST", "/reports", {"description": "見證"}, "haiwan.soc")
        self.ask("POST", "/log/checkpoint")
        return self.ask("GET", "/log/checkpoint.json", who=None).json

    def note(self):
        return self.server.ask("GET", "/log/checkpoint").body

    def until(self, what, ready):
        """What ready() gives as soon as it gives something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = ready()
            if found:
                return found
        raise Failed(f"{self.name}: {what} within {PATIENCE} s: {json.dumps(self.witnesses(), ensure_ascii=False)[:3000]}")

    def later(self, minutes):
        self.stage.clock.set(self.stage.clock.now() + minutes * MINUTE)

    def trail(self, action):
        """How many records of it there are."""
        rows = self.ask("GET", "/log/entries?records=yes&limit=1000", None, "auditor").json["rows"]
        return sum(action in json.dumps(row) for row in rows)

    def health(self):
        return {c["check"] + ":" + c["words"]: c["state"] for c in self.ask("GET", "/health.json").json["checks"]}


class Rubbish(http.server.BaseHTTPRequestHandler):
    """A witness that answers as it is told: self.server.mode."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, body))
        mode = self.server.mode
        answers = {
            "text": (200, b"hello\n"), "empty": (200, b""), "json": (200, b'{"ok":true}'),
            "huge": (200, b"x" * 300_000), "size": (409, b"many\n"), "negative": (409, b"-1\n"),
            "again": (409, b"1\n" if b"old 1\n" not in body else b"2\n"), "moved": (302, b""), "teapot": (418, b""),
            "broken": (500, b"x"), "stranger": (404, b""), "ahead": (409, b"9007199254740991\n"),
            "other": (200, line("witness.other.example", self.server.other, body)),
            "wrong": (200, line(self.server.name, self.server.other, body, self.server.key)),
            "good": (200, line(self.server.name, self.server.key, body)),
        }
        if mode == "slow":
            self.server.hold.wait(PATIENCE)
            return
        if mode == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nx")
            self.close_connection = True
            return
        if mode == "noise":
            self.wfile.write(bytes(range(256)) * 40)
            self.close_connection = True
            return
        status, text = answers[mode]
        self.send_response(status)
        if mode == "moved":
            self.send_header("Location", f"http://127.0.0.1:{self.server.elsewhere}/add-checkpoint")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # who asks hangs up on rubbish


def public(key):
    return b"\x04" + key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n" + public(key)).digest()[:4]


def line(name, key, body, said_by=None):
    """A cosignature of the request's checkpoint; said_by: under this one's id."""
    note = body.split(b"\n\n", 1)[1]
    text = note.split(b"\n\n", 1)[0] + b"\n"
    seconds = 1795313400
    signature = key.sign(b"cosignature/v1\ntime %d\n" % seconds + text)
    blob = key_id(name, said_by or key) + seconds.to_bytes(8, "big") + signature
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()


def rubbish(work, tls=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rubbish)
    server.daemon_threads = True
    server.mode, server.seen, server.hold, server.elsewhere = "text", [], threading.Event(), 9
    server.name, server.key, server.other = "witness.rubbish.example", Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    server.vkey = f"{server.name}+{key_id(server.name, server.key).hex()}+{base64.b64encode(public(server.key)).decode()}"
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def certificate(work, name):
    pem, key = work / f"{name}.pem", work / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", pem, "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, capture_output=True)
    return pem, key


def verify(build, house, witness, data, name):
    """What tocsin-verify says of it with the log's key file and the witness's key."""
    work = house.stage.work
    (work / "log.keys").write_text(house.server.ask("GET", "/log/keys").body)
    (work / "witness.key").write_text(witness.witnesses()["vkey"] + "\n")
    (work / name).write_text(data)
    return subprocess.run([build / "tocsin-verify", "--lang", "en", "--key", work / "log.keys", "--witness", work / "witness.key",
                           work / name], capture_output=True, text=True)


# ---- the tests ----

def mutual(a, b, build, tap):
    for log, witness in ((a, b), (b, a)):
        keys = log.server.ask("GET", "/log/keys").body
        witness.ask("POST", "/witnesses/logs", {"title": log.name, "keys": keys})
    for log, witness in ((a, b), (b, a)):
        answer = log.server.json("POST", "/witnesses", log.world.tokens["admin"],
                                 {"title": witness.name, "vkey": witness.witnesses()["vkey"], "url": "https://elsewhere.example/witness"})
        tap.holds(f"{log.name}: a witness outside of the setting outbound is refused", answer.status == 422, answer.words())
        log.ask("POST", "/witnesses", {"title": witness.name, "vkey": witness.witnesses()["vkey"],
                                       "url": f"http://127.0.0.1:{witness.server.port}/witness/"})
    for log, witness in ((a, b), (b, a)):
        size = log.checkpoint()["size"]
        note = log.until("cosigned", lambda: n if f"— log.{witness.name}.example" in (n := log.note()) else None)
        said = verify(build, log, witness, note, "checkpoint")
        tap.holds(f"{log.name}: tocsin-verify says that the witness saw it", said.returncode == 0 and re.search(
            rf"witness log\.{witness.name}\.example\+[0-9a-f]{{8}} saw it and cosigned it at", said.stdout), said.stdout + said.stderr)
        row = log.until("seen", lambda: log.row(witness.name) if log.row(witness.name)["seen_size"] >= size else None)
        tap.holds(f"{log.name}: the page says what it saw last", row["outcome"] == "cosigned" and row["seen_at"] and
                  not row["bad"] and row["failing_since"] is None, row)
        seen = next(l for l in witness.witnesses()["logs"] if l["origin"] == f"log.{log.name}.example")
        tap.holds(f"{witness.name}: knows what it saw", seen["seen_size"] >= size and not seen["refusals"], seen)


def receipt(a, b, build, tap):
    desk = denial.House(a.world, a.stage)
    made = desk.made("chen.meihua", "/reports?submit=yes", desk.form())
    size = a.ask("POST", "/log/checkpoint").json["size"]
    a.until("seen", lambda: a.row(b.name)["seen_size"] >= size)
    body = a.ask("GET", f"/reports/{made['id']}/receipt", None, "chen.meihua").body
    tap.holds("a receipt has the cosignature", f"— log.{b.name}.example " in json.loads(body)["checkpoint"], body)
    said = verify(build, a, b, body, "receipt.json")
    tap.holds("and proves it", said.returncode == 0 and "saw it and cosigned it" in said.stdout, said.stdout + said.stderr)
    said = verify(build, a, a, body, "receipt.json")
    tap.holds("another witness has not seen it", said.returncode == 1, said.stdout)


def replaced(a, b, build, tap):
    """The witness's key was lost: it gets another, and the witnessed takes that."""
    def active(house):
        return next((k for k in house.ask("GET", "/keys").json["rows"] if k["purpose"] == "witness" and k["state"] == "active"), None)

    def checked(note, key):
        work = a.stage.work
        (work / "log.keys").write_text(a.server.ask("GET", "/log/keys").body)
        (work / "witness.key").write_text(key)
        (work / "checkpoint").write_text(note)
        return subprocess.run([build / "tocsin-verify", "--lang", "en", "--key", work / "log.keys", "--witness", work / "witness.key",
                               work / "checkpoint"], capture_output=True, text=True)

    old, before = active(b), a.note()
    b.ask("POST", f"/keys/{old['id']}/compromised", {"reason": "lost", "since": old["not_before"]})
    found = [w for w, state in b.health().items() if w.startswith("witness") and state == "bad"]
    tap.holds("the witness's key is lost: its health page says that nothing is cosigned", found, b.health())
    a.later(16)
    a.checkpoint()
    row = a.until("no answer", lambda: r if (r := a.row(b.name))["outcome"] == "unreached" else None)
    tap.holds("nor is anything", row["words"] == "HTTP 503" and f"— log.{b.name}.example" not in a.note(), row)

    new = next(k for k in b.ask("POST", "/keys/rotate", {"reason": "lost", "purpose": "witness"}).json["rows"]
               if k["purpose"] == "witness" and k["state"] == "active")
    tap.holds("it gets another, and shows that", b.witnesses()["vkey"] == new["vkey"] != old["vkey"], b.witnesses()["vkey"])
    a.later(16)
    a.checkpoint()
    row = a.until("another key", lambda: r if (r := a.row(b.name))["outcome"] == "rubbish" else None)
    tap.holds("whoever knows the old one takes nothing from the new one", f"— log.{b.name}.example" not in a.note(), row)
    a.ask("POST", f"/witnesses/{row['id']}/end", {"reason": "its key was lost"})
    a.ask("POST", "/witnesses", {"title": b.name, "vkey": new["vkey"], "url": row["url"]})
    size = a.checkpoint()["size"]
    a.until("cosigned", lambda: any(w["seen_size"] and w["seen_size"] >= size for w in a.witnesses()["rows"] if w["vkey"] == new["vkey"]))
    said = checked(a.note(), new["vkey"] + "\n")
    tap.holds("entered with the new key it is cosigned", said.returncode == 0 and f"witness {old['name']}+{new['key_id']} saw it" in
              said.stdout, said.stdout + said.stderr)
    said = checked(a.note(), old["vkey"] + "\n")
    tap.holds("the old key has signed nothing of that", said.returncode == 1, said.stdout + said.stderr)
    theirs = b.server.ask("GET", "/log/keys").body
    said = checked(a.note(), theirs)
    tap.holds("whoever has the keys of the witness's log trusts the new one by their word", said.returncode == 0, said.stdout + said.stderr)
    said = checked(before, old["vkey"] + "\n")
    tap.holds("what the old one cosigned holds by itself", said.returncode == 0, said.stdout + said.stderr)
    said = checked(before, theirs)
    tap.holds("by those keys it counts no more", said.returncode == 1, said.stdout + said.stderr)
    tap.holds("the witness's trail has it all", b.trail("signing_key.compromised") >= 1 and b.trail("signing_key.make") >= 1)
    for row in a.witnesses()["rows"]:  # those that come after look for it by its name
        if row["state"] == "ended":
            tap.holds("what was ended stays in the list", row["vkey"] == old["vkey"], row)


def children(pid, name):
    return subprocess.run(["pgrep", "-P", str(pid), "-x", name], capture_output=True, text=True).stdout.split()


def processes(a, tap):
    outer = children(a.server.process.pid, "tocsin-porter")
    tap.holds("the porter is a process of its own", len(outer) == 1, outer)
    inner = children(outer[0], "tocsin-courier")
    tap.holds("the courier below it", len(inner) == 1, inner)
    files = [os.readlink(f) for f in Path(f"/proc/{inner[0]}/fd").iterdir()]
    tap.holds("it has no file of the installation open", not [f for f in files if str(a.stage.work / "data") in f], files)
    subprocess.run(["kill", "-9", inner[0]], check=True)
    return lambda: [p for p in children(outer[0], "tocsin-courier") if p != inner[0]]


def away(a, b, tap):
    """The witness is not there; the log goes on."""
    b.server.stop()
    size = a.checkpoint()["size"]
    row = a.until("unreached", lambda: a.row(b.name) if a.row(b.name)["outcome"] == "unreached" else None)
    tap.holds("a witness that is away: said so, with the reason", "refused" in row["words"] and row["failing_since"] and
              not row["silent"], row)
    tap.holds("the log goes on", a.ask("GET", "/log/checkpoint.json").json["size"] >= size)
    a.later(11)
    row = a.until("tried again", lambda: a.row(b.name) if a.row(b.name)["silent"] else None)
    found = [w for w, state in a.health().items() if w.startswith("witness") and state == "look" and b.name in w]
    tap.holds("after a while the health page warns of it", found, a.health())
    told = subprocess.run([a.world.binary, "doctor", "--data", a.stage.work / "data", "--test-clock", a.stage.work / "clock",
                           "--listen", f"127.0.0.1:{a.server.port}"], capture_output=True, text=True,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0", LC_ALL="C.UTF-8", **a.server.env))
    tap.holds("and so does doctor", re.search(rf"witness.*{b.name}", told.stdout), told.stdout + told.stderr)
    b.server.start()
    a.later(16)
    a.until("cosigned again", lambda: a.row(b.name)["outcome"] == "cosigned")
    tap.ok("it is back: cosigned again by itself", [])


def limited(a, b, tap):
    """Whoever brings the same again and again: refused for a minute. The log itself goes on meanwhile."""
    a.checkpoint()
    note = a.until("cosigned", lambda: n if f"— log.{b.name}.example " in (n := a.note()) else None)
    size = int(note.split("\n")[1])
    b.later(2)
    again = f"old {size}\n\n{note}".encode()
    answers = [b.server.ask("POST", "/witness/add-checkpoint", None, again) for _ in range(33)]
    tap.holds("a checkpoint that is brought again: cosigned 30 times a minute, then 429 with Retry-After",
              [r.status for r in answers] == [200] * 30 + [429] * 3 and answers[-1].headers.get("retry-after") == "60",
              [(r.status, r.body[:100]) for r in answers[-4:]])
    for lang, words in (("zh-TW", "短時間內送來太多檢查點"), ("en", "Too many checkpoints in a short time")):
        said = b.server.ask("POST", "/witness/add-checkpoint", {"Accept": "application/json", "Accept-Language": lang}, again)
        tap.holds(f"said in {lang}", said.status == 429 and said.json["code"] == "witness.too_often" and words in said.body, said.body)
    size = a.checkpoint()["size"]
    a.until("cosigned", lambda: a.row(b.name)["seen_size"] >= size)
    tap.ok("what is new is cosigned all the same", [])
    foreign = again.replace(f"log.{a.name}.example".encode(), b"log.nobody.example")
    answers = [b.server.ask("POST", "/witness/add-checkpoint", None, foreign).status for _ in range(121)]
    tap.holds("what is of no log that it knows counts for the network: at last 429", answers[0] == 404 and answers[-1] == 429 and
              answers == sorted(answers), answers)
    b.later(1)
    tap.holds("a minute later it is heard again", b.server.ask("POST", "/witness/add-checkpoint", None, again).status == 409)


def rubbish_answers(a, work, tap, plain, secure, foreign):
    a.ask("POST", "/witnesses", {"title": "rubbish", "vkey": plain.vkey, "url": f"http://127.0.0.1:{plain.server_port}"})
    # what comes of it, in which words: no two after one another have the same, so that each is known when it is there
    expected = {
        "text": ("rubbish", "without lines"), "empty": ("rubbish", "without a cosignature"), "json": ("rubbish", "without lines"),
        "huge": ("unreached", "too long"), "size": ("rubbish", "409 without a size"), "again": ("rubbish", "again and again"),
        "negative": ("rubbish", "409 without a size"), "moved": ("rubbish", "HTTP 302"), "teapot": ("rubbish", "HTTP 418"),
        "broken": ("unreached", "HTTP 500"), "stranger": ("stranger", "HTTP 404"), "other": ("rubbish", "without a cosignature"),
        "wrong": ("rubbish", "does not hold"), "cut": ("unreached", "."), "noise": ("unreached", "HTTP/0.9|Received"),
        "slow": ("unreached", "[Tt]ime"), "ahead": ("ahead", ">"),
    }
    if store.POSTGRESQL:  # where it is kept matters, not how it is read: that the other engine's run says
        expected = {mode: expected[mode] for mode in ("text", "cut", "stranger", "ahead")}
    for mode, (outcome, words) in expected.items():
        plain.mode, before = mode, len(plain.seen)
        a.later(16)
        a.checkpoint()
        a.until("a visit", lambda: len(plain.seen) > before)
        row = a.until(f"what came of {mode}", lambda: (lambda r: r if r["outcome"] == outcome and
                                                       re.search(words, r["words"] or "") else None)(a.row("rubbish")))
        tap.holds(f"a witness that answers {mode}: {outcome}", row["seen_at"] is None, row)
    tap.holds("it asks nobody else when it is sent elsewhere", all(path == "/add-checkpoint" for path, _ in plain.seen))
    tap.holds("that a witness saw more records than there are is bad, and in the trail once", a.row("rubbish")["bad"] and
              a.trail("witness.refused") == 1, (a.trail("witness.refused"), a.row("rubbish")))
    plain.hold.set()
    plain.mode = "good"
    a.later(16)
    a.until("cosigned", lambda: a.row("rubbish")["outcome"] == "cosigned" and plain.name in a.note())
    tap.holds("as soon as it cosigns all is well", not a.row("rubbish")["bad"], a.row("rubbish"))
    a.ask("POST", f"/witnesses/{a.row('rubbish')['id']}/end", {"reason": "rubbish"})

    for server, title, want in ((secure, "secure", "cosigned"), (foreign, "foreign", "unreached")):
        server.mode = "good"
        a.ask("POST", "/witnesses", {"title": title, "vkey": server.vkey, "url": f"https://localhost:{server.server_port}"})
        a.checkpoint()
        row = a.until(f"{want} by TLS", lambda: a.row(title) if a.row(title)["outcome"] == want else None)
        tap.holds(f"TLS: {title} {want}", want == "cosigned" or "certificate" in row["words"], row)
        a.ask("POST", f"/witnesses/{row['id']}/end", {"reason": "tried"})


def forked(a, b, kept, tap):
    """The log is put back to a copy of itself, keys and all, and goes another way."""
    a.checkpoint()
    a.until("seen", lambda: a.row(b.name)["seen_size"] == a.ask("GET", "/log/checkpoint.json").json["size"])
    seen = a.row(b.name)["seen_size"]
    a.server.stop()
    store.remove(a.stage.work / "data")
    store.copy(kept, a.stage.work / "data")
    a.server.start()
    a.later(60)
    a.checkpoint()
    row = a.until("ahead", lambda: a.row(b.name) if a.row(b.name)["outcome"] == "ahead" else None)
    tap.holds("a log that was set back: its witness saw more", row["bad"], row)
    found = [w for w, state in a.health().items() if w.startswith("witness") and state == "bad"]
    tap.holds("the health page says that this is bad", found, a.health())
    while a.checkpoint()["size"] <= seen:
        pass
    a.later(16)
    row = a.until("refused", lambda: a.row(b.name) if a.row(b.name)["outcome"] == "refused" else None)
    tap.holds("when it has grown past that, it is refused", row["bad"] and row["words"] == "HTTP 422", row)
    tap.holds("nothing is cosigned", f"— log.{b.name}.example" not in a.note(), a.note())
    tap.holds("the trail has both", a.trail("witness.refused") == 2, a.trail("witness.refused"))
    log = next(l for l in b.witnesses()["logs"] if l["origin"] == f"log.{a.name}.example")
    tap.holds("the witness has kept what it refused, signed, and goes on from what it saw", log["refusals"] and
              log["seen_size"] == seen and f"— log.{a.name}.example" in log["refusals"][0]["note"], log)
    tap.holds("and its trail says so", b.trail("witness_log.unproved") >= 1, b.trail("witness_log.unproved"))


def lost(a, build, tap):
    """A key was known to others for an hour before anybody noticed."""
    desk, made = denial.House(a.world, a.stage), []
    for _ in range(2):
        made.append(desk.made("chen.meihua", "/reports?submit=yes", desk.form()))
        a.ask("POST", "/log/checkpoint")
        a.later(60)
    receipts = [a.ask("GET", f"/reports/{r['id']}/receipt", None, "chen.meihua").body for r in made]
    key = next(k for k in a.ask("GET", "/keys").json["rows"] if k["purpose"] == "log" and k["state"] == "active")["id"]
    a.ask("POST", "/keys/rotate", {"reason": "lost"})
    a.ask("POST", f"/keys/{key}/compromised", {"reason": "lost", "since": rfc3339(a.stage.clock.now() - 90 * MINUTE)})
    a.ask("POST", "/log/checkpoint")

    def judged(receipt):
        (a.stage.work / "log.keys").write_text(a.server.ask("GET", "/log/keys").body)
        (a.stage.work / "receipt.json").write_text(receipt)
        words = ["--lang", "en", "--key", a.stage.work / "log.keys", a.stage.work / "receipt.json"]
        return [subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
                for command in ([build / "tocsin-verify", *words], [a.world.binary, "verify", *words])]
    before, since = judged(receipts[0]), judged(receipts[1])
    tap.holds("a receipt of before a key was lost holds, and it is said when it was lost", all(
        s.returncode == 0 and "the key was compromised at" in s.stdout for s in before), [s.stdout + s.stderr for s in before])
    tap.holds("one of since is not proved", all(s.returncode == 1 and "compromised before" in s.stdout for s in since),
              [s.stdout + s.stderr for s in since])
    anew = judged(a.ask("GET", f"/reports/{made[1]['id']}/receipt", None, "chen.meihua").body)
    tap.holds("whoever asks for it again has one that is", all(s.returncode == 0 and "the key was compromised" not in s.stdout
                                                               for s in anew), [s.stdout + s.stderr for s in anew])


def main():
    build, plain_build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    tap = Tap()
    a, b = House(build, "ash"), House(build, "birch")
    work = a.stage.work
    mine, theirs = certificate(work, "mine"), certificate(work, "theirs")
    plain, secure, foreign = rubbish(work), rubbish(work, mine), rubbish(work, theirs)
    places = " ".join(f"127.0.0.1:{p}" for p in (a.server.port, b.server.port, plain.server_port)) + \
        f" localhost:{secure.server_port} localhost:{foreign.server_port}"
    a.start(places, "--outbound-ca", mine[0])
    b.start(places)
    try:
        mutual(a, b, plain_build, tap)
        receipt(a, b, plain_build, tap)
        replaced(a, b, plain_build, tap)
        limited(a, b, tap)
        again = processes(a, tap)
        away(a, b, tap)
        tap.holds("a courier that ended is started again", again(), "")
        a.server.stop()
        kept = work / "kept"
        store.copy(work / "data", kept)
        a.server.start()
        rubbish_answers(a, work, tap, plain, secure, foreign)
        forked(a, b, kept, tap)
        lost(b, plain_build, tap)
        trouble = [t for t in (a.stage.close(), b.stage.close()) if t]
        tap.ok("both servers end well", trouble)
    finally:
        for house in (a, b):
            if house.server.process:
                house.server.stop(9)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
