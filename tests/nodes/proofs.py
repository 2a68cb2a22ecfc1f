"""What a checkpoint says, and whether a proof shows that one log goes on where another was (RFC 9162, 2.1.4.2)."""
import base64, hashlib


def fields(note):
    """Size and root."""
    lines = note.split("\n")
    return int(lines[1]), base64.b64decode(lines[2])


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def goes_on(first, first_root, second, second_root, proof):
    if first == second:
        return first_root == second_root and not proof
    if first & (first - 1) == 0:
        proof = [first_root, *proof]
    if not proof:
        return False
    at, end = first - 1, second - 1
    while at & 1:
        at, end = at >> 1, end >> 1
    old = new = proof[0]
    for hash in proof[1:]:
        if end == 0:
            return False
        if at & 1 or at == end:
            old, new = node(hash, old), node(hash, new)
            while at and not at & 1:
                at, end = at >> 1, end >> 1
        else:
            new = node(new, hash)
        at, end = at >> 1, end >> 1
    return end == 0 and old == first_root and new == second_root
