"""WeChat's keys as a set, and what they say of where a reply or a notification is from.

While a merchant moves from platform certificates to WeChat's public key, both are in use at once:
replies follow the request's ``Wechatpay-Serial``, notifications move over in a week by WeChat's own
ramp. Sources: the pages 4012365352, 4012154180 and 4012925289.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from hongbao.wire.transfer import signing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

AGE_SECONDS_MAX = 300
"""How far a reply's time may be from ours, before or after."""

PROBE_BEGINS = "WECHATPAY/SIGNTEST/"
"""WeChat signs some replies and notifications like this, to see that they are refused."""

PUBLIC_KEY_BEGINS = "PUB_KEY_ID_"

_TIMESTAMP = re.compile("[0-9]{1,12}", re.ASCII)
_HEADERS = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial")

Header: TypeAlias = Callable[[str], str | None]
"""Gives the value of a header, whose name may be in any case; None if there is none."""


class _SignatureHeaders(NamedTuple):
    """The headers of a signature; empty where there is none."""

    timestamp: str
    nonce: str
    signature: str
    serial: str


class Provenance(StrEnum):
    """Whose word it is. Only what is signed may say that no money can go out."""

    SIGNED = "signed"
    """WeChat's, and of the last five minutes."""
    UNSIGNED = "unsigned"
    """Nobody's: a header of the signature is missing."""
    BAD = "bad"
    """A signature is there and is not right, too old, or of a key that is not known."""
    PROBE = "probe"
    """WeChat tests whether it is refused. The true message follows; a call is unknown."""


class Judgement(NamedTuple):
    """What was found of a signature.

    Attributes:
        provenance: which of the four.
        why: what was seen, in words; empty if it is signed.
        serial: the key that it names; empty if none.
    """

    provenance: Provenance
    why: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WechatKey:
    """One key of WeChat's side.

    Attributes:
        serial: ``PUB_KEY_ID_`` and digits, or the serial of a platform certificate in hex.
        public_key: RSA.
        not_before: when a certificate begins to hold; None for a public key.
        not_after: when it ends; None for a public key.
    """

    serial: str
    public_key: RSAPublicKey = field(repr=False)
    not_before: datetime | None = None
    not_after: datetime | None = None

    @property
    def is_certificate(self) -> bool:
        """Whether it is a platform certificate's."""
        return not self.serial.startswith(PUBLIC_KEY_BEGINS)

    def holds_at(self, now: float) -> bool:
        """Whether it counts at this time, in seconds since the epoch."""
        at = datetime.fromtimestamp(now, UTC)
        begun = self.not_before is None or self.not_before <= at
        return begun and (self.not_after is None or at <= self.not_after)


class WechatKeys:
    """The keys of WeChat's side that a merchant knows, by their serials."""

    def __init__(self, keys: Iterable[WechatKey]) -> None:
        self._keys = {_spelt(key.serial): key for key in keys}

    def __iter__(self) -> Iterator[WechatKey]:
        return iter(self._keys.values())

    def __repr__(self) -> str:
        return f"WechatKeys({', '.join(key.serial for key in self)})"

    def find(self, serial: str) -> WechatKey | None:
        """The key of a serial, whose letters may be in either case."""
        return self._keys.get(_spelt(serial))

    def with_more(self, keys: Iterable[WechatKey]) -> WechatKeys:
        """These and others. None is ever dropped for one that is new."""
        return WechatKeys([*self, *keys])

    def preferred(self, now: float) -> WechatKey | None:
        """By which fields are sealed and replies asked for: the public key, or the newest."""
        holding = [key for key in self if key.holds_at(now)]
        public = [key for key in holding if not key.is_certificate]
        by_age = sorted(holding, key=lambda key: key.not_before or datetime.min.replace(tzinfo=UTC))
        return next(iter(public or by_age[::-1]), None)

    def judge(self, header: Header, body: bytes, *, now: float) -> Judgement:
        """Whose word these bytes are.

        Args:
            header: of the reply or notification.
            body: as it came, before anything has read it.
            now: seconds since the epoch.
        """
        said = _SignatureHeaders(*(header(name) or "" for name in _HEADERS))
        if said.signature.startswith(PROBE_BEGINS):
            return Judgement(Provenance.PROBE, "WeChat tests whether it is refused", said.serial)
        for name, value in zip(_HEADERS, said, strict=True):
            if not value:
                return Judgement(Provenance.UNSIGNED, f"no header {name}", said.serial)
        problem = self._problem(said, body, now)
        if problem:
            return Judgement(Provenance.BAD, problem, said.serial)
        return Judgement(Provenance.SIGNED, serial=said.serial)

    def _problem(self, said: _SignatureHeaders, body: bytes, now: float) -> str:
        if _TIMESTAMP.fullmatch(said.timestamp) is None:
            return "its Wechatpay-Timestamp is no time"
        age = now - int(said.timestamp)
        if abs(age) > AGE_SECONDS_MAX:
            return f"it was signed {age:.0f} s ago, by our clock"
        key = self.find(said.serial)
        if key is None:
            return "its Wechatpay-Serial is not known"
        if not key.holds_at(now):
            return "the certificate that it is signed with does not hold now"
        return "" if _is_signed(key.public_key, said, body) else "its signature is wrong"


def _is_signed(key: RSAPublicKey, said: _SignatureHeaders, body: bytes) -> bool:
    try:  # a header may hold what no encoding knows
        text = signing.reply_text(said.timestamp, said.nonce, body)
        key.verify(b64decode(said.signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, NotBase64, ValueError):
        return False
    return True


def _spelt(serial: str) -> str:
    """A serial in the spelling by which it is looked for: some write hex without leading zeros."""
    return serial if serial.startswith(PUBLIC_KEY_BEGINS) else serial.upper().lstrip("0")
