#!/usr/bin/env python3
"""Three nodes on one PostgreSQL behind nginx, and another Tocsin beside them: each witnesses the other's log.

usage: witnessed.py BUILD_DIR [ROUNDS]     20 rounds of forks unless told; TAP

Of three nodes one brings a checkpoint to a witness. The one that is on the way is killed, or stands still until another went in its
place: the checkpoint is cosigned, and what the late one has to say changes nothing. The node that leads the signing is killed: another
goes on. As a witness the nodes are brought forks of one log at the same moment, each another: never are two cosigned that are not of
one log, and whoever believes an old size is told the newer one by each of them.
"""
import base64, hashlib, os, re, signal, subprocess, sys, threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "play"), str(HERE.parent / "crash")]
os.environ["TOCSIN_ENGINE"] = "postgresql"
import nodes, proofs, witness
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nodes import Tap, until
from world import Failed, World, rfc3339

MINUTE = 60_000_000
LEASE = 3                               # minutes after which another goes in place of one that does not come back


class Holding(witness.Rubbish):
    """A witness that can keep whoever comes waiting; it knows from which port he came."""

    def do_POST(self):
        if self.server.mode == "held":
            self.server.callers.append(self.client_address[1])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.server.hold.wait(witness.PATIENCE)
            self.close_connection = True
            return
        super().do_POST()


def holding(work):
    server = witness.rubbish(work)
    server.RequestHandlerClass, server.callers, server.mode = Holding, [], "good"
    return server


class Cluster(nodes.House):
    """The three nodes, as an administrator and others see them."""

    def ask(self, method, path, value=None, who="admin", node=0, want=(200, 201)):
        answer = self.nodes[node].json(method, path, who and self.world.tokens[who], value)
        if answer.status not in want:
            raise Failed(f"{self.nodes[node].name} {method} {path}: {answer.status} {answer.words()[:500]}")
        return answer

    def alive(self):
        return next(i for i, n in enumerate(self.nodes) if n.process and not n.stands_still)

    def row(self, title):
        return next(w for w in self.ask("GET", "/witnesses", node=self.alive()).json["rows"] if w["title"] == title)

    def saw(self, title):
        return self.row(title)["seen_size"] or 0

    def happens(self):
        """Something does, and the log is signed: how many records the checkpoint has. A node that takes over needs a moment."""
        self.ask("POST", "/reports", {"description": "見證"}, "haiwan.soc", self.alive())
        until("a checkpoint", lambda: self.nodes[self.alive()].json("POST", "/log/checkpoint", self.world.tokens["admin"],
                                                                   {}).status == 200)
        return self.ask("GET", "/log/checkpoint.json", who=None, node=self.alive()).json["size"]

    def note(self):
        return self.nodes[self.alive()].ask("GET", "/log/checkpoint", {"Accept": "text/plain"}).body

    def later(self, minutes):
        self.clock.set(self.clock.now() + minutes * MINUTE)

    def leader(self, role):
        return next(n for n in self.nodes if (n.name,) in self.rows(f"SELECT node FROM leader WHERE role = {role}"))

    def said(self, node, words):
        return (self.work / f"{node.name}.log").read_text(errors="replace").count(words)


