"""Payouts that stand where a test wants them, without the calls that lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT, STANDING
from hongbao.ledger.store.standings import dissolve, materialise

if TYPE_CHECKING:
    from collections.abc import Collection

    from hongbao.ledger.book import Book


def stand(
    books: Book, *states: str, rows: Collection[int] | None = None, called: bool = False
) -> None:
    """Let all payouts, or those in some rows, go through some states; the last has no task."""
    which = [] if rows is None else [PAYOUT.c.row.in_(rows)]
    changes: dict[str, object] = {"seq": 2, "task": None, "due_at": None, "lease": None}
    if called:
        changes |= {"calls": 1, "answers": 1, "first_call_at": 1}
    with books._database.transaction() as connection:
        dissolve(connection, connection.scalars(select(CAMPAIGN.c.id)).all())
        ids = connection.scalars(select(PAYOUT.c.id).where(*which)).all()
        materialise(connection, ids)
        these = update(STANDING).where(STANDING.c.payout_id.in_(ids))
        for state in states:
            connection.execute(these.values(state=state, **changes))
            changes["seq"] = 3
