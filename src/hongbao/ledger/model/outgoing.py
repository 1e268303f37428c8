"""What other programs receive: an event of the books in the words of its public types. Pure.

The books' own events say every step of a worker. These say what became of the money, and what was
decided: thin, with ids, state and amounts. Their version is their place in the history of what they
are about, so whoever gets an older one after a newer one can tell.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.errors import Disposition
from hongbao.ledger.model.bill import BillEventKind
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.payout import Instant


class About(StrEnum):
    """What an event of the outbox is about."""

    PAYOUT = "payout"
    CAMPAIGN = "campaign"
    ENDPOINT = "endpoint"
    RECONCILIATION = "reconciliation"
    """A merchant's bills, where they and the books differ, and the periods that are closed."""


class OutgoingType(StrEnum):
    """What an event for other programs is about."""

    PAYOUT_QUEUED = "payout.queued"
    """It is stored, or a person reopened it: it is sent once its campaign is approved."""
    PAYOUT_AWAITING_USER = "payout.awaiting_user"
    """Its money is locked until its receiver confirms. Nobody tells the receiver but you."""
    PAYOUT_SENT = "payout.sent"
    """It is paid, and not claimed yet."""
    PAYOUT_UNKNOWN = "payout.unknown"
    """A call ended without an outcome: it may or may not be paid. Workers find out."""
    PAYOUT_NEEDS_ATTENTION = "payout.needs_attention"
    """Nothing more can be done without a person."""
    PAYOUT_RECEIVED = "payout.received"
    """It is claimed."""
    PAYOUT_RETURNING = "payout.returning"
    """Its unclaimed money is on its way back."""
    PAYOUT_RETURNED = "payout.returned"
    """Its unclaimed money is back."""
    PAYOUT_REFUSED = "payout.refused"
    """It is not paid, and not sent again unless a person reopens it."""
    PAYOUT_CANCELLED = "payout.cancelled"
    """It was withdrawn before any call that could pay."""
    CAMPAIGN_APPROVED = "campaign.approved"
    CAMPAIGN_STARTED = "campaign.started"
    """A worker claimed its first payout."""
    CAMPAIGN_PAUSED = "campaign.paused"
    """A person, or what a worker met, stopped it."""
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_BUDGET_LOW = "campaign.budget_low"
    """A standing campaign has used four fifths of its budget."""
    CAMPAIGN_COMPLETED = "campaign.completed"
    """All its payouts are paid, refused or cancelled."""
    CAMPAIGN_CANCELLED = "campaign.cancelled"
    ENDPOINT_DISABLED = "endpoint.disabled"
    """A webhook endpoint gets nothing any more."""
    RECONCILIATION_COMPLETED = "reconciliation.completed"
    """The books were held against the bill of an account and day."""
    RECONCILIATION_BREAK_OPENED = "reconciliation.break_opened"
    """A bill and the books differ, or do again."""
    RECONCILIATION_BREAK_RESOLVED = "reconciliation.break_resolved"
    """They do not any more, or a person closed it with a reason."""
    RECONCILIATION_PERIOD_CLOSED = "reconciliation.period_closed"
    """Finance closed some days."""
    RECONCILIATION_PERIOD_REOPENED = "reconciliation.period_reopened"
    """They are open again."""


RETURNING = "RETURNING"
"""The code of a payout whose unclaimed money is on its way back."""

