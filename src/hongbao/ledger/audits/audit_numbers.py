"""Checks of each payout what never changes: its first number, and what it refers to.

What it says of a payout depends on nothing else but its campaign, so that payouts may be divided
among snapshots and processes.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hongbao.billno import derive_billno, derive_first
from hongbao.ledger.audits.audit_page import between
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, MERCHANT, PAYOUT, TERMS
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.audits.audit import Step

_PAGE = 5_000
_ROWS = (
    select(
        *(PAYOUT.c[name] for name in ("id", "campaign_id", "merchant_id", "billno", "key")),
        TERMS.c.id,
    )
    .outerjoin(TERMS, TERMS.c.id == PAYOUT.c.terms_id)
    .order_by(PAYOUT.c.id)
)
_ID, _BILLNO, _KEY, _TERMS = 0, 3, 4, 5
_payer = itemgetter(1, 2)
_billnos, _keys, _terms = itemgetter(_BILLNO), itemgetter(_KEY), itemgetter(_TERMS)
_PAYERS = (
    select(CAMPAIGN.c.id, MERCHANT.c.id, MERCHANT.c.number)
    .join(CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id)
    .join(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
)


def number_problems(
    connection: Connection, step: Step, *, after: int = 0, last: int | None = None
) -> Iterator[tuple[FindingCode, str, str]]:
    """What is wrong with the numbers and references of payouts: numbers, and words.

    Args:
        connection: in a transaction that reads a single snapshot.
        step: called with how many are done more.
        after: only those whose id is greater.
        last: only those up to this id.
    """
    payers = {(campaign, merchant): it for campaign, merchant, it in connection.execute(_PAYERS)}
    while page := driver_rows(connection, between(_ROWS, PAYOUT.c.id, after, last).limit(_PAGE)):
        after = page[-1][_ID]
        for payer, some in groupby(page, key=_payer):
            rows = list(some)
            if None in map(_terms, rows):
                for row in rows:
                    if row[_TERMS] is None:
                        yield FindingCode.REFERENCE, row[_BILLNO], say("its terms are missing")
            if (number := payers.get(payer)) is not None:
                yield from _numbers(number, rows)
            else:
                words = say("its campaign is missing or belongs to another merchant")
                for row in rows:
                    yield FindingCode.REFERENCE, row[_BILLNO], words
        step(len(page))


def _numbers(
    merchant: str, rows: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[FindingCode, str, str]]:
    keys = list(map(_keys, rows))
    numbers: list[str | None]
    if all(keys):
        numbers = [*derive_first(merchant, keys)]
    else:
        numbers = [derive_billno(merchant, key) if key else None for key in keys]
    if numbers != list(map(_billnos, rows)):
        for row, number in zip(rows, numbers, strict=True):
            if row[_BILLNO] != number:
                words = say(
                    "its first number is not that of its key, which has {number}", number=number
                )
                yield FindingCode.BILLNO, row[_BILLNO], words
