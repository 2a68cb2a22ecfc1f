#!/usr/bin/env python3
"""Three nodes on three PostgreSQL that Patroni manages by an etcd of three, and the primary is lost again and again.

usage: cluster.py BUILD_DIR [ROUNDS]     short without: one loss, one switchover; TAP

As root each member stands in a network namespace of its own, on a bridge that nobody else sees, and its link can be cut; else on
loopback addresses. In each round one of these: the primary, its Patroni and all that it has started are killed (kill -9); patronictl
switches over; the standby is killed for which commits wait; Patroni alone is killed and started again; the primary's link is cut; primary
and Patroni stand still (SIGSTOP) and wake when another has taken over. Then the
member comes back, and the cluster is whole again before the next round. Eight clients file all the while, as in nodes.py, and the same is
looked at: nothing that was acknowledged is lost or doubled, one log, and every checkpoint that anybody saw is of it.
"""
import contextlib, http.client, json, os, random, shutil, signal, subprocess, sys, time
from pathlib import Path

import nodes
from nodes import until
from world import Failed, World

SIZE = 3
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))[-1]
NOBODY = 65534
TIMES = {"ttl": 30, "loop_wait": 10, "retry_timeout": 10}      # Patroni's own
HASTY = {"ttl": 12, "loop_wait": 2, "retry_timeout": 4}
APART = "TOCSIN_NETWORK_APART"
PLAIN = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


def unprivileged():
    """Words before a command that must not run as root."""
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []


def apart():
    """As root: goes on in a network of its own. Whether this is one."""
    if APART in os.environ:
        for words in ("link set lo up", "link add name db0 type bridge", "address add 10.77.0.1/24 dev db0", "link set db0 up"):
            subprocess.run(["ip", *words.split()], check=True)
        return True
    if os.geteuid() == 0 and shutil.which("ip") and subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode == 0:
        os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], {**os.environ, APART: "1"})
    return False


