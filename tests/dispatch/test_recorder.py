"""How results gather until the books have them, between books that note all and virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from virtual_time import VirtualTime, run

from hongbao.dispatch.database_clock import DatabaseClock
from hongbao.dispatch.offload import inline
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.recorder import Recorder
from hongbao.errors import BookUnavailable, Disposition, LedgerCode, LedgerError
from hongbao.ledger.model.causes import Causes
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.job import Job, Recorded
from hongbao.ledger.model.payout import SECOND, Task
from hongbao.rails.outcome import NotFound, Refusal, SendAccepted, Unknown
from hongbao.rails.port import Rails
from hongbao.rails.redpack.rail import RED_PACK
from policy_decisions import patient
from policy_payouts import called, doubted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from hongbao.ledger.model.job import ClaimedJobs
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.port import Rail

OK = SendAccepted(listid="1000")
DRY = Refusal(disposition=Disposition.OPEN, code="NOTENOUGH", text="")
OFTEN = Refusal(disposition=Disposition.OPEN, code="FREQ_LIMIT", text="")
WRONG = Refusal(disposition=Disposition.NO, code="OPENID_ERROR", text="")


class NotingBooks:
    """Books that note what they are given.

    Attributes:
        batches: the ids of the payouts of each call, its stops' codes and the slow merchants.
        moments: when each call came, in seconds from the beginning.
        steps: what followed for each payout.
        asked: whose causes were looked at.
        refuses: payouts of which they take nothing.
        late: payouts whose lease is gone.
    """

    def __init__(self, time: VirtualTime) -> None:
        self.batches: list[tuple[list[int], list[str], list[int]]] = []
        self.moments: list[float] = []
        self._time, self._began = time, time.instant
        self.steps: dict[int, Step] = {}
        self.asked: list[int] = []
        self.refuses: set[int] = set()
        self.late: set[int] = set()
        self.away = 0

    def now(self) -> int:
        """Not asked here."""
        raise NotImplementedError

    def claim(self, worker: str, **how: object) -> ClaimedJobs:
        """Not asked here."""
        raise NotImplementedError

    def beat(self, worker: str) -> None:
        """Not asked here."""
        raise NotImplementedError

    def leave(self, worker: str) -> None:
        """Not asked here."""
        raise NotImplementedError

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]],
        slow: Collection[int],
    ) -> Recorded:
        """As ``Books``."""
        assert worker == "worker"
        ids = [job.payout.id for job, _ in results]
        if self.away:
            self.away -= 1
            raise BookUnavailable(problem="the server starts again", undone=True)
        if self.refuses & set(ids):
            raise LedgerError(code=LedgerCode.DATABASE, problem="a constraint", remedy="none")
        self.moments.append((self._time.instant - self._began) // SECOND)
        self.batches.append((ids, [stop.code for _, stop in stops], sorted(slow)))
        self.steps |= {job.payout.id: step for job, step in results}
        return Recorded(late=frozenset(self.late & set(ids)))

    def causes(self, campaign_id: int) -> Causes:
        """As ``Books``."""
        self.asked.append(campaign_id)
        return Causes.of({}, paid=0)


def job(number: int, *, asks: bool = False) -> Job:
    """A call of a payout of a campaign and a merchant of the same number."""
    make = doubted if asks else called
    payout = make(id=number, campaign_id=number, merchant_id=number, billno=f"B{number}")
    return Job(payout, number, Task.QUERY if asks else Task.SEND, 0, 0, b"")


class Desk:
    """A recorder at work.

    Attributes:
        books: where it records.
        time: everybody's.
        due: when payouts are due again.
        told: how often it said that something has changed.
        stopped: what it said to be stopped.
        recorder: itself, once the work has begun.
    """

    def __init__(self, *, rail: Rail = RED_PACK, batch: int = 3) -> None:
        self.time = VirtualTime()
        self.books = NotingBooks(self.time)
        self.due: list[int] = []
        self.notified = 0
        self.stopped: list[Stop] = []
        self.recorder: Recorder
        self._rails = Rails(rail)
        self._bounds = Bounds(batch=batch, linger_seconds=2.0)

    def work(self, script: Callable[[], Awaitable[None]]) -> None:
        """Do what a test says, then finish."""
        run(self.time, lambda: self._work(script))

    async def _work(self, script: Callable[[], Awaitable[None]]) -> None:
        self.recorder = Recorder(
            self.books, inline, worker="worker", rails=self._rails,
            time=DatabaseClock(asyncio.get_running_loop().time), bounds=self._bounds,
            due=self.due.append, notify=self._tell, stopped=self.stopped.append,
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            group.create_task(self.recorder.run())
            await script()
            self.recorder.finish()

    def _tell(self) -> None:
        self.notified += 1

    def record(self, *outcomes: Outcome) -> None:
        """Record these, of payouts from 1 on, and finish."""

        async def add() -> None:
            for number, outcome in enumerate(outcomes, 1):
                self.recorder.add(job(number, asks=isinstance(outcome, NotFound)), outcome)
            await asyncio.sleep(10)

        self.work(add)


def test_what_follows_is_decided_by_the_rules_that_were_given() -> None:
    desk = Desk(rail=patient(confirm_seconds=77))
    desk.record(WRONG)
    assert desk.books.steps[1].due_at == 77 * SECOND
    assert desk.due == [77 * SECOND]


@pytest.mark.parametrize(
    ("count", "sizes", "moments"),
    [(1, [1], [2]), (2, [2], [2]), (3, [3], [0]), (4, [3, 1], [0, 2]), (7, [3, 3, 1], [0, 0, 2])],
)
def test_a_batch_that_is_full_waits_for_nothing_and_one_that_is_not_lingers(
    count: int, sizes: list[int], moments: list[int]
) -> None:
    desk = Desk()
    desk.record(*[OK] * count)
    assert [len(ids) for ids, _, _ in desk.books.batches] == sizes
    assert list(desk.books.steps) == list(range(1, count + 1))
    assert desk.books.moments == moments
    assert (desk.notified, desk.recorder.held) == (len(sizes), 0)


def test_what_is_left_at_the_end_lingers_no_more() -> None:
    desk = Desk()

    async def add() -> None:
        for number in range(1, 6):
            desk.recorder.add(job(number), OK)

    desk.work(add)
    assert list(desk.books.steps) == [1, 2, 3, 4, 5]
    assert desk.books.moments == [0, 0]


def test_a_result_after_a_pause_lingers_as_long_as_the_first() -> None:
    """So nothing goes round while there is nothing to record."""
    desk = Desk()

    async def add() -> None:
        for number, pause in ((1, 5), (2, 9), (3, 10)):
            desk.recorder.add(job(number), OK)
            await asyncio.sleep(pause)

    desk.work(add)
    assert desk.books.moments == [2, 7, 16]


def test_what_stops_or_slows_is_written_once_and_not_lost_with_a_refused_result() -> None:
    desk = Desk()
    desk.books.refuses = {2}
    desk.record(DRY, OFTEN, OK)
    assert desk.books.batches == [
        ([], ["NOTENOUGH"], [2]),
        ([1], [], []),
        ([3], [], []),
    ]
    assert desk.recorder.rejected == 1


def test_each_result_that_the_books_refuse_is_counted_and_told_by_its_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    desk.books.refuses = {1, 3}
    desk.record(OK, OK, OK, OK)
    assert desk.recorder.rejected == 2
    assert desk.recorder.kinds == {EventKind.ACCEPTED: 2}
    assert [it.getMessage() for it in caplog.records] == [
        f"the books refuse what became of {billno}: a constraint. none" for billno in ("B1", "B3")
    ]


def test_each_result_that_comes_too_late_is_counted_and_no_event() -> None:
    desk = Desk()
    desk.books.late = {1, 4, 5}
    desk.record(*[OK] * 6)
    assert desk.recorder.late == 3
    assert desk.recorder.kinds == {EventKind.ACCEPTED: 3}
    assert set(desk.due) == {600_000_000}


def test_the_causes_are_looked_at_of_campaigns_in_which_something_went_wrong() -> None:
    desk = Desk()
    no_auth = Refusal(disposition=Disposition.OPEN, code="NO_AUTH", text="")
    desk.record(OK, WRONG, no_auth, OFTEN, Unknown(code=None, why=""))
    assert sorted(desk.books.asked) == [2, 3]


def test_what_troubles_the_books_is_known_until_they_are_back() -> None:
    desk = Desk()
    desk.books.away = 2

    async def add() -> None:
        desk.recorder.add(job(1), OK)
        await asyncio.sleep(2.05)
        assert desk.recorder.backoff.trouble is not None
        assert "the server starts again" in desk.recorder.backoff.trouble
        await asyncio.sleep(5)
        assert desk.recorder.backoff.trouble is None

    desk.work(add)
    assert desk.books.batches == [([1], [], [])]
