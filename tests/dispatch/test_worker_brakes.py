"""What stops a worker, or slows it down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hongbao.errors import Disposition
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import NotFound, Refusal
from worker_stage import BOUNDS, WorkerStage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.model.job import Job
    from hongbao.rails.outcome import Outcome


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[WorkerStage]:
    """One worker's world."""
    stage = WorkerStage(tmp_path)
    yield stage
    stage.book.close()


def test_a_cause_that_lies_with_the_merchant_stops_the_sending(stage: WorkerStage) -> None:
    stage.campaign(300)

    async def dry(_job: Job) -> Outcome:
        await asyncio.sleep(0.1)
        return Refusal(disposition=Disposition.OPEN, code="NOTENOUGH", text="余额不足")

    caller = stage.caller(dry)
    stage.work(caller, seconds=100)
    (merchant,) = stage.book.channels()
    assert merchant.stop is not None
    assert merchant.stop.code == "NOTENOUGH"
    assert stage.stopped == ["NOTENOUGH"], "said once, however many calls brought it"
    assert len(caller.calls) <= 2 * BOUNDS.claimed


def test_a_campaign_of_refusals_is_judged_and_stopped(stage: WorkerStage) -> None:
    stage.campaign(300)

    async def refuse(job: Job) -> Outcome:
        await asyncio.sleep(0.1)
        if job.task is Task.QUERY:
            return NotFound()
        return Refusal(disposition=Disposition.NO, code="OPENID_ERROR", text="不匹配")

    caller = stage.caller(refuse)
    stage.work(caller, seconds=100)
    stop = stage.book.standing("spring").campaign.stop
    assert stop is not None
    assert stop.code == "OPENID_ERROR"
    assert stage.stopped == ["OPENID_ERROR"]
    sends = [job for _, job in caller.calls if job.task is Task.SEND]
    assert len(sends) <= 2 * BOUNDS.claimed, "it stops at the refusals, not at their confirmation"
    assert len(caller.calls) == 2 * len(sends), "one query for each refusal"
    totals = stage.book.standing("spring").totals
    assert totals[State.REFUSED].payouts == len(sends)


def test_a_merchant_that_was_called_too_often_is_called_less_often(stage: WorkerStage) -> None:
    stage.campaign(40, limits=PayerLimits(rate=30.0))

    async def often(_job: Job) -> Outcome:
        return Refusal(disposition=Disposition.OPEN, code="FREQ_LIMIT", text="频率")

    stage.work(stage.caller(often), seconds=3)
    (merchant,) = stage.book.channels()
    assert merchant.slowed
    assert merchant.rate is not None
    assert merchant.rate <= 15.0
