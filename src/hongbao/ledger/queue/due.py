"""Finds what is due, by campaign and task.

What has a standing is found with one scan of the index ``standing_due``. A payout whose first call
nobody has begun has none: it is due since it was stored, and found by its row, behind those that
were begun.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout import Task
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.rows import PLACES
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

HASH, SUBMITTED_AT = (len(PLACES) + place for place in range(2))
"""The places in a row of ``Due.standing`` behind those of the payout."""

FRESH_WIDTH = PLACES["state"]
"""How many of a payout's columns a row of ``Fresh`` has: those in front of its standing."""

_FIRST = ("id", "merchant_id", "campaign_id", "key", "row", "kind", "payee", "amount", "people",
          "terms_id")  # fmt: skip
_OWN = ", ".join(f'payout."{name}"' for name in _FIRST)
_STANDING = ", ".join(
    "coalesce(standing.billno, payout.billno)" if name == "billno" else f'standing."{name}"'
    for name in PLACES
    if name not in _FIRST
)
# Only queries need to know how old a payout is, so sends do not pay for it.
_SUBMITTED_AT = f"""CASE WHEN standing.task = {int(Task.QUERY)} THEN (
    SELECT submission.at FROM submission
    WHERE submission.campaign_id = payout.campaign_id AND submission.first <= payout."row"
    ORDER BY submission.first DESC LIMIT 1
) END"""  # noqa: S608  # names and a number of ours

# S608: only names of the schema are put into these.
_DUE_SQLITE = f"""
SELECT {_OWN}, {_STANDING}, standing.hash, {_SUBMITTED_AT} FROM standing
JOIN payout ON payout.id = standing.payout_id
WHERE standing.campaign_id = ? AND standing.task = ? AND standing.due_at <= ?
ORDER BY standing.due_at, standing.payout_id LIMIT ?
"""  # noqa: S608 - see above
_DUE_POSTGRESQL = f"""
SELECT {_OWN}, {_STANDING}, standing.hash, {_SUBMITTED_AT}
FROM unnest(%s::bigint[], %s::smallint[], %s::integer[]) AS part (campaign_id, task, most)
CROSS JOIN LATERAL (
    SELECT * FROM standing
    WHERE campaign_id = part.campaign_id AND task = part.task AND due_at <= %s
    ORDER BY due_at LIMIT part.most
) AS standing
JOIN payout ON payout.id = standing.payout_id
ORDER BY standing.due_at, standing.payout_id
"""  # noqa: S608 - see above
_UNTOUCHED = """
payout.campaign_id = campaign.id AND payout."row" > campaign.begun AND NOT EXISTS (
    SELECT 1 FROM standing WHERE standing.payout_id = payout.id
)
"""
_FRESH_SQLITE = f"""
SELECT {_OWN}, 1, payout.billno FROM campaign JOIN payout ON {_UNTOUCHED}
WHERE campaign.id = ? ORDER BY payout."row" LIMIT ?
"""  # noqa: S608 - see above
_FRESH_POSTGRESQL = f"""
SELECT {_OWN}, 1, payout.billno
FROM unnest(%s::bigint[], %s::integer[]) AS part (campaign_id, most)
JOIN campaign ON campaign.id = part.campaign_id
CROSS JOIN LATERAL (
    SELECT * FROM payout WHERE {_UNTOUCHED} ORDER BY payout."row" LIMIT part.most
) AS payout
"""  # noqa: S608 - see above
_STORED_SQLITE = """
SELECT first, at, actor FROM submission WHERE campaign_id = ? AND first <= ? AND first >= (
    SELECT max(first) FROM submission WHERE campaign_id = ? AND first <= ?
) ORDER BY first
"""
_STORED_POSTGRESQL = """
SELECT part.campaign_id, submission.first, submission.at, submission.actor
FROM unnest(%s::bigint[], %s::integer[], %s::integer[]) AS part (campaign_id, lowest, highest)
JOIN submission ON submission.campaign_id = part.campaign_id
    AND submission.first <= part.highest AND submission.first >= (
        SELECT max(first) FROM submission
        WHERE campaign_id = part.campaign_id AND first <= part.lowest
    )
ORDER BY part.campaign_id, submission.first
"""
_NEXT_STANDING = """
SELECT due_at FROM standing
WHERE campaign_id = part.campaign_id AND task = part.task AND due_at IS NOT NULL
ORDER BY due_at LIMIT 1
"""
_NEXT_RANGE = f"""
SELECT due_at FROM call_range
WHERE part.task = {int(Task.QUERY)} AND campaign_id = part.campaign_id AND due_at IS NOT NULL
ORDER BY due_at LIMIT 1
"""  # noqa: S608 - see above
# A clock that was ahead does not keep a payout from being sent.
_NEXT_FRESH = f"""
SELECT CASE WHEN at > part.now THEN part.now ELSE at END FROM campaign
JOIN submission ON campaign_id = campaign.id AND first <= begun + 1
WHERE part.task = {int(Task.SEND)} AND campaign.id = part.campaign_id AND begun < "rows"
ORDER BY first DESC LIMIT 1
"""  # noqa: S608 - see above
_NEXT = ", ".join(f"({query})" for query in (_NEXT_STANDING, _NEXT_RANGE, _NEXT_FRESH))
_NEXT_SQLITE = f"""
SELECT {_NEXT} FROM (SELECT ? AS campaign_id, ? AS task, ? AS now) AS part
"""  # noqa: S608 - see above
_NEXT_POSTGRESQL = f"""
SELECT part.campaign_id, part.task, {_NEXT}
FROM (
    SELECT *, %s::bigint AS now FROM unnest(%s::bigint[], %s::smallint[]) AS one (campaign_id, task)
) AS part
"""  # noqa: S608 - see above

