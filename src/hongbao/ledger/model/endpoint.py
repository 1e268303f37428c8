"""An endpoint: a URL of another program that receives events, and what it receives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.outgoing import OutgoingType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.ledger.model.outgoing import OutgoingEvent
    from hongbao.ledger.model.payout import Instant


class EndpointState(StrEnum):
    """Whether anything is posted to it."""

    ACTIVE = "active"
    DISABLED = "disabled"
    """Nothing is posted before a person enables it; then all that happened meanwhile."""


class EndpointEventKind(StrEnum):
    """What happened to an endpoint: its history."""

    ADDED = "added"
    CHANGED = "changed"
    """It has another URL, or receives other types."""
    DISABLED = "disabled"
    """By a person, by its own answer 410, or since it failed for three days."""
    ENABLED = "enabled"
    REPLAYED = "replayed"
    """It receives once more what happened after a position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """An endpoint, and how it gets on.

    Attributes:
        id: the row in the books.
        name: unique in the books; the settings have its secret under it.
        url: where its webhooks are posted.
        types: what it receives; empty for everything.
        state: see ``EndpointState``.
        position: up to where deliveries were made of what happened; see ``Book.changes``.
        failures: how many deliveries have failed since the last one that did not.
        quiet_until: until when nothing is posted because it fails; None if it does not.
        delivered_at: when the last delivery succeeded; None if none did.
        answer: the last answer: a status, or what went wrong without one; None if there is none.
        waiting: how many deliveries have been made and not arrived.
        oldest: when the oldest event of those happened; None if there are none.
        seq: how many events its history has.
    """

    id: int
    name: str
    url: str
    types: tuple[OutgoingType, ...]
    state: EndpointState
    position: int
    failures: int
    quiet_until: Instant | None
    delivered_at: Instant | None
    answer: str | None
    waiting: int
    oldest: Instant | None
    seq: int

    def wants(self, kind: OutgoingType) -> bool:
        """Whether it receives events of a type."""
        return not self.types or kind in self.types


class WebhookDelivery(NamedTuple):
    """An event to be posted to an endpoint by whoever has claimed it.

    Attributes:
        endpoint: the row of the endpoint.
        event: what is sent.
        tries: how often it was tried in vain.
        lease: the token of the claim.
    """

    endpoint: int
    event: OutgoingEvent
    tries: int
    lease: int


class WaitingDelivery(NamedTuple):
    """A delivery that has been made and has not arrived.

    Attributes:
        about: what it is about, such as a payout.
        subject: the row of that in the books.
        kind: what happened.
        position: where that stands in the outbox; see ``Book.changes``.
        at: when it happened.
        tries: how often it was tried in vain.
        due_at: when it is tried next; while somebody has it, the end of the lease.
    """

    about: str
    subject: int
    kind: str
    position: int
    at: Instant
    tries: int
    due_at: Instant


class Handed(NamedTuple):
    """What a deliverer is given.

    Attributes:
        deliveries: of each payout, campaign or endpoint the earliest that has not arrived.
        more: whether there may be more at once, since not all that happened was read.
    """

    deliveries: list[WebhookDelivery]
    more: bool


class Attempt(NamedTuple):
    """What came of a delivery.

    Attributes:
        delivery: which.
        arrived: whether the endpoint has it.
        answer: the status of the answer, or what went wrong without one.
        wait: microseconds until it is tried again; None if it arrived, or nobody tries any more.
        pause: microseconds for which the whole endpoint is left alone; 0 if it may go on.
        gone: whether the endpoint has said that it wants nothing any more.
    """

    delivery: WebhookDelivery
    arrived: bool
    answer: str
    wait: Instant | None = None
    pause: Instant = 0
    gone: bool = False


def types_text(types: Iterable[OutgoingType]) -> str:
    """Types as a column has them: sorted, with blanks between them."""
    return " ".join(sorted(set(map(str, types))))


def types_of(text: str) -> tuple[OutgoingType, ...]:
    """The types of a column."""
    return tuple(map(OutgoingType, text.split()))
