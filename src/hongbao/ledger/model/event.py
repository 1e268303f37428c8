"""Events: what happens to a payout, appended and never changed, and chained by SHA-256.

An event's hash covers the previous hash and the event's own stored bytes, so that tampering shows.
Its body never contains a receiver, only a salted hash.
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
"""The previous hash of a first event."""


class EventKind(StrEnum):
    """What happened."""

    SUBMITTED = "submitted"
    """It was stored with its number and its whole request."""
    CALLED = "called"
    """A send began: from here on it may be paid."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """A send was refused for good. A query has yet to confirm it."""
    POSTPONED = "postponed"
    """A send was refused for now; the same number is sent again later."""
    UNKNOWN = "unknown"
    """The outcome of a send is not known."""
    NOT_SENT = "not_sent"
    """No byte of the send left."""
    FOUND = "found"
    """A query found its order."""
    NOT_FOUND = "not_found"
    """A query does not know the number (yet), which proves nothing."""
    NOTED = "noted"
    """A call changed only the code, the reason or the number of tries."""
    PROVEN_DEAD = "proven_dead"
    """A query after the last send says that the payer has no live order of the number; its
    ``proof`` is FAILED or NOT_FOUND."""
    HANDED_OVER = "handed_over"
    """Nothing more can be done without a person."""
    REQUESTED = "requested"
    """A person asked for a query or a send now."""
    REMARKED = "remarked"
    """A person wrote a note. Nothing changed."""
    DECLARED_DEAD = "declared_dead"
    """A person says, with a reason, that it was not and will not be paid."""
    REOPENED = "reopened"
    """A person lets it be sent again: with another number, or with the same one if the payer has no
    order for it."""
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken_over"
    """It was cancelled before any call: its key and number went to a payout of another campaign."""


class Subject(StrEnum):
    """What a history is about, in the order in which an audit goes through them."""

    PAYOUT = "payout"
    CAMPAIGN = "campaign"
    """Its history is the decisions about it."""
    MERCHANT = "merchant"
    """One of its channels, whose history is the changes of its settings. Checkpoints call it so."""
    BILLS = "bills"
    """The bills of a merchant, and where they and the books differ."""


class Event(NamedTuple):
    """One row of the history.

    Attributes:
        payout_id: the payout.
        seq: its place in the history, from 1.
        at: when it happened, by the books' clock.
        kind: what happened.
        actor: the worker or person who did it.
        body: the reason and every fact of the payout that it changed, as JSON with sorted names.
        hash: SHA-256 of the previous hash and of all the above.
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
    """Facts as JSON with sorted names. They are few and flat, so writing them here is faster."""
    items = [
        f'"{name}":{value}'
        if type(value := facts[name]) is int
        else f'"{name}":{quoted(value) if isinstance(value, str) else _encode(value)}'
        for name in sorted(facts)
    ]
    return f"{{{','.join(items)}}}"


class BodyTemplate:
    """Writes the same body as ``body_of`` for recurring facts, in a fraction of its time.

    Args:
        names: the names of facts that vary: numbers, and text in the form of ``quoted``.
        plain: the names of facts that vary and need no quoting, such as digits.
        same: facts that do not vary.

    Attributes:
        body: makes the body from the values of the facts that vary, sorted by their names.
    """

    def __init__(self, *names: str, plain: Collection[str] = (), **same: object) -> None:
        written = {name: _encode(value).replace("%", "%%") for name, value in same.items()}
        written |= dict.fromkeys(names, "%s") | dict.fromkeys(plain, '"%s"')
        items = (f'"{name}":{written[name]}' for name in sorted(written))
        # For each event, only the values are filled in.
        self.body: Callable[[tuple[int | str, ...]], str] = f"{{{','.join(items)}}}".__mod__


def joined(body: str, later: str) -> str:
    """Join two bodies. All names of the second must sort after those of the first."""
    return f"{body[:-1]},{later[1:]}"


def digest(  # noqa: PLR0917  # the parts of a stored row, in its order
    previous: bytes, payout_id: int, seq: int, at: Instant, kind: str, actor: str, body: str
) -> bytes:
    """The hash of an event."""
    return digest_of(previous, payout_id, behind_id(seq, at, kind, actor, body))


def behind_id(seq: int, at: Instant, kind: str, actor: str, body: str) -> str:
    """What a hash covers behind the id: of many events that are alike it is written once."""
    # Only the last part can contain a line feed: kinds and actors are checked when they are made.
    return f"\n{seq}\n{at}\n{kind}\n{actor}\n{body}"


def digest_of(previous: bytes, payout_id: int, behind: str) -> bytes:
    """The hash of an event, from what ``behind_id`` makes."""
    return sha256(previous + f"{payout_id}{behind}".encode()).digest()
