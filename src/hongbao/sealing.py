"""What is kept of people beside their payments is sealed with keys from the settings.

Kept columns of a list are sealed with AES-256-GCM, each row for its place. A name that a transfer
needs is sealed with AES-SIV (RFC 5297): the same name of the same receiver always looks the same,
so that a list that comes again is known again. Both keys are made of one by HKDF (RFC 5869).

The id of a key is made of the key, and stands in front of what it has sealed.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from os import urandom
from typing import TYPE_CHECKING, Any

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

KEY_BYTES = 32
SETTING = "books.keep_key"
"""The setting that has the keys."""
KEY_ID_LENGTH = 8
_NONCE_BYTES = 12
_TEXT = "sealed:"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Keyring:
    """Seals with the first of some keys, and opens what any of them has sealed.

    Args:
        keys: of 32 bytes each; the one that seals comes first. Without any it seals nothing.
    """

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        if any(len(key) != KEY_BYTES for key in keys):
            raise _unfit(
                say("holds something else than keys of {count} bytes in base64", count=KEY_BYTES)
            )
        self._keys = {_id_of(key): key for key in keys}
        self._of_rows: dict[str, AESGCM] = {}
        self._of_texts: dict[str, AESSIV] = {}

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @classmethod
    def read(cls, text: str) -> Keyring:
        """The keys of a secret: one a line, in base64, the one that seals first.

        Raises:
            ConfigurationError: if it is anything else.
        """
        return cls([_decoded(word) for word in text.split()])

    @property
    def key_id(self) -> str:
        """The id of the key that seals.

        Raises:
            ConfigurationError: if there is none.
        """
        if not self._keys:
            raise ConfigurationError(
                setting=SETTING,
                problem=say("is missing: names and kept columns are stored sealed"),
                remedy=say(
                    "Make a key: openssl rand -base64 32 > keep.key. Keep a copy of it "
                    'elsewhere, and add [books] with keep_key_file = "keep.key".'
                ),
            )
        return next(iter(self._keys))

    def sealer(self, place: str) -> Callable[[str, str], bytes]:
        """Seals the kept columns of rows.

        Args:
            place: whose rows they are; what is sealed opens with the same alone.

        Returns:
            Gives what is sealed of a row's business key, and of its columns as JSON.

        Raises:
            ConfigurationError: if there is no key.
        """
        encrypt, head = self._cipher(self.key_id).encrypt, self.key_id.encode()

        def seal(key: str, said: str) -> bytes:
            nonce = urandom(_NONCE_BYTES)
            return head + nonce + encrypt(nonce, said.encode(), f"{place}\n{key}".encode())

        return seal

    def open(self, sealed: bytes, *, place: str, key: str) -> dict[str, str]:
        """The kept columns of a row, by their names.

        Raises:
            ConfigurationError: if the key that has sealed them is not there; or they were sealed
                for another row, or changed since.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # 0.05 s, and few need it

        key_id = sealed[:KEY_ID_LENGTH].decode("ascii", "replace")
        nonce, rest = sealed[KEY_ID_LENGTH:][:_NONCE_BYTES], sealed[KEY_ID_LENGTH + _NONCE_BYTES :]
        try:
            said = self._cipher(key_id).decrypt(nonce, rest, f"{place}\n{key}".encode())
        except (InvalidTag, ValueError):
            raise _unfit(
                say("does not open what its key {key_id} is said to have sealed", key_id=key_id)
            ) from None
        found: dict[str, str] = json.loads(said)
        return found

    def seal_text(self, text: str, *, about: Sequence[str]) -> str:
        """A text, sealed: the same each time, for the same of ``about``.

        Raises:
            ConfigurationError: if there is no key.
        """
        sealed = self._text_cipher(self.key_id).encrypt(text.encode(), _facts(about))
        return f"{_TEXT}{self.key_id}:{b64encode(sealed).decode()}"

    def open_text(self, sealed: str, *, about: Sequence[str]) -> str:
        """A text that was sealed.

        Raises:
            ConfigurationError: see ``open``.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # see ``open``

        key_id, _, rest = sealed.removeprefix(_TEXT).partition(":")
        try:
            return self._text_cipher(key_id).decrypt(b64decode(rest), _facts(about)).decode()
        except (InvalidTag, ValueError):
            raise _unfit(
                say("does not open what its key {key_id} is said to have sealed", key_id=key_id)
            ) from None

    def _cipher(self, key_id: str) -> AESGCM:
        found = self._of_rows.get(key_id)
        if found is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  # see ``open``

            found = self._of_rows[key_id] = AESGCM(self._derived(key_id, b"rows", KEY_BYTES))
        return found

    def _text_cipher(self, key_id: str) -> AESSIV:
        found = self._of_texts.get(key_id)
        if found is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # noqa: PLC0415  # see ``open``

            found = self._of_texts[key_id] = AESSIV(self._derived(key_id, b"texts", 2 * KEY_BYTES))
        return found

    def _derived(self, key_id: str, purpose: bytes, length: int) -> bytes:
        key = self._keys.get(key_id)
        if key is None:
            there = ", ".join(self._keys) or say("none")
            raise _unfit(
                say(
                    "lacks the key {key_id}, which has sealed this; it has {there}",
                    key_id=key_id,
                    there=there,
                )
            )
        return _hkdf(key, b"hongbao kept " + purpose, length)


_STANDARD = str.maketrans("-_", "+/")


def is_sealed(text: object) -> bool:
    """Whether a text is one that was sealed."""
    return isinstance(text, str) and text.startswith(_TEXT)


def without_sealed(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with what is sealed as ``…``."""
    return {name: "…" if is_sealed(value) else value for name, value in said.items()}


def written(columns: Mapping[str, str]) -> str:
    """Kept columns as JSON, as they are sealed; empty if all of them are."""
    return _encode(columns) if any(columns.values()) else ""


def _decoded(word: str) -> bytes:
    try:
        return b64decode(word.translate(_STANDARD), validate=True)
    except ValueError:
        return b""  # which is no key; that error would show what it is about


def _id_of(key: bytes) -> str:
    return urlsafe_b64encode(_hkdf(key, b"hongbao kept id", 6)).decode()


def _hkdf(key: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  # see ``open``
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415  # see ``open``

    return HKDF(SHA256(), length, None, info).derive(key)


def _facts(about: Sequence[str]) -> list[bytes]:
    return [it.encode() for it in about]


def _unfit(problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting=SETTING,
        problem=problem,
        remedy=say(
            "Give the key that the books were written with: it may stand on a line "
            "below a newer one."
        ),
    )
