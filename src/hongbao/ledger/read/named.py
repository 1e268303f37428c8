"""What names and numbers in a filter stand for: campaigns, and places of payouts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Text, or_, select, text

from hongbao.billno import derive_billno
from hongbao.business_key import normal
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.intake.spellings import outdated
from hongbao.ledger.store import bulk, payee_tails
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.decisions import campaign_named
from hongbao.ledger.store.rows import BOOKED, COLUMNS, payout_of
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, MERCHANT, PAYOUT, STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.payout_filter import PayoutFilter

_NUMBERS_AT_ONCE = 500
# Of the payouts that had the same first number, the one that has it now. Each is looked up by
# itself, which a join leaves to the planner.
_WITH_NUMBERS = """
SELECT (
    SELECT payout.id FROM payout WHERE payout.merchant_id = wanted.merchant_id
    AND payout.billno = wanted.billno AND payout.successor IS NULL
), (
    SELECT attempt.payout_id FROM attempt WHERE attempt.merchant_id = wanted.merchant_id
    AND attempt.billno = wanted.billno
) FROM {wanted}
"""
_IN_POSTGRESQL = text(
    _WITH_NUMBERS.format(
        wanted="unnest(CAST(:merchants AS bigint[]), CAST(:billnos AS text[]))"
        " AS wanted (merchant_id, billno)"
    )
)
_IN_SQLITE = text(
    _WITH_NUMBERS.format(
        wanted="(SELECT json_extract(value, '$[0]') AS merchant_id,"
        " json_extract(value, '$[1]') AS billno FROM json_each(:numbers)) AS wanted"
    )
)


def allowed(
    connection: Connection, *, campaign: str | None, merchant: str | None
) -> set[int] | None:
    """The campaigns of a name, with its supplements, and of a merchant; None for all that are.

    Raises:
        LedgerError: if there is no such campaign or merchant.
    """
    which = []
    if campaign is not None:
        own = campaign_named(connection, campaign).id
        which.append(or_(CAMPAIGN.c.id == own, CAMPAIGN.c.parent_id == own))
    if merchant is not None:
        number = select(MERCHANT.c.id).where(MERCHANT.c.number == merchant)
        if (payer := connection.scalar(number)) is None:
            raise LedgerError(
                code=LedgerCode.NOT_FOUND,
                problem=say("the books have no merchant {merchant!r}", merchant=merchant),
                remedy=say("Run: hongbao merchant list"),
            )
        of_merchant = select(CHANNEL.c.id).where(CHANNEL.c.merchant_id == payer)
        which.append(CAMPAIGN.c.channel_id.in_(of_merchant))
    if not which:
        return None
    return set(connection.scalars(select(CAMPAIGN.c.id).where(*which)))


def places(
    connection: Connection, asked: PayoutFilter, allowed: set[int] | None
) -> Iterable[tuple[int, int]] | None:
    """The places where alone such payouts can stand, if names or numbers say it; None if not.

    Args:
        connection: in a transaction.
        asked: the filter.
        allowed: the campaigns that it allows; None for all.
    """
    found: list[set[tuple[int, int]]] = []
    if asked.key is not None:
        spellings = {asked.key, normal(asked.key)}
        found.append(_at(connection, _ids(connection, _first_numbers(connection, spellings))))
    if asked.billno is not None:
        found.append(_at(connection, _ids(connection, _numbers(connection, asked.billno))))
    if asked.listid is not None:
        rows = connection.execute(
            select(STANDING.c.campaign_id, STANDING.c.row).where(STANDING.c.listid == asked.listid)
        )
        found.append({(campaign, row) for campaign, row in rows})
    if not found and asked.payee is not None:
        return payee_tails.rows_of(connection, asked.payee, allowed)
    return set.intersection(*found) if found else None


def find(connection: Connection, key_or_billno: str) -> list[Payout]:
    """The payouts with this key, or with this number now or in an earlier attempt.

    A key is found as it stands and in its normal form; and so is one that an earlier version stored
    in another spelling, which is looked for among all keys if the index has neither.
    """
    wanted = normal(key_or_billno)
    if not wanted:
        return []
    numbers = _first_numbers(connection, {key_or_billno, wanted})
    ids = _ids(connection, [*numbers, *_numbers(connection, key_or_billno)])
    if not ids:
        old = [
            (merchant, derive_billno(number, key))
            for merchant, number in _merchants(connection)
            for key in outdated(connection, merchant)
            if normal(key) == wanted
        ]
        ids = _ids(connection, old)
    query = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id.in_(sorted(ids)))
    rows = connection.execute(query.order_by(PAYOUT.c.id))
    return [payout_of(row) for row in rows]


def _merchants(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(select(MERCHANT.c.id, MERCHANT.c.number))
    return [(merchant, number) for merchant, number in rows]


def _numbers(connection: Connection, billno: str) -> list[tuple[int, str]]:
    """A number with each merchant, who may have it."""
    return [(merchant, billno) for merchant, _ in _merchants(connection)]


def _first_numbers(connection: Connection, keys: Collection[str]) -> list[tuple[int, str]]:
    """The number of the first attempt of each key with each merchant."""
    merchants = _merchants(connection)
    return [(it, derive_billno(number, key)) for it, number in merchants for key in keys if key]


def _ids(connection: Connection, numbers: Sequence[tuple[int, str]]) -> set[int]:
    """The payouts that have or had these numbers."""
    ids: set[int] = set()
    for start in range(0, len(numbers), _NUMBERS_AT_ONCE):
        some = numbers[start : start + _NUMBERS_AT_ONCE]
        if is_postgresql(connection):
            merchants, billnos = zip(*some, strict=True)
            wanted = {
                "merchants": bulk.array(merchants, BigInteger()),
                "billnos": bulk.array(billnos, Text()),
            }
            found = connection.execute(_IN_POSTGRESQL, wanted)
        else:
            found = connection.execute(_IN_SQLITE, {"numbers": json.dumps(some)})
        ids.update(it for row in found for it in row if it is not None)
    return ids


def _at(connection: Connection, ids: Collection[int]) -> set[tuple[int, int]]:
    """Where payouts stand."""
    rows = connection.execute(
        select(PAYOUT.c.campaign_id, PAYOUT.c.row).where(PAYOUT.c.id.in_(sorted(ids)))
    )
    return {(campaign, row) for campaign, row in rows}
