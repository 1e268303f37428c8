"""What was cancelled before any call gives its key and its number to a new payout.

The number stays derived from the key, so that WeChat sees one order whatever these books forgot.
The row of the number moves; both payouts say so in their histories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger import bulk
from hongbao.ledger.database import Again
from hongbao.ledger.event import EventKind, chain
from hongbao.ledger.schema import ATTEMPT, EVENT, PAYOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.campaign import Campaign
    from hongbao.ledger.event import Event
    from hongbao.ledger.keys import Stored
    from hongbao.ledger.payout import Instant

_EVENT = tuple(column.name for column in EVENT.c)
_AT_ONCE = 500


def take_over(
    connection: Connection,
    campaign: Campaign,
    pairs: Sequence[tuple[Stored, int]],
    *,
    by: str,
    now: Instant,
) -> None:
    """Move the numbers of payouts that were cancelled before any call.

    Args:
        connection: in the transaction that stores the new payouts.
        campaign: that of the new payouts.
        pairs: a payout that is free, and the id of the new one with its key.
        by: who stores the new ones.
        now: when.

    Raises:
        Again: if another transaction has taken one of them over since it was read.
    """
    for begun in range(0, len(pairs), _AT_ONCE):
        _take_over(connection, campaign, pairs[begun : begun + _AT_ONCE], by=by, now=now)


def _take_over(
    connection: Connection,
    campaign: Campaign,
    pairs: Sequence[tuple[Stored, int]],
    *,
    by: str,
    now: Instant,
) -> None:
    hashes = _last_hashes(connection, [old.id for old, _ in pairs])
    events: list[Event] = [
        chain(
            hashes[old.id], payout_id=old.id, seq=old.seq + 1, at=now,
            kind=str(EventKind.TAKEN_OVER), actor=by,
            facts={"by": new_id, "campaign": campaign.name},
        )
        for old, new_id in pairs
    ]  # fmt: skip
    changes = [(old.seq + 1, old.id, old.seq) for old, _ in pairs]
    moved = [(new_id, old.id, 1) for old, new_id in pairs]
    for table, to, same, rows in (
        (PAYOUT, ("seq",), ("id", "seq"), changes),
        (ATTEMPT, ("payout_id",), ("payout_id", "number"), moved),
    ):
        if bulk.update(connection, table, to, same, rows) != len(pairs):
            raise Again
    bulk.insert(connection, EVENT, _EVENT, events)


def _last_hashes(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    last = (
        select(PAYOUT.c.id, EVENT.c.hash)
        .join(EVENT, (EVENT.c.payout_id == PAYOUT.c.id) & (EVENT.c.seq == PAYOUT.c.seq))
        .where(PAYOUT.c.id.in_(ids))
    )
    return {number: bytes(digest) for number, digest in connection.execute(last)}
