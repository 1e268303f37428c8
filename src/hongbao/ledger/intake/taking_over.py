"""Moves the key and number of a payout that was cancelled before any call to a new payout.

The number stays derived from the key, so that WeChat sees one order whatever these books forgot.
The old payout names its successor, and the histories of both record it. The new one has a standing
from the beginning, since its first event says more than those that are not stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from hongbao.ledger.model.event import GENESIS, EventKind, body_of, joined
from hongbao.ledger.store import bulk, standings
from hongbao.ledger.store.changes import Shape
from hongbao.ledger.store.first_events import Begun, FirstEvents
from hongbao.ledger.store.schema import PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.intake.keys import Stored
    from hongbao.ledger.model.campaign import Campaign, Entry
    from hongbao.ledger.store.changes import Changes

_TAKEN = Shape(("seq", "hash"), ("payout_id", "seq"))
_AT_ONCE = 500
# Made once: see ``daily_limits``.
_LAST = select(STANDING.c.payout_id, STANDING.c.hash).where(
    STANDING.c.payout_id.in_(bindparam("ids", expanding=True))
)


def take_over(
    connection: Connection,
    changes: Changes,
    campaign: Campaign,
    taken: Mapping[int, tuple[Stored, int, str, Entry]],
) -> None:
    """Move the numbers of payouts that were cancelled before any call.

    Args:
        connection: the transaction.
        changes: stores the new payouts.
        campaign: the campaign of the new payouts.
        taken: by the id of a new payout: the free one with its key, its row, its number and itself.
    """
    if not taken:
        return
    make = FirstEvents(connection)
    gone, new = changes.rows(_TAKEN), []
    hashes = _last_hashes(connection, [old.id for old, *_ in taken.values()])
    for new_id, (old, row, billno, entry) in taken.items():
        seq = old.seq + 1
        body = body_of({"by": new_id, "campaign": campaign.name})
        last = changes.event(hashes[old.id], old.id, seq, EventKind.TAKEN_OVER.value, body)
        # Another transaction may have taken it over since it was read.
        gone.append((seq, last, old.id, old.seq))
        begun = Begun(
            new_id, entry.amount, billno, entry.kind, entry.payee, entry.people, entry.terms_id,
            changes.now, changes.actor,
        )  # fmt: skip
        body = joined(make.submitted_body(begun), body_of({"took_over": old.id}))
        last = changes.event(GENESIS, new_id, 1, EventKind.SUBMITTED.value, body)
        payout = (new_id, campaign.id, row, entry.amount, None)
        new.append(standings.waiting(payout, changes.now, last))
    changes.add(STANDING, standings.COLUMNS, new)
    # Before the new ones are stored: one payout at a time holds a number.
    successors = [(new_id, old.id) for new_id, (old, *_) in taken.items()]
    bulk.update(connection, PAYOUT, ("successor",), ("id",), successors)


def _last_hashes(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    hashes: dict[int, bytes] = {}
    for begun in range(0, len(ids), _AT_ONCE):
        found = connection.execute(_LAST, {"ids": ids[begun : begun + _AT_ONCE]})
        hashes |= {number: bytes(digest) for number, digest in found}
    return hashes
