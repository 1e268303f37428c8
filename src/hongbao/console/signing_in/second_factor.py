"""The second factor: codes of an authenticator app (RFC 6238), and codes for when it is lost."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from secrets import choice
from typing import TYPE_CHECKING

import pyotp
import segno
from markupsafe import Markup

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

ISSUER = "hongbao"
_STEP_SECONDS = 30
_STEPS_OFF = 1
"""A phone's clock may be half a minute off."""
RECOVERY_CODES = 8
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_RECOVERY_LENGTH = 16  # 79 bits: a plain hash of it cannot be tried out


def new_secret() -> str:
    """A secret for an authenticator app, in base32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether a text can be such a secret."""
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # noqa: PLR2004  # 160 bits


def address_of(secret: str, name: str) -> str:
    """What an authenticator app reads: ``otpauth://totp/...``."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """The same as a QR code: an SVG that is black on white in every theme."""
    drawn = segno.make(address, micro=False).svg_inline(
        scale=4, border=4, svgclass="qr", lineclass=None, light="#fff", dark="#000"
    )
    return Markup(drawn)  # noqa: S704  # digits and our own words


def step_of(code: str, secret: str, *, at: Instant) -> int | None:
    """The time step whose code this is; None if it is of none about now.

    Args:
        code: as it was typed.
        secret: the app's.
        at: the wall's time.
    """
    typed = "".join(code.split())
    now = at // (_STEP_SECONDS * SECOND)
    for step in range(now - _STEPS_OFF, now + _STEPS_OFF + 1):
        if compare_digest(pyotp.TOTP(secret).at(step * _STEP_SECONDS).encode(), typed.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes for whoever loses the app, to be shown once: ``abcd-efgh-jkmn-pqrs``."""
    drawn = [
        "".join(choice(_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(it[place : place + 4] for place in range(0, len(it), 4)) for it in drawn]


def recovery_hash(code: str) -> bytes:
    """What is stored of a recovery code, however it is typed."""
    return sha256("".join(it for it in code.lower() if it in _LETTERS).encode()).digest()
