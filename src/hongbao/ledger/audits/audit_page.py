"""Reads pages of payouts, with all that is stored about them.

One statement reads what a whole page has in one table, as the driver's own tuples.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import func, select, text

from hongbao.ledger.model.payout import Payout
from hongbao.ledger.store.database import driver_rows, is_postgresql
from hongbao.ledger.store.schema import (
    ATTEMPT,
    CALL_RANGE,
    EVENT,
    PAYOUT,
    STANDING,
    SUBMISSION,
    TERMS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Table, TextClause

Stored: TypeAlias = "tuple[Any, ...]"
"""A payout as it is stored: the columns of ``Payout``, then those of ``BESIDE``. Without a standing
all that a standing has is None."""

Pieces: TypeAlias = "list[tuple[int, int, int]]"
"""Campaigns, each with the first and the last row of a part of it."""

PAGE = 2_000

_OWED = Payout.__slots__[:10]
_STANDS = Payout.__slots__[10:]
_LIVE_BILLNO = func.coalesce(STANDING.c.billno, PAYOUT.c.billno)
_BESIDE = (
    STANDING.c.hash.label("last_hash"),
    STANDING.c.campaign_id.label("standing_campaign_id"),
    STANDING.c.row.label("standing_row"),
    STANDING.c.amount.label("standing_amount"),
    STANDING.c.payee.label("standing_payee"),
    PAYOUT.c.billno.label("first_billno"),
    PAYOUT.c.successor,
)
BESIDE = {column.name: place for place, column in enumerate(_BESIDE, len(Payout.__slots__))}
"""The place of each further column of a ``Stored``."""

_COLUMNS = select(
    *(PAYOUT.c[name] for name in _OWED),
    *(_LIVE_BILLNO if name == "billno" else STANDING.c[name] for name in _STANDS),
    *_BESIDE,
)
_ALL = (
    _COLUMNS.select_from(PAYOUT.outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id)).order_by(
        PAYOUT.c.id
    ),
    PAYOUT.c.id,
)
_WITH_STANDING = (
    _COLUMNS.select_from(STANDING.join(PAYOUT, PAYOUT.c.id == STANDING.c.payout_id)).order_by(
        STANDING.c.payout_id
    ),
    STANDING.c.payout_id,
)
_EVENTS = select(EVENT).order_by(EVENT.c.payout_id, EVENT.c.seq)
_ATTEMPTS = select(ATTEMPT).order_by(ATTEMPT.c.payout_id, ATTEMPT.c.number)
_TERMS = select(TERMS.c.id, TERMS.c.digest)
_ID, _CAMPAIGN, _ROW = 0, _OWED.index("campaign_id"), _OWED.index("row")
_of_payout = itemgetter(0)
_terms = itemgetter(_OWED.index("terms_id"))

# What begins in each piece of a campaign, and what begins before it and may reach into it.
_PIECES = """
SELECT {columns} FROM {pieces} JOIN {table} AS it ON it.campaign_id = {campaign}
    AND it.first <= {last} AND it.first >= coalesce((
        SELECT max(first) FROM {table} WHERE campaign_id = {campaign} AND first <= {first}
    ), 0)
