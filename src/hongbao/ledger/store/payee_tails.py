"""Finds the payouts to a receiver, sent or not, without an index of all receivers.

Such an index would cost a list of a million some seconds. In place of it stand the last
characters of the receivers, many to a row of the table, in 32 parts by the very last of them. A
database looks through one part: of ten million payouts that is two megabytes. What they say is a
hint: that the receiver is the one, whoever reads the payout sees.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import PAYEE_TAIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

BLOCK = 4_096
"""So many successive rows of a campaign have their tails in the same rows of the table."""

_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_PLACES = [high + low for high in _DIGITS for low in _DIGITS]
"""The places in a block, as they are written behind tails."""
_NUMBERS = {place: number for number, place in enumerate(_PLACES)}
_TAIL, _WIDTH = 4, 5  # the last character says in which row, and a place is two characters
_BUCKETS = 32

_ADD = text("""
INSERT INTO payee_tail (bucket, campaign_id, first, tails)
VALUES (:bucket, :campaign_id, :first, :tails)
ON CONFLICT (bucket, campaign_id, first) DO UPDATE SET tails = payee_tail.tails || excluded.tails
""")


def entry(row: int, payee: str) -> tuple[int, int, str]:
    """What the table has of a payout: the bucket, the first row of its block, and its own text.

    Args:
        row: its place in the campaign.
        payee: the receiver.
    """
    tail, place = payee[-_TAIL:].rjust(_TAIL), (row - 1) % BLOCK
    return ord(tail[-1]) % _BUCKETS, row - place, tail[:-1] + _PLACES[place]


def add(connection: Connection, campaign_id: int, first: int, payees: Sequence[str]) -> None:
    """Keep the tails of new rows.

    Args:
        connection: in the transaction that stores them, which has locked the campaign.
        campaign_id: whose.
        first: the place of the first of them.
        payees: to whom they go, in their order.
    """
    said = [
        {"bucket": bucket, "campaign_id": campaign_id, "first": block, "tails": tails}
        for bucket, block, tails in lines(first, payees)
    ]
    if said:
        connection.execute(_ADD, said)


def lines(first: int, payees: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """What ``entry`` says of many, in a third of its time: buckets, blocks and all texts of them.

    Args:
        first: the place of the first of them.
        payees: to whom they go, in their order.
    """
    done = 0
    while done < len(payees):
        begins = (first + done - 1) % BLOCK
        some = payees[done : done + BLOCK - begins]
        buckets: list[list[str]] = [[] for _ in range(_BUCKETS)]
        for payee, place in zip(some, _PLACES[begins : begins + len(some)], strict=True):
            tail = payee[-_TAIL:].rjust(_TAIL)
            buckets[ord(tail[-1]) % _BUCKETS].append(tail[:-1] + place)
        for bucket, texts in enumerate(buckets):
            if texts:
                yield bucket, first + done - begins, "".join(texts)
        done += len(some)


def rows_of(
    connection: Connection, payee: str, campaigns: Iterable[int] | None
) -> Iterator[tuple[int, int]]:
    """Where payouts to a receiver may stand: campaigns and rows, in their order.

    Args:
        connection: in a transaction.
        payee: the receiver.
        campaigns: only in these; None for all.
    """
    bucket, _, text = entry(1, payee)
    tail = text[: _TAIL - 1]
    holds = func.strpos if is_postgresql(connection) else func.instr
    query = (
        select(PAYEE_TAIL.c.campaign_id, PAYEE_TAIL.c.first, PAYEE_TAIL.c.tails)
        .where(PAYEE_TAIL.c.bucket == bucket, holds(PAYEE_TAIL.c.tails, tail) > 0)
        .order_by(PAYEE_TAIL.c.campaign_id, PAYEE_TAIL.c.first)
    )
    if campaigns is not None:
        query = query.where(PAYEE_TAIL.c.campaign_id.in_(sorted(campaigns)))
    for campaign_id, first, tails in connection.execute(query):
        at = tails.find(tail)
        while at >= 0:
            if at % _WIDTH == 0:
                yield campaign_id, first + _NUMBERS[tails[at + _TAIL - 1 : at + _WIDTH]]
            at = tails.find(tail, at + 1)
