#!/usr/bin/env python3
"""Plays the scenarios: dialogues between people and a real server, with the clock moved by hand.

usage: run.py BUILD_DIR [NAME...]      NAME selects scenarios by a part of their name

Each scenario gets a server of its own, confined as in service, on a copy of the fictional sector that
`tocsin demo` made at 2026-11-22 02:10 in Taipei, a Sunday. Output is TAP. The language is told in README.md.
Every JSON answer is also held against the shape that /openapi.json declares for its route; which routes were
called with which answers is written to BUILD_DIR/play-coverage/.
"""
import concurrent.futures, datetime, http.client, json, mmap, os, re, shutil, signal, socket, struct, subprocess, sys, threading
import urllib.parse
from pathlib import Path

import shape

HERE = Path(__file__).resolve().parent
START = "2026-11-22T02:10:00+08:00"
LANGS = {"zh": "zh-TW", "en": "en"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Failed(Exception):
    pass


def micros(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1_000_000)


def length(text):
    """"+61m", "-2d3h" in microseconds."""
    sign = -1 if text.startswith("-") else 1
    parts = re.findall(r"(\d+)([smhd])", text)
    if not parts or "".join(n + u for n, u in parts) != text.lstrip("+-"):
        raise Failed(f"not a length of time: {text}")
    return sign * sum(int(n) * UNITS[u] for n, u in parts) * 1_000_000


def rfc3339(t):
    return datetime.datetime.fromtimestamp(t // 1_000_000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock:
    """The file that the server's clock follows."""

    def __init__(self, path):
        path.write_bytes(struct.pack("q", micros(START)))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 8)

    def now(self):
        return struct.unpack("q", self.map[:8])[0]

    def set(self, t):
        self.map[:8] = struct.pack("q", t)


class Server:
    def __init__(self, binary, data, clock_path, log, extra=()):
        self.binary, self.data, self.clock_path, self.log, self.extra = binary, data, clock_path, log, list(extra)
        self.process = None

    def start(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        # The parent tells by a datagram, as to a service manager, when the web process answers.
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = "\0tocsin-play-%d-%d" % (os.getpid(), self.port)
        notify.bind(name)
        notify.settimeout(60)
        env = dict(os.environ, NOTIFY_SOCKET="@" + name[1:], ASAN_OPTIONS="detect_leaks=0:abort_on_error=0")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", "--test-clock", self.clock_path, "--log", "warn"] + self.extra,
            stdout=self.log, stderr=self.log, env=env, start_new_session=True)
        try:
            while b"READY=1" not in notify.recv(256):
                pass
        except socket.timeout:
            raise Failed("the server did not start")
        finally:
            notify.close()

    def stop(self, how=signal.SIGTERM):
        if not self.process:
            return 0
        if how == signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code


class Scenario:
    """One play in one language: its variables, its last answer, its server."""

    def __init__(self, path, lang, world, work):
        self.path, self.lang, self.world = path, lang, world
        self.work = work
        self.vars, self.actors, self.headers = {}, {}, {}
        self.status, self.body, self.json, self.answer_headers = None, "", None, {}
        self.calls, self.line = [], 0
        self.server = None

    # ---- the world ----

    def open(self):
        shutil.copytree(self.world.data, self.work / "data")
        self.clock = Clock(self.work / "clock")
        self.log = open(self.work / "server.log", "wb")
        self.server = Server(self.world.binary, self.work / "data", self.work / "clock", self.log)
        self.server.start()

    def close(self):
        if self.server and self.server.process:
            code = self.server.stop()
            self.log.close()
            text = (self.work / "server.log").read_text(errors="replace")
            if code != 0 or "AddressSanitizer" in text or "runtime error:" in text or "tocsin: assertion" in text:
                raise Failed(f"the server ended with {code}: {text[-2000:]}")

    # ---- the language ----

    def play(self):
        statements = list(read_statements(self.path))
        for self.line, words in statements:
            verb, _, rest = words.partition(" ")
            do = getattr(self, "do_" + verb.replace("-", "_"), None)
            if not do:
                raise Failed(f"no such statement: {verb}")
            do(rest.strip())

    def do_include(self, rest):
        for self.line, words in read_statements(HERE / rest):
            verb, _, more = words.partition(" ")
            getattr(self, "do_" + verb)(more.strip())

    def do_actor(self, rest):
        name, login = rest.split()
        if login not in self.world.tokens:
            raise Failed(f"the fictional sector has nobody called {login}")
        self.actors[name] = login

    def do_clock(self, rest):
        if rest[0] in "+-":
            self.clock.set(self.clock.now() + length(rest))
        else:
            self.clock.set(micros(rest))

    def do_with(self, rest):
        name, _, value = rest.partition(":")
        self.headers[name.strip()] = self.fill(value.strip())

    def do_restart(self, rest):
        self.server.stop(signal.SIGKILL if rest == "hard" else signal.SIGTERM)
        self.server.start()

    def do_let(self, rest):
        name, _, value = rest.partition("=")
        value = value.strip()
        if value.startswith("."):
            self.vars[name.strip()] = self.look(value)
        else:
            self.vars[name.strip()] = self.value(value)

    def do_as(self, rest):
        """as WHO [page|form] METHOD PATH [BODY]"""
        who, kind, words = rest.split(None, 1)[0], "json", rest.split(None, 1)[1]
        if words.split(None, 1)[0] in ("page", "form"):
            kind, words = words.split(None, 1)
        method, _, words = words.partition(" ")
        path, _, body = words.strip().partition(" ")
        path, body = self.fill(path), body.strip()
        headers = {"Accept": "application/json" if kind == "json" else "text/html", "Accept-Language": LANGS[self.lang]}
        role = "stranger"
        if who != "stranger":
            login = self.actors.get(who)
            if not login:
                raise Failed(f"who is {who}? (actor NAME LOGIN)")
            headers["Authorization"] = "Bearer " + self.world.tokens[login]
            role = self.world.roles[login]
        data = None
        if body:
            if kind == "form":
                data = urllib.parse.urlencode([tuple(p.split("=", 1)) for p in self.fill(body).split("&")]).encode()
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            elif body.startswith("raw "):
                data = body[4:].encode().decode("unicode_escape").encode("latin-1")
                headers["Content-Type"] = "application/json"
            else:
                data = json.dumps(self.value(body), ensure_ascii=False).encode()
                headers["Content-Type"] = "application/json"
        headers.update(self.headers)
        self.headers = {}
        self.send(method, path, headers, data)
        self.calls.append({"method": method, "path": path, "role": role, "status": self.status, "kind": kind})
        if self.json is not None and kind == "json":
            wrong = self.world.shapes.check(method, path, self.status, self.json)
            if wrong:
                raise Failed(f"{method} {path} answered {self.status} in another shape than /openapi.json declares: {wrong}")

    def send(self, method, path, headers, data):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?&=.%:+,-_~{}"), body=data, headers=headers)
            answer = connection.getresponse()
            raw = answer.read()
        finally:
            connection.close()
        self.status, self.answer_headers = answer.status, {k.lower(): v for k, v in answer.getheaders()}
        self.body = raw.decode("utf-8", errors="replace")
        kind = self.answer_headers.get("content-type", "")
        self.json = json.loads(self.body) if kind.startswith("application/json") and raw else None

    def do_expect(self, rest):
        """expect STATUS [TEST]...   see README.md"""
        words = split_tests(rest)
        if words and re.fullmatch(r"[\d|]+", words[0]):
            if str(self.status) not in words[0].split("|"):
                raise Failed(f"expected {words[0]}, got {self.status}: {self.body[:1500]}")
            words = words[1:]
        while words:
            words = self.test(words)

    def test(self, words):
        word = words[0]
        if word in ("text", "no-text"):
            texts = {}
            words = words[1:]
            if words[0] in LANGS:
                while words and words[0] in LANGS:
                    texts[words[0]] = json.loads(words[1])
                    words = words[2:]
                text = texts[self.lang]
            else:
                text, words = json.loads(words[0]), words[1:]
            text = self.fill(text)
            if (text in self.body) != (word == "text"):
                raise Failed(f"{word} {text!r} in: {self.body[:3000]}")
            return words
        if word == "header":
            name, _, pattern = words[1].partition("~")
            if not re.search(pattern, self.answer_headers.get(name.lower(), "")):
                raise Failed(f"header {name}: {self.answer_headers.get(name.lower())!r} is not like {pattern}")
            return words[2:]
        m = re.match(r"(\.[^=~?!<>]*|\.)(!=|=|~|\?|!\?|<|>)(.*)$", word, re.S)
        if not m:
            raise Failed(f"no such test: {word}")
        path, op, want = m.groups()
        if op in ("?", "!?"):
            try:
                got = self.look(path)
            except Failed:
                got = None
            if (got is not None) != (op == "?"):
                raise Failed(f"{path} is {got!r}")
            return words[1:]
        got = self.look(path)
        if op == "~":
            if not re.search(self.fill(want), got if isinstance(got, str) else json.dumps(got, ensure_ascii=False)):
                raise Failed(f"{path} is {got!r}, not like {want}")
            return words[1:]
        want = self.value(want)
        good = {"=": got == want, "!=": got != want}.get(op)
        if good is None:
            good = got < want if op == "<" else got > want
        if not good:
            raise Failed(f"{path} is {got!r}, wanted {op} {want!r}")
        return words[1:]

    # ---- values ----

    def look(self, path):
        """.rows[0].state, .rows[?clock=report].due_at, .rows.length, . """
        at = self.json
        if at is None:
            raise Failed(f"no JSON answer to look into: {self.status} {self.body[:800]}")
        for part in re.findall(r"\.([^.\[]+)|\[([^\]]+)\]", path):
            name, index = part
            if name == "length" and isinstance(at, (list, str)):
                at = len(at)
            elif name:
                if not isinstance(at, dict) or name not in at:
                    raise Failed(f"{path}: nothing called {name} in {json.dumps(at, ensure_ascii=False)[:1200]}")
                at = at[name]
            elif index.startswith("?"):
                key, _, want = index[1:].partition("=")
                found = [x for x in at if str(x.get(key)) == self.fill(want)]
                if not found:
                    raise Failed(f"{path}: no member with {key}={want} in {json.dumps(at, ensure_ascii=False)[:1200]}")
                at = found[0]
            else:
                try:
                    at = at[int(index)]
                except (IndexError, TypeError):
                    raise Failed(f"{path}: no [{index}] in {json.dumps(at, ensure_ascii=False)[:800]}")
        return at

    def fill(self, text):
        def one(m):
            if m.group(1) not in self.vars:
                raise Failed(f"${m.group(1)} is not known")
            return str(self.vars[m.group(1)])
        return re.sub(r"\$([A-Za-z_][A-Za-z_0-9]*)", one, text)

    def value(self, text):
        """JSON with $names; "@-15m" is a time counted from now; maps can be added: $form + {"impact_c": 3}."""
        text = text.strip()
        out = None
        for part in split_sum(text):
            v = self.vars[part[1:]] if re.fullmatch(r"\$\w+", part) else self.times(self.names(json.loads(part)))
            out = {**out, **v} if out is not None else v
        return out

    def names(self, v):
        if isinstance(v, dict):
            return {k: self.names(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.names(x) for x in v]
        if isinstance(v, str) and re.fullmatch(r"\$\w+", v):
            return self.vars[v[1:]]
        return self.fill(v) if isinstance(v, str) else v

    def times(self, v):
        if isinstance(v, dict):
            return {k: self.times(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.times(x) for x in v]
        if isinstance(v, str) and re.fullmatch(r"@([+-](\d+[smhd])+)?", v):
            return rfc3339(self.clock.now() + (length(v[1:]) if len(v) > 1 else 0))
        return v


def split_sum(text):
    """Parts of "a + b" with + outside of brackets and quotes."""
    parts, depth, quoted, start, i = [], 0, False, 0, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "{[":
            depth += 1
        elif c in "}]":
            depth -= 1
        elif c == "+" and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
        i += 1
    parts.append(text[start:].strip())
    return parts


def split_tests(text):
    """Words, where quotes and brackets hold blanks together."""
    words, word, depth, quoted, i = [], "", 0, False, 0
    while i < len(text):
        c = text[i]
        if quoted:
            word += c
            if c == "\\" and i + 1 < len(text):
                i += 1
                word += text[i]
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
            word += c
        elif c in "{[":
            depth += 1
            word += c
        elif c in "}]":
            depth -= 1
            word += c
        elif c.isspace() and depth == 0:
            if word:
                words.append(word)
            word = ""
        else:
            word += c
        i += 1
    if word:
        words.append(word)
    return words


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


class World:
    """What all scenarios share: the program and the fictional sector, made once at the hour of the story."""

    def __init__(self, build):
        self.binary = str(build / "tocsin")
        self.root = build / "play"
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        self.data = self.root / "sector"
        clock = self.root / "clock"
        Clock(clock)
        made = subprocess.run([self.binary, "demo", "--json", "--data", self.data, "--test-clock", clock], capture_output=True,
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        if made.returncode:
            sys.exit(f"Bail out! tocsin demo: {made.stderr.decode()}")
        accounts = json.loads(made.stdout)["accounts"]
        self.tokens = {a["name"]: a["token"] for a in accounts}
        self.roles = {a["name"]: a["role"] for a in accounts}
        self.shapes = self.read_shapes(clock)

    def read_shapes(self, clock):
        with open(self.root / "openapi.log", "wb") as log:
            copy = self.root / "openapi"
            shutil.copytree(self.data, copy)
            server = Server(self.binary, copy, clock, log)
            server.start()
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", "/openapi.json", headers={"Accept": "application/json"})
            text = connection.getresponse().read()
            connection.close()
            server.stop()
        return shape.Shapes(json.loads(text))


def run(world, path, lang):
    work = world.root / f"{path.stem}.{lang}"
    work.mkdir()
    scenario = Scenario(path, lang, world, work)
    trouble = None
    try:
        scenario.open()
        scenario.play()
    except Failed as e:
        trouble = f"{path.name}:{scenario.line}: {e}"
    except Exception as e:  # a fault of the runner or a connection that broke
        trouble = f"{path.name}:{scenario.line}: {type(e).__name__}: {e}"
    try:
        scenario.close()
    except Failed as e:
        trouble = trouble or str(e)
    finally:
        if scenario.server and scenario.server.process:
            scenario.server.stop(signal.SIGKILL)
    if not trouble:
        shutil.rmtree(work)
    return trouble, scenario.calls


def main():
    build = Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:]
    plays = [p for p in sorted(HERE.glob("*.play")) if not wanted or any(w in p.stem for w in wanted)]
    world = World(build)
    jobs = [(p, lang) for p in plays for lang in LANGS]
    failed, calls = 0, []
    print(f"1..{len(jobs)}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for n, ((path, lang), (trouble, made)) in enumerate(zip(jobs, pool.map(lambda j: run(world, *j), jobs)), 1):
            calls += made
            failed += trouble is not None
            print(f"{'not ' if trouble else ''}ok {n} - {path.stem} ({LANGS[lang]})", flush=True)
            for line in (trouble or "").splitlines():
                print("# " + line)
    coverage = build / "play-coverage"
    coverage.mkdir(exist_ok=True)
    (coverage / "play.json").write_text(json.dumps(world.shapes.coverage(calls), indent=1))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
