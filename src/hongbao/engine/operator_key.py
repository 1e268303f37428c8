"""An operator's Ed25519 key, in a file that nobody else may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from typing import Self

_OWN = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class OperatorKey:
    """Signs decisions: a ``Signer`` of the books.

    Args:
        key: the private key.

    Attributes:
        public: the public key, 32 bytes.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __repr__(self) -> str:
        return f"OperatorKey({self.public.hex()})"

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read it from a file: PEM, PKCS#8, without a password.

        Raises:
            ConfigurationError: if it cannot be read, others may read it, or it is no such key.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                data = file.read()
        except OSError as error:
            raise _unfit(
                path,
                say("cannot be read ({strerror})", strerror=error.strerror),
                say("Make one: hongbao operator key"),
            ) from None
        if os.name == "posix" and mode & _OTHERS:
            raise _unfit(
                path, say("may be read by others"), say("Run: chmod 600 {path}", path=path)
            )
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise _unfit(
                path,
                say("holds no Ed25519 key in PEM without a password"),
                say("Give another file."),
            )
        return cls(key)

    @classmethod
    def make(cls, path: Path) -> Self:
        """Make a key, and the file, which is this user's alone. No file is ever replaced.

        Raises:
            ConfigurationError: if there is one, or it cannot be written.
        """
        found = cls(Ed25519PrivateKey.generate())
        data = found._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN)
            with os.fdopen(number, "wb") as file:
                file.write(data)
        except OSError as error:
            raise _unfit(
                path,
                say("cannot be written ({strerror})", strerror=error.strerror),
                say("Give another path."),
            ) from None
        return found

    def sign(self, statement: bytes, /) -> bytes:
        """The signature of exactly these bytes: 64 bytes."""
        return self._key.sign(statement)

    def public_pem(self) -> str:
        """The public key, for whoever adds this operator."""
        return (
            self._key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


def read_public(path: Path) -> bytes:
    """The 32 bytes of a public key in a PEM file.

    Raises:
        ConfigurationError: if it cannot be read, or is no such key.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _unfit(
            path,
            say("cannot be read ({strerror})", strerror=error.strerror),
            say("Check the path."),
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise _unfit(
            path,
            say("holds no public Ed25519 key in PEM"),
            say("Have its owner run: hongbao operator key"),
        )
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _unfit(path: Path, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(setting=str(path), problem=problem, remedy=remedy)