ORDER BY it.campaign_id, it.first
"""
_IN_SQLITE = {
    "pieces": "json_each(:pieces) AS piece",
    **{
        name: f"json_extract(piece.value, '$[{place}]')"
        for place, name in enumerate(("campaign", "first", "last"))
    },
}
_IN_POSTGRESQL = {
    "pieces": "jsonb_array_elements(CAST(:pieces AS jsonb)) AS piece",
    **{
        name: f"CAST(piece ->> {place} AS bigint)"
        for place, name in enumerate(("campaign", "first", "last"))
    },
}


def _of_pieces(table: Table) -> dict[bool, TextClause]:
    columns = ", ".join(f'it."{column.name}"' for column in table.c)
    return {
        postgresql: text(_PIECES.format(table=table.name, columns=columns, **words))
        for postgresql, words in ((True, _IN_POSTGRESQL), (False, _IN_SQLITE))
    }


_RANGES = _of_pieces(CALL_RANGE)
_SUBMISSIONS = _of_pieces(SUBMISSION)


class CallRange(NamedTuple):
    """A row of ``call_range``."""

    id: int
    campaign_id: int
    first: int
    last: int
    at: int
    actor: str
    day: int
    lease: int | None
    due_at: int | None
    open: int
    open_amount: int


class Submission(NamedTuple):
    """A row of ``submission``."""

    campaign_id: int
    first: int
    at: int
    actor: str


T = TypeVar("T", CallRange, Submission)


class Successive(Generic[T]):
    """Ranges or submissions of one campaign, in the order of the rows at which they begin.

    Attributes:
        items: all of them.
    """

    def __init__(self) -> None:
        self.items: list[T] = []
        self._firsts: list[int] = []

    def add(self, first: int, item: T) -> None:
        """Add the next one."""
        self._firsts.append(first)
        self.items.append(item)

    def from_row(self, row: int) -> list[T]:
        """The one that reaches a row, as far as their beginnings say, and all that are behind."""
        return self.items[max(0, bisect_right(self._firsts, row) - 1) :]

    def reaching(self, row: int) -> T | None:
        """The last one that begins at a row or before it."""
        place = bisect_right(self._firsts, row)
        return self.items[place - 1] if place else None


class AuditPage(NamedTuple):
    """Payouts in the order of their ids, and what is stored about them.

    Attributes:
        payouts: the payouts.
        events: the stored events by payout, as tuples, in their order.
        attempts: the later numbers by payout, as tuples, in their order.
        ranges: the ranges of first calls that may hold any of them, by campaign.
        submissions: when they were stored, by campaign.
        terms: SHA-256 of their terms in hexadecimal, by the books' number of them.
    """

    payouts: Sequence[Stored]
    events: dict[int, list[tuple[Any, ...]]]
    attempts: dict[int, list[tuple[Any, ...]]]
    ranges: defaultdict[int, Successive[CallRange]]
    submissions: defaultdict[int, Successive[Submission]]
    terms: dict[int, str]


def pages(
    connection: Connection, *, after: int = 0, last: int | None = None, whole: bool
) -> Iterator[AuditPage]:
    """Payouts, page by page.

    Args:
        connection: the audit's.
        after: only those whose id is greater.
        last: only those up to this id. Without it, the last page has what is stored of payouts
            behind it, too.
        whole: whether those without a standing are there as well.
    """
    query, column = _ALL if whole else _WITH_STANDING
    done, more = after, True
    while more:
        # PostgreSQL does not conclude the second from the first, and would read all from the first.
        rows = between(between(query, column, done, last), PAYOUT.c.id, done, last)
        payouts = driver_rows(connection, rows.limit(PAGE))
        more = len(payouts) == PAGE
        end = payouts[-1][_ID] if more else last
        yield _page(
            connection,
            payouts,
            events=between(_EVENTS, EVENT.c.payout_id, done, end),
            attempts=between(_ATTEMPTS, ATTEMPT.c.payout_id, done, end),
        )
        done = end or done


def page_of(connection: Connection, ids: Sequence[int]) -> AuditPage:
    """Some payouts, as far as they are there, and all that is stored of them."""
    query, column = _ALL
    return _page(
        connection,
        driver_rows(connection, query.where(column.in_(ids))),
        events=_EVENTS.where(EVENT.c.payout_id.in_(ids)),
        attempts=_ATTEMPTS.where(ATTEMPT.c.payout_id.in_(ids)),
    )


def _page(
    connection: Connection, payouts: Sequence[Stored], *, events: Select[Any], attempts: Select[Any]
) -> AuditPage:
    pieces = _pieces(payouts)
    numbers = list(set(map(_terms, payouts)))
    terms = driver_rows(connection, _TERMS.where(TERMS.c.id.in_(numbers)))
    return AuditPage(
        payouts,
        _by_payout(driver_rows(connection, events)),
        _by_payout(driver_rows(connection, attempts)),
        ranges_of(connection, pieces),
        submissions_of(connection, pieces),
        {number: digest.hex() for number, digest in terms},
    )


def between(
    query: Select[Any], column: ColumnElement[int], after: int, last: int | None
) -> Select[Any]:
    """A query for those of which a number is greater than one, and not greater than another."""
    query = query.where(column > after)
    return query if last is None else query.where(column <= last)


def ranges_of(connection: Connection, pieces: Pieces) -> defaultdict[int, Successive[CallRange]]:
    """The ranges of first calls that may hold a row of some pieces of campaigns, by campaign."""
    return _by_campaign(map(CallRange._make, _meeting(connection, _RANGES, pieces)))


def submissions_of(
    connection: Connection, pieces: Pieces
) -> defaultdict[int, Successive[Submission]]:
    """The submissions that a row of some pieces of campaigns may have come with, by campaign."""
    return _by_campaign(map(Submission._make, _meeting(connection, _SUBMISSIONS, pieces)))


def _meeting(
    connection: Connection, of: Mapping[bool, TextClause], pieces: Pieces
) -> Iterator[tuple[Any, ...]]:
    rows = driver_rows(connection, of[is_postgresql(connection)], {"pieces": json.dumps(pieces)})
    # What meets two pieces comes twice.
    return (row for row, _ in groupby(rows))


def _pieces(payouts: Sequence[Stored]) -> Pieces:
    """The first and the last row of each campaign in a page."""
    found: dict[int, tuple[int, int]] = {}
    for it in payouts:
        campaign, row = it[_CAMPAIGN], it[_ROW]
        low, high = found.get(campaign, (row, row))
        found[campaign] = (min(low, row), max(high, row))
    return [(campaign, *rows) for campaign, rows in found.items()]


def _by_payout(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    return {payout: list(some) for payout, some in groupby(rows, key=_of_payout)}


def _by_campaign(rows: Iterable[T]) -> defaultdict[int, Successive[T]]:
    found: defaultdict[int, Successive[T]] = defaultdict(Successive)
    for it in rows:
        found[it.campaign_id].add(it.first, it)
    return found
