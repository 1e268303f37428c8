"""Records workers' results for all payouts whose lease they still hold.

One transaction records many results. A result whose lease has ended changes nothing: another worker
has the payout now, and queries it before anything is sent again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.job import Recorded
from hongbao.ledger.model.step import Scope
from hongbao.ledger.queue.batch import Batch
from hongbao.ledger.store import decisions, merchants
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import now
from hongbao.ledger.store.salt import book_salt
from hongbao.ledger.store.schema import PAYOUT

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
        stops: campaigns, and why nothing more must be sent for them or their merchants.
        slow: merchants that were called too often.

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
            problem="a payout has two results",
            remedy="Record one of them.",
        )
    careful = False

    def write(connection: Connection) -> Recorded:
        nonlocal careful
        changes = Changes(worker, now(connection))
        # Usually none is late; then the writes themselves show that, and no row has to be read.
        late = _late(connection, results) if careful else frozenset()
        careful = True
        batch = Batch(changes, partial(book_salt, connection))
        for job, step in results:
            if job.payout.id not in late:
                batch.add(job, step)
        changes.tell(connection)
        stopped = _hold(connection, worker, stops=stops, slow=slow, at=changes.now)
        changes.write(connection)
        return Recorded(late=late, stopped=stopped)

    return database.run(write)


def _late(connection: Connection, results: Sequence[tuple[Job, Step]]) -> frozenset[int]:
    """The payouts whose lease has ended; the rows of the others are locked."""
    ids = sorted(job.payout.id for job, _ in results)
    rows = connection.execute(
        select(PAYOUT.c.id, PAYOUT.c.lease, PAYOUT.c.seq)
        .where(PAYOUT.c.id.in_(ids))
        .order_by(PAYOUT.c.id)
        .with_for_update(key_share=True)
    )
    held = {tuple(row) for row in rows}
    fences = ((job.payout.id, job.payout.lease, job.payout.seq) for job, _ in results)
    return frozenset(fence[0] for fence in fences if fence not in held)


def _hold(
    connection: Connection,
    worker: str,
    *,
    stops: Sequence[tuple[int, Stop]],
    slow: Collection[int],
    at: Instant,
) -> tuple[Stop, ...]:
    """Stop campaigns and merchants, slow merchants down, and return the new stops."""
    if slow:
        merchants.slow(connection, slow, by=worker, now=at)
    new = []
    # Merchants are locked before campaigns.
    for scope, stop in ((Scope.MERCHANT, merchants.stop), (Scope.CAMPAIGN, decisions.stop)):
        for campaign_id, why in sorted(stops, key=lambda stop: stop[0]):
            if why.scope is scope and stop(connection, campaign_id, why, by=worker, now=at):
                new.append(why)
    return tuple(new)
