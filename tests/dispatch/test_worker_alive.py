"""A worker says that it is alive while it works, and takes leave in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch.ports import Bounds
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State

if TYPE_CHECKING:
    import pytest

    from hongbao.ledger.queue.heartbeat import WorkerAlive
    from worker_stage import WorkerStage

BOUNDS = Bounds(claimed=64, share=16, poll_seconds=1.0, beat_seconds=10.0)


class Watched:
    """Books that note each time at which a worker says that it is alive.

    Args:
        stage: the worker's world.
        refuses: whether they take it.
    """

    def __init__(self, stage: WorkerStage, *, refuses: bool = False) -> None:
        book = stage.book
        self.now, self.claim, self.record, self.causes = (
            book.now, book.claim, book.record, book.causes,
        )  # fmt: skip
        self.beats: list[int] = []
        self.left: list[WorkerAlive] = []
        self._stage = stage
        self._refuses = refuses

    def beat(self, worker: str) -> None:
        """As ``Books``."""
        if self._refuses:
            raise LedgerError(
                code=LedgerCode.DATABASE, problem="permission denied", remedy="Grant it."
            )
        self.beats.append(self._stage.time.instant)
        self._stage.book.beat(worker)

    def leave(self, worker: str) -> None:
        """As ``Books``."""
        self.left = self._stage.book.workers()
        if self._refuses:
            raise LedgerError(
                code=LedgerCode.DATABASE, problem="permission denied", remedy="Grant it."
            )
        self._stage.book.leave(worker)


def test_a_worker_says_every_ten_seconds_that_it_is_alive_and_is_gone_when_it_has_drained(
    stage: WorkerStage,
) -> None:
    stage.campaign(100, limits=PayerLimits(rate=2.0))
    book = Watched(stage)
    stage.work(stage.caller(), book=book, bounds=BOUNDS, seconds=45)
    waits = [later - earlier for earlier, later in zip(book.beats, book.beats[1:], strict=False)]
    assert len(book.beats) == 5
    assert all(10 * SECOND <= wait <= 11.5 * SECOND for wait in waits)
    assert [(it.name, it.seen_at) for it in book.left] == [("worker", book.beats[-1])]
    assert stage.book.workers() == []


def test_a_worker_pays_although_the_books_do_not_take_that_it_is_alive(
    stage: WorkerStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.campaign(3)
    book = Watched(stage, refuses=True)
    stage.work(stage.caller(), book=book, bounds=BOUNDS, seconds=5)
    assert [payout.state for payout in stage.payouts()] == [State.SENT] * 3
    warned = "the books do not take that this worker is alive, or has ended: permission denied. "
    assert [it.getMessage() for it in caplog.records] == [f"{warned}Grant it."] * 2
