"""A worker whose clock jumps, and whose database cannot hold a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch.ports import Bounds
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State
from hongbao.rails.outcome import SendAccepted
from worker_stage import ACCEPTED, DAY

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from hongbao.ledger.model.job import Job
    from hongbao.rails.outcome import Outcome
    from worker_stage import WorkerStage


def test_a_text_that_no_database_can_hold_does_not_end_a_worker_in_the_middle_of_a_batch(
    stage: WorkerStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.campaign(10)

    async def answer(job: Job) -> Outcome:
        return (
            SendAccepted(listid="half \ud83e of a character") if job.payout.row == 4 else ACCEPTED
        )

    worker = stage.work(stage.caller(answer), seconds=60)
    states = [payout.state for payout in stage.payouts()]
    assert states == [State.SENT] * 3 + [State.IN_DOUBT] + [State.SENT] * 6
    assert worker.progress.rejected == 1
    assert "cannot hold" in caplog.text
    assert stage.book.audit().findings == ()


def test_a_worker_goes_on_when_the_clock_was_ahead_for_four_seconds(
    stage: WorkerStage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begin = stage.time.instant

    def clock() -> int:
        ahead = 10 <= (stage.time.instant - begin) / SECOND < 14
        return stage.time.books() + ahead * int(DAY) * SECOND

    stage.campaign(200, limits=PayerLimits(rate=10.0))
    bounds = Bounds(claimed=64, share=16, poll_seconds=5, horizon_seconds=2.0)
    with Book.open(str(tmp_path / "book.db"), clock=clock) as book:
        caller = stage.caller()
        stage.work(caller, book=book, bounds=bounds, seconds=200)
        assert [payout.state for payout in book.payouts_of("spring")] == [State.SENT] * 200
        assert book.audit().findings == ()
    moments = [(moment - begin) / SECOND for moment, _ in caller.calls]
    assert max(moments) < 120
    for start in range(120):
        assert sum(start <= moment < start + 1 for moment in moments) <= 30
    assert "24 hours ahead of the clock" in caplog.text
