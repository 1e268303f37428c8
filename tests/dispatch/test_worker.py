"""A worker between real books and a scripted caller, in virtual time."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from virtual_time import run

from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.worker import Worker
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.rails.outcome import CallNotSent, Unknown
from worker_stage import ACCEPTED, BOUNDS, DAY

if TYPE_CHECKING:
    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.model.job import Job
    from hongbao.rails.outcome import Outcome
    from worker_stage import WorkerStage


def test_what_is_accepted_is_sent_and_said_so_in_its_history(stage: WorkerStage) -> None:
    stage.campaign(5)
    worker = stage.work(stage.caller())
    assert [payout.state for payout in stage.payouts()] == [State.SENT] * 5
    kinds = [event.kind for event in stage.book.history(stage.payouts()[0].id)]
    assert kinds == [EventKind.SUBMITTED, EventKind.CALLED, EventKind.ACCEPTED]
    assert worker.progress.recorded == {EventKind.ACCEPTED: 5}


def test_no_call_begins_before_its_slot(stage: WorkerStage) -> None:
    stage.campaign(20, limits=PayerLimits(rate=10.0))
    caller = stage.caller()
    stage.work(caller)
    assert len(caller.calls) == 20
    assert all(moment >= job.at for moment, job in caller.calls)
    moments = [moment for moment, _ in caller.calls]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= SECOND // 10 - 1
    assert moments[-1] - moments[0] < 3 * SECOND


def test_a_claim_that_came_back_too_late_is_not_called(stage: WorkerStage) -> None:
    stage.campaign(1)
    caller = stage.caller()
    bounds = Bounds(lease_seconds=40.0, poll_seconds=DAY)

    async def dawdle() -> None:
        stage.carried.after = None
        await asyncio.sleep(10.5)

    stage.carried.after = dawdle
    stage.work(caller, bounds=bounds, seconds=12.0)
    assert not caller.calls
    (payout,) = stage.payouts()
    assert (payout.state, payout.code) == (State.WAITING, "NOT_SENT")
    assert "lease" in str(payout.reason)


def test_a_zombie_that_records_when_another_has_the_payout_changes_nothing(
    stage: WorkerStage,
) -> None:
    stage.campaign(1)

    async def sleep_over_the_lease(_job: Job) -> Outcome:
        await asyncio.sleep(100)
        stage.book.claim("another", limit=1, lease_seconds=1_000)
        return ACCEPTED

    worker = stage.work(stage.caller(sleep_over_the_lease), seconds=10)
    assert worker.progress.late == 1
    (payout,) = stage.payouts()
    assert payout.state is State.IN_DOUBT
    assert payout.task is Task.QUERY


def test_so_many_calls_at_once_and_no_more(stage: WorkerStage) -> None:
    for number in range(4):
        stage.campaign(60, name=f"c{number}")

    async def slow(_job: Job) -> Outcome:
        await asyncio.sleep(5)
        return ACCEPTED

    caller = stage.caller(slow)
    stage.work(caller)
    assert len(caller.calls) == 240
    assert caller.most == BOUNDS.claimed


@pytest.mark.long
@pytest.mark.parametrize(("seconds", "held_max"), [(20.0, 8), (0.01, 60)])
def test_no_more_is_claimed_than_is_called_soon(
    stage: WorkerStage, seconds: float, held_max: int
) -> None:
    for number in range(4):
        stage.campaign(200, name=f"c{number}")

    async def answer(_job: Job) -> Outcome:
        await asyncio.sleep(seconds)
        return ACCEPTED

    bounds = Bounds(claimed=60, calls=4, share=60, poll_seconds=DAY)
    stage.work(stage.caller(answer), seconds=60, bounds=bounds)
    assert max(progress.in_flight for progress in stage.seen) == held_max
    codes = {payout.code for number in range(4) for payout in stage.payouts(f"c{number}")}
    assert codes == {None}  # none waited so long that its lease was nearly over


def test_a_merchant_whose_calls_hang_leaves_room_for_the_others(stage: WorkerStage) -> None:
    stage.campaign(500, name="hanging")
    stage.campaign(300, name="quick")

    async def answer(job: Job) -> Outcome:
        if job.payout.key.startswith("hanging"):
            await asyncio.sleep(30)
        return ACCEPTED

    caller = stage.caller(answer)
    stage.work(caller, seconds=25)
    begun = Counter(job.payout.key.split("/")[0] for _, job in caller.calls)
    assert begun["quick"] == 300
    # One claim may pass the share, and fetches half of what is allowed in flight at most.
    assert begun["hanging"] < BOUNDS.share + BOUNDS.claimed // 2


def test_results_that_gather_are_recorded_together(stage: WorkerStage) -> None:
    stage.campaign(30)
    records = _counted(stage, "record")
    stage.work(stage.caller())
    assert sum(records) == 30
    assert len(records) <= 3


def test_a_result_waits_no_longer_than_it_lingers(stage: WorkerStage) -> None:
    stage.campaign(1)
    began = stage.time.instant
    stage.work(stage.caller())
    (payout,) = stage.payouts()
    last = stage.book.history(payout.id)[-1]
    assert last.at - began <= BOUNDS.linger_seconds * SECOND + 10


def test_an_idle_worker_asks_again_when_something_is_due_and_not_before(
    stage: WorkerStage,
) -> None:
    stage.campaign(1)
    claims = _counted(stage, "claim")
    stage.work(stage.caller(), seconds=599)
    assert len(claims) <= 4  # the payout, the rest, the end of the lease; and nothing in between
    assert (stage.seen[-1].idle_seconds or 0) > 0


def test_a_worker_without_work_says_for_how_long(stage: WorkerStage) -> None:
    stage.campaign(3)
    stage.work(stage.caller(), seconds=95)
    said = [progress.idle_seconds for progress in stage.seen]
    assert said[0] is None, "what it has claimed is on its way"
    assert 500 < (said[-1] or 0) <= 600, "until it looks who has claimed"


def test_a_worker_is_idle_until_the_moment_at_which_something_is_due(stage: WorkerStage) -> None:
    stage.campaign(1)
    said: list[float] = []

    def say() -> None:
        said.append(stage.worker.progress.idle_seconds or 0.0)

    def say_again() -> None:
        say()
        asyncio.get_running_loop().call_later(said[0] - 0.5, say)

    async def answer(_job: Job) -> Outcome:
        asyncio.get_running_loop().call_later(10, say_again)
        return ACCEPTED

    stage.work(stage.caller(answer), seconds=1_000)
    assert said[0] > 1
    assert said[1] == pytest.approx(0.5, abs=0.01)


def test_a_worker_that_has_not_looked_yet_does_not_say_that_it_is_idle(stage: WorkerStage) -> None:
    async def made() -> Progress:
        return Worker(stage.book, {}, name="worker", rails=stage.rails).progress

    progress = run(stage.time, made)
    assert (progress.claimed, progress.recorded, progress.idle_seconds) == (0, {}, None)


def test_a_worker_of_other_merchants_is_idle_for_ever(stage: WorkerStage) -> None:
    stage.campaign(3)
    stage.work(stage.caller(), seconds=1, channels=[])
    assert stage.seen[-1].idle_seconds == math.inf
    assert {payout.state for payout in stage.payouts()} == {State.WAITING}


def test_a_worker_looks_for_what_others_bring(stage: WorkerStage) -> None:
    caller = stage.caller()
    stage.book.set_channel(
        "1900000001", "redpack", PayerLimits(), by="test"
    )  # whose campaign comes later

    async def bring() -> None:
        stage.carried.after = None
        stage.campaign(1)

    stage.carried.after = bring
    began = stage.time.instant
    stage.work(caller, bounds=Bounds(poll_seconds=1.0), seconds=5)
    ((moment, _),) = caller.calls
    assert moment - began <= 1.1 * SECOND


def test_an_unknown_outcome_is_asked_about_as_soon_as_it_is_due(stage: WorkerStage) -> None:
    stage.campaign(1)

    async def answer(job: Job) -> Outcome:
        return Unknown(code=None, why="lost") if job.task is Task.SEND else CallNotSent(why="down")

    caller = stage.caller(answer)
    stage.work(caller, seconds=4)
    (_, first), (asked_at, second), *_ = caller.calls
    assert (first.task, second.task) == (Task.SEND, Task.QUERY)
    assert asked_at - first.at < 2.2 * SECOND


def test_drained_it_ends_what_is_under_way_records_it_and_claims_no_more(
    stage: WorkerStage,
) -> None:
    stage.campaign(200)

    async def slow(_job: Job) -> Outcome:
        await asyncio.sleep(10)
        return ACCEPTED

    caller = stage.caller(slow)
    worker = stage.work(caller, seconds=1)
    states = Counter(payout.state for payout in stage.payouts())
    assert states == {State.SENT: len(caller.calls), State.WAITING: 200 - len(caller.calls)}
    assert 0 < len(caller.calls) <= BOUNDS.claimed
    assert (worker.progress.in_flight, worker.progress.unrecorded) == (0, 0)


def test_a_database_that_is_away_for_a_while_costs_nothing(stage: WorkerStage) -> None:
    stage.campaign(40)
    until = stage.time.instant + 20 * SECOND

    async def away() -> None:
        if stage.time.instant < until:
            raise BookUnavailable(problem="the server starts again", undone=True)

    async def slow(_job: Job) -> Outcome:
        stage.carried.before = away
        await asyncio.sleep(1)
        return ACCEPTED

    worker = stage.work(stage.caller(slow))
    assert [payout.state for payout in stage.payouts()] == [State.SENT] * 40
    assert worker.progress.late == 0
    assert any(progress.trouble for progress in stage.seen)
    assert worker.progress.trouble is None


def test_a_commit_that_nobody_heard_of_is_recorded_once(stage: WorkerStage) -> None:
    stage.campaign(3)

    async def break_off() -> None:
        stage.carried.after = None
        raise BookUnavailable(problem="the connection broke", undone=False)

    async def answer(_job: Job) -> Outcome:
        stage.carried.after = break_off
        return ACCEPTED

    worker = stage.work(stage.caller(answer))
    assert worker.progress.late == 3
    for payout in stage.payouts():
        kinds = [event.kind for event in stage.book.history(payout.id)]
        assert kinds == [EventKind.SUBMITTED, EventKind.CALLED, EventKind.ACCEPTED]


def test_a_database_that_stays_away_ends_the_worker_with_its_error(stage: WorkerStage) -> None:
    stage.campaign(1)

    async def away() -> None:
        raise BookUnavailable(problem="nobody is there", undone=True)

    stage.carried.before = away
    began = stage.time.instant
    with pytest.raises(BookUnavailable, match="nobody is there"):
        stage.work(stage.caller(), seconds=1_000)
    assert 120 <= (stage.time.instant - began) / SECOND < 130


def test_results_wait_in_bounded_number_while_the_database_is_away(stage: WorkerStage) -> None:
    stage.campaign(500)
    held = []
    record = stage.book.record

    class Away:
        """Books that claim and do not record."""

        now, claim, causes = stage.book.now, stage.book.claim, stage.book.causes
        beat, leave = stage.book.beat, stage.book.leave

        def record(self, *args: object, **options: object) -> object:
            held.append(stage.seen[-1].in_flight + stage.seen[-1].unrecorded)
            if stage.time.instant < until:
                raise BookUnavailable(problem="the disk is full", undone=True)
            return record(*args, **options)  # type: ignore[arg-type]

    until = stage.time.instant + 60 * SECOND
    stage.work(stage.caller(), book=Away())  # type: ignore[arg-type]
    assert max(held) <= 2 * BOUNDS.claimed
    assert [payout.state for payout in stage.payouts()] == [State.SENT] * 500


def test_a_caller_that_fails_as_none_may_leaves_the_payout_in_doubt(
    stage: WorkerStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.campaign(1)

    async def answer(_job: Job) -> Outcome:
        raise ZeroDivisionError

    stage.work(stage.caller(answer), seconds=1)
    (payout,) = stage.payouts()
    assert (payout.state, payout.task) == (State.IN_DOUBT, Task.QUERY)
    assert "ZeroDivisionError" in str(payout.reason)
    assert "failed as no caller may" in caplog.text
    assert payout.payee not in caplog.text


def _counted(stage: WorkerStage, verb: str) -> list[int]:
    """How many payouts each call of a verb of the books was about."""
    found: list[int] = []
    real = getattr(stage.book, verb)

    def counting(*args: object, **options: object) -> object:
        given = real(*args, **options)
        found.append(len(args[1]) if verb == "record" else len(given.jobs))  # type: ignore[arg-type]
        return given

    setattr(stage.book, verb, counting)
    return found
