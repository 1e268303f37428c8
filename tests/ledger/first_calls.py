"""What the books hold of first calls: ranges, and the standings beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, STANDING

if TYPE_CHECKING:
    from desk import Desk


def ranges(desk: Desk) -> list[tuple[int, int, int]]:
    """Of each range its first row, its last one, and how many of it have no standing yet."""
    with desk.transaction() as connection:
        rows = connection.execute(
            select(CALL_RANGE.c.first, CALL_RANGE.c.last, CALL_RANGE.c.open).order_by(
                CALL_RANGE.c.campaign_id, CALL_RANGE.c.first
            )
        )
        return [(row.first, row.last, row.open) for row in rows]


def standing_rows(desk: Desk) -> list[int]:
    """The rows of the payouts that have a standing."""
    with desk.transaction() as connection:
        return list(connection.scalars(select(STANDING.c.row).order_by(STANDING.c.payout_id)))


def receivers(desk: Desk) -> dict[tuple[str, int], str | None]:
    """By campaign and row, the receiver that each standing counts for."""
    with desk.transaction() as connection:
        found = select(CAMPAIGN.c.name, STANDING.c.row, STANDING.c.payee).join(
            CAMPAIGN, CAMPAIGN.c.id == STANDING.c.campaign_id
        )
        return {(row.name, row.row): row.payee for row in connection.execute(found)}


def begun(desk: Desk, name: str = "spring") -> int:
    """Up to which row something has happened to each."""
    with desk.transaction() as connection:
        found = select(CAMPAIGN.c.begun).where(CAMPAIGN.c.name == name)
        return int(connection.scalars(found).one())


def check(desk: Desk) -> None:
    """Let an audit find nothing."""
    assert desk.book.audit().findings == ()
