"""How claimed payouts are called, each at its slot, by a caller that a test holds back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from virtual_time import VirtualTime, run

from hongbao.dispatch.booktime import BookTime
from hongbao.dispatch.lanes import SET_BACK, TOO_LATE, Lanes
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
    return Job(payout, task, round(at * SECOND), round(lease * SECOND), b"")


class Street:
    """Lanes at work.

    Attributes:
        lanes: themselves, once the work has begun.
        begun: which payouts were called, and after how many seconds.
        ended: what became of each.
        thin: how many were held whenever a merchant was said to be well below its share.
        gate: calls wait for it.
    """

    timeout_seconds = float(TIMEOUT)

    def __init__(self, *, calls: int = 4, share: int = 10) -> None:
        self.lanes: Lanes
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
        time = BookTime(asyncio.get_running_loop().time)
        self.lanes = Lanes(
            dict.fromkeys((1, 2), self), time, bounds=self._bounds, ended=self._end,
            thinner=self._thin,
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            self.lanes.open(group)
            await script()
            self.lanes.close()

    def _end(self, job: Job, outcome: Outcome) -> None:
        self.ended[job.payout.id] = outcome

    def _thin(self) -> None:
        self.thin.append(self.lanes.held)


def test_what_has_left_is_counted_and_was_nothing_at_first() -> None:
    street = Street()

    async def three() -> None:
        assert (street.lanes.held, street.lanes.ended) == (0, 0)
        street.lanes.put([job(1), job(2), job(3)])
        assert (street.lanes.held, street.lanes.ended) == (3, 0)
        street.gate.set()
        await street.lanes.empty()
        assert (street.lanes.held, street.lanes.ended) == (0, 3)

    street.work(three)
    assert street.ended == {1: OK, 2: OK, 3: OK}


def test_a_merchant_has_its_share_with_exactly_so_many_and_no_longer_when_one_has_left() -> None:
    street = Street(share=3)

    async def share() -> None:
        street.lanes.put([job(1), job(2), job(7, merchant=2)])
        assert street.lanes.hungry() == [1, 2]
        street.lanes.put([job(3)])
        assert street.lanes.hungry() == [2]
        street.gate.set()
        await street.lanes.empty()
        assert street.lanes.hungry() == [1, 2]
        street.gate.clear()
        street.lanes.put([job(4), job(5)])
        assert street.lanes.hungry() == [1, 2]
        street.gate.set()
        await street.lanes.empty()

    street.work(share)


@pytest.mark.parametrize(("share", "thin"), [(10, 7), (4, 3), (5, 3)])
def test_a_merchant_is_thinner_once_with_three_quarters_of_its_share_left(
    share: int, thin: int
) -> None:
    street = Street(share=share, calls=1)

    async def leave() -> None:
        street.lanes.put([job(number) for number in range(share)])
        street.gate.set()
        await street.lanes.empty()

    street.work(leave)
    assert street.thin == [thin]


def test_each_is_called_at_its_slot_in_the_order_of_the_slots() -> None:
    street = Street()
    street.gate.set()

    async def slots() -> None:
        street.lanes.put([job(3, at=2), job(1), job(2, at=1), job(4, at=2)])
        await street.lanes.empty()

    street.work(slots)
    assert [number for number, _ in street.begun] == [1, 2, 3, 4]
    assert [round(moment, 3) for _, moment in street.begun] == [0, 1, 2, 2]


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
    street = Street()
    street.gate.set()

    async def one() -> None:
        street.lanes.put([job(lease=lease)])
        await street.lanes.empty()

    street.work(one)
    assert street.ended == {1: outcome}
    assert len(street.begun) == (outcome == OK)


def test_a_send_that_fails_as_none_may_is_unknown_and_a_query_so_is_unanswered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    street = Street()
    street.gate.set()
    street.error = ZeroDivisionError()

    async def both() -> None:
        street.lanes.put([job(1), job(2, asks=True)])
        await street.lanes.empty()

    street.work(both)
    why = "the call failed with ZeroDivisionError"
    assert street.ended == {1: Unknown(code=None, why=why), 2: Unanswered(code=None, why=why)}
    assert [it.getMessage() for it in caplog.records] == [
        f"the call for {billno} failed as no caller may" for billno in ("B1", "B2")
    ]


def test_so_many_calls_at_once_and_a_lane_takes_one_after_another() -> None:
    street = Street(calls=2)

    async def five() -> None:
        street.lanes.put([job(number) for number in range(1, 6)])
        await asyncio.sleep(1)
        assert [number for number, _ in street.begun] == [1, 2]
        street.gate.set()
        await street.lanes.empty()
        street.gate.clear()
        street.lanes.put([job(6), job(7), job(8)])
        await asyncio.sleep(1)
        assert [number for number, _ in street.begun] == [1, 2, 3, 4, 5, 6, 7]
        street.gate.set()
        await street.lanes.empty()

    street.work(five)
    assert len(street.ended) == 8


def test_after_the_clock_was_set_back_nothing_waits_for_a_slot() -> None:
    street = Street()
    street.gate.set()

    async def hurry() -> None:
        street.lanes.put([job(1, at=50), job(2, at=40)])
        await asyncio.sleep(1)
        assert street.begun == []
        street.lanes.hurry()
        await street.lanes.empty()

    street.work(hurry)
    assert [(number, round(moment, 3)) for number, moment in street.begun] == [(2, 1), (1, 1)]


def test_closed_lanes_begin_nothing_and_give_up_what_is_under_way() -> None:
    street = Street()

    async def close() -> None:
        street.lanes.put([job(1), job(2, at=5)])
        await asyncio.sleep(1)
        street.lanes.close()
        street.lanes.put([job(3)])
        street.gate.set()
        await asyncio.sleep(10)

    street.work(close)
    assert [number for number, _ in street.begun] == [1]
    assert street.ended == {}
