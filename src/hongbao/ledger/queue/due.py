"""Finds due payouts by campaign and task, each with one scan of the index ``payout_due``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.ledger.model.payout import Task
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.rows import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

_NAMES = ", ".join(f'payout."{column.name}"' for column in COLUMNS)
# Only queries need to know how old a payout is, so sends do not pay for it.
_SUBMITTED_AT = f"""CASE WHEN payout.task = {int(Task.QUERY)} THEN (
    SELECT "at" FROM event AS submitted
    WHERE submitted.payout_id = payout.id AND submitted.seq = 1
) END"""  # noqa: S608  # names and a number of ours

# S608: only names of the schema are put into these.
_DUE_SQLITE = f"""
SELECT {_NAMES}, event.hash, {_SUBMITTED_AT} FROM payout
JOIN event ON event.payout_id = payout.id AND event.seq = payout.seq
WHERE payout.campaign_id = ? AND payout.task = ? AND payout.due_at <= ?
ORDER BY payout.due_at, payout.id LIMIT ?
"""  # noqa: S608 - see above
_DUE_POSTGRESQL = f"""
SELECT {_NAMES}, event.hash, {_SUBMITTED_AT}
FROM unnest(%s::bigint[], %s::smallint[], %s::integer[]) AS part (campaign_id, task, most)
CROSS JOIN LATERAL (
    SELECT * FROM payout
    WHERE campaign_id = part.campaign_id AND task = part.task AND due_at <= %s
    ORDER BY due_at LIMIT part.most
) AS payout
JOIN event ON event.payout_id = payout.id AND event.seq = payout.seq
ORDER BY payout.due_at, payout.id
"""  # noqa: S608 - see above
_NEXT_SQLITE = """
SELECT due_at FROM payout WHERE campaign_id = ? AND task = ? AND due_at IS NOT NULL
ORDER BY due_at LIMIT 1
"""
_NEXT_POSTGRESQL = """
SELECT part.campaign_id, part.task, (
    SELECT due_at FROM payout
    WHERE campaign_id = part.campaign_id AND task = part.task AND due_at IS NOT NULL
    ORDER BY due_at LIMIT 1
)
FROM unnest(%s::bigint[], %s::smallint[]) AS part (campaign_id, task)
"""


class QueuePartition(NamedTuple):
    """A part of the queue: the payouts of one campaign that wait for one task."""

    campaign_id: int
    task: Task


def fetch(
    connection: Connection, partitions: Sequence[tuple[QueuePartition, int]], now: Instant
) -> list[Sequence[Any]]:
    """The due payouts, in each partition the oldest due first.

    Each row has the ``COLUMNS``, the last event's hash and, for a query, when the payout was
    submitted.

    Args:
        connection: in a transaction.
        partitions: each with the most rows to fetch from it.
        now: the books' time.
    """
    if not partitions:
        return []
    if is_postgresql(connection):
        campaigns, tasks, most = zip(
            *((*partition, count) for partition, count in partitions), strict=True
        )
        arrays = (_integers(campaigns), _integers(tasks), _integers(most), now)
        return _rows(connection, _DUE_POSTGRESQL, arrays)
    found: list[Sequence[Any]] = []
    for partition, count in partitions:
        found += _rows(connection, _DUE_SQLITE, (*partition, now, count))
    return found


def next_due(
    connection: Connection, partitions: Sequence[QueuePartition]
) -> dict[QueuePartition, Instant]:
    """When the first payout of each partition is due; partitions without any are left out."""
    if not partitions:
        return {}
    if is_postgresql(connection):
        campaigns, tasks = zip(*partitions, strict=True)
        arrays = (_integers(campaigns), _integers(tasks))
        rows = _rows(connection, _NEXT_POSTGRESQL, arrays)
        return {QueuePartition(row[0], row[1]): row[2] for row in rows if row[2] is not None}
    found = (
        (partition, _rows(connection, _NEXT_SQLITE, tuple(partition))) for partition in partitions
    )
    return {partition: rows[0][0] for partition, rows in found if rows}


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
