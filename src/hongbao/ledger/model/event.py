"""What may happen to a payout: events, appended and never changed, chained by SHA-256.

An event's hash covers the hash before it and the event's own stored bytes, so that a change behind
our back shows. Its body holds no receiver in full, only a salted hash.
"""

from __future__ import annotations

import json
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from hongbao.ledger.model.payout import Instant

GENESIS = bytes(32)
"""What stands before a first event."""


class EventKind(StrEnum):
    """What happened."""

    SUBMITTED = "submitted"
    """It was put into the books, with its number and its whole request."""
    CALLED = "called"
    """A send began: from here on it may be paid."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A send was refused for good. Until a query confirms it, that is the word of a send alone."""
    POSTPONED = "postponed"
    """Refused for now; the same number is sent again later."""
    UNKNOWN = "unknown"
    """The outcome of a send is not known."""
    NOT_SENT = "not_sent"
    """No byte of the send left."""
    FOUND = "found"
    """A query says what became of it."""
    NOT_FOUND = "not_found"
    """A query does not know the number (yet), which proves nothing."""
    NOTED = "noted"
    """Nothing came of a call but another code or reason, or one more try."""
    PROVEN_DEAD = "proven_dead"
    """A query made after the last send says that no order of the number lives with the payer; its
    ``proof`` is FAILED or NOT_FOUND."""
    HANDED_OVER = "handed_over"
    """Nothing is left that can be done without a person."""
    REQUESTED = "requested"
    """A person asked for a query or a send now."""
    DECLARED_DEAD = "declared_dead"
    """A person says, with a reason, that it was not and will not be paid."""
    REOPENED = "reopened"
    """A person has it sent again: with another number, or the same if the payer has no order of it.
    """
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken_over"
    """It was cancelled before any call: its key and number went to a payout of another campaign."""


class Subject(StrEnum):
    """Whose history, in the order in which an audit walks through them."""

    PAYOUT = "payout"
    CAMPAIGN = "campaign"
    """The decisions about it."""
    MERCHANT = "merchant"
    """What became of its settings."""


class Event(NamedTuple):
    """One row of the history.

    Attributes:
        payout_id: whose.
        seq: its place, from 1.
        at: when, by the books' clock.
        kind: what.
        actor: who: a worker or a person.
        body: why, and every fact of the payout that it changed, as JSON with sorted names.
        hash: SHA-256 of the hash before it and of all the above.
    """

    payout_id: int
    seq: int
    at: Instant
    kind: str
    actor: str
    body: str
    hash: bytes


quoted = encode_basestring
"""Text as JSON, as a ``BodyTemplate`` takes it."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def chain(
    previous: bytes,
    *,
    payout_id: int,
    seq: int,
    at: Instant,
    kind: str,
    actor: str,
    facts: Mapping[str, Any],
) -> Event:
    """The next event after the one whose hash is ``previous``."""
    body = body_of(facts)
    return Event(
        payout_id, seq, at, kind, actor, body,
        digest(previous, payout_id, seq, at, kind, actor, body),
    )  # fmt: skip


def body_of(facts: Mapping[str, Any]) -> str:
    """Facts as JSON with sorted names. They are few and flat: numbers are faster written here."""
    items = [
        f'"{name}":{value}' if type(value := facts[name]) is int else f'"{name}":{_encode(value)}'
        for name in sorted(facts)
    ]
    return f"{{{','.join(items)}}}"


class BodyTemplate:
    """What ``body_of`` makes of the same facts again and again, in a fraction of its time.

    Args:
        names: of the facts that differ: numbers, and text as ``quoted`` makes it.
        plain: of those that differ and are text with nothing to quote, such as digits.
        same: facts that do not differ.

    Attributes:
        body: makes it of the values of the facts that differ, in the order of all their names.
    """

    def __init__(self, *names: str, plain: Collection[str] = (), **same: object) -> None:
        written = {name: _encode(value).replace("%", "%%") for name, value in same.items()}
        written |= dict.fromkeys(names, "%s") | dict.fromkeys(plain, '"%s"')
        items = (f'"{name}":{written[name]}' for name in sorted(written))
        # Filling in is all that is done for each event.
        self.body: Callable[[tuple[int | str, ...]], str] = f"{{{','.join(items)}}}".__mod__


def joined(body: str, later: str) -> str:
    """Two bodies as one. Every name of the second comes after all of the first, when sorted."""
    return f"{body[:-1]},{later[1:]}"


def digest(  # noqa: PLR0917  # the parts of a stored row, in its order
    previous: bytes, payout_id: int, seq: int, at: Instant, kind: str, actor: str, body: str
) -> bytes:
    """The hash of an event."""
    # No part but the last can hold a line feed: kinds and actors are checked when they are made.
    row = f"{payout_id}\n{seq}\n{at}\n{kind}\n{actor}\n{body}"
    return sha256(previous + row.encode()).digest()
