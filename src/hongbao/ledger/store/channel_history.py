"""The chained history of a channel's settings: its limits, its stops and its slower rates.

How much of the limits is used is not part of it, since that changes with every claim.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hongbao.ledger.store.decisions import STOP_COLUMNS
from hongbao.ledger.store.histories import append
from hongbao.ledger.store.merchants import number_of
from hongbao.ledger.store.schema import CHANNEL, CHANNEL_EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant

_NOTHING: Mapping[str, object] = MappingProxyType({})
_SETTINGS = (
    "rail", "interval", "burst", "day_amount_max", "user_day_count_max", "user_day_amount_max",
    "opens", "closes", "slowed_interval", *STOP_COLUMNS,
)  # fmt: skip
RECORDED = ("number", *_SETTINGS)
"""What its events alone say how it stands: its merchant's number, which is one for all, and columns
of its row. The first event has all of them, each other those that it changed."""

FIRST_RAIL = "redpack"
"""The rail of a channel whose history names none: versions up to 0003 knew no other."""


class ChannelEventKind(StrEnum):
    """What happened."""

    LIMITS = "limits"
    """It is new, or somebody changed its settings."""
    ASKED = "asked"
    """Somebody asked for other limits: nothing changes before another person accepts them."""
    ACCEPTED = "accepted"
    """Another person accepted what was asked for: these limits hold, whatever settings say."""
    DECLINED = "declined"
    """Somebody declined, or took back, what was asked for."""
    SLOWED = "slowed"
    """The payer said that it was called too often."""
    STOPPED = "stopped"
    """A worker stopped it, because it found a reason not to go on."""
    LIFTED = "lifted"
    """A person resumed what was stopped."""


def change(
    connection: Connection,
    channel: Row[Any],
    kind: ChannelEventKind,
    *,
    by: str,
    now: Instant,
    **changes: object,
) -> None:
    """Change a channel's row, which this transaction has locked; see ``record_change``."""
    record_change(connection, channel, kind, by=by, now=now, changes=changes)


def record_change(
    connection: Connection,
    channel: Row[Any],
    kind: ChannelEventKind,
    *,
    by: str,
    now: Instant,
    changes: Mapping[str, object] = _NOTHING,
    why: Mapping[str, object] = _NOTHING,
) -> None:
    """Change a channel's row, which this transaction has locked, and append the event.

    Args:
        connection: the transaction.
        channel: the row as it is stored. That of an earlier version has no history yet: it begins
            with all its settings as they then stand.
        kind: what happened.
        by: a person or a worker.
        now: when.
        changes: columns and their new values.
        why: what else the event says, under names that are no columns.
    """
    before: dict[str, object] = {}
    if not channel.seq:
        before = {name: getattr(channel, name) for name in _SETTINGS}
        before["number"] = number_of(connection, channel.merchant_id)
    facts = (
        before | {name: value for name, value in changes.items() if name in RECORDED} | dict(why)
    )
    append(
        connection, CHANNEL_EVENT, CHANNEL, of=channel.id, seq=channel.seq, kind=kind, actor=by,
        now=now, facts=facts, changes=changes,
    )  # fmt: skip
