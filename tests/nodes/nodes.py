#!/usr/bin/env python3
"""Three nodes on one PostgreSQL behind nginx, while clients file and everything goes wrong that can.

usage: nodes.py BUILD_DIR [ROUNDS [SECONDS]]     6 rounds unless told, a cut lasts 3 seconds; TAP

In each round one of these, by chance: a node is killed (kill -9) and started again; a node is cut off from the database, whose
packets are dropped, for SECONDS; the database is stopped or crashes, and is started again; it hangs (SIGSTOP) for SECONDS. Eight clients file through nginx all the
while, each report under an idempotency key of its own, and ask with the same key until it is acknowledged. The clock of all nodes
runs fast, so that duties become overdue, and checkpoints are signed, on the way.

After each round the nodes are well again by themselves, and every checkpoint that anybody saw is of one log. After the last one:
each report that was acknowledged is there once, and no other; each duty that is late was marked once, by one leader at a time; every
record is what its leaf says; the whole log is what each of the checkpoints says.
"""
import base64, contextlib, http.client, json, os, random, re, shutil, signal, socket, subprocess, sys, threading, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "play"), str(HERE.parent / "crash")]
os.environ["TOCSIN_ENGINE"] = "postgresql"
import kill9, proofs, store
from world import Clock, Failed, Server, World

CLIENTS = 8
NAMES = ("alpha", "beta", "gamma")
FRONT = "127.0.0.10"
PACE = 0.1                              # seconds between two reports of a client
SPEED = 60                              # of the nodes' clock
JUMP = 2 * 3600 * 1_000_000             # of it after each round
WELL_AGAIN = 60                         # seconds at most
NGINX = """
daemon off;
worker_processes 1;
pid {work}/nginx.pid;
error_log {work}/nginx.log warn;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {work}/body;
	proxy_temp_path {work}/proxy;
	fastcgi_temp_path {work}/fastcgi;
	uwsgi_temp_path {work}/uwsgi;
	scgi_temp_path {work}/scgi;
	upstream nodes {{
		least_conn;
{servers}
	}}
	upstream signers {{
{signers}
	}}
	server {{
		listen {front};
		location / {{
			proxy_pass http://nodes;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_connect_timeout 1s;
			proxy_read_timeout 4s;
		}}
		location /witness/ {{
			proxy_pass http://signers;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_connect_timeout 1s;
			proxy_read_timeout 15s;
		}}
	}}
}}
"""


def free_port(host):
    with socket.socket() as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def worth():
    """What a second is worth now: all of it, or a part where more want a processor, or a disk, than there are processors."""
    return min(1, os.cpu_count() / max(0.1, os.getloadavg()[0]))


def until(what, holds, seconds=None):
    """Waits for it. Raises when it does not come, within a time that a busy machine has more of."""
    left, seconds, began = seconds or WELL_AGAIN, seconds or WELL_AGAIN, time.monotonic()
    at = began
    while not holds():
        now = time.monotonic()
        left -= (now - at) * worth()
        at = now
        if left < 0:
            raise Failed(f"{what}: not within {seconds} seconds of a machine that is free, {now - began:.0f} seconds of this one")
        time.sleep(0.02)


