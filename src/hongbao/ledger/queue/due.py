"""Finds what is due, by campaign and task.

What has a standing is found with one scan of the index ``standing_due``. A payout whose first call
nobody has begun has none: it is due since it was stored, and found by its row, behind those that
were begun.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.rows import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

HASH, SUBMITTED_AT, SUBMITTED_BY = (len(PLACES) + place for place in range(3))
"""The places in a row of ``fetch`` behind those of the payout."""

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
SELECT {_OWN}, {_STANDING}, standing.hash, {_SUBMITTED_AT}, NULL FROM standing
JOIN payout ON payout.id = standing.payout_id
WHERE standing.campaign_id = ? AND standing.task = ? AND standing.due_at <= ?
ORDER BY standing.due_at, standing.payout_id LIMIT ?
"""  # noqa: S608 - see above
_DUE_POSTGRESQL = f"""
SELECT {_OWN}, {_STANDING}, standing.hash, {_SUBMITTED_AT}, NULL
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
SELECT {_OWN}, payout.billno FROM campaign JOIN payout ON {_UNTOUCHED}
WHERE campaign.id = ? ORDER BY payout."row" LIMIT ?
"""  # noqa: S608 - see above
_FRESH_POSTGRESQL = f"""
SELECT {_OWN}, payout.billno
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

_ROW, _CAMPAIGN = PLACES["row"], PLACES["campaign_id"]
_WIDTH = len(_FIRST)
_EVER = 2**62
_NONE = (_EVER, 0, "")
_WAITS = (State.WAITING.value, int(Task.SEND))
_REST = tuple(
    {"calls": 0, "answers": 0, "tries": 0, "claimed": 0, "refunded": 0, "seq": 1}.get(name)
    for name in tuple(PLACES)[PLACES["lease"] :]
)


class QueuePartition(NamedTuple):
    """A part of the queue: the payouts of one campaign that wait for one task."""

    campaign_id: int
    task: Task


def fetch(
    connection: Connection, partitions: Sequence[tuple[QueuePartition, int]], now: Instant
) -> list[Sequence[Any]]:
    """The due payouts, in each partition the oldest due first.

    Each row has the columns of a payout, then the hash of its last event, when it was stored, and
    by whom. The hash is None, and only then the last is there, if the payout has no standing; when
    it was stored is left out where it is to be sent again or looked at.

    Args:
        connection: in a transaction.
        partitions: each with the most rows to fetch from it; twice as many if some have a standing
            and others have not.
        now: the books' time.
    """
    if not partitions:
        return []
    fresh = [(it.campaign_id, most) for it, most in partitions if it.task is Task.SEND]
    if is_postgresql(connection):
        campaigns, tasks, most = zip(
            *((*partition, count) for partition, count in partitions), strict=True
        )
        arrays = (_integers(campaigns), _integers(tasks), _integers(most), now)
        found = _rows(connection, _DUE_POSTGRESQL, arrays)
        if fresh:
            found += _fresh_postgresql(connection, fresh, now)
        return found
    found = []
    for partition, count in partitions:
        found += _rows(connection, _DUE_SQLITE, (*partition, now, count))
    for campaign_id, count in fresh:
        rows = _rows(connection, _FRESH_SQLITE, (campaign_id, count))
        if rows:
            lowest, highest = rows[0][_ROW], rows[-1][_ROW]
            wanted = (campaign_id, highest, campaign_id, lowest)
            found += _with_submissions(rows, _rows(connection, _STORED_SQLITE, wanted), now)
    return found


def _fresh_postgresql(
    connection: Connection, fresh: Sequence[tuple[int, int]], now: Instant
) -> list[Sequence[Any]]:
    campaigns, most = zip(*fresh, strict=True)
    rows = _rows(connection, _FRESH_POSTGRESQL, (_integers(campaigns), _integers(most)))
    of_campaigns: dict[int, list[Sequence[Any]]] = {}
    for row in rows:
        of_campaigns.setdefault(row[_CAMPAIGN], []).append(row)
    if not of_campaigns:
        return []
    for of_one in of_campaigns.values():
        of_one.sort(key=itemgetter(_ROW))
    lowest = [of_one[0][_ROW] for of_one in of_campaigns.values()]
    highest = [of_one[-1][_ROW] for of_one in of_campaigns.values()]
    arrays = (_integers(list(of_campaigns)), _integers(lowest), _integers(highest))
    stored: dict[int, list[Sequence[Any]]] = {campaign_id: [] for campaign_id in of_campaigns}
    for campaign_id, *submission in _rows(connection, _STORED_POSTGRESQL, arrays):
        stored[campaign_id].append(submission)
    return [
        row
        for campaign_id, of_one in of_campaigns.items()
        for row in _with_submissions(of_one, stored[campaign_id], now)
    ]


def _with_submissions(
    rows: Iterable[Sequence[Any]], submissions: Iterable[Sequence[Any]], now: Instant
) -> list[Sequence[Any]]:
    """Rows of one campaign with all that ``fetch`` says, from their submissions, both in order."""
    following = iter(submissions)
    # Rows that nobody submitted are in no books of ours; without this they would be passed over.
    first, at, actor = next(following, _NONE)
    later = next(following, _NONE)
    found: list[Sequence[Any]] = []
    for row in rows:
        while row[_ROW] >= later[0]:
            first, at, actor = later
            later = next(following, _NONE)
        if row[_ROW] < first:
            raise LedgerError(
                code=LedgerCode.BUG,
                problem=f"the books do not say who stored row {row[_ROW]} of campaign "
                f"{row[_CAMPAIGN]}",
                remedy="Audit these books.",
            )
        # One that a clock was ahead of is due by now.
        due_at = min(at, now)
        found.append((*row[:_WIDTH], 1, row[_WIDTH], *_WAITS, due_at, *_REST, None, at, actor))
    return found


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