class Member:
    """A machine of the database: etcd, Patroni and what Patroni starts."""

    def __init__(self, number, work, networks):
        self.number, self.name, self.work = number, f"db{number + 1}", work / f"db{number + 1}"
        self.address = f"10.77.0.{21 + number}" if networks else f"127.0.0.{21 + number}"
        self.etcd = self.patroni = self.room = None
        self.inside = []
        if networks:
            self.room = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
            until("a network namespace", lambda: os.readlink(f"/proc/{self.room.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
            self.inside = ["nsenter", "--net", f"--target={self.room.pid}"]
            for words in (f"link add name {self.name} type veth peer name eth0 netns {self.room.pid}", f"link set {self.name} master db0 up"):
                subprocess.run(["ip", *words.split()], check=True)
            for words in ("link set lo up", f"address add {self.address}/24 dev eth0", "link set eth0 up"):
                subprocess.run([*self.inside, "ip", *words.split()], check=True)
        self.ports = {what: port if networks else nodes.free_port(self.address) for what, port in
                      (("postgresql", 5432), ("patroni", 8008), ("client", 2379), ("peer", 2380))}
        self.work.mkdir()
        # sockets have short names
        self.sockets = Path(f"/tmp/tocsin-cluster-{os.getpid()}-{number}")
        self.sockets.mkdir()
        if os.geteuid() == 0:
            for folder in (self.work, self.sockets):
                os.chown(folder, NOBODY, NOBODY)

    def at(self, what):
        return f"{self.address}:{self.ports[what]}"

    def run(self, log, *words):
        return subprocess.Popen([*self.inside, *unprivileged(), *words], stdin=subprocess.DEVNULL, cwd="/", env=PLAIN,
                                stdout=open(self.work.parent / f"{self.name}.{log}.log", "ab"), stderr=subprocess.STDOUT, start_new_session=True)

    def start_etcd(self, members):
        self.etcd = self.run("etcd", "etcd", "--name", self.name, "--data-dir", self.work / "etcd", "--log-level", "warn",
                             "--listen-peer-urls", "http://" + self.at("peer"), "--initial-advertise-peer-urls", "http://" + self.at("peer"),
                             "--listen-client-urls", "http://" + self.at("client"), "--advertise-client-urls", "http://" + self.at("client"),
                             "--initial-cluster", ",".join(f"{m.name}=http://{m.at('peer')}" for m in members), "--initial-cluster-state", "new", "--enable-v2")

    def configure(self, members, times):
        trusted = ["local all all trust", "host all all 0.0.0.0/0 trust", "host replication all 0.0.0.0/0 trust"]
        self.config = self.work.parent / f"{self.name}.json"
        self.config.write_text(json.dumps({             # YAML as well
            "scope": "tocsin", "name": self.name,
            "restapi": {"listen": self.at("patroni"), "connect_address": self.at("patroni")},
            "etcd": {"hosts": [m.at("client") for m in members]},
            # as Debian's: a primary that was cut off recycles the WAL that pg_rewind needs when it steps down, and copies everything then
            "bootstrap": {"dcs": {**times, "synchronous_mode": True, "postgresql": {
                              "use_pg_rewind": True, "remove_data_directory_on_rewind_failure": True,
                              "remove_data_directory_on_diverged_timelines": True, "parameters": {"max_connections": 200}}},
                          "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}]},
            "postgresql": {"listen": self.at("postgresql"), "connect_address": self.at("postgresql"), "data_dir": str(self.work / "data"),
                           "bin_dir": str(BINARIES), "pgpass": str(self.work / "pgpass"), "pg_hba": trusted,
                           "parameters": {"unix_socket_directories": str(self.sockets), "shared_buffers": "64MB"},
                           "authentication": {"superuser": {"username": "tocsin"}, "replication": {"username": "replicator"}}}}))

    def start_patroni(self):
        self.patroni = self.run("patroni", "patroni", self.config)

    def start_anew(self):
        """As the service of the how-to: a Patroni that finds its PostgreSQL running takes the synchronous standby away for a moment."""
        nodes.signal_family(self.postmaster(), signal.SIGKILL)
        self.start_patroni()

    def postmaster(self):
        return int((self.work / "data" / "postmaster.pid").read_text().split("\n")[0])

    def signal(self, which):
        """To Patroni first: it would mend what it sees."""
        nodes.signal_family(self.patroni.pid, which)
        nodes.signal_family(self.postmaster(), which)

    def link(self, state):
        subprocess.run(["ip", "link", "set", self.name, state], check=True)

    def end(self):
        if self.patroni:
            with contextlib.suppress(OSError, ValueError):
                self.signal(signal.SIGCONT)
            self.patroni.terminate()                    # stops the server as well
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.patroni.wait(20)
            with contextlib.suppress(OSError, ValueError):
                nodes.signal_family(self.postmaster(), signal.SIGKILL)
        for process in (self.patroni, self.etcd, self.room):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)


class Cluster:
    def __init__(self, work, networks, times):
        self.networks, self.members = networks, []
        try:
            for i in range(SIZE):
                self.members.append(Member(i, work, networks))
            for m in self.members:
                m.start_etcd(self.members)
                m.configure(self.members, times)
                m.start_patroni()
            until("the cluster is whole", self.whole)
        except BaseException:
            self.end()
            raise

    def seen(self, member):
        """What one member knows of all: name, role and state of each."""
        try:
            c = http.client.HTTPConnection(member.address, member.ports["patroni"], timeout=2)
            c.request("GET", "/cluster")
            return json.loads(c.getresponse().read()).get("members", [])
        except (OSError, ValueError, http.client.HTTPException):
            return []
        finally:
            c.close()

    def primary(self, but=None):
        """The one that leads by the word of another, or of itself when nobody is left out; None: there is none."""
        for m in self.members:
            for row in self.seen(m) if m is not but else []:
                if row["role"] == "leader" and row["state"] == "running" and (not but or row["name"] != but.name):
                    return next(m for m in self.members if m.name == row["name"])
        return None

    def whole(self):
        """Everybody says that one leads, one follows in step, all are there, on one timeline."""
        for m in self.members:
            rows = self.seen(m)
            roles = sorted(r["role"] for r in rows)
            if roles != ["leader", "replica", "sync_standby"] or len({r.get("timeline") for r in rows}) != 1 or \
                    any(r["state"] not in ("running", "streaming") or r.get("lag", 0) not in range(1 << 20) for r in rows):
                return False
        return True

    def words(self):
        """How it stands, for whoever looks into a failure."""
        for m in self.members:
            yield f"{m.name} sees " + (", ".join(f"{r['name']} {r['role']} {r['state']} {r.get('timeline')}" for r in self.seen(m)) or "nobody")
            yield from (m.work.parent / f"{m.name}.patroni.log").read_text(errors="replace").splitlines()[-1:]

    def hosts(self):
        return ",".join(m.address for m in self.members), ",".join(str(m.ports["postgresql"]) for m in self.members)

    def caught_up(self):
        """Every member has what the primary has: a database that was just made is one that libpq finds wherever it asks."""
        def ask(hosts, ports, sql, of):
            return subprocess.run(["psql", "-XqAt", f"host={hosts} port={ports} user=tocsin dbname=postgres target_session_attrs={of}", "-c", sql],
                                  check=True, capture_output=True, text=True).stdout.strip()
        there = ask(*self.hosts(), "SELECT pg_current_wal_lsn()", "read-write")
        return all(ask(m.address, m.ports["postgresql"], f"SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= '{there}'", "any") == "t"
                   for m in self.members)

    def end(self):
        for m in self.members:
            m.end()


# ---- what goes wrong: each with the member that leads; says what was done, how to bring it back, and whether another must lead ----

def kill_the_primary(cluster, old):
    old.signal(signal.SIGKILL)
    old.patroni.wait()
    return f"{old.name} killed", old.start_patroni, True


def kill_the_standby(cluster, old):
    """The one for which every commit waits."""
    standby = next(m for m in cluster.members for row in cluster.seen(old) if row["name"] == m.name and row["role"] == "sync_standby")
    standby.signal(signal.SIGKILL)
    standby.patroni.wait()
    return f"{standby.name} killed, which {old.name} commits with", standby.start_patroni, False


def kill_patroni(cluster, old):
    """And the service manager starts it again."""
    old.patroni.kill()
    old.patroni.wait()
    old.start_anew()
    return f"Patroni of {old.name} killed", lambda: None, False


def lose_patroni(cluster, old):
    """What it leaves alone goes on as a primary, for nobody tells it."""
    old.patroni.kill()
    old.patroni.wait()
    return f"Patroni of {old.name} lost", old.start_anew, True


def cut_the_primary(cluster, old):
    old.link("down")
    return f"{old.name} cut off", lambda: old.link("up"), True


def stop_the_primary(cluster, old):
    old.signal(signal.SIGSTOP)
    return f"{old.name} stands still", lambda: old.signal(signal.SIGCONT), True


def switch_over(cluster, old):
    done = subprocess.run([*old.inside, "patronictl", "-c", old.config, "switchover", "--leader", old.name, "--force", "tocsin"],
                          env={**PLAIN, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True)
    if done.returncode or "Successfully switched over" not in done.stdout:
        raise Failed(done.stdout + done.stderr)
    return f"{old.name} switched over", lambda: None, True


def play_round(cluster, house, clients, wrong):
    """What was done, and the seconds until another led (if one had to), reports were acknowledged again, and all members were back."""
    clients.more(random.randrange(5, 40), "before anything happens")
    old = cluster.primary()
    began, took = time.monotonic(), {}
    with house.waits.during(wrong.__name__):
        what, bring_back, another = wrong(cluster, old)
        if another:
            until("another leads", lambda: cluster.primary(old))
            took["another leads"] = time.monotonic() - began
            what += f", {cluster.primary(old).name} leads"
        clients.more(20, "afterwards")
        took["20 reports"] = time.monotonic() - began
        house.all_ready("afterwards")
    bring_back()
    back = time.monotonic()
    until("the cluster is whole again", cluster.whole)
    took["whole again"] = time.monotonic() - back
    clients.more(10, "with all members")
    house.all_ready("with all members")
    house.clock.set(house.clock.now() + nodes.JUMP)
    return what, took


def rounds_of(cluster, tap, wrongs, house, clients, times):
    seen = {}
    for n, wrong in enumerate(wrongs, 1):
        try:
            what, took = play_round(cluster, house, clients, wrong)
            tap.ok(f"round {n}: {what}; " + ", ".join(f"{name} after {s:.0f} s" for name, s in took.items()),
                   nodes.consistent(house, list(times.notes)))
        except Failed as e:
            tap.ok(f"round {n}: {wrong.__name__}", [e, f"load {os.getloadavg()[0]:.0f}", *cluster.words()])
            return
        for name, seconds in took.items():
            seen.setdefault(wrong.__name__, {}).setdefault(name, []).append(seconds)
    for wrong, of in seen.items():
        print(f"# {wrong}, {len(of['20 reports'])} times: " +
              ", ".join(f"{name} after {min(s):.0f} to {max(s):.0f} s" for name, s in of.items()))
    until("the cluster is whole at the end", cluster.whole)


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    networks, tap = apart(), nodes.Tap()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))   # what was started is ended
    work = build / "cluster"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    nodes.WELL_AGAIN = 150
    wrongs = [kill_the_primary, switch_over]
    if chosen := os.environ.get("WRONGS"):
        wrongs = [globals()[name] for name in chosen.split()]
    elif rounds:
        wrongs += [kill_the_standby, kill_patroni, lose_patroni, stop_the_primary] + [cut_the_primary] * networks
        wrongs += random.choices(wrongs, k=max(0, rounds - len(wrongs)))
    if rounds and not networks:
        tap.ok("the primary is cut off # SKIP only as root, with ip and unshare: members are on loopback", [])
    cluster = Cluster(work, networks, TIMES if rounds else HASTY)
    tell = nodes.store.tell

    def tell_all(database, *commands):
        said = tell(database, *commands)
        if any(c.startswith("CREATE DATABASE") for c in commands):
            until("every member has the new database", cluster.caught_up)
        return said

    nodes.store.tell = tell_all
    try:
        hosts, ports = cluster.hosts()
        os.environ["TOCSIN_TEST_DB"] = f"host='{hosts}' port='{ports}' user=tocsin dbname=postgres target_session_attrs=read-write"
        place = ",".join(m.at("postgresql") for m in cluster.members)
        nodes.try_it(build, World(build, "cluster-nodes"), tap, lambda *all: rounds_of(cluster, tap, wrongs, *all), place)
    finally:
        cluster.end()
    tap.done()


if __name__ == "__main__":
    main()
