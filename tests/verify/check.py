#!/usr/bin/env python3
"""check.py KEY RECEIPT: checks a receipt by docs/reference/receipt-format.md alone. Exit 0: proved, 1: not."""
import base64, hashlib, json, re, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551

def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()

def need(held, why):
    if not held:
        sys.exit("not proved: " + why)

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64")
    return data

def signature_holds(key, text, signature):
    kind, public = key[0], key[1:]
    if kind == 1:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
        return
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    need(kind == 2 and len(signature) == 64 and s <= (ORDER - 1) // 2, "signature")
    der = utils.encode_dss_signature(r, s)
    serialization.load_der_public_key(public).verify(der, text, ec.ECDSA(hashes.SHA256()))

def checkpoint_of(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = unbase64(key)
    need(sha(name.encode(), b"\n", key)[:4].hex() == key_id, "key id")
    text, signatures = note.rsplit("\n\n", 1)
    found = False
    for line in signatures.removesuffix("\n").split("\n"):
        _, signer, data = re.fullmatch("(—) ([^ +]+) ([A-Za-z0-9+/=]+)", line).groups()
        data = unbase64(data)
        if signer == name and data[:4].hex() == key_id:
            signature_holds(key, (text + "\n").encode(), data[4:])
            found = True
    need(found, "not signed by this key")
    origin, size, root, time = text.split("\n")
    need(origin == name, "origin")
    return origin, int(size), unbase64(root), time.removeprefix("time ")

def root_of(index, size, h, proof):
    last = size - 1
    for p in proof:
        need(last > 0 and len(p) == 32, "proof")
        if index % 2 or index == last:
            h = sha(b"\1", p, h)
            while index and not index % 2:
                index, last = index >> 1, last >> 1
        else:
            h = sha(b"\1", h, p)
        index, last = index >> 1, last >> 1
    need(last == 0, "proof")
    return h

vkey = open(sys.argv[1], encoding="utf-8").readline().strip()
bytes_read = open(sys.argv[2], "rb").read()
r = json.loads(bytes_read)
one_form = json.dumps(r, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
need(one_form == bytes_read and r["format"] == "tocsin-receipt/1", "form")
need(r["checkpoint"], "no checkpoint yet")
origin, size, root, time = checkpoint_of(r["checkpoint"], vkey)
record = json.loads(r["record"])
need(r["size"] == size and record["log"] == origin and record["seq"] == r["index"] + 1, "place")
if r["details"]:
    salted = bytes.fromhex(r["details"]["salt"]) + r["details"]["json"].encode()
    need(sha(salted).hex() == record["details"], "details")
need(0 <= r["index"] < size, "index")
need(root_of(r["index"], size, sha(b"\0", r["record"].encode()), map(unbase64, r["proof"])) == root, "inclusion")
print("proved: record", record["seq"], record["type"], record["object"], "at", record["time"], "signed", time)