_OF_STATES = {
    State.WAITING: OutgoingType.PAYOUT_QUEUED,
    State.AWAITING_USER: OutgoingType.PAYOUT_AWAITING_USER,
    State.SENT: OutgoingType.PAYOUT_SENT,
    State.RECEIVED: OutgoingType.PAYOUT_RECEIVED,
    State.RETURNED: OutgoingType.PAYOUT_RETURNED,
    State.REFUSED: OutgoingType.PAYOUT_REFUSED,
    State.CANCELLED: OutgoingType.PAYOUT_CANCELLED,
}
_OF_DECISIONS = {
    DecisionKind.APPROVED: OutgoingType.CAMPAIGN_APPROVED,
    DecisionKind.STARTED: OutgoingType.CAMPAIGN_STARTED,
    DecisionKind.PAUSED: OutgoingType.CAMPAIGN_PAUSED,
    DecisionKind.STOPPED: OutgoingType.CAMPAIGN_PAUSED,
    DecisionKind.RESUMED: OutgoingType.CAMPAIGN_RESUMED,
    DecisionKind.BUDGET_LOW: OutgoingType.CAMPAIGN_BUDGET_LOW,
    DecisionKind.COMPLETED: OutgoingType.CAMPAIGN_COMPLETED,
    DecisionKind.CANCELLED: OutgoingType.CAMPAIGN_CANCELLED,
}
_OF_BILLS = {
    BillEventKind.MATCHED: OutgoingType.RECONCILIATION_COMPLETED,
    BillEventKind.OPENED: OutgoingType.RECONCILIATION_BREAK_OPENED,
    BillEventKind.CLOSED: OutgoingType.RECONCILIATION_BREAK_RESOLVED,
    BillEventKind.PERIOD_CLOSED: OutgoingType.RECONCILIATION_PERIOD_CLOSED,
    BillEventKind.PERIOD_REOPENED: OutgoingType.RECONCILIATION_PERIOD_REOPENED,
}
RECONCILED = frozenset(map(str, _OF_BILLS))
"""The kinds of events about bills that the outbox names."""
PUBLISHED = frozenset(map(str, _OF_DECISIONS))
"""The kinds of decisions that the outbox names."""
_SILENT = frozenset({EventKind.CALLED, EventKind.REMARKED, EventKind.TAKEN_OVER})
"""What is no news of any payout."""


class OutgoingEvent(NamedTuple):
    """One event for other programs.

    Attributes:
        id: the same whenever it is sent, and no other event's, of any books.
        position: where it stands among all that happened; see ``Book.changes``.
        at: when it happened, by the books' clock.
        type: what it says.
        about: what it is about.
        subject: the books' number of that.
        version: its place in the history of that, which only grows.
        data: what it says of it: ids, state, fen.
    """

    id: str
    position: int
    at: Instant
    type: OutgoingType
    about: About
    subject: int
    version: int
    data: Mapping[str, Any]


def event_id(books: bytes, about: About, subject: int, version: int, at: Instant) -> str:
    """The id of an event, which tells it from all others.

    Books that were restored give a version again, at another time.

    Args:
        books: a secret of the books.
        about: what the event is about.
        subject: the books' number of that.
        version: its place in the history.
        at: when it happened.
    """
    identity = f"outgoing\n{about}\n{subject}\n{version}\n{at}".encode()
    return f"evt_{sha256(books + identity).hexdigest()[:32]}"


def is_silent(kind: str) -> bool:
    """Whether events of a kind tell nobody anything of a payout, whatever they changed."""
    return kind in _SILENT


def payout_type(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> OutgoingType | None:
    """What an event of a payout tells; None if nothing.

    Args:
        kind: the value of its ``EventKind``.
        before: the facts of the payout before it: none, if it is the first.
        after: the facts that it changed.
    """
    earlier = before.get("state")
    state = after.get("state", earlier)
    found = None
    if kind == EventKind.HANDED_OVER:
        found = OutgoingType.PAYOUT_NEEDS_ATTENTION
    elif state == State.IN_DOUBT:
        unknown = kind == EventKind.UNKNOWN or after.get("doubt") == Disposition.UNKNOWN
        if unknown and before.get("doubt") != Disposition.UNKNOWN:
            found = OutgoingType.PAYOUT_UNKNOWN
    elif state != earlier:
        # What was refused for now goes back to the queue; nobody has heard that it had left it.
        if state != State.WAITING or earlier in {None, State.REFUSED}:
            found = _OF_STATES[State(state)]
    elif state == State.SENT and after.get("code") == RETURNING != before.get("code"):
        found = OutgoingType.PAYOUT_RETURNING
    return None if is_silent(kind) else found


def decision_type(kind: str) -> OutgoingType | None:
    """What a decision about a campaign tells; None if nothing."""
    return _OF_DECISIONS[DecisionKind(kind)] if kind in PUBLISHED else None


def bill_type(kind: str) -> OutgoingType:
    """What an event about bills tells, of those that the outbox names."""
    return _OF_BILLS[BillEventKind(kind)]
