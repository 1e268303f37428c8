"""Begins first calls: those of rows that follow each other are one row together, see ``rows``.

``campaign.begun`` is the last row before the first to which nothing has happened yet, or a row
before it; so no claim looks again at rows behind which others went ahead.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, func, select, text

from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import Again, is_postgresql
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.queue.batch import Closing
    from hongbao.ledger.queue.due import Fresh
    from hongbao.ledger.store.changes import Changes

    Calls = tuple[Sequence[Fresh], int, int]

_CALLED = EventKind.CALLED.value
_WAITING, _IN_DOUBT = State.WAITING.value, State.IN_DOUBT.value
_ID, _CAMPAIGN, _ROW, _AMOUNT = (PLACES[name] for name in ("id", "campaign_id", "row", "amount"))
_BY_ROW = itemgetter(_ROW)
_COLUMNS = tuple(column.name for column in CALL_RANGE.c)
_NEW_IDS = text("SELECT nextval('call_range_id_seq') FROM generate_series(1, :count)")
_CLOSE_SQLITE = """
UPDATE call_range SET open = open - ?, open_amount = open_amount - ?,
    lease = CASE WHEN open > ? THEN lease END, due_at = CASE WHEN open > ? THEN due_at END
WHERE id = ? AND lease = ?
"""
_CLOSE_POSTGRESQL = """
UPDATE call_range SET open = open - said.payouts, open_amount = open_amount - said.amount,
    lease = CASE WHEN open > said.payouts THEN call_range.lease END,
    due_at = CASE WHEN open > said.payouts THEN due_at END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS said (id, lease, payouts, amount)
WHERE call_range.id = said.id AND call_range.lease = said.lease
"""
_LAST_ID = select(func.coalesce(func.max(CALL_RANGE.c.id), 0))


class Extent(NamedTuple):
    """How far a campaign is.

    Attributes:
        begun: up to this row something has happened to each.
        rows: how many it has.
    """

    begun: int
    rows: int


def begin(
    connection: Connection, changes: Changes, calls: Iterable[Calls], *, until: Instant
) -> dict[int, int]:
    """Let ranges of first calls begin.

    Args:
        connection: in the transaction that has locked the channels' rows.
        changes: collects what is to be written.
        calls: of each channel what is sent for the first time, with its lease and its Beijing day.
        until: when the leases end.

    Returns:
        The range of each payout.
    """
    runs = list(_runs(calls))
    ranges: dict[int, int] = {}
    if not runs:
        return ranges
    rows = []
    for number, it in zip(_new_ids(connection, len(runs)), runs, strict=True):
        run, lease, day = it
        campaign, amount = run[0][_CAMPAIGN], sum([row[_AMOUNT] for row in run])
        rows.append(
            (number, campaign, run[0][_ROW], run[-1][_ROW], changes.now, changes.actor, day, lease,
             until, len(run), amount)
        )  # fmt: skip
        ids = [row[_ID] for row in run]
        ranges |= dict.fromkeys(ids, number)
        changes.imply(_CALLED, 2, ids)
        changes.totals.move(campaign, _WAITING, _IN_DOUBT, amount, payouts=len(run))
    changes.add(CALL_RANGE, _COLUMNS, rows)
    return ranges


def _runs(calls: Iterable[Calls]) -> Iterator[tuple[list[Sequence[Any]], int, int]]:
    """Rows of a campaign that follow each other, with their lease and their day."""
    for fresh, lease, day in calls:
        for rows in _by_campaign(fresh).values():
            begun = 0
            if rows[-1][_ROW] - rows[0][_ROW] + 1 != len(rows):
                for place in range(1, len(rows)):
                    if rows[place][_ROW] != rows[place - 1][_ROW] + 1:
                        yield rows[begun:place], lease, day
                        begun = place
            yield rows[begun:], lease, day


def _by_campaign(fresh: Iterable[Fresh]) -> dict[int, list[Sequence[Any]]]:
    """All rows of each campaign, in their order."""
    found: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for it in fresh:
        found[it.campaign_id] += it.rows
    for rows in found.values():
        rows.sort(key=_BY_ROW)
    return found


def _new_ids(connection: Connection, count: int) -> Sequence[int]:
    if is_postgresql(connection):
        return connection.scalars(_NEW_IDS, {"count": count}).all()
    last = connection.execute(_LAST_ID).scalar_one()
    return range(last + 1, last + 1 + count)


def begun(
    extents: Mapping[int, Extent], fresh: Iterable[Fresh], taken: Container[int], *, most: int
) -> dict[int, int]:
    """Up to which row something has happened to each, of campaigns of which that has changed.

    Args:
        extents: the campaigns of one channel of which rows to send were looked for.
        fresh: what was found of them that has no standing.
        taken: the payouts among them to which something happens now.
        most: how many rows of each were looked for.
    """
    found = _by_campaign(fresh)
    moved = {}
    for campaign, extent in extents.items():
        rows = found.get(campaign, [])
        all_taken = extent.rows if len(rows) < most else rows[-1][_ROW]
        last = next((row[_ROW] - 1 for row in rows if row[_ID] not in taken), all_taken)
        if last > extent.begun:
            moved[campaign] = last
    return moved


def move(connection: Connection, begun: Mapping[int, int]) -> None:
    """Store what ``begun`` says; this transaction has locked the channels of the campaigns."""
    rows = [(last, campaign) for campaign, last in sorted(begun.items())]
    bulk.update(connection, CAMPAIGN, ("begun",), ("id",), rows)


def close(connection: Connection, closing: Sequence[Closing]) -> None:
    """Take payouts whose results are recorded out of their ranges.

    Args:
        connection: in a transaction, which then gives each of these payouts a standing.
        closing: what is taken out, in the order of the ranges.

    Raises:
        Again: if a range is closed, or dissolved.
    """
    if not closing:
        return
    with contextlib.closing(connection.connection.cursor()) as cursor:
        if is_postgresql(connection):
            columns = zip(*closing, strict=True)
            cursor.execute(_CLOSE_POSTGRESQL, [bulk.array(it, BigInteger()) for it in columns])
            closed = cursor.rowcount
        else:
            closed = 0
            for one in closing:
                cursor.execute(_CLOSE_SQLITE, (*one[2:], one.payouts, one.payouts, *one[:2]))
                closed += cursor.rowcount
    if closed != len(closing):
        raise Again


def leases(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The leases of open ranges, whose rows this locks."""
    found = connection.execute(
        select(CALL_RANGE.c.id, CALL_RANGE.c.lease)
        .where(CALL_RANGE.c.id.in_(sorted(ids)))
        .order_by(CALL_RANGE.c.id)
        .with_for_update()
    )
    return {number: lease for number, lease in found if lease is not None}
