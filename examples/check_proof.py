"""Check what ``hongbao audit prove --json`` printed, without hongbao and without the books.

It needs the proof, the public key (from somebody you trust), and the package ``cryptography``::

    python examples/check_proof.py proof.json 'shop.example/books+1234abcd+AbCd...'
"""

import json
import struct
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def check(proof: dict[str, Any], public_key: str) -> str:
    """The checkpoint's text, if all that the proof says follows from it; else an error."""
    text = signed_text(proof["checkpoint"], public_key)
    _, size, root = text.splitlines()[:3]
    kind, number, seq, head = struct.unpack(">cQI32s", b64decode(proof["leaf"]))
    of_it = (b"p", proof["events"][0]["payout_id"], len(proof["events"]))
    demand((kind, number, seq) == of_it, "the leaf is of another history")
    demand(head == chained(proof["events"]), "the events do not lead to the leaf")
    path = [b64decode(one) for one in proof["path"]]
    found = climb(b64decode(proof["leaf"]), proof["index"], int(size), path)
    demand(found == b64decode(root), "the leaf does not lead to the root")
    return text


def demand(holds: object, otherwise: str) -> None:
    """Stop unless something holds."""
    if not holds:
        raise ValueError(otherwise)


def signed_text(note: str, public_key: str) -> str:
    """The text of a signed note (https://c2sp.org/signed-note)."""
    name, _, encoded = public_key.split("+", 2)
    key = b64decode(encoded)
    key_id = sha256(f"{name}\n".encode() + key).digest()[:4]
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        signature = b64decode(line.split(" ")[-1])
        if line.startswith(f"\u2014 {name} ") and signature[:4] == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], f"{text}\n".encode())
            return f"{text}\n"
    raise ValueError("the checkpoint is not signed with this key")


def chained(events: list[dict[str, Any]]) -> bytes:
    """The hash of the last event: each covers the one before it and its own bytes."""
    last = bytes(32)
    for seq, event in enumerate(events, 1):
        demand(event["seq"] == seq, "an event is missing")
        parts = ("payout_id", "seq", "at", "kind", "actor", "body")
        row = "\n".join(str(event[part]) for part in parts)
        last = sha256(last + row.encode()).digest()
        demand(last.hex() == event["hash"], f"event {seq} was changed")
    return last


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root of the tree (RFC 6962, section 2.1) to which a path leads from a leaf."""
    top, last = sha256(b"\0" + leaf).digest(), size - 1
    for other in path:
        demand(last, "the path is too long")
        if index % 2 or index == last:
            top = sha256(b"\1" + other + top).digest()
            while not index % 2:
                index, last = index // 2, last // 2
        else:
            top = sha256(b"\1" + top + other).digest()
        index, last = index // 2, last // 2
    demand(last == 0, "the path is too short")
    return top


def main() -> None:
    """Check the file of the command line."""
    proof = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = check(proof, sys.argv[2])
    for event in proof["events"]:
        print(event["seq"], event["kind"], event["actor"], event["body"])
    print("It follows from this checkpoint:")
    print(text, end="")


if __name__ == "__main__":
    main()
