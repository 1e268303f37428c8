"""Passwords: argon2id, whose other half of the output seals the second factor.

So a copy of the database holds neither: the secret of the authenticator app can be read only with
the password, and the password only by trying each one, at 64 MiB and 0.1 s a try.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LENGTH_MIN, LENGTH_MAX = 12, 256
_NONCE_BYTES = 12
_HALF = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """Hashes passwords at a certain cost: RFC 9106's second recommendation, if not said otherwise.

    Attributes:
        passes: over the memory.
        memory_kib: that one hash takes.
        lanes: how many parts of it are worked on at once.
    """

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4

    def make(self, password: str) -> tuple[str, bytes]:
        """What is stored of a new password, and the key that seals with it."""
        return self._made(password, token_bytes(16))

    def check(self, password: str, stored: str | None) -> bytes | None:
        """The key that a password opens with; None if it is wrong.

        Args:
            password: as it was typed.
            stored: of the account; None takes as long and is always wrong.
        """
        if stored is None:
            self.make(password[:LENGTH_MAX])
            return None
        _, costs, salt, _ = stored.split("$")
        passes, memory, lanes = map(int, costs.split(","))
        hashing = Passwords(passes=passes, memory_kib=memory, lanes=lanes)
        made, key = hashing._made(password[:LENGTH_MAX], b64decode(salt))
        return key if compare_digest(made, stored) else None

    def is_outdated(self, stored: str) -> bool:
        """Whether a stored one was made at another cost."""
        return stored.split("$")[1] != self._costs

    @property
    def _costs(self) -> str:
        return f"{self.passes},{self.memory_kib},{self.lanes}"

    def _made(self, password: str, salt: bytes) -> tuple[str, bytes]:
        raw = hash_secret_raw(
            password.encode(), salt, time_cost=self.passes, memory_cost=self.memory_kib,
            parallelism=self.lanes, hash_len=2 * _HALF, type=Type.ID,
        )  # fmt: skip
        proof = sha256(raw[:_HALF]).digest()
        said = "$".join(b64encode(it).decode() for it in (salt, proof))
        return f"argon2id${self._costs}${said}", raw[_HALF:]


def sealed(secret: str, key: bytes) -> bytes:
    """A secret that only the key opens."""
    nonce = token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret.encode(), None)


def opened(body: bytes, key: bytes) -> str | None:
    """A sealed secret; None if it is not of this key."""
    try:
        plain = AESGCM(key).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], None)
    except InvalidTag:
        return None
    return plain.decode()
