"""Finds the payouts to a receiver, sent or not, without an index of all receivers.

Such an index would cost a list of a million a tenth of its time. In place of it stand the last
characters of the receivers in the order of their rows, many to a row of the table: a million are
four megabytes, which a database looks through in some milliseconds. What they say is a hint: that
the receiver is the one, whoever reads the payout sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import PAYEE_TAIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

WIDTH = 4
FULL = 250
"""A row of the table that has so many is full: one payout at a time makes no row of its own."""


def tail_of(payee: str) -> str:
    """The last characters of a receiver, always as many."""
    return payee[-WIDTH:].rjust(WIDTH)


def add(connection: Connection, campaign_id: int, first: int, payees: Sequence[str]) -> None:
    """Keep the tails of new rows.

    Args:
        connection: in the transaction that stores them, which has locked the campaign.
        campaign_id: whose.
        first: the place of the first of them.
        payees: to whom they go, in their order.
    """
    tails = "".join([tail_of(payee) for payee in payees])
    if len(payees) < FULL and _append(connection, campaign_id, first, tails):
        return
    connection.execute(insert(PAYEE_TAIL).values(campaign_id=campaign_id, row=first, tails=tails))


def _append(connection: Connection, campaign_id: int, first: int, tails: str) -> bool:
    last = (
        select(func.max(PAYEE_TAIL.c.row))
        .where(PAYEE_TAIL.c.campaign_id == campaign_id)
        .scalar_subquery()
    )
    appended = connection.execute(
        update(PAYEE_TAIL)
        .where(
            PAYEE_TAIL.c.campaign_id == campaign_id,
            PAYEE_TAIL.c.row == last,
            # Right behind those that it has, or it would name other rows.
            PAYEE_TAIL.c.row + func.length(PAYEE_TAIL.c.tails) / WIDTH == first,
            func.length(PAYEE_TAIL.c.tails) < FULL * WIDTH,
        )
        .values(tails=PAYEE_TAIL.c.tails + tails)
    )
    return appended.rowcount == 1


def rows_of(
    connection: Connection, payee: str, campaigns: Iterable[int] | None
) -> Iterator[tuple[int, int]]:
    """Where payouts to a receiver may stand: campaigns and rows, in their order.

    Args:
        connection: in a transaction.
        payee: the receiver.
        campaigns: only in these; None for all.
    """
    tail = tail_of(payee)
    holds = func.strpos if is_postgresql(connection) else func.instr
    query = (
        select(PAYEE_TAIL.c.campaign_id, PAYEE_TAIL.c.row, PAYEE_TAIL.c.tails)
        .where(holds(PAYEE_TAIL.c.tails, tail) > 0)
        .order_by(PAYEE_TAIL.c.campaign_id, PAYEE_TAIL.c.row)
    )
    if campaigns is not None:
        query = query.where(PAYEE_TAIL.c.campaign_id.in_(sorted(campaigns)))
    for campaign_id, first, tails in connection.execute(query):
        at = tails.find(tail)
        while at >= 0:
            if at % WIDTH == 0:
                yield campaign_id, first + at // WIDTH
            at = tails.find(tail, at + 1)