def has_port(pid, port):
    """Whether this process has a TCP connection from that port of this machine."""
    inodes = {line.split()[9] for line in open("/proc/net/tcp").readlines()[1:] if line.split()[1].endswith(f":{port:04X}")}
    try:
        return any(os.readlink(f).removeprefix("socket:[").rstrip("]") in inodes for f in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def sender(cluster, port):
    return next(n for n in cluster.nodes if n.process and any(has_port(p, port) for p in nodes.family(n.process.pid)))


def stop_still(node, still):
    node.stands_still = still
    nodes.signal_family(node.process.pid, signal.SIGSTOP if still else signal.SIGCONT)


# ---- as a log ----

def both_ways(cluster, other, held, tap):
    front = "http://%s:%d/witness" % cluster.front
    other.ask("POST", "/witnesses/logs", {"title": "cluster", "keys": cluster.nodes[0].ask("GET", "/log/keys").body})
    cluster.ask("POST", "/witnesses/logs", {"title": "other", "keys": other.server.ask("GET", "/log/keys").body})
    cluster.ask("POST", "/witnesses", {"title": "other", "vkey": other.witnesses()["vkey"],
                                       "url": f"http://127.0.0.1:{other.server.port}/witness"})
    cluster.ask("POST", "/witnesses", {"title": "held", "vkey": held.vkey, "url": f"http://127.0.0.1:{held.server_port}"})
    other.ask("POST", "/witnesses", {"title": "cluster", "vkey": cluster.ask("GET", "/witnesses").json["vkey"], "url": front})
    for n in range(6):
        size = cluster.happens()
        until("both witnesses saw it", lambda: all(cluster.saw(t) >= size for t in ("other", "held")))
        cluster.later(1)
    tap.ok("the nodes' log is cosigned by another Tocsin", [] if "— log.other.example " in cluster.note() else [cluster.note()])
    sizes = [body.split(b"\n\n", 1)[1].split(b"\n")[1] for _, body in held.seen]
    tap.ok("of three nodes one brings it: each checkpoint came once", [] if len(set(sizes)) == len(sizes) >= 6 else sizes)
    size = other.checkpoint()["size"]
    other.until("cosigned", lambda: (other.row("cluster")["seen_size"] or 0) >= size)
    tap.ok("and the other's log by the nodes, through nginx", [] if "— log.cluster.example " in other.note() else [other.note()])


def on_the_way(cluster, held):
    """A checkpoint, and the node that is on its way with it and does not come back."""
    held.hold.clear()
    held.mode, before = "held", len(held.callers)
    size = cluster.happens()
    until("somebody is on the way", lambda: len(held.callers) > before)
    return size, sender(cluster, held.callers[-1])


def another_went(cluster, held, size, tap, what):
    """The lease is over: another node goes."""
    held.mode = "good"
    cluster.later(LEASE)
    until(f"another node goes, {what}", lambda: cluster.saw("held") >= size)
    row = cluster.row("held")
    tap.ok(f"another node goes in its place, {what}", [] if row["outcome"] == "cosigned" and held.name in cluster.note() else [row])


def killed(cluster, held, tap):
    size, node = on_the_way(cluster, held)
    node.kill()
    before = len(held.seen)
    other = cluster.happens()
    until("the other witness", lambda: cluster.saw("other") >= other)
    tap.ok("the node that is on the way is killed: nobody else goes before its time is over", held.seen[before:])
    another_went(cluster, held, other, tap, "killed")
    node.start()
    cluster.all_ready("again")


def stood_still(cluster, held, tap):
    size, node = on_the_way(cluster, held)
    stop_still(node, True)
    another_went(cluster, held, size, tap, "standing still")
    size, heard = cluster.happens(), cluster.said(node, "was visited by another node meanwhile")
    cluster.later(1)
    until("the next one too", lambda: cluster.saw("held") >= size)
    held.hold.set()
    stop_still(node, False)
    until("it wakes, and finds out", lambda: cluster.said(node, "was visited by another node meanwhile") > heard)
    row = cluster.row("held")
    tap.ok("what it has to say when it wakes changes nothing", [] if row["outcome"] == "cosigned" and row["seen_size"] == size and
           row["failing_since"] is None else [row])
    cluster.all_ready("awake")


def lead_lost(cluster, other, tap):
    was = cluster.leader(1)
    was.kill()
    size = cluster.happens()
    now = cluster.leader(1)
    until("it is cosigned", lambda: cluster.saw("other") >= size)
    tap.ok("the node that leads the signing is killed: another signs, and that is cosigned",
           [] if now is not was and "— log.other.example " in cluster.note() else [was.name, now.name, cluster.note()])
    was.start()
    cluster.all_ready("again")


# ---- as a witness ----

def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root(leaves):
    """RFC 9162, 2.1.1, of hashes of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return proofs.node(root(leaves[:half]), root(leaves[half:]))


def consistency(leaves, m, whole=True):
    """RFC 9162, 2.1.4.1: from the first m."""
    n = len(leaves)
    if m == n:
        return [] if whole else [root(leaves)]
    half = 1 << (n - 1).bit_length() - 1
    if m <= half:
        return [*consistency(leaves[:half], m, whole), root(leaves[half:])]
    return [*consistency(leaves[half:], m - half, False), root(leaves[:half])]


class Log:
    """A log of ours, of which we can sign whatever we like."""

    name = "log.forked.example"

    def __init__(self):
        self.key, self.leaves, self.made = Ed25519PrivateKey.generate(), [leaf(b"0")], 0
        public = b"\x01" + self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.id = hashlib.sha256(self.name.encode() + b"\n" + public).digest()[:4]
        self.vkey = f"{self.name}+{self.id.hex()}+{base64.b64encode(public).decode()}"

    def more(self, n):
        """These leaves and n others, that no other log has."""
        self.made += n
        return self.leaves + [leaf(b"%d of %d" % (i, self.made)) for i in range(n)]

    def request(self, leaves, old, now):
        text = f"{self.name}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\ntime {rfc3339(now)[:-1]}.000000Z\n"
        line = base64.b64encode(self.id + self.key.sign(text.encode())).decode()
        proof = consistency(leaves, old) if 0 < old < len(leaves) else []
        return "".join([f"old {old}\n", *(base64.b64encode(h).decode() + "\n" for h in proof), "\n", text, "\n",
                        f"— {self.name} {line}\n"]).encode(), text


def cosigned(vkey, text, said):
    """The second of the cosignature; raises when it does not hold."""
    name, _, public = vkey.split("+", 2)
    blob = base64.b64decode(re.fullmatch(rf"— {re.escape(name)} (\S+)\n", said).group(1))
    second = int.from_bytes(blob[4:12], "big")
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(
        blob[12:], f"cosignature/v1\ntime {second}\n{text}".encode())
    return second


def at_once(requests):
    """The answers to (node, body), sent at the same moment."""
    barrier, answers = threading.Barrier(len(requests)), [None] * len(requests)

    def run(i, node, body):
        barrier.wait()
        answers[i] = node.ask("POST", "/witness/add-checkpoint", {"Content-Type": "text/plain"}, body)
    threads = [threading.Thread(target=run, args=(i, *r)) for i, r in enumerate(requests)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def forks(cluster, tap, rounds):
    log, signers = Log(), cluster.nodes[:2]
    vkey = cluster.ask("GET", "/witnesses").json["vkey"]
    cluster.ask("POST", "/witnesses/logs", {"title": "forked", "keys": log.vkey})
    first, text = log.request(log.leaves, 0, cluster.clock.now())
    told = [n.ask("POST", "/witness/add-checkpoint", None, first) for n in signers]
    seen, wrong, kept = [(log.leaves, text, told[0].body)], [], set()
    for n in range(rounds):
        cluster.later(1)
        size = len(log.leaves)
        # forks of equal or different sizes, or twice the same
        branches = [log.more(n % 3 + 1), log.more(n // 3 % 3 + 1)] if n % 4 else [log.more(2)] * 2
        asked = [log.request(b, size, cluster.clock.now()) for b in branches]
        answers = at_once([(node, body) for node, (body, _) in zip(signers, asked)])
        good = [(b, text, a.body) for b, (_, text), a in zip(branches, asked, answers) if a.status == 200]
        if sorted(a.status for a in answers) != [200, 409]:
            wrong.append(f"round {n}: {[(a.status, a.body[:200]) for a in answers]}")
        seen += good
        log.leaves = max((b for b, _, _ in good), key=len, default=log.leaves)
        kept |= {len(b) for b in branches if b != log.leaves and len(b) == len(log.leaves)}
        stale, _ = log.request(log.leaves, size, cluster.clock.now())
        for node in signers:
            answer = node.ask("POST", "/witness/add-checkpoint", None, stale)
            if (answer.status, answer.body) != (409, f"{len(log.leaves)}\n"):
                wrong.append(f"round {n}: {node.name} takes the old size: {answer.status} {answer.body[:200]}")
    for leaves, text, said in seen:
        try:
            cosigned(vkey, text, said)
        except (InvalidSignature, AttributeError) as e:
            wrong.append(f"a cosignature of {len(leaves)} records does not hold: {e!r} {said}")
        if leaves != log.leaves[:len(leaves)]:
            wrong.append(f"what was cosigned of {len(leaves)} records is not of the log that was cosigned last")
    tap.ok(f"{rounds} times two nodes are brought a log at once, mostly forked: one is cosigned, and the old size no more", wrong)
    log_of = next(l for l in cluster.ask("GET", "/witnesses").json["logs"] if l["origin"] == log.name)
    shown = {r["size"] for r in log_of["refusals"] if r["forked"]}
    tap.ok(f"{len(kept)} forks of as many records are kept, and the page says so",
           [] if log_of["forked"] and shown == set(sorted(kept)[-len(shown):]) and log_of["seen_size"] == len(log.leaves) else [kept, log_of])
    unsigned(cluster, tap, log)


def unsigned(cluster, tap, log):
    """A node whose keeper has no key has remembered a checkpoint, and nobody cosigned it: as if it had died in between."""
    cluster.later(1)
    size, more = len(log.leaves), log.more(2)
    body, text = log.request(more, size, cluster.clock.now())
    answers = [n.ask("POST", "/witness/add-checkpoint", None, body) for n in (cluster.nodes[2], cluster.nodes[0])]
    again, text = log.request(more, len(more), cluster.clock.now())
    answers.append(cluster.nodes[1].ask("POST", "/witness/add-checkpoint", None, again))
    tap.ok("what one node remembered and did not cosign another does", [] if [a.status for a in answers] == [503, 409, 200] and
           answers[1].body == f"{len(more)}\n" else [(a.status, a.body[:200]) for a in answers])
    fork, _ = log.request(log.more(3), size, cluster.clock.now())
    answers = [n.ask("POST", "/witness/add-checkpoint", None, fork) for n in cluster.nodes]
    tap.ok("and no node another in its place", [] if [a.status for a in answers] == [409] * 3 else [(a.status, a.body[:200])
                                                                                                   for a in answers])


# ---- all of it ----

def play(cluster, other, held, tap, build, rounds):
    both_ways(cluster, other, held, tap)
    notes = {cluster.note()}
    for wrong in (killed, stood_still):
        wrong(cluster, held, tap)
        notes.add(cluster.note())
    lead_lost(cluster, other, tap)
    notes.add(cluster.note())
    forks(cluster, tap, rounds)
    tap.ok(f"{len(notes)} checkpoints on the way are of one log", nodes.consistent(cluster, list(notes)))
    work = cluster.work
    (work / "log.keys").write_text(cluster.nodes[0].ask("GET", "/log/keys").body)
    (work / "witness.key").write_text(other.witnesses()["vkey"] + "\n")
    cluster.happens()
    cosigned_note = []
    until("the last is cosigned", lambda: cosigned_note.append(cluster.note()) or "— log.other.example " in cosigned_note[-1])
    (work / "note").write_text(cosigned_note[-1])
    said = subprocess.run([build / "tocsin-verify", "--lang", "en", "--key", work / "log.keys", "--witness", work / "witness.key",
                           work / "note"], capture_output=True, text=True)
    tap.ok("tocsin-verify says that the other saw the last", [] if said.returncode == 0 and "saw it and cosigned it" in said.stdout else
           [said.stdout + said.stderr])
    codes = cluster.close()
    tap.ok("the nodes end cleanly", [f"{n.name}: {c}" for n, c in zip(cluster.nodes, codes) if c])


def main():
    build, rounds = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    tap, other = Tap(), witness.House(build, "other")
    os.environ["TOCSIN_LOG_ORIGIN"] = "log.cluster.example"
    world = World(build, "witnessed")
    del os.environ["TOCSIN_LOG_ORIGIN"]
    work = world.root / "house"
    work.mkdir()
    held = holding(work)
    nodes.Node.stands_still = False
    cluster = Cluster(build, world, work, extra=["--outbound", f"127.0.0.1:{other.server.port} 127.0.0.1:{held.server_port}"])
    try:
        other.start("%s:%d" % cluster.front)
        cluster.all_ready("at first")
        play(cluster, other, held, tap, build, rounds)
        tap.ok("the other server ends well", [t for t in [other.stage.close()] if t])
    except Failed as e:
        tap.ok("the end", [e])
    finally:
        for node in cluster.nodes:
            if node.process and node.stands_still:
                stop_still(node, False)
        held.hold.set()
        cluster.close()
        if other.server.process:
            other.server.stop(signal.SIGKILL)
    print(f"1..{tap.count}")
    sys.exit(1 if tap.failed else 0)


if __name__ == "__main__":
    main()