_ID, _CAMPAIGN, _ROW, _DUE_AT = (PLACES[name] for name in ("id", "campaign_id", "row", "due_at"))
_EVER = 2**62


class QueuePartition(NamedTuple):
    """A part of the queue: the payouts of one campaign that wait for one task."""

    campaign_id: int
    task: Task


class Fresh(NamedTuple):
    """Payouts of one submission that have no standing, and to which nothing has happened yet.

    Attributes:
        campaign_id: their campaign.
        due_at: since when they are due. What a clock that was ahead has stored is due by now.
        at: when they were stored.
        actor: by whom.
        rows: of each the first ``FRESH_WIDTH`` columns of a payout, in the order of the campaign's
            rows.
    """

    campaign_id: int
    due_at: Instant
    at: Instant
    actor: str
    rows: list[Sequence[Any]]


class Due(NamedTuple):
    """What is due.

    Attributes:
        standing: what has a standing, in each partition the oldest due first. A row has the columns
            of a payout, then the hash of its last event and when it was stored; but the latter only
            if it is to be queried.
        fresh: what has none, submission by submission.
    """

    standing: list[Sequence[Any]]
    fresh: list[Fresh]


def in_order(standing: Iterable[Sequence[Any]], fresh: Iterable[Fresh]) -> list[Sequence[Any]]:
    """The rows of both, the oldest due first."""
    # All of a submission were stored in the same moment, one after the other.
    parts = [(it.due_at, it.rows[0][_ID], it.rows) for it in fresh]
    parts += [(row[_DUE_AT], row[_ID], [row]) for row in standing]
    parts.sort(key=itemgetter(0, 1))
    return list(chain.from_iterable([rows for *_, rows in parts]))