class Relay:
    def __init__(self, addresses):
        path = store.conninfo("postgres").split("host='")[1].split("'")[0] + "/.s.PGSQL.5432"
        self.process = subprocess.Popen([sys.executable, HERE / "relay.py", path, *addresses], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.answered()

    def answered(self):
        if self.process.stdout.readline() != "ok\n":
            raise Failed("the relay does not answer")

    def tell(self, verb, number):
        print(verb, number, file=self.process.stdin, flush=True)
        self.answered()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def family(process):
    """Its number, and those of all that it has started."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True).stdout.split()
    return [process] + [i for child in children for i in family(int(child))]


def signal_family(process, which):
    """To all of a process that starts others, whatever it is just starting."""
    reached = set()
    while more := [i for i in family(process) if i not in reached]:
        for i in more:
            reached.add(i)
            with contextlib.suppress(ProcessLookupError):
                os.kill(i, which)


class Node(Server):
    """A server with a name and an address. place: of the database; without it a way there of its own."""

    def __init__(self, number, binary, data, clock, log, database, place, extra=()):
        self.number, self.name, self.host = number, NAMES[number], f"127.0.0.{11 + number}"
        self.way = place or f"{self.host}:{free_port(self.host)}"
        super().__init__(binary, data, clock, log, ["--node", self.name, "--behind-proxy", "yes", "--threads", "4", "--log", "info",
                                               *extra],
                         {"TOCSIN_DB": f"postgresql://tocsin@{self.way}/{database}"}, self.host)
        self.port = free_port(self.host)

    def ready(self):
        try:
            return self.ask("GET", "/readyz", timeout=2).status == 200
        except OSError:
            return False

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Clients:
    """File until they are told to stop; each finishes the report that it has begun."""

    def __init__(self, front, token):
        self.front, self.token, self.stop = front, token, threading.Event()
        self.lock, self.acknowledged, self.tries, self.wrong = threading.Lock(), {}, 0, []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def count(self):
        with self.lock:
            if self.wrong:
                raise Failed(self.wrong[0])
            return len(self.acknowledged)

    def file_one(self, key):
        """Id and number, or None when it was not acknowledged."""
        self.tries += 1
        c = http.client.HTTPConnection(*self.front, timeout=30)
        try:
            c.request("POST", "/reports?submit=yes", body=json.dumps(kill9.FORM).encode(), headers={
                "Authorization": "Bearer " + self.token, "Accept": "application/json", "Content-Type": "application/json",
                "Idempotency-Key": key})
            answer = c.getresponse()
            body = answer.read()
            if answer.status in (502, 503, 504):
                return None
            if answer.status not in (200, 201):
                raise Failed(f"filing answered {answer.status}: {body[:500]}")
            value = json.loads(body)
            return value["id"], value["report_no"]
        except (OSError, http.client.HTTPException):
            return None
        finally:
            c.close()

    def run(self, which):
        n = 0
        while not self.stop.is_set():
            n += 1
            key, got = f"client-{which}-{n}", None
            try:
                while not got:
                    got = self.file_one(key)
                    time.sleep(PACE)
            except Failed as e:
                with self.lock:
                    self.wrong.append(str(e))
                return
            with self.lock:
                self.acknowledged[key] = got

    def more(self, n, what):
        """Waits for so many more acknowledged reports."""
        wanted = self.count() + n
        until(f"{n} more reports {what}", lambda: self.count() >= wanted)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


class Time:
    """Runs the clock, and keeps every checkpoint that any node shows."""

    def __init__(self, house):
        self.house, self.notes, self.stop = house, {}, threading.Event()
        self.threads = [threading.Thread(target=f) for f in (self.run, self.watch)]
        for t in self.threads:
            t.start()

    def run(self):
        while not self.stop.wait(0.1):
            self.house.clock.set(self.house.clock.now() + SPEED * 100_000)

    def watch(self):
        while not self.stop.wait(0.3):
            for node in self.house.nodes:
                try:
                    answer = node.ask("GET", "/log/checkpoint", {"Accept": "text/plain"}, timeout=2)
                except (OSError, http.client.HTTPException):
                    continue
                if answer.status == 200:
                    self.notes.setdefault(answer.body, node.name)

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


class Waits:
    """How long a node lets one wait while something is wrong. Each is asked by itself: nginx gives up before they do."""
    PACE = 0.3
    ASKED = {"reading": ("GET", "/reports", None), "writing": ("POST", "/reports", kill9.FORM), "/readyz": ("GET", "/readyz", None)}
    BUSY = 503

    def __init__(self, house, token):
        self.token, self.what, self.began, self.stop = token, None, 0, threading.Event()
        self.lock, self.longest, self.said = threading.Lock(), {}, {}
        self.threads = [threading.Thread(target=self.run, args=(node, kind)) for node in house.nodes for kind in self.ASKED]
        for t in self.threads:
            t.start()

    @contextlib.contextmanager
    def during(self, what):
        self.began, self.what = time.monotonic(), what
        try:
            yield
        finally:
            self.what = None

    def run(self, node, kind):
        while not self.stop.wait(self.PACE):
            if what := self.what:
                self.ask(node, kind, what)

    def ask(self, node, kind, what):
        method, path, value = self.ASKED[kind]
        began, trouble = time.monotonic(), self.began
        try:
            status = node.json(method, path, self.token, value).status
        except (OSError, http.client.HTTPException) as e:
            if not isinstance(e, TimeoutError):
                return                  # a node that was killed
            status = 0
        took = time.monotonic() - began
        with self.lock:
            of = self.longest.setdefault((what, kind), {})
            of[status] = max(of.get(status, 0), took)
            if status == self.BUSY and kind == "/readyz":
                self.said.setdefault((what, trouble, node.name), time.monotonic() - trouble)

    def tell(self):
        """What was seen, as comments: figures, not claims."""
        for (what, kind), of in sorted(self.longest.items()):
            print(f"# {what}: {kind}: " + ", ".join(
                f"{'no answer' if not status else f'answered {status}'} after {took:.1f} s at most" for status, took in sorted(of.items())))
        for what in sorted({w for w, _, _ in self.said}):
            took = [t for (w, _, _), t in self.said.items() if w == what]
            print(f"# {what}: /readyz said 503 after {min(took):.1f} to {max(took):.1f} s")

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


def size_of(note):
    return int(note.split("\n")[1])


class House:
    """The nodes, nginx before them, and what lies between them and the database: nothing when its place is given."""

    def __init__(self, build, world, work, place=None, extra=()):
        self.build, self.world, self.work = build, world, work
        self.clock = Clock(work / "clock")
        self.data = [work / name for name in NAMES]
        store.copy(world.data, self.data[0])
        for data in self.data[1:]:
            data.mkdir(mode=0o700)
            shutil.copy2(self.data[0] / "secret", data)
        # two of them can sign
        shutil.copytree(self.data[0] / "keys", self.data[1] / "keys")
        self.database = store.database_of(self.data[0])
        self.log = open(work / "nodes.log", "wb")
        self.nodes = [Node(i, world.binary, data, work / "clock", open(work / f"{NAMES[i]}.log", "wb"), self.database, place, extra)
                      for i, data in enumerate(self.data)]
        self.relay = None if place else Relay([n.way for n in self.nodes])
        self.front = (FRONT, free_port(FRONT))
        servers = [f"\t\tserver {n.host}:{n.port} max_fails=2 fail_timeout=1s;\n" for n in self.nodes]
        (work / "nginx.conf").write_text(NGINX.format(work=work, servers="".join(servers), signers="".join(servers[:2]),
                                                      front="%s:%d" % self.front))
        for node in self.nodes:
            node.start()
        self.nginx = subprocess.Popen(["nginx", "-p", work, "-c", work / "nginx.conf"], stdout=self.log, stderr=self.log)

    def rows(self, sql):
        return store.rows(self.data[0], sql)

    def all_ready(self, what):
        until(f"every node is ready {what}", lambda: all(n.ready() for n in self.nodes))

    def server(self, *words):
        subprocess.run([HERE.parent / "lib" / "postgresql", words[0], os.environ["TOCSIN_TEST_SERVER"], *words[1:]], check=True,
                       stdout=subprocess.DEVNULL)

    def close(self):
        """What the nodes ended with. Twice is as good as once."""
        if self.nginx.poll() is not None:
            return []
        self.nginx.send_signal(signal.SIGTERM)
        self.nginx.wait()
        codes = [n.stop() for n in self.nodes]
        if self.relay:
            self.relay.close()
        return codes


# ---- what goes wrong ----

def kill_a_node(house, clients, seconds):
    node = random.choice(house.nodes)
    node.kill()
    clients.more(random.randrange(3, 20), f"without {node.name}")
    node.start()
    return f"{node.name} killed"


def cut_a_node(house, clients, seconds):
    node, verb = random.choice(house.nodes), random.choice(["join", "hang"])
    house.relay.tell("cut", node.number)
    end = time.monotonic() + seconds
    clients.more(random.randrange(1, 10), f"with {node.name} cut off")
    time.sleep(max(0, end - time.monotonic()))
    house.relay.tell(verb, node.number)
    return f"{node.name} cut off for {seconds} s" + (", then hung up on" if verb == "hang" else "")


def stop_the_database(house, clients, seconds):
    how = random.choice(["fast", "immediate"])
    house.server("stop", how)
    house.server("start", "fsync=on")
    return "the database " + ("stopped" if how == "fast" else "crashed")


def hang_the_database(house, clients, seconds):
    postmaster = int(Path(os.environ["TOCSIN_TEST_SERVER"], "data", "postmaster.pid").read_text().split("\n")[0])
    signal_family(postmaster, signal.SIGSTOP)
    time.sleep(seconds)
    signal_family(postmaster, signal.SIGCONT)
    return f"the database hung for {seconds} s"


WRONGS = (kill_a_node, cut_a_node, stop_the_database, hang_the_database)
if chosen := os.environ.get("WRONGS"):
    WRONGS = [globals()[name] for name in chosen.split() if name in globals()]


# ---- what must hold ----

def consistent(house, notes):
    """Whether all of them are of one log: what is wrong, as sentences."""
    last, last_root = proofs.fields(max(notes, key=size_of))
    wrong = []
    for size, root in {proofs.fields(note) for note in notes}:
        answer = house.nodes[0].json("GET", f"/log/proof/consistency?from={size}&to={last}", house.world.tokens["auditor"])
        proof = [base64.b64decode(h) for h in answer.json["proof"]] if answer.status == 200 else None
        if proof is None or not proofs.goes_on(size, root, last, last_root, proof):
            wrong.append(f"the checkpoints of {size} and {last} records are not of one log: {answer.body[:200]}")
    return wrong


FILED = "SELECT count(*) FROM report WHERE report_no IS NOT NULL"
MARKED = "SELECT id FROM duty WHERE overdue = 1 AND state = 0"


def duties(house, before):
    """Each duty that became late is marked once, with one record; one that was late when it began says so in the record of that.
    before: the newest record, and what was marked, at the beginning."""
    fired, begun, wrong = {}, set(), []
    for seq, node, action, details in house.rows(
            "SELECT a.seq, a.node, a.action, d.details FROM audit a JOIN audit_details d ON d.seq = a.seq"
            f" WHERE a.action IN ('duty.start', 'duty.overdue') AND a.seq > {before.seq}"):
        for duty in json.loads(details)["duties"]:
            if action == "duty.overdue":
                fired.setdefault(int(duty["id"]), []).append((seq, node))
            elif duty["changes"].get("overdue") == [None, True]:
                begun.add(int(duty["id"]))
    marked = {i for i, in house.rows(MARKED)} - before.marked
    wrong += [f"duty {i} was marked {len(at)} times: {at}" for i, at in fired.items() if len(at) != 1]
    wrong += [f"duty {i} began late, and was marked once more" for i in fired.keys() & begun]
    wrong += [f"duty {i} is marked without a record" for i in marked - fired.keys() - begun]
    wrong += [f"duty {i} has a record and no mark" for i in fired.keys() - marked]
    withdrawn = house.rows(f"SELECT count(*) FROM audit WHERE action = 'duty.overdue_withdrawn' AND seq > {before.seq}")[0][0]
    return wrong + ([f"{withdrawn} marks were taken back"] if withdrawn else []), fired


class Before:
    """How things stood before anybody filed."""

    def __init__(self, house):
        self.reports = house.rows(FILED)[0][0]
        self.seq = house.rows("SELECT max(seq) FROM audit")[0][0]
        self.marked = {i for i, in house.rows(MARKED)}


def leaders(house):
    """Epochs of the timers as the nodes' logs say: each once."""
    epochs = []
    for name in NAMES:
        text = (house.work / f"{name}.log").read_text(errors="replace")
        epochs += [(int(e), name) for e in re.findall(r"this node leads the timers: epoch (\d+)", text)]
    numbers = [e for e, _ in epochs]
    return [f"epoch {e} was led twice" for e in set(numbers) if numbers.count(e) > 1], sorted(epochs)


def whole_log(house, notes):
    """An export of the whole log, in the hands of tocsin-verify, against checkpoints that were seen on the way."""
    environment = dict(os.environ, TOCSIN_DB=store.conninfo(house.database))
    common = ["--data", house.data[0], "--test-clock", house.work / "clock"]
    said = subprocess.run([house.world.binary, "doctor", "--full", *common], env=environment, capture_output=True, text=True)
    wrong = [] if "records are what their leaves say" in said.stdout else [said.stdout[-800:] + said.stderr[-300:]]
    path = house.work / "log.bundle"
    made = subprocess.run([house.world.binary, "export", "log", path, "drill", *common], env=environment, capture_output=True, text=True)
    if made.returncode:
        return wrong + [made.stderr]
    (house.work / "old.txt").write_text("")
    for note in random.sample(sorted(notes), min(len(notes), 12)) + [min(notes, key=size_of)]:
        (house.work / "old.txt").write_text(note)
        done = subprocess.run([house.build / "tocsin-verify", "--key", house.work / "log.pub", "--checkpoint", house.work / "old.txt", path],
                              capture_output=True, text=True)
        if done.returncode:
            wrong.append(f"against the checkpoint of {size_of(note)} records: {done.stdout[-500:]}{done.stderr}")
    return wrong


def signed_out_everywhere(house, password):
    """A session is begun at one node, used at another, ended at the third: none takes it any more."""
    a, b, c = house.nodes
    answer = a.json("POST", "/sign-in", value={"login": "chen.meihua", "password": password})
    cookie = answer.headers.get("set-cookie", "").split(";")[0]
    if not cookie:
        return [f"signing in: {answer.status} {answer.body[:300]}"]
    head = {"Accept": "application/json", "Cookie": cookie}
    for node in (b, c, a):
        if node.ask("GET", "/me/sessions", head).status != 200:
            return [f"{node.name} does not know the session of {a.name}"]
    out = c.ask("POST", "/sign-out", {**head, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}, b"{}")
    if out.status not in (200, 204, 303):
        return [f"signing out: {out.status} {out.body[:300]}"]
    try:
        until("the session is over everywhere", lambda: all(n.ask("GET", "/me/sessions", head).status == 401 for n in house.nodes), 3)
    except Failed as e:
        return [str(e)]
    return []


class Tap:
    def __init__(self):
        self.count = self.failed = 0
        seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 30)))
        random.seed(seed)
        print(f"# seed {seed}", flush=True)

    def ok(self, name, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ' if wrong else ''}ok {self.count} - {name}", flush=True)
        for line in list(wrong)[:10]:
            print("# " + str(line).replace("\n", "\n# "), flush=True)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def play_round(house, clients, times, seconds):
    clients.more(random.randrange(5, 40), "before anything happens")
    wrong = random.choice(WRONGS)
    began = time.monotonic()
    with house.waits.during(wrong.__name__):
        what = wrong(house, clients, seconds)
        house.all_ready("after it")
    clients.more(10, "afterwards")
    well = time.monotonic() - began
    house.clock.set(house.clock.now() + JUMP)
    return what, well


def rounds_of(house, clients, times, tap, rounds, seconds):
    slowest = {}
    for n in range(1, rounds + 1):
        try:
            what, well = play_round(house, clients, times, seconds)
            wrong = consistent(house, list(times.notes)) if n % 10 == 0 or rounds <= 10 else []
        except Failed as e:
            tap.ok(f"round {n}", [e])
            return
        slowest.setdefault(what.split(" for")[0].split()[-1], []).append(well)
        tap.ok(f"round {n}: {what}; {clients.count()} reports, well after {well:.1f} s", wrong)
    for what, took in sorted(slowest.items()):
        print(f"# {what}: {len(took)} times, all well again after {sum(took) / len(took):.1f} s, at most {max(took):.1f} s")


def try_it(build, world, tap, play, place=None):
    """play(house, clients, times): what happens while they file. What must hold at the end is looked at here."""
    work = world.root / "house"
    work.mkdir()
    house = House(build, world, work, place)
    before = Before(house)
    token = world.tokens["chen.meihua"]
    clients, times = Clients(house.front, token), Time(house)
    house.waits = Waits(house, token)
    try:
        until("the first checkpoint", lambda: times.notes)
        play(house, clients, times)
        clients.end()
        times.end()
        house.waits.end()
        house.waits.tell()
        last_words(house, clients, times, tap, before)
    except Failed as e:
        tap.ok("the end", [e])
    finally:
        clients.end()
        times.end()
        house.waits.end()
        house.close()


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 6
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 3
    tap = Tap()
    try_it(build, World(build, "nodes"), tap, lambda *all: rounds_of(*all, tap, rounds, seconds))
    tap.done()


def last_words(house, clients, times, tap, before):
    late = "SELECT count(*) FROM duty WHERE state = 0 AND overdue = 0 AND due_at < %d"
    until("every late duty is marked", lambda: house.rows(late % house.clock.now())[0][0] == 0)
    tap.ok("a session that ends at one node ends at all", signed_out_everywhere(house, house.world.password))
    asked = []

    def signed():
        # after the last round nobody may lead yet: it says so, and is asked again
        asked.append(house.nodes[2].json("POST", "/log/checkpoint", house.world.tokens["chen.meihua"], {}))
        return asked[-1].status != 503

    until("a checkpoint that is asked for", signed)
    made = asked[-1]
    tap.ok("a node without the key has the log signed by one that has it", [] if made.status in (200, 201) else [made.body[:300]])
    note = house.nodes[2].ask("GET", "/log/checkpoint", {"Accept": "text/plain"}).body
    times.notes.setdefault(note, "gamma")
    (house.work / "log.pub").write_bytes(house.nodes[1].ask("GET", "/log/keys").raw)
    tap.ok(f"{len(times.notes)} checkpoints seen on the way, all of one log", consistent(house, list(times.notes)))
    codes = house.close()
    tap.ok("the nodes end cleanly", [f"{n}: {c}" for n, c in zip(NAMES, codes) if c])
    wrong = kill9.check(house.data[0], clients.acknowledged)
    filed = house.rows(FILED)[0][0] - before.reports
    if filed != len(clients.acknowledged):
        wrong.append(f"{filed} reports are there, {len(clients.acknowledged)} were acknowledged")
    tap.ok(f"{len(clients.acknowledged)} reports acknowledged in {clients.tries} tries: each there once, and no other", wrong)
    wrong, fired = duties(house, before)
    tap.ok(f"{len(fired)} duties became overdue: each marked once", wrong)
    wrong, epochs = leaders(house)
    tap.ok(f"{len(epochs)} times a node took the lead: never two with one epoch", wrong)
    by_node = house.rows("SELECT node, count(*) FROM audit GROUP BY node ORDER BY node")
    tap.ok("each node wrote into the one log: " + ", ".join(f"{n} {c}" for n, c in by_node if n in NAMES),
           [n for n in NAMES if n not in dict(by_node)])
    tap.ok("every record is what its leaf says, and the whole log what the checkpoints said", whole_log(house, list(times.notes)))


if __name__ == "__main__":
    main()
