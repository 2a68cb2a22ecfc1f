#!/usr/bin/env python3
"""Plays the scenarios: dialogues between people and a real server, with the clock moved by hand.

usage: run.py BUILD_DIR [NAME...]      NAME selects scenarios by a part of their name

Each scenario gets a server of its own, confined as in service, on a copy of the fictional sector that
`tocsin demo` made at 2026-11-22 02:10 in Taipei, a Sunday. Output is TAP. The language is told in README.md.
Every JSON answer is also held against the shape that /openapi.json declares for its route, and every page against what
a browser needs of it. Which routes were called with which answers is written to BUILD_DIR/play-coverage/.
"""
import base64, concurrent.futures, hashlib, hmac, http.cookies, json, os, re, shutil, signal
import random, struct, subprocess, sys, tempfile, urllib.parse
from pathlib import Path

import ical, store
from page import Page
from world import LANGS, Answer, Clock, Failed, Server, Stage, World, micros, rfc3339

BARE = "\ue000"  # stands before a name that was not in quotes
HERE = Path(__file__).resolve().parent
UNITS = {"us": 1, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


def length(text):
    """"+61m", "-2d3h", "+1us" in microseconds."""
    parts = re.findall(r"(\d+)(us|[smhd])", text)
    if not parts or "".join(n + u for n, u in parts) != text.lstrip("+-"):
        raise Failed(f"not a length of time: {text}")
    return (-1 if text.startswith("-") else 1) * sum(int(n) * UNITS[u] for n, u in parts)


def totp(secret, t):
    """The six digits of RFC 6238 for a secret in base32 at a time in microseconds."""
    secret = secret.replace(" ", "")
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", t // 30_000_000), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


# The test file of the makers of virus scanners, put together here so that none takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE!$H+H*"


def opened(archive, password):
    """The files of a ZIP archive by their names, as 7-Zip opens them with this password; None when it does not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        path.write_bytes(archive)
        done = subprocess.run(["7z", "x", f"-p{password}", f"-o{folder}/out", path], capture_output=True)
        if done.returncode:
            return None
        return {f.name: f.read_bytes() for f in (Path(folder) / "out").iterdir()}


class Browser:
    """Cookies, and the page that is shown."""

    def __init__(self):
        self.cookies, self.page, self.next = {}, None, None

    def take(self, answer):
        for line in answer.headers.get("set-cookie", "").split("\n"):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        self.next = answer.headers.get("location")


class Scenario:
    """One play in one language: its variables, its last answer, its server."""

    def __init__(self, path, lang, world):
        self.path, self.lang, self.world = path, lang, world
        self.vars, self.actors, self.headers, self.browsers = {"password": world.password}, {}, {}, {}
        self.answer, self.who, self.calls, self.line = Answer(0, [], b""), None, [], path.name
        self.files = {}
        self.stage = Stage(world, f"{path.stem}.{lang}", lang=lang)

    # ---- the language ----

    def play(self, path):
        for number, words in read_statements(path):
            self.line = f"{path.name}:{number}"
            verb, _, rest = words.partition(" ")
            do = getattr(self, "do_" + verb.replace("-", "_"), None)
            if not do:
                raise Failed(f"no such statement: {verb}")
            do(rest.strip())

    def do_include(self, rest):
        self.play(HERE / rest)

    def do_actor(self, rest):
        name, login = rest.split()
        if login not in self.world.tokens:
            raise Failed(f"the fictional sector has nobody called {login}")
        self.actors[name] = login

    def do_clock(self, rest):
        """clock +61m | clock TIME [+1us]"""
        clock = self.stage.clock
        for word in self.fill(rest).split():
            clock.set(clock.now() + length(word) if word[0] in "+-" else micros(word))

    def do_with(self, rest):
        name, _, value = rest.partition(":")
        self.headers[name.strip()] = self.fill(value.strip())

    def do_restart(self, rest):
        """restart [hard] [FLAG...]: the flags are those of this start alone."""
        words, server = rest.split(), self.stage.server
        hard = words[:1] == ["hard"]
        server.stop(signal.SIGKILL if hard else signal.SIGTERM)
        command, server.command = server.command, server.command + words[hard:]
        server.start()
        server.command = command

    def do_sql(self, rest):
        """What no request can do, done to the database while the server rests."""
        self.stage.server.stop()
        if store.change(self.stage.work / "data", self.fill(rest)) != 1:
            raise Failed("not one row")
        self.stage.server.start()

    def do_init(self, rest):
        """An empty installation in place of the fictional sector; $link leads to its first administrator."""
        stage = self.stage
        stage.server.stop()
        store.remove(stage.work / "data")
        store.make(stage.work / "data")
        command = [self.world.binary, "init", "--data", stage.work / "data", "--test-clock", stage.work / "clock"]
        made = subprocess.run(command, capture_output=True, text=True,
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0", **stage.server.env))
        found = re.search(r"/setup/\S+", made.stdout)
        if made.returncode or not found:
            raise Failed(f"tocsin init: {made.stdout} {made.stderr}")
        self.vars["link"] = found.group()
        stage.server.start()

    def do_file(self, rest):
        """file NAME = eicar | noise BYTES | "text": bytes to be sent; $NAME_size and $NAME_sha256 are what they are"""
        name, _, what = (part.strip() for part in rest.partition("="))
        if what == "eicar":
            data = EICAR
        elif what.startswith("noise "):
            data = random.Random(name).randbytes(int(what[6:]))
        else:
            data = json.loads(what).encode()
        self.files[name] = data
        self.vars[f"{name}_size"], self.vars[f"{name}_sha256"] = len(data), hashlib.sha256(data).hexdigest()

    def do_let(self, rest):
        """let NAME = .path | JSON | ~regex | header Name~regex | totp SECRET; of a regex the first group"""
        name, _, value = rest.partition("=")
        name, value = name.strip(), value.strip()
        where = re.match(r"(?:header ([\w-]+))?~(.*)", value)
        if where:
            found = re.search(where[2],
                              self.answer.headers.get(where[1].lower(), "") if where[1] else self.answer.body)
            if not found:
                raise Failed(f"nothing like {value} in: {self.answer.words()}")
            self.vars[name] = found.group(1)
        elif value.startswith("totp "):
            self.vars[name] = totp(self.fill(value[5:].strip()), self.stage.clock.now())
        else:
            self.vars[name] = self.look(value) if value.startswith(".") else self.value(value)

    def do_as(self, rest):
        """as WHO [page|form|browser] METHOD PATH [BODY]"""
        who, words = rest.split(None, 1)
        kind = words.split(None, 1)[0]
        if kind in ("page", "form", "browser"):
            words = words.split(None, 1)[1]
        else:
            kind = "json"
        method, _, words = words.partition(" ")
        path, _, body = words.strip().partition(" ")
        if kind == "browser":
            return self.browse(who, method, self.fill(path), body.strip())
        headers = {
            "Accept": "application/json" if kind == "json" else "text/html", "Accept-Language":
            LANGS[self.lang]
        }
        role = "stranger"
        if who != "stranger":
            if who not in self.actors:
                raise Failed(f"who is {who}? (actor NAME LOGIN)")
            headers["Authorization"] = "Bearer " + self.world.tokens[self.actors[who]]
            role = self.world.roles[self.actors[who]]
        data = self.data(kind, body.strip(), headers)
        self.send(kind, role, method, self.fill(path), headers, data)

    def data(self, kind, body, headers):
        if not body:
            return None
        if body.startswith("file "):
            name, *bounds = body.split()[1:]
            headers["Content-Type"] = "application/octet-stream"
            at = [int(self.fill(b)) for b in bounds] + [None, None]
            return self.files[name][at[0]:at[1]]
        if body.startswith("upload "):
            return self.multipart(body[7:], headers)
        if kind == "form":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return urllib.parse.urlencode(self.pairs(body)).encode()
        headers["Content-Type"] = "application/json"
        if body.startswith("raw "):
            return body[4:].encode().decode("unicode_escape").encode("latin-1")
        return json.dumps(self.timed(self.value(body)), ensure_ascii=False).encode()

    def multipart(self, words, headers):
        """NAME "FILE NAME" as a browser's form sends it; the name is in a Python string's escapes, each a byte."""
        name, _, told = words.partition(" ")
        told = self.fill(told.strip()[1:-1]).encode().decode("unicode_escape").encode("latin-1")
        mark = b"----play" + hashlib.sha256(self.files[name]).hexdigest()[:16].encode()
        headers["Content-Type"] = "multipart/form-data; boundary=" + mark.decode()
        head = b'Content-Disposition: form-data; name="file"; filename="' + told + b'"\r\nContent-Type: application/pdf'
        return b"".join((b"--", mark, b"\r\n", head, b"\r\n\r\n", self.files[name], b"\r\n--", mark, b"--\r\n"))

    def pairs(self, body):
        return [tuple(self.fill(part).split("=", 1)) for part in body.split("&")] if body else []

    def browse(self, who, method, path, body):
        """As a browser does it: with its cookies; a form brings along what else stands in it on the page."""
        browser = self.browsers.setdefault(who, Browser())
        origin = f"http://127.0.0.1:{self.stage.server.port}"
        headers = {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language":
            LANGS[self.lang], "Sec-Fetch-Site": "same-origin" if browser.page else "none"
        }
        if browser.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
        data = None
        if method == "POST":
            given = self.pairs(body)
            headers.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": origin})
            fields = browser.page.filled(path, given) if browser.page else given
            data = urllib.parse.urlencode(fields).encode()
        self.send("browser", "browser", method, path, headers, data)
        browser.take(self.answer)
        if self.answer.html:
            browser.page = self.page
        self.who = who

    def do_follow(self, rest):
        """Where the browser was led."""
        browser = self.browsers[self.who]
        if not browser.next:
            raise Failed(f"{self.answer.status} leads nowhere")
        self.browse(self.who, "GET", browser.next, "")

    def send(self, kind, role, method, path, headers, data):
        headers.update(self.headers)
        self.headers, self.page = {}, None
        self.answer = self.stage.server.ask(method, path, headers, data)
        call = {"method": method, "path": path, "role": role, "status": self.answer.status, "kind": kind}
        self.calls.append(call)
        if self.answer.json is not None and method != "HEAD":
            wrong = self.world.shapes.check(method, path, self.answer.status, self.answer.json)
            if wrong:
                raise Failed(f"{method} {path}: {self.answer.status} in another shape than declared: {wrong}")
        elif self.answer.html and self.answer.body:
            self.page = Page(self.answer.body)
            if self.page.wrong:
                raise Failed(f"the page of {method} {path}: {'; '.join(self.page.wrong[:5])}")

    def do_expect(self, rest):
        """expect STATUS [TEST]...   see README.md"""
        words = split_words(rest)
        if words and re.fullmatch(r"[\d|]+", words[0]):
            if str(self.answer.status) not in words[0].split("|"):
                raise Failed(f"expected {words[0]}, got {self.answer.status}: {self.answer.words()}")
            words = words[1:]
        while words:
            words = self.test(words)

    def test(self, words):
        word = words[0]
        if word in ("text", "no-text"):
            text, words = words[1], words[2:]
            if text in LANGS:
                texts = {text: words[0]}
                words = words[1:]
                if words and words[0] in LANGS:
                    texts[words[0]], words = words[1], words[2:]
                if self.lang not in texts:
                    return words
                text = texts[self.lang]
            text = self.fill(json.loads(text))
            if (text in self.answer.body) != (word == "text"):
                raise Failed(f"{word} {text!r} in: {self.answer.words()}")
            return words
        if word in ("header", "no-header"):
            name, _, pattern = words[1].partition("~")
            found = re.search(self.pattern(pattern), self.answer.headers.get(name.lower(), ""))
            if bool(found) != (word == "header"):
                raise Failed(f"{word} {name}: {self.answer.headers.get(name.lower())!r} and {pattern}")
            return words[2:]
        if word == "calendar":
            return self.calendar(words[1:])
        if word == "archive":
            return self.archive(words[1:])
        if word == "sealed":
            return self.sealed(words[1:])
        m = re.match(r"(\.(?:\[[^\]]*\]|[^=~?!<>])*)(!=|=|~|\?|!\?|<|>)(.*)$", word, re.S)
        if not m:
            raise Failed(f"no such test: {word}")
        self.compare(*m.groups())
        return words[1:]

    def archive(self, words):
        """archive NAME "FILE NAME" PASSWORD: 7-Zip opens the answer with it, and with no other."""
        name, told, password = words[0], self.fill(json.loads(words[1])), self.fill(words[2])
        if int(self.answer.headers["content-length"]) != len(self.answer.raw):
            raise Failed("the archive is not as long as was said")
        if opened(self.answer.raw, "infected") is not None:
            raise Failed("the archive opens with a customary password")
        found = opened(self.answer.raw, password)
        if found != {told: self.files[name]}:
            raise Failed(f"in the archive are {found and {n: len(b) for n, b in found.items()}}, wanted {told}")
        return words[3:]

    def calendar(self, words):
        """calendar N [at TIME LENGTH SUMMARY]: so many events, and one then and called so, with a reminder that long before."""
        events = ical.events(self.answer.raw)
        if len(events) != int(self.fill(words[0])):
            raise Failed(f"{len(events)} events, wanted {words[0]}: {[e['summary'] for e in events]}")
        if words[1:2] != ["at"]:
            return words[1:]
        at, before, called = self.timed(self.value(words[2])), length(words[3]), self.fill(json.loads(words[4]))
        found = [e for e in events if rfc3339(e["at"]) == at and called in e["summary"]]
        if not found or not any(e["at"] - before in e["alarms"] for e in found):
            raise Failed(f"no event at {at} called {called}, reminded of {before // 1_000_000} s before: {events}")
        return words[5:]

    def sealed(self, words):
        """sealed NAME: no file of the installation holds these bytes, not even the beginning of them."""
        for path in (self.stage.work / "data").rglob("*"):
            if path.is_file() and self.files[words[0]][:64] in path.read_bytes():
                raise Failed(f"{words[0]} can be read in {path.name}")
        return words[1:]

    def pattern(self, text):
        return self.fill(text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)

    def compare(self, path, op, want):
        if op in ("?", "!?"):
            try:
                got = self.look(path)
            except Failed:
                got = None
            if (got is not None) != (op == "?"):
                raise Failed(f"{path} is {got!r}")
            return
        got = self.look(path)
        if op == "~":
            if not re.search(self.pattern(want),
                             got if isinstance(got, str) else json.dumps(got, ensure_ascii=False)):
                raise Failed(f"{path} is {got!r}, not like {want}")
            return
        want = self.timed(self.value(want))
        if not {
                "=": lambda: got == want, "!=": lambda: got != want, "<": lambda: got < want, ">":
                lambda: got > want
        }[op]():
            raise Failed(f"{path} is {got!r}, wanted {op} {want!r}")

    # ---- values ----

    def look(self, path):
        """.rows[0].state, .rows[?clock=report].due_at, .rows.length, . """
        at = self.answer.json
        if at is None:
            raise Failed(f"no JSON answer to look into: {self.answer.status} {self.answer.words()}")
        for name, index in re.findall(r"\.([^.\[]+)|\[([^\]]+)\]", path):
            shown = json.dumps(at, ensure_ascii=False)[:1200]
            if name == "length" and isinstance(at, (list, str)):
                at = len(at)
            elif name:
                if not isinstance(at, dict) or name not in at:
                    raise Failed(f"{path}: nothing called {name} in {shown}")
                at = at[name]
            elif index.startswith("?"):
                key, _, want = index[1:].partition("=")
                found = [x for x in at if str(x.get(key)) == self.fill(want)]
                if not found:
                    raise Failed(f"{path}: no member with {key}={want} in {shown}")
                at = found[0]
            else:
                try:
                    at = at[int(index)]
                except (IndexError, TypeError):
                    raise Failed(f"{path}: no [{index}] in {shown}")
        return at

    def fill(self, text):

        def one(m):
            if m.group(1) not in self.vars:
                raise Failed(f"${m.group(1)} is not known")
            return str(self.vars[m.group(1)])

        return re.sub(r"\$([A-Za-z_][A-Za-z_0-9]*)", one, text)

    def value(self, text):
        """JSON with $names, which are text in quotes and themselves without. Maps can be added: $form + {"impact_c": 3}.
        "@-15m" stays: it is counted from when it is sent."""
        out = None
        for part in split_outside(text.strip(), "+"):
            bare = re.sub(r'"(?:[^"\\]|\\.)*"|\$\w+', lambda m: m[0]
                          if m[0][0] == '"' else f'"{BARE}{m[0][1:]}"', part)
            v = self.known(json.loads(bare))
            out = {**out, **v} if out is not None else v
        return out

    def known(self, v):
        if isinstance(v, dict):
            return {k: self.known(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.known(x) for x in v]
        if isinstance(v, str) and v.startswith(BARE):
            if v[1:] not in self.vars:
                raise Failed(f"${v[1:]} is not known")
            return self.vars[v[1:]]
        return self.fill(v) if isinstance(v, str) else v

    def timed(self, v):
        if isinstance(v, dict):
            return {k: self.timed(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.timed(x) for x in v]
        if isinstance(v, str) and re.fullmatch(r"@([+-](\d+(us|[smhd]))+)?", v):
            return rfc3339(self.stage.clock.now() + (length(v[1:]) if len(v) > 1 else 0))
        return v


def split_outside(text, mark):
    """The parts of a text between marks (None: blanks) that stand outside of brackets and quotes."""
    parts, part, depth, quoted, escaped = [], "", 0, False, False
    for c in text:
        if quoted:
            escaped, quoted = c == "\\" and not escaped, c != '"' or escaped
        else:
            quoted = c == '"'
            depth += (c in "{[") - (c in "}]")
            if depth == 0 and (c.isspace() if mark is None else c == mark):
                parts, part = parts + [part.strip()], ""
                continue
        part += c
    return parts + [part.strip()]


def split_words(text):
    return [word for word in split_outside(text, None) if word]


def read_statements(path):
    """(line, statement): lines that begin with a blank go on with the one before; # is a comment."""
    statement, at = None, 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            statement += " " + line.strip()
            continue
        if statement:
            yield at, statement
        statement, at = line.strip(), number
    if statement:
        yield at, statement


NAMED = set(re.findall(r"^\| `([^`]+)` \|", (HERE.parents[1] / "docs" / "reference" / "audit.md").read_text(), re.M))


def unnamed(data):
    """None, or what the trail says that the reference (and so the log's page) has no words for."""
    said = {action for action, in store.rows(data, "SELECT DISTINCT action FROM audit")} - NAMED
    return "no words for " + ", ".join(sorted(said)) if said else None


def run(world, path, lang):
    trouble = None
    scenario = Scenario(path, lang, world)
    try:
        scenario.stage.server.start()
        scenario.play(path)
    except Failed as e:
        trouble = f"{scenario.line}: {e}"
    except Exception as e:  # a fault of the runner or a connection that broke
        trouble = f"{scenario.line}: {type(e).__name__}: {e}"
    ended = scenario.stage.close()
    trouble = "\n".join(filter(None, (trouble, ended, None if trouble or ended else unnamed(scenario.stage.work / "data"))))
    if not trouble:
        scenario.stage.remove()
    return trouble, scenario.calls


def main():
    build = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:]
    plays = [p for p in sorted(HERE.glob("*.play")) if not wanted or any(w in p.stem for w in wanted)]
    coverage = build / ("play-coverage" + store.FOLDER)
    shutil.rmtree(coverage, ignore_errors=True)
    world = World(build)
    jobs = [(p, lang) for p in plays for lang in LANGS]
    failed, calls = 0, []
    print(f"1..{len(jobs)}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for n, ((path, lang), (trouble,
                               made)) in enumerate(zip(jobs, pool.map(lambda j: run(world, *j), jobs)), 1):
            calls += made
            failed += bool(trouble)
            print(f"{'not ' if trouble else ''}ok {n} - {path.stem} ({LANGS[lang]})", flush=True)
            for line in trouble.splitlines():
                print("# " + line)
    if not wanted:
        coverage.mkdir()
        (coverage / "play.json").write_text(json.dumps(world.shapes.coverage(calls), indent=1))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
