"""What a call brought, in our words. A rail's ``translate`` makes these; the engine reads them.

A send ends accepted, refused, unknown or not sent; a query ends found, not found, unanswered or not
sent. What was not understood is never refused: it is ``Unknown``, or ``Unanswered``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hongbao.errors import Disposition
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen


class OrderStatus(StrEnum):
    """What a query says of an order."""

    PENDING = "PENDING"
    """Being worked on; it may still be paid, or fail."""
    HELD = "HELD"
    """Held back for a reason, and paid only if its number is sent again."""
    WAITING_FOR_USER = "WAITING_FOR_USER"
    """Paid, and waiting for its receiver to collect it."""
    COLLECTED = "COLLECTED"
    """Paid and collected; where it is shared, at least in part."""
    RETURNING = "RETURNING"
    """Paid; what was not collected is on its way back."""
    RETURNED = "RETURNED"
    """Paid; what was not collected is back."""
    FAILED = "FAILED"
    """Never paid, and never to be: the number is dead."""
    UNRECOGNISED = "UNRECOGNISED"
    """Something that is not known here, and so proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAccepted:
    """A send was accepted: it is paid.

    Attributes:
        listid: the provider's own number of it.
        voucher: what the receiver needs to collect it (a mini program's ``package``).
    """

    listid: str
    voucher: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A send was refused, as far as this call goes.

    Attributes:
        disposition: NO or OPEN.
        code: the provider's code.
        text: the provider's text, for people.
        advice: what to do, in English.
    """

    disposition: Disposition
    code: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A send may or may not have paid.

    Attributes:
        code: the provider's code where there is one, such as SYSTEMERROR or PROCESSING.
        why: what was seen.
    """

    code: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNotSent:
    """No byte of the call left this machine, be it a send or a query.

    Attributes:
        why: what was in the way.
    """

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsendable:
    """The call cannot be made at all: its content, or the merchant's settings, do not allow it.

    Attributes:
        why: the field and the rule that it breaks, without secrets.
        settings: whether it lies with the merchant's settings, so that every other payout is in the
            same case, and not with this payout's content.
    """

    why: str
    settings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A query says what became of the packet.

    Attributes:
        status: what that is.
        said: the provider's own word for it, for people.
        amount: fen of the whole packet, by which a reply about something else shows.
        listid: the provider's own number of it.
        reason: why it failed, or is held.
        claimed: fen.
        refunded: fen.
        sent_at: when the provider took the order, where that is said.
        settled_at: when it was claimed (the last share of it) or returned, where that is said.
        receivers: who claimed it, where that is said.
    """

    status: OrderStatus
    said: str
    amount: Fen
    listid: str
    reason: str
    claimed: Fen
    refunded: Fen
    sent_at: Instant | None = None
    settled_at: Instant | None = None
    receivers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """A query does not know the number (yet). That proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A query failed: it says nothing about the packet.

    Attributes:
        code: the provider's code where there is one.
        why: what was seen.
    """

    code: str | None
    why: str


SendOutcome: TypeAlias = SendAccepted | Refusal | Unknown | CallNotSent | Unsendable
QueryOutcome: TypeAlias = Found | NotFound | Unanswered | CallNotSent | Unsendable
Outcome: TypeAlias = SendOutcome | QueryOutcome
