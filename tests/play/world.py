"""A real server on a copy of the fictional sector, its clock moved by hand, and requests to it."""
import datetime, html, http.client, json, mmap, os, re, shutil, signal, socket, struct, subprocess, sys, threading
import urllib.parse

import shape, store

START = "2026-11-22T02:10:00+08:00"
LANGS = {"zh": "zh-TW", "en": "en"}


class Failed(Exception):
    pass


def micros(text):
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (when -
            datetime.datetime.fromtimestamp(0, datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def rfc3339(t):
    return datetime.datetime.fromtimestamp(t // 1_000_000,
                                           datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock:
    """The file that the server's clock follows."""

    def __init__(self, path):
        path.write_bytes(struct.pack("q", micros(START)))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)

    def now(self):
        return struct.unpack("q", self.map[:8])[0]

    def set(self, t):
        self.map[:8] = struct.pack("q", t)


class Answer:
    def __init__(self, status, headers, raw):
        self.status, self.raw = status, raw
        self.headers = {}
        for name, value in headers:
            before = self.headers.get(name.lower())
            self.headers[name.lower()] = value if before is None else before + "\n" + value
        self.body = raw.decode("utf-8", errors="replace")
        kind = self.headers.get("content-type", "")
        self.html = kind.startswith("text/html")
        self.json = json.loads(raw) if kind.startswith("application/json") and raw else None

    def words(self):
        """What a person would see of it, for the message of a failure."""
        text = self.body
        if self.html:
            text = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)^.*?<main[^>]*>", "", text))
            text = re.sub(r"\s+", " ", html.unescape(text))
        return text[:2000]


class Server:
    """tocsin serve, confined as in service. It keeps its port when it is started again."""

    def __init__(self, binary, data, clock_path, log, extra=(), env=None, host="127.0.0.1"):
        self.env = {**store.environment(data), **(env or {})}
        self.command = [binary, "serve", "--data", data, "--test-clock", clock_path, "--log", "warn", *extra]
        self.log, self.process, self.host, self.port = log, None, host, 0

    def start(self):
        for _ in range(3):
            if not self.port:
                with socket.socket() as s:
                    s.bind((self.host, 0))
                    self.port = s.getsockname()[1]
            if self.begin():
                return
            self.port = 0  # somebody else was quicker to take it
        raise Failed("the server did not start")

    def begin(self):
        # The parent tells by a datagram, as to a service manager, when the web process answers.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            name = "\0tocsin-play-%d-%d-%d" % (os.getpid(), threading.get_ident(), self.port)
            notify.bind(name)
            notify.settimeout(0.2)
            env = dict(os.environ, NOTIFY_SOCKET="@" + name[1:],
                       ASAN_OPTIONS="detect_leaks=0:abort_on_error=0", **self.env)
            self.process = subprocess.Popen([*self.command, "--listen", f"{self.host}:{self.port}"],
                                            stdout=self.log, stderr=self.log, env=env, start_new_session=True)
            while True:
                try:
                    if b"READY=1" in notify.recv(256):
                        return True
                except socket.timeout:
                    if self.process.poll() is not None:
                        self.process = None
                        return False

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

    def ask(self, method, path, headers=None, data=None, timeout=60):
        """The answer to one request on a connection of its own. What is not ASCII in path is sent as %XX."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?&=.%:+,-_~{}*!'();@"), body=data,
                               headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def json(self, method, path, token=None, value=None, lang="zh-TW", **headers):
        """A request by the API. headers: Idempotency_Key="..." and the like."""
        head = {"Accept": "application/json", "Accept-Language": lang}
        head.update({name.replace("_", "-"): text for name, text in headers.items()})
        if token:
            head["Authorization"] = "Bearer " + token
        data = None
        if value is not None:
            head.setdefault("Content-Type", "application/json")
            data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return self.ask(method, path, head, data)


TROUBLE = ("AddressSanitizer", "runtime error:", "tocsin: assertion", "SUMMARY: UndefinedBehaviorSanitizer",
           "a page names what its answer does not have", "no message has the id")


class World:
    """What all tests share: the program and the fictional sector, made once at the hour of the story."""

    def __init__(self, build, folder="play"):
        self.binary = str(build / "tocsin")
        self.root = build / (folder + store.FOLDER)
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        self.data = self.root / "sector"
        Clock(self.root / "clock")
        store.make(self.data)
        made = subprocess.run(
            [self.binary, "demo", "--json", "--data", self.data, "--test-clock", self.root / "clock"],
            capture_output=True, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0", **store.environment(self.data)))
        if made.returncode:
            sys.exit(f"Bail out! tocsin demo: {made.stderr.decode()}")
        told = json.loads(made.stdout)
        self.password = told["password"]
        self.tokens = {a["name"]: a["token"] for a in told["accounts"]}
        self.roles = {a["name"]: a["role"] for a in told["accounts"]}
        self.organisations = {a["name"]: a["organisation"] for a in told["accounts"]}
        self.sectors = {"zh": self.data, "en": self.root / "sector.en"}
        with Stage(self, "english") as stage:
            self.shapes = shape.Shapes(stage.server.json("GET", "/openapi.json").json)
            for token in self.tokens.values():
                if stage.server.json("POST", "/language", token, {"lang": "en"}).status != 200:
                    sys.exit("Bail out! the language cannot be chosen")
            stage.server.stop()
            store.copy(stage.work / "data", self.sectors["en"])


class Stage:
    """A server of one's own on a copy of the sector, where all people read this language, in a folder that goes when
    all went well. disk: MiB of a disk of its own, for whoever is alone in a mount namespace."""

    def __init__(self, world, name, extra=(), env=None, lang="zh", disk=None):
        self.world, self.work, self.disk = world, world.root / name, disk
        (self.work / "data").mkdir(parents=True)
        if disk:
            self.mount("-t", "tmpfs", "-o", f"size={disk}m", "tmpfs")
        store.copy(world.sectors[lang], self.work / "data")
        self.clock = Clock(self.work / "clock")
        self.log = open(self.work / "server.log", "wb")
        self.server = Server(world.binary, self.work / "data", self.work / "clock", self.log, extra, env)

    def mount(self, *how):
        subprocess.run(["mount", *how, self.work / "data"], check=True)

    def __enter__(self):
        self.server.start()
        return self

    def close(self):
        """None, or what went wrong with the server."""
        code = self.server.stop() if self.server.process else 0
        self.log.close()
        if self.disk:
            subprocess.run(["umount", "-l", self.work / "data"], check=True)
        text = (self.work / "server.log").read_text(errors="replace")
        if code != 0 or any(word in text for word in TROUBLE):
            return f"the server ended with {code}: {text[-2000:]}"
        return None

    def __exit__(self, kind, value, traceback):
        if self.server.process and kind:
            self.server.stop(signal.SIGKILL)
        trouble = self.close()
        if not kind and trouble:
            raise Failed(trouble)
        if not kind:
            self.remove()

    def remove(self):
        store.drop(self.work / "data")
        shutil.rmtree(self.work)