def fetch(
    connection: Connection, partitions: Sequence[tuple[QueuePartition, int]], now: Instant
) -> Due:
    """The due payouts.

    Args:
        connection: in a transaction.
        partitions: each with the most rows to fetch from it; twice as many if some have a standing
            and others have not.
        now: the books' time.
    """
    if not partitions:
        return Due([], [])
    fresh = [(it.campaign_id, most) for it, most in partitions if it.task is Task.SEND]
    if is_postgresql(connection):
        campaigns, tasks, most = zip(
            *((*partition, count) for partition, count in partitions), strict=True
        )
        arrays = (_integers(campaigns), _integers(tasks), _integers(most), now)
        standing = _rows(connection, _DUE_POSTGRESQL, arrays)
        return Due(standing, _fresh_postgresql(connection, fresh, now) if fresh else [])
    found = Due([], [])
    for partition, count in partitions:
        found.standing.extend(_rows(connection, _DUE_SQLITE, (*partition, now, count)))
    for campaign_id, count in fresh:
        rows = _rows(connection, _FRESH_SQLITE, (campaign_id, count))
        if rows:
            lowest, highest = rows[0][_ROW], rows[-1][_ROW]
            wanted = (campaign_id, highest, campaign_id, lowest)
            found.fresh.extend(_submitted(rows, _rows(connection, _STORED_SQLITE, wanted), now))
    return found


def _fresh_postgresql(
    connection: Connection, fresh: Sequence[tuple[int, int]], now: Instant
) -> list[Fresh]:
    campaigns, most = zip(*fresh, strict=True)
    rows = _rows(connection, _FRESH_POSTGRESQL, (_integers(campaigns), _integers(most)))
    if not rows:
        return []
    rows.sort(key=itemgetter(_ID))  # by campaign and row
    of = {campaign_id: list(some) for campaign_id, some in groupby(rows, itemgetter(_CAMPAIGN))}
    lowest = [some[0][_ROW] for some in of.values()]
    highest = [some[-1][_ROW] for some in of.values()]
    arrays = (_integers(list(of)), _integers(lowest), _integers(highest))
    stored: dict[int, list[Sequence[Any]]] = {campaign_id: [] for campaign_id in of}
    for campaign_id, *submission in _rows(connection, _STORED_POSTGRESQL, arrays):
        stored[campaign_id].append(submission)
    return [
        run
        for campaign_id, some in of.items()
        for run in _submitted(some, stored[campaign_id], now)
    ]


def _submitted(
    rows: list[Sequence[Any]], submissions: Sequence[Sequence[Any]], now: Instant
) -> Iterator[Fresh]:
    """Rows of one campaign by their submissions, both in order."""
    campaign_id = rows[0][_CAMPAIGN]
    # Rows that nobody submitted are in no books of ours; without this they would be passed over.
    if not submissions or rows[0][_ROW] < submissions[0][0]:
        raise LedgerError(
            code=LedgerCode.BUG,
            problem=say(
                "the books do not say who stored row {number} of campaign {id}",
                number=rows[0][_ROW],
                id=campaign_id,
            ),
            remedy=say("Audit these books."),
        )
    ends = [bisect_left(rows, first, key=itemgetter(_ROW)) for first, *_ in submissions[1:]]
    begins = [0, *ends]
    for (_, at, actor), begin, end in zip(submissions, begins, [*ends, len(rows)], strict=True):
        if begin < end:
            yield Fresh(campaign_id, min(at, now), at, actor, rows[begin:end])


def next_due(
    connection: Connection, partitions: Sequence[QueuePartition], now: Instant = _EVER
) -> dict[QueuePartition, Instant]:
    """When the first payout of each partition is due; partitions without any are left out.

    Args:
        connection: in a transaction.
        partitions: parts of the queue.
        now: the books' time, if what a clock that was ahead has stored is to be due by then.
    """
    if not partitions:
        return {}
    if is_postgresql(connection):
        campaigns, tasks = zip(*partitions, strict=True)
        rows = _rows(connection, _NEXT_POSTGRESQL, (now, _integers(campaigns), _integers(tasks)))
    else:
        rows = [
            (*partition, *_rows(connection, _NEXT_SQLITE, (*partition, now))[0])
            for partition in partitions
        ]
    found = {}
    for campaign_id, task, *dues in rows:
        due = [at for at in dues if at is not None]
        if due:
            found[QueuePartition(campaign_id, task)] = min(due)
    return found


def _rows(
    connection: Connection, statement: str, arguments: tuple[object, ...]
) -> list[Sequence[Any]]:
    """A statement's rows, straight from the driver: SQLAlchemy's rows would double the cost."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _integers(numbers: Sequence[int]) -> str:
    return f"{{{','.join([str(int(number)) for number in numbers])}}}"
