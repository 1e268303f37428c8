"""Signed notes (https://c2sp.org/signed-note): text with Ed25519 signatures below it.

Keys have the format of Go's ``golang.org/x/mod/sumdb/note``, so that its tools read ours.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hongbao.sentences import say

if TYPE_CHECKING:
    from typing import Self

_ED25519 = b"\1"
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\u2014 "
_KEY_BYTES = 32
_ID_BYTES = 4


class NoteError(ValueError):
    """A key or a note is invalid. The message says why and never contains a key."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key that verifies signatures.

    Attributes:
        name: the key's name, which is part of each signature.
        public: the 32 bytes of an Ed25519 key.
    """

    name: str
    public: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key in the form that ``str`` writes: ``name+id+key``.

        Raises:
            NoteError: if it is no such key.
        """
        name, _, rest = text.strip().partition("+")
        shown, _, encoded = rest.partition("+")
        key = cls(check_name(name), _key_bytes(encoded))
        if shown.lower() != key.id.hex():
            raise NoteError(say("it is not a verifying key: its id is not that of its bytes"))
        return key

    @property
    def id(self) -> bytes:
        """The ID that tells keys with the same name apart."""
        return sha256(f"{self.name}\n".encode() + _ED25519 + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(_ED25519 + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs notes.

    Attributes:
        name: the key's name, which is part of each signature.
        secret: the 32-byte seed of an Ed25519 key; never in a repr.
    """

    name: str
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key.

        Raises:
            NoteError: if no key can have this name.
        """
        return cls(check_name(name), Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a key in the form of ``written``: ``PRIVATE+KEY+name+id+key``.

        Raises:
            NoteError: if it is no such key.
        """
        if not text.startswith(_PRIVATE):
            raise NoteError(
                say("it is not a signing key: it does not begin with {prefix}", prefix=_PRIVATE)
            )
        name, _, rest = text.strip().removeprefix(_PRIVATE).partition("+")
        shown, _, encoded = rest.partition("+")
        key = cls(check_name(name), _key_bytes(encoded))
        if shown.lower() != key.verifying.id.hex():
            raise NoteError(say("it is not a signing key: its id is not that of its bytes"))
        return key

    @property
    def written(self) -> str:
        """The key as text, for a file that nobody else may read."""
        encoded = b64encode(_ED25519 + self.secret).decode()
        return f"{_PRIVATE}{self.name}+{self.verifying.id.hex()}+{encoded}"

    @property
    def verifying(self) -> VerifyingKey:
        """The key that verifies its signatures."""
        private = Ed25519PrivateKey.from_private_bytes(self.secret)
        return VerifyingKey(self.name, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Sign a text, which must end with a line feed, and return the note."""
        signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(text.encode())
        encoded = b64encode(self.verifying.id + signature).decode()
        return f"{text}\n{_DASH}{self.name} {encoded}\n"


def check_name(name: str) -> str:
    """Return a key's name if it is allowed.

    Raises:
        NoteError: if it is empty, or contains a plus, a blank or a control character.
    """
    if not name or "+" in name or any(it.isspace() or not it.isprintable() for it in name):
        raise NoteError(say("a key's name is one word without a plus, such as shop.example/books"))
    return name


def open_note(note: str, key: VerifyingKey) -> str:
    """The text of a note that this key, and perhaps others, has signed.

    Raises:
        NoteError: if it is no note, this key has not signed it, or its text was changed since.
    """
    text, parted, signatures = note.rpartition("\n\n")
    if not parted or not signatures.endswith("\n"):
        raise NoteError(say("it is not a signed note"))
    text += "\n"
    lines = signatures.removesuffix("\n").split("\n")
    if not all(line.startswith(_DASH) for line in lines):
        raise NoteError(say("it is not a signed note: a line below its text is not a signature"))
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        signature = _decoded(encoded)
        if (name, signature[:_ID_BYTES]) == (key.name, key.id):
            return _verified(text, signature[_ID_BYTES:], key)
    raise NoteError(
        say("it is not signed with the key {name}+{hex}", name=key.name, hex=key.id.hex())
    )


def _verified(text: str, signature: bytes, key: VerifyingKey) -> str:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        raise NoteError(say("its signature is wrong: it was changed after it was signed")) from None
    return text


def _key_bytes(encoded: str) -> bytes:
    decoded = _decoded(encoded)
    if decoded[:1] != _ED25519 or len(decoded) != 1 + _KEY_BYTES:
        raise NoteError(say("it is no Ed25519 key"))
    return decoded[1:]


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        raise NoteError(say("it is not valid base64")) from None
