"""Late results that are being recorded while another worker claims the same payouts, on PostgreSQL.

A claim reads what is due without locking it, so it must see that somebody was faster.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from desk import LEASE_SECONDS, accepted, step
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from waiting_transactions import wait_for_a_waiting_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step


@contextmanager
def being_recorded(
    desk: Desk, threads: ThreadPoolExecutor, *results: tuple[Job, Step]
) -> Iterator[Future[frozenset[int]]]:
    """Results whose payouts are written, and whose transaction waits to write the totals."""
    with desk.transaction() as connection:
        connection.exec_driver_sql("LOCK TABLE tally IN SHARE MODE")
        recorded = threads.submit(desk.record, *results)
        wait_for_a_waiting_one(desk, until=recorded.done)
        yield recorded


def found(job: Job) -> Step:
    """It is paid."""
    return step(
        job, EventKind.FOUND, State.SENT, task=Task.LOOK, due_at=job.at + 3600 * SECOND,
        sent_at=job.at,
    )  # fmt: skip


def no_news(job: Job) -> Step:
    """Nothing to write down; ask again later."""
    payout = job.payout
    return step(
        job, None, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + 3600 * SECOND,
        tries=payout.tries, code=payout.code, reason=payout.reason,
    )  # fmt: skip


@pytest.mark.parametrize("place", [0, 1], ids=["found", "no news"])
def test_a_query_is_not_taken_over_that_is_being_recorded(
    postgresql_desk: Desk, place: int
) -> None:
    """Neither one that brought something to light, nor one that is only put off."""
    desk = postgresql_desk
    desk.campaign()
    desk.campaign(name="other", number="1900000002")
    desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    one, two = desk.jobs(worker="worker-2")
    desk.clock.pass_(LEASE_SECONDS)
    of = [(one, two)[place].channel_id]
    with ThreadPoolExecutor() as threads:
        with being_recorded(desk, threads, (one, found(one)), (two, no_news(two))) as recorded:
            claimed = threads.submit(desk.jobs, worker="worker-3", channels=of)
            wait_for_a_waiting_one(desk, until=claimed.done, count=2)
        assert (recorded.result(), claimed.result()) == (frozenset(), [])
    assert [desk.payout(job).state for job in (one, two)] == [State.SENT, State.IN_DOUBT]
    assert [desk.payout(job).lease for job in (one, two)] == [None, None]
    assert desk.book.audit().findings == ()


def test_of_a_range_that_is_being_recorded_the_rest_is_taken_over(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    desk.campaign(4)
    jobs = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    late = [(job, accepted(job, look_after=3600)) for job in jobs[1:3]]
    with ThreadPoolExecutor() as threads:
        with being_recorded(desk, threads, *late) as recorded:
            claimed = threads.submit(desk.jobs, worker="worker-2")
            wait_for_a_waiting_one(desk, until=claimed.done, count=2)
        assert recorded.result() == frozenset()
        assert [(job.task, job.payout.row) for job in claimed.result()] == [
            (Task.QUERY, 1), (Task.QUERY, 4),
        ]  # fmt: skip
    assert desk.book.audit().findings == ()
