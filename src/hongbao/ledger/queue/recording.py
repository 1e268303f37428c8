"""Records workers' results for all payouts whose lease they still hold.

One transaction records many results. A result whose lease has ended changes nothing: another worker
has the payout now, and queries it before anything is sent again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.job import Recorded
from hongbao.ledger.model.step import Scope
from hongbao.ledger.queue import first_calls
from hongbao.ledger.queue.batch import Batch
from hongbao.ledger.store import channels, decisions
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import Again, now
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import STANDING
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.ledger.store.database import Database


def record(
    database: Database,
    worker: str,
    results: Sequence[tuple[Job, Step]],
    *,
    stops: Sequence[tuple[int, Stop]] = (),
    slow: Collection[int] = (),
) -> Recorded:
    """Record results.

    Args:
        database: the books' database.
        worker: the worker's name, for each payout's history.
        results: one step for each payout.
        stops: campaigns, and why nothing more must be sent for them or their channels.
        slow: channels that were called too often.

    Returns:
        The payouts that were late, so that nothing is recorded for them; and the new stops.

    Raises:
        IllegalTransition: if a step is not in the table of steps; then nothing is recorded.
        LedgerError: if the results contradict each other; then nothing is recorded.
        BookUnavailable: if the database fails; then recording them again is safe.
    """
    check_actor(worker)
    if len({job.payout.id for job, _ in results}) < len(results):
        raise LedgerError(
            code=LedgerCode.INVALID,
            problem=say("a payout has two results"),
            remedy=say("Record one of them."),
        )
    careful = False

    def write(connection: Connection) -> Recorded:
        nonlocal careful
        changes = Changes(worker, now(connection))
        # Usually none is late, and no range was dissolved; then the writes themselves show that,
        # and no row has to be read.
        looks, careful = careful, True
        seen = _look(connection, results) if looks else _AS_CLAIMED
        try:
            return _write(connection, changes, results, seen, stops=stops, slow=slow)
        except (IntegrityError, connection.dialect.loaded_dbapi.IntegrityError):
            # Another, or this worker before a lost commit, has recorded a first call already.
            if looks:
                raise
            raise Again from None

    return database.run(write)


def _write(
    connection: Connection,
    changes: Changes,
    results: Sequence[tuple[Job, Step]],
    seen: _Seen,
    *,
    stops: Sequence[tuple[int, Stop]],
    slow: Collection[int],
) -> Recorded:
    batch = Batch(changes, partial(book_salt, connection))
    batch.add([it for it in results if it[0].payout.id not in seen.late], seen.standing)
    changes.tell(connection)
    stopped = _hold(connection, changes.actor, stops=stops, slow=slow, at=changes.now)
    first_calls.close(connection, batch.close())
    changes.write(connection)
    return Recorded(late=seen.late, stopped=stopped)


class _Seen(NamedTuple):
    """How results find their payouts.

    Attributes:
        late: those whose lease has ended.
        standing: those that were begun in a range and have a standing by now.
    """

    late: frozenset[int]
    standing: frozenset[int]


_AS_CLAIMED = _Seen(frozenset(), frozenset())


def _look(connection: Connection, results: Sequence[tuple[Job, Step]]) -> _Seen:
    """Look at all payouts, and lock the ranges and standings of those whose lease holds."""
    # Before those, as everywhere.
    channels.lock(connection, {job.channel_id for job, _ in results})
    ranges = {job.range_id for job, _ in results if job.range_id is not None}
    held = first_calls.leases(connection, ranges)
    ids = sorted(job.payout.id for job, _ in results)
    rows = connection.execute(
        select(STANDING.c.payout_id, STANDING.c.lease, STANDING.c.seq)
        .where(STANDING.c.payout_id.in_(ids))
        .order_by(STANDING.c.payout_id)
        .with_for_update(key_share=True)
    )
    fences = {payout_id: (lease, seq) for payout_id, lease, seq in rows}
    late = set()
    for job, _ in results:
        payout = job.payout
        if payout.id in fences or job.range_id is None:
            in_time = fences.get(payout.id) == (payout.lease, payout.seq)
        else:
            in_time = held.get(job.range_id) == payout.lease
        if not in_time:
            late.add(payout.id)
    return _Seen(frozenset(late), frozenset(fences))


def _hold(
    connection: Connection,
    worker: str,
    *,
    stops: Sequence[tuple[int, Stop]],
    slow: Collection[int],
    at: Instant,
) -> tuple[Stop, ...]:
    """Stop campaigns and channels, slow channels down, and return the new stops."""
    if slow:
        channels.slow(connection, slow, by=worker, now=at)
    new = []
    # Channels are locked before campaigns.
    for scope, stop in ((Scope.MERCHANT, channels.stop), (Scope.CAMPAIGN, decisions.stop)):
        for campaign_id, why in sorted(stops, key=lambda stop: stop[0]):
            if why.scope is scope and stop(connection, campaign_id, why, by=worker, now=at):
                new.append(why)
    return tuple(new)
