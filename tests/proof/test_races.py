"""Two at once, one that comes back from the dead, a pause in the middle, books of yesterday."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import pytest
from virtual_time import run

import second_life
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State
from hongbao.simulator.settings import RepeatOfPaid, Settings
from laws import check
from proof_stage import DAY, HOUR, MCH_ID, MINUTE, Due, OpenGate, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof_stage import Gate, Payers
    from shelf import Shelf

T = TypeVar("T")

PAYEES = [f"oTEST_payee_{number:016d}" for number in range(20)]
DUES = [Due(str(number), payee=payee) for number, payee in enumerate(PAYEES)]
NAME = "spring"


@pytest.fixture(params=list(RepeatOfPaid))
def stage(request: pytest.FixtureRequest, payers: Payers, shelf: Shelf) -> Stage:
    """A stage on either database, whose WeChat answers repeats in either way."""
    stage = Stage(payers, shelf, settings=Settings(repeat_of_paid=request.param))
    stage.wechat.simulated(MCH_ID).limits.calls_per_second = None
    return stage


class Logged(OpenGate):
    """Lets everything through, and says when requests reached WeChat."""

    def __init__(self, stage: Stage) -> None:
        self.moments: list[int] = []
        self._stage = stage

    async def wechat(self, work: Callable[[], T]) -> T:
        """As ``Gate.wechat``."""
        self.moments.append(self._stage.time.instant)
        return work()


class Zombie(Logged):
    """Its first requests are on their way for longer than its lease."""

    def __init__(self, stage: Stage, seconds: float) -> None:
        super().__init__(stage)
        self._seconds = seconds

    async def wechat(self, work: Callable[[], T]) -> T:
        """As ``Gate.wechat``."""
        seconds, self._seconds = self._seconds, 0.0
        await asyncio.sleep(seconds)
        return await super().wechat(work)


def _together(stage: Stage, *gates: Gate) -> None:
    """Let workers begin in the same moment."""

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(stage.play())
            works = [stage.work(gate, name=f"worker {n}") for n, gate in enumerate(gates)]
            await asyncio.gather(*works)
            playing.cancel()

    run(stage.time, work)


def test_two_workers_that_start_at_once_share_a_campaign(stage: Stage) -> None:
    stage.campaign(NAME, DUES, limits=PayerLimits(rate=30.0, burst=5))
    stage.at(HOUR, lambda: stage.claim(NAME, PAYEES))
    gates = [Logged(stage) for _ in range(3)]
    _together(stage, *gates)
    check(stage, ended=True)
    sends = [entry for entry in stage.wechat.journal() if entry.call == "sendredpack"]
    assert len(sends) == len(DUES)
    assert all(gate.moments for gate in gates)
    moments = sorted(moment for gate in gates for moment in gate.moments)
    for first, sixth in zip(moments, moments[6:], strict=False):
        assert sixth - first > SECOND // 30 * 0.9, "more calls at once than rate and burst allow"


def test_a_zombie_that_sends_after_its_lease_pays_nobody_twice(stage: Stage) -> None:
    stage.campaign(NAME, DUES[:1])
    stage.at(HOUR, lambda: stage.claim(NAME, PAYEES))
    zombie, living = Zombie(stage, 30 * MINUTE), Logged(stage)
    _together(stage, zombie, living)
    check(stage, ended=True)
    (payout,) = stage.payouts()
    assert zombie.moments[0] > living.moments[0]
    entries = stage.wechat.journal(payout.billno)
    assert sum(entry.call == "sendredpack" for entry in entries) == 2
    assert sum(entry.paid for entry in entries) == 1
    assert "worker 0" not in {event.actor for event in stage.book.history(payout.id)[2:]}


def test_a_pause_in_the_middle_of_a_batch_stops_the_sending_and_loses_nobody(stage: Stage) -> None:
    stage.campaign(NAME, DUES, limits=PayerLimits(rate=5.0))
    gate = Logged(stage)
    pauses: list[int] = []

    def pause() -> None:
        stage.book.pause(NAME, by="boss", reason="wait")
        pauses.append(stage.time.instant)

    stage.at(3, pause)
    stage.at(HOUR, lambda: stage.book.resume(NAME, by="boss"))
    stage.at(2 * HOUR, lambda: stage.claim(NAME, PAYEES))
    stage.live(gate)
    check(stage, ended=True)
    sends = [
        int(entry.moment * SECOND)
        for entry in stage.wechat.journal()
        if entry.call == "sendredpack"
    ]
    # What was claimed before the pause has its slot within the horizon.
    meanwhile = [moment for moment in sends if pauses[0] + SECOND < moment < pauses[0] + HOUR * 0.9]
    assert not meanwhile
    assert 5 < sum(moment <= pauses[0] + SECOND for moment in sends) < len(DUES)
    assert len(sends) == len(DUES)


@pytest.mark.parametrize("hours", [1, 26])
def test_yesterdays_books_run_again_pay_nobody_twice(stage: Stage, hours: int) -> None:
    stage.campaign(NAME, DUES, limits=PayerLimits(rate=4.0))
    stage.at(2.5, stage.shelf.keep)
    stage.at(HOUR / 2, lambda: stage.claim(NAME, PAYEES[::2]))
    # Where WeChat refuses the repeat of a paid number as it refuses one with other content, a
    # person asks once it is claimed or has come back.
    stage.at(3 * DAY, lambda: second_life.ask(stage))
    run(stage.time, lambda: _for(stage, hours * HOUR))
    paid = stage.wechat.totals().debited
    assert paid == sum(due.amount for due in DUES)
    stage.shelf.restore()
    states = Counter(payout.state for payout in stage.payouts())
    assert states[State.WAITING] > 5
    assert states[State.SENT] > 5
    stage.live()
    check(stage, ended=True)
    assert stage.wechat.totals().debited == paid


async def _for(stage: Stage, seconds: float) -> None:
    """Work for so long, then lose everything but the backup."""
    working = [asyncio.create_task(stage.play()), asyncio.create_task(stage.work(OpenGate()))]
    await asyncio.sleep(seconds)
    for task in working:
        task.cancel()
    for end in await asyncio.gather(*working, return_exceptions=True):
        assert end is None or isinstance(end, asyncio.CancelledError)
