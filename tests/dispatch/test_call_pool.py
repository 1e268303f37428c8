"""How claimed payouts are called, each at its slot, by a caller that a test holds back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from virtual_time import VirtualTime, run

from hongbao.dispatch.call_pool import SET_BACK, TOO_LATE, CallPool
from hongbao.dispatch.database_clock import DatabaseClock
from hongbao.dispatch.ports import Bounds
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import SECOND, Task
from hongbao.rails.outcome import CallNotSent, SendAccepted, Unanswered, Unknown
from policy_payouts import called, doubted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hongbao.rails.outcome import Outcome

OK = SendAccepted(listid="1000")
TIMEOUT = 30
LEASE = 90
CLOCK = 5  # the books' time is known as well as this


def job(
    number: int = 1, *, at: float = 0, lease: float = LEASE, merchant: int = 1, asks: bool = False
) -> Job:
    """A call of a payout of this number; its times are seconds from the beginning."""
    make = doubted if asks else called
    payout = make(id=number, merchant_id=merchant, billno=f"B{number}")
    task = Task.QUERY if asks else Task.SEND
    return Job(payout, merchant, task, round(at * SECOND), round(lease * SECOND), b"")


class PoolStage:
    """A pool of calls at work.

    Attributes:
        pool: the pool, once the work has begun.
        begun: which payouts were called, and after how many seconds.
        ended: what became of each.
        thin: how many were held whenever a merchant was said to be well below its share.
        gate: calls wait for it.
    """

    timeout_seconds = float(TIMEOUT)

    def __init__(self, *, calls: int = 4, share: int = 10) -> None:
        self.pool: CallPool
        self.begun: list[tuple[int, float]] = []
        self.ended: dict[int, Outcome] = {}
        self.thin: list[int] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None
        self._bounds = Bounds(calls=calls, share=share, lease_seconds=LEASE)

    async def call(self, job: Job) -> Outcome:
        """As ``Caller``."""
        self.begun.append((job.payout.id, asyncio.get_running_loop().time()))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return OK

    def work(self, script: Callable[[], Awaitable[None]]) -> None:
        """Do what a test says, then close."""
        run(VirtualTime(), lambda: self._work(script))

    async def _work(self, script: Callable[[], Awaitable[None]]) -> None:
        time = DatabaseClock(asyncio.get_running_loop().time)
        self.pool = CallPool(
            dict.fromkeys((1, 2), self), time, bounds=self._bounds, ended=self._end,
            fell_below_share=self._well_below_share,
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            self.pool.open(group)
            await script()
            self.pool.close()

    def _end(self, job: Job, outcome: Outcome) -> None:
        self.ended[job.payout.id] = outcome

    def _well_below_share(self) -> None:
        self.thin.append(self.pool.held)


def test_what_has_left_is_counted_and_was_nothing_at_first() -> None:
    stage = PoolStage()

    async def three() -> None:
        assert (stage.pool.held, stage.pool.ended) == (0, 0)
        stage.pool.put([job(1), job(2), job(3)])
        assert (stage.pool.held, stage.pool.ended) == (3, 0)
        stage.gate.set()
        await stage.pool.empty()
        assert (stage.pool.held, stage.pool.ended) == (0, 3)

    stage.work(three)
    assert stage.ended == {1: OK, 2: OK, 3: OK}


def test_a_merchant_has_its_share_with_exactly_so_many_and_no_longer_when_one_has_left() -> None:
    stage = PoolStage(share=3)

    async def share() -> None:
        stage.pool.put([job(1), job(2), job(7, merchant=2)])
        assert stage.pool.below_share() == [1, 2]
        stage.pool.put([job(3)])
        assert stage.pool.below_share() == [2]
        stage.gate.set()
        await stage.pool.empty()
        assert stage.pool.below_share() == [1, 2]
        stage.gate.clear()
        stage.pool.put([job(4), job(5)])
        assert stage.pool.below_share() == [1, 2]
        stage.gate.set()
        await stage.pool.empty()

    stage.work(share)


@pytest.mark.parametrize(("share", "thin"), [(10, 7), (4, 3), (5, 3)])
def test_a_merchant_is_thinner_once_with_three_quarters_of_its_share_left(
    share: int, thin: int
) -> None:
    stage = PoolStage(share=share, calls=1)

    async def leave() -> None:
        stage.pool.put([job(number) for number in range(share)])
        stage.gate.set()
        await stage.pool.empty()

    stage.work(leave)
    assert stage.thin == [thin]


def test_each_is_called_at_its_slot_in_the_order_of_the_slots() -> None:
    stage = PoolStage()
    stage.gate.set()

    async def slots() -> None:
        stage.pool.put([job(3, at=2), job(1), job(2, at=1), job(4, at=2)])
        await stage.pool.empty()

    stage.work(slots)
    assert [number for number, _ in stage.begun] == [1, 2, 3, 4]
    assert [round(moment, 3) for _, moment in stage.begun] == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("lease", "outcome"),
    [
        (TIMEOUT, OK),
        (TIMEOUT - 0.000001, CallNotSent(why=TOO_LATE)),
        (0, CallNotSent(why=TOO_LATE)),
        (LEASE + CLOCK, OK),
        (LEASE + CLOCK + 0.000001, CallNotSent(why=SET_BACK)),
        (86_400, CallNotSent(why=SET_BACK)),
    ],
)
def test_a_call_is_made_that_can_end_within_a_lease_that_can_be(
    lease: float, outcome: Outcome
) -> None:
    stage = PoolStage()
    stage.gate.set()

    async def one() -> None:
        stage.pool.put([job(lease=lease)])
        await stage.pool.empty()

    stage.work(one)
    assert stage.ended == {1: outcome}
    assert len(stage.begun) == (outcome == OK)


def test_a_send_that_fails_as_none_may_is_unknown_and_a_query_so_is_unanswered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = PoolStage()
    stage.gate.set()
    stage.error = ZeroDivisionError()

    async def both() -> None:
        stage.pool.put([job(1), job(2, asks=True)])
        await stage.pool.empty()

    stage.work(both)
    why = "the call failed with ZeroDivisionError"
    assert stage.ended == {1: Unknown(code=None, why=why), 2: Unanswered(code=None, why=why)}
    assert [it.getMessage() for it in caplog.records] == [
        f"the call for {billno} failed as no caller may" for billno in ("B1", "B2")
    ]


def test_so_many_calls_at_once_and_a_lane_takes_one_after_another() -> None:
    stage = PoolStage(calls=2)

    async def five() -> None:
        stage.pool.put([job(number) for number in range(1, 6)])
        await asyncio.sleep(1)
        assert [number for number, _ in stage.begun] == [1, 2]
        stage.gate.set()
        await stage.pool.empty()
        stage.gate.clear()
        stage.pool.put([job(6), job(7), job(8)])
        await asyncio.sleep(1)
        assert [number for number, _ in stage.begun] == [1, 2, 3, 4, 5, 6, 7]
        stage.gate.set()
        await stage.pool.empty()

    stage.work(five)
    assert len(stage.ended) == 8


def test_after_the_clock_was_set_back_nothing_waits_for_a_slot() -> None:
    stage = PoolStage()
    stage.gate.set()

    async def hurry() -> None:
        stage.pool.put([job(1, at=50), job(2, at=40)])
        await asyncio.sleep(1)
        assert stage.begun == []
        stage.pool.hurry()
        await stage.pool.empty()

    stage.work(hurry)
    assert [(number, round(moment, 3)) for number, moment in stage.begun] == [(2, 1), (1, 1)]


def test_closed_lanes_begin_nothing_and_give_up_what_is_under_way() -> None:
    stage = PoolStage()

    async def close() -> None:
        stage.pool.put([job(1), job(2, at=5)])
        await asyncio.sleep(1)
        stage.pool.close()
        stage.pool.put([job(3)])
        stage.gate.set()
        await asyncio.sleep(10)

    stage.work(close)
    assert [number for number, _ in stage.begun] == [1]
    assert stage.ended == {}
