"""Results that the books refuse: the rest of a batch is recorded, and what it stops is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import Disposition, LedgerCode, LedgerError
from hongbao.ledger.model.payout import State
from hongbao.rails.outcome import Refusal

if TYPE_CHECKING:
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.job import Job
    from hongbao.rails.outcome import Outcome
    from worker_stage import WorkerStage


class PickyBook:
    """Books that a bug has made refuse one row.

    Args:
        book: the books that keep the others.
    """

    def __init__(self, book: Book) -> None:
        self.now, self.claim, self.causes = book.now, book.claim, book.causes
        self.beat, self.leave = book.beat, book.leave
        self._record = book.record

    def record(self, worker: str, results: list[tuple[Job, object]], **options: object) -> object:
        """Record the rest."""
        if any(job.payout.row == 4 for job, _ in results):
            raise LedgerError(code=LedgerCode.DATABASE, problem="a constraint", remedy="none")
        return self._record(worker, results, **options)  # type: ignore[arg-type]


def test_what_the_books_refuse_of_one_payout_does_not_keep_the_others_from_being_recorded(
    stage: WorkerStage,
) -> None:
    stage.campaign(10)
    worker = stage.work(stage.caller(), book=PickyBook(stage.book), seconds=60)  # type: ignore[arg-type]
    states = [payout.state for payout in stage.payouts()]
    assert states == [State.SENT] * 3 + [State.IN_DOUBT] + [State.SENT] * 6
    assert worker.progress.rejected == 1


def test_what_stops_a_merchant_is_not_lost_with_a_result_that_the_books_refuse(
    stage: WorkerStage,
) -> None:
    """All results come in one batch, and no other brings the stop again."""
    stage.campaign(10)

    async def dry(_job: Job) -> Outcome:
        return Refusal(disposition=Disposition.OPEN, code="NOTENOUGH", text="余额不足")

    caller = stage.caller(dry)
    stage.work(caller, book=PickyBook(stage.book), seconds=5)  # type: ignore[arg-type]
    assert len(caller.calls) == 10
    (merchant,) = stage.book.channels()
    assert merchant.stop is not None
    assert merchant.stop.code == "NOTENOUGH"
