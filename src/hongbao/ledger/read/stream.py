"""The payouts of a campaign in the order of their rows, for whoever reads all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from hongbao.ledger.read.named import allowed
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.rows import BOOKED, COLUMNS
from hongbao.ledger.store.schema import PAYOUT

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NEXT = (
    select(*COLUMNS)
    .select_from(BOOKED)
    .where(PAYOUT.c.campaign_id == bindparam("campaign"), PAYOUT.c.row > bindparam("after"))
    .order_by(PAYOUT.c.row)
    .limit(bindparam("most"))
)


def rows(
    connection: Connection, name: str, *, after: tuple[int, int], most: int
) -> list[tuple[Any, ...]]:
    """The next payouts of a campaign and its supplements, as rows of ``COLUMNS``.

    Args:
        connection: in a transaction.
        name: of the campaign.
        after: the campaign and the row of the last one that was read; zeros at first.
        most: how many at most; less than that only at the end.

    Raises:
        LedgerError: if there is no campaign of this name.
    """
    found: list[tuple[Any, ...]] = []
    campaign_id, row = after
    for it in sorted(allowed(connection, campaign=name, merchant=None) or ()):
        if it >= campaign_id and len(found) < most:
            place = {"campaign": it, "after": row if it == campaign_id else 0}
            found += driver_rows(connection, _NEXT, {**place, "most": most - len(found)})
    return found
