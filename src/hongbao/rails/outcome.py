"""The outcome of a call, in our words. A rail's ``translate`` makes these; the engine reads them.

A send ends accepted, taken, refused, unknown or not sent; a query ends found, not found, unanswered
or not sent; a cancel ends begun, unanswered or not sent. A reply that was not understood never
counts as a refusal: it is ``Unknown`` or ``Unanswered``.
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
    """The status of an order, as a query reports it."""

    PENDING = "PENDING"
    """The provider is working on it; it may still be paid or fail."""
    HELD = "HELD"
    """The provider holds it back for a reason, and pays only if its number is sent again."""
    LOCKED = "LOCKED"
    """Its money is locked until its receiver confirms; until then it can be taken back."""
    CONFIRMED = "CONFIRMED"
    """Its receiver has confirmed; the locked money is being paid, which may still fail."""
    CANCELLING = "CANCELLING"
    """It is being taken back; its receiver may have been faster."""
    WAITING_FOR_USER = "WAITING_FOR_USER"
    """Paid, and waiting for its receiver to collect it."""
    COLLECTED = "COLLECTED"
    """Paid and collected; a shared one, at least in part."""
    RETURNING = "RETURNING"
    """Paid; the uncollected money is on its way back."""
    RETURNED = "RETURNED"
    """Paid; the uncollected money is back."""
    FAILED = "FAILED"
    """Not paid, and never will be: the number is dead."""
    UNRECOGNISED = "UNRECOGNISED"
    """An unknown status, which proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAccepted:
    """A send was accepted: it is paid.

    Attributes:
        listid: the provider's own number for it.
        voucher: what the receiver needs to collect it (a mini program's ``package``).
    """

    listid: str
    voucher: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTaken:
    """A send was taken: its money is locked, and its receiver has to confirm.

    Attributes:
        listid: the provider's own number for it.
    """

    listid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """This send was refused.

    Attributes:
        disposition: NO or OPEN.
        code: the provider's code.
        text: the provider's text, for people.
    """

    disposition: Disposition
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A send may or may not have paid.

    Attributes:
        code: the provider's code if there is one, such as SYSTEMERROR or PROCESSING.
        why: what happened.
    """

    code: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNotSent:
    """No byte of the call, a send or a query, left this machine.

    Attributes:
        why: what prevented it.
    """

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsendable:
    """The call cannot be made: its content or the merchant's settings do not allow it.

    Attributes:
        why: the field and the rule that it breaks, without secrets.
        settings: whether the cause is in the merchant's settings, and so affects every other
            payout, rather than in this payout's content.
    """

    why: str
    settings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A query found the order.

    Attributes:
        status: the order's status.
        said: the provider's own word for the status, for people.
        amount: the whole amount in fen, which exposes a reply about another payment.
        listid: the provider's own number for it.
        reason: why it failed or is held.
        code: the provider's code of that, if it has one.
        claimed: the fen that were claimed.
        refunded: the fen that came back.
        sent_at: when the provider accepted the order, if the reply says so.
        settled_at: when it (or its last share) was claimed or returned, if the reply says so.
        receivers: who claimed it, if the reply says so.
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
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """A query does not know the number (yet). That proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A query or a cancel failed: it says nothing about the order.

    Attributes:
        code: the provider's code if there is one.
        why: what happened.
    """

    code: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBegun:
    """The provider takes an order back. A query says whether its receiver was faster.

    Attributes:
        said: the provider's own word, for people.
    """

    said: str


SendOutcome: TypeAlias = SendAccepted | SendTaken | Refusal | Unknown | CallNotSent | Unsendable
QueryOutcome: TypeAlias = Found | NotFound | Unanswered | CallNotSent | Unsendable
CancelOutcome: TypeAlias = CancelBegun | Unanswered | CallNotSent | Unsendable
Outcome: TypeAlias = SendOutcome | QueryOutcome | CancelOutcome
