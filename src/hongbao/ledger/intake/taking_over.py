"""Moves the key and number of a payout that was cancelled before any call to a new payout.

The number stays derived from the key, so that WeChat sees one order whatever these books forgot.
The row of the number moves, and the histories of both payouts record it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from hongbao.ledger.model.event import EventKind, body_of
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.schema import ATTEMPT, EVENT, PAYOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.keys import Stored
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.store.changes import Changes

_TAKEN = Shape(("seq",), ("id", "seq"))
_MOVED = Shape(("payout_id",), ("payout_id", "number"), ATTEMPT)
_AT_ONCE = 500
# Made once: see ``daily_limits``.
_LAST = (
    select(PAYOUT.c.id, EVENT.c.hash)
    .join(EVENT, (EVENT.c.payout_id == PAYOUT.c.id) & (EVENT.c.seq == PAYOUT.c.seq))
    .where(PAYOUT.c.id.in_(bindparam("ids", expanding=True)))
)


def take_over(
    connection: Connection,
    changes: Changes,
    campaign: Campaign,
    pairs: Sequence[tuple[Stored, int]],
) -> None:
    """Move the numbers of payouts that were cancelled before any call.

    Args:
        connection: the transaction.
        changes: stores the new payouts.
        campaign: the campaign of the new payouts.
        pairs: a free payout, and the id of the new one with its key.
    """
    taken, moved = changes.rows(_TAKEN), changes.rows(_MOVED)
    for begun in range(0, len(pairs), _AT_ONCE):
        some = pairs[begun : begun + _AT_ONCE]
        hashes = _last_hashes(connection, [old.id for old, _ in some])
        for old, new_id in some:
            seq = old.seq + 1
            body = body_of({"by": new_id, "campaign": campaign.name})
            changes.event(hashes[old.id], old.id, seq, EventKind.TAKEN_OVER.value, body)
            # Another transaction may have taken it over since it was read.
            taken.append((seq, old.id, old.seq))
            moved.append((new_id, old.id, 1))


def _last_hashes(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    found = connection.execute(_LAST, {"ids": ids})
    return {number: bytes(digest) for number, digest in found}
