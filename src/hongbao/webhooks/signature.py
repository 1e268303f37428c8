"""Signs webhooks as Standard Webhooks says, and verifies them. Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

The package ``standardwebhooks`` of PyPI would sign, too. It takes a wrong moment for the timestamp
from a datetime that is not in UTC, and one secret where a rotation needs two; all there is to it
are the few lines below, which tests hold against it, and against npm's and Go's.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from hongbao.digits import whole_number
from hongbao.errors import HongbaoError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The headers that a webhook is signed with."""

TOLERANCE_SECONDS = 300
"""How far a receiver's clock and a sender's may be apart."""

PREFIX = "whsec_"
BYTES_MIN, BYTES_MAX = 24, 64
_TIMESTAMP_DIGITS_MAX = 12  # seconds, for thousands of years
_VERSION = "v1,"


class SecretMalformed(ValueError):
    """A secret is not written as Standard Webhooks wants it. The message holds nothing of it."""


class SignatureRefused(HongbaoError, ValueError):
    """A webhook is not from whom it should be, or too old. Do nothing that it says, answer 400."""


class SigningSecret(NamedTuple):
    """The secret that one sender and one receiver share; never in a repr.

    Attributes:
        key: its bytes.
    """

    key: bytes

    @classmethod
    def read(cls, text: str) -> SigningSecret:
        """A secret as it is written: ``whsec_`` and base64 of 24 to 64 bytes, padded.

        Raises:
            SecretMalformed: if it is not. Go's library refuses what is not padded, so this does.
        """
        written = text.removeprefix(PREFIX)
        try:
            key = b64decode(written, validate=True)
        except (binascii.Error, ValueError):
            rule = say("must be whsec_ and base64, padded with = to a multiple of 4 characters")
            raise SecretMalformed(rule) from None
        if not text.startswith(PREFIX) or not BYTES_MIN <= len(key) <= BYTES_MAX:
            rule = say(
                "must be whsec_ and base64 of {least} to {most} bytes",
                least=BYTES_MIN,
                most=BYTES_MAX,
            )
            raise SecretMalformed(rule)
        return cls(key)

    @property
    def written(self) -> str:
        """As ``read`` takes it."""
        return PREFIX + b64encode(self.key).decode()

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:
        """The signature of a message, as it stands in the header.

        Args:
            message_id: the same whenever the message is sent.
            timestamp: of this try, in seconds since the epoch.
            body: as it is sent.
        """
        signed = f"{message_id}.{timestamp}.".encode() + body
        return _VERSION + b64encode(hmac.digest(self.key, signed, sha256)).decode()

    def __repr__(self) -> str:
        return "SigningSecret(…)"


def headers(
    secrets: Sequence[SigningSecret], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The headers of a message.

    Args:
        secrets: while a secret is rotated, the new one and the old one: the receiver may know
            either.
        message_id: see ``sign``.
        timestamp: see ``sign``.
        body: see ``sign``.
    """
    signatures = " ".join(secret.sign(message_id, timestamp, body) for secret in secrets)
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: signatures}


def verify(
    secrets: Sequence[SigningSecret],
    received: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> str:
    """Check that a message is from who knows a secret, and is not a recording of an old one.

    Args:
        secrets: those that the sender may have.
        received: the request's headers; their names in any letter case.
        body: the request's body, byte for byte.
        now: the time, in seconds since the epoch.
        tolerance_seconds: how far the timestamp may be from it.

    Returns:
        The message's id. Whoever has dealt with one of this id before has nothing to do.

    Raises:
        SignatureRefused: if it is not.
    """
    found = {name.lower(): value for name, value in received.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not found.get(name)]
    if missing:
        raise SignatureRefused(say("There is no header {name}.", name=missing[0]))
    timestamp = whole_number(found[TIMESTAMP], digits=_TIMESTAMP_DIGITS_MAX)
    if timestamp is None:
        raise SignatureRefused(say("The header {name} holds no whole number.", name=TIMESTAMP))
    if abs(now - timestamp) > tolerance_seconds:
        raise SignatureRefused(
            say("The header {name} is too far from this machine's time.", name=TIMESTAMP)
        )
    given = [it.encode() for it in found[SIGNATURE].split()]
    for secret in secrets:
        right = secret.sign(found[ID], timestamp, body).encode()
        if any(hmac.compare_digest(it, right) for it in given):
            return found[ID]
    raise SignatureRefused(say("No signature is right: another secret, or another body."))
