"""How many payouts a worker asks for at a time, and when: seen by the books, in virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.dispatch.ports import Bounds
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.job import ClaimedJobs
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from worker_stage import ACCEPTED, DAY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from hongbao.ledger.model.job import Job, Recorded
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.rails.outcome import Outcome
    from worker_stage import ScriptedCaller, WorkerStage

BOUNDS = Bounds(claimed=60, calls=60, share=1000, poll_seconds=DAY, lease_seconds=5_000.0)
NO_RATE = PayerLimits(rate=100_000.0)


class Asked:
    """Books that note what is asked of them.

    Args:
        stage: the worker's world.

    Attributes:
        claims: when each began, in milliseconds, and how many payouts it asked for.
        horizons: how far ahead each took slots.
        taken: how many payouts all of them got.
        idle: for how long the worker said to have nothing to do, meanwhile.
        away: whether they fail to record.
    """

    def __init__(self, stage: WorkerStage) -> None:
        book = stage.book
        self.now, self.causes, self.beat, self.leave = book.now, book.causes, book.beat, book.leave
        self.claims: list[tuple[int, int]] = []
        self.horizons: set[float] = set()
        self.taken = 0
        self.idle: set[float | None] = set()
        self.away = False
        self._stage, self._began = stage, stage.time.instant

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        lease_seconds: float,
        horizon_seconds: float = -1.0,
        channels: Collection[int] | None = None,
    ) -> ClaimedJobs:
        """As ``Books``."""
        self.claims.append(((self._stage.time.instant - self._began) * 1000 // SECOND, limit))
        self.horizons.add(horizon_seconds)
        self.idle.add(self._stage.worker.progress.idle_seconds)
        claim = self._stage.book.claim(
            worker,
            limit=limit,
            lease_seconds=lease_seconds,
            horizon_seconds=horizon_seconds,
            channels=channels,
        )
        self.taken += len(claim.jobs)
        return claim

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]],
        slow: Collection[int],
    ) -> Recorded:
        """As ``Books``."""
        if self.away:
            raise BookUnavailable(problem="the server starts again", undone=True)
        return self._stage.book.record(worker, results, stops=stops, slow=slow)


def until(stage: WorkerStage, moments: Mapping[int, float]) -> ScriptedCaller:
    """A caller whose calls end at these milliseconds, by the payout's row; others, much later."""
    began = stage.time.instant

    async def answer(job: Job) -> Outcome:
        ends = began + int(moments.get(job.payout.row, 3_000_000) * SECOND) // 1000
        await asyncio.sleep((ends - stage.time.instant) / SECOND)
        return ACCEPTED

    return stage.caller(answer)


@pytest.mark.parametrize(
    ("claimed", "limits"), [(60, [30, 30]), (3, [1, 1, 1]), (2, [1, 1]), (1, [1])]
)
def test_it_asks_for_half_of_what_it_may_hold_until_it_holds_it(
    stage: WorkerStage, claimed: int, limits: list[int]
) -> None:
    stage.campaign(100, limits=NO_RATE)
    books = Asked(stage)
    bounds = Bounds(
        claimed=claimed, calls=60, share=1000, poll_seconds=DAY, lease_seconds=5_000.0,
        horizon_seconds=0.25,
    )  # fmt: skip
    worker = stage.work(until(stage, {}), seconds=100, bounds=bounds, book=books)
    assert [limit for _, limit in books.claims] == limits
    assert books.horizons == {0.25}
    assert worker.progress.claimed == claimed


@pytest.mark.parametrize("ended", [8, 7, 6, 1])
def test_room_that_comes_after_a_pause_is_filled_at_once(stage: WorkerStage, ended: int) -> None:
    stage.campaign(100, limits=NO_RATE)
    books = Asked(stage)
    ends = dict.fromkeys(range(1, ended + 1), 100_000.0)
    worker = stage.work(until(stage, ends), seconds=110, bounds=BOUNDS, book=books)
    assert sum(limit for _, limit in books.claims[2:]) == ended
    assert {moment for moment, _ in books.claims[2:]} == {100_000}
    assert worker.progress.claimed == 60 + ended


@pytest.mark.parametrize(
    ("ends", "claims"),
    [
        # One ends during the claim of another's place: it waits 20 ms for more, and gets one.
        ({1: 100_000, 2: 100_005, 3: 100_020}, [(100_000, 1), (100_030, 2)]),
        ({1: 100_000, 2: 100_005}, [(100_000, 1), (100_030, 1)]),
        # A quarter of a claim is worth one.
        (
            {1: 100_000} | dict.fromkeys(range(2, 9), 100_005),
            [(100_000, 1), (100_010, 7)],
        ),
        (
            {1: 100_000} | dict.fromkeys(range(2, 8), 100_005),
            [(100_000, 1), (100_030, 6)],
        ),
        (
            {1: 100_000} | dict.fromkeys(range(2, 8), 100_005) | {8: 100_025},
            [(100_000, 1), (100_025, 7)],
        ),
    ],
)
def test_little_room_is_left_to_grow_for_a_moment_so_that_each_claim_fetches_more(
    stage: WorkerStage, ends: dict[int, float], claims: list[tuple[int, int]]
) -> None:
    stage.campaign(100, limits=NO_RATE)
    books = Asked(stage)

    async def slowly() -> None:
        if books.claims and books.claims[-1] == (100_000, 1):
            stage.carried.after = None
            await asyncio.sleep(0.01)

    stage.carried.after = slowly
    stage.work(until(stage, ends), seconds=110, bounds=BOUNDS, book=books)
    assert books.claims[2:] == claims


def test_it_is_not_idle_while_it_asks(stage: WorkerStage) -> None:
    """Whoever ends it when it is idle would end it in the middle of its work."""
    stage.campaign(3)
    books = Asked(stage)
    bounds = Bounds(poll_seconds=1.0)
    stage.work(stage.caller(), seconds=5, bounds=bounds, book=books)
    assert len(books.claims) == 5
    assert books.idle == {None}
    assert any(it.idle_seconds for it in stage.seen), "between two claims it is"


def test_results_that_the_books_do_not_take_count_as_held(stage: WorkerStage) -> None:
    stage.campaign(500, limits=NO_RATE)
    books = Asked(stage)
    books.away = True
    with pytest.raises(BookUnavailable):
        stage.work(stage.caller(), bounds=BOUNDS, book=books)
    assert 60 < books.taken <= 120


def test_books_that_always_say_now_are_asked_200_times_a_second_at_most(
    stage: WorkerStage,
) -> None:
    class OthersHoldIt(Asked):
        """Books of which others hold all that is due."""

        def claim(self, worker: str, **how: Any) -> ClaimedJobs:
            super().claim(worker, **how)
            return ClaimedJobs(jobs=[], next_at=stage.time.instant)

    books = OthersHoldIt(stage)
    stage.work(stage.caller(), seconds=1, bounds=BOUNDS, book=books)
    assert 150 <= len(books.claims) <= 201
