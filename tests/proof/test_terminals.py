"""Two terminals start the same campaign at once: two threads, two event loops, real time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import time_ns
from typing import TYPE_CHECKING, TypeVar

import pytest
from virtual_time import VirtualTime

from hongbao.dispatch.offload import Threads
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from laws import check
from proof_stage import BOUNDS, MCH_ID, Due, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.book import Book
    from proof_stage import Payers
    from shelf import Shelf

T = TypeVar("T")

NAME = "spring"
DUES = [Due(str(number), payee=f"oTEST_payee_{number:016d}") for number in range(150)]
LOOK_SECONDS = 0.02


class RealTime(VirtualTime):
    """It passes by itself."""

    @property
    def instant(self) -> int:
        """As the machine has it."""
        return time_ns() // 1_000

    @instant.setter
    def instant(self, _instant: int) -> None:
        """Nobody moves it."""


class Terminal:
    """One process's way to the books, which blocks no loop."""

    def __init__(self) -> None:
        self._threads = Threads(1)

    async def books(self, work: Callable[[], T]) -> T:
        """As ``Gate.books``."""
        return await self._threads(work)

    async def wechat(self, work: Callable[[], T]) -> T:
        """As ``Gate.wechat``."""
        return work()

    def close(self) -> None:
        """End its threads."""
        self._threads.close()


@pytest.mark.long
def test_two_terminals_that_start_the_same_campaign_at_once_pay_everybody_once(
    payers: Payers, shelf: Shelf
) -> None:
    stage = Stage(payers, shelf, time=RealTime())
    stage.wechat.simulated(MCH_ID).limits.calls_per_second = None
    stage.campaign(NAME, DUES)
    together = Barrier(2)
    books = [shelf.door(number, stage.time.books) for number in (1, 2)]

    def terminal(book: Book) -> Progress:
        together.wait()
        return asyncio.run(_pay(stage, book))

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(terminal, books))
    check(stage, ended=False)
    assert {payout.state for payout in stage.payouts()} == {State.SENT}
    assert len(stage.wechat.journal()) == len(DUES)
    shares = [end.recorded[EventKind.ACCEPTED] for end in ends]
    assert sum(shares) == len(DUES)
    assert min(shares) > 0


async def _pay(stage: Stage, book: Book) -> Progress:
    """``hongbao campaign run``, in short."""
    terminal = Terminal()

    def leave_when_done(_progress: Progress) -> None:
        if not book.standing(NAME).total(State.WAITING, State.IN_DOUBT).payouts:
            worker.drain()

    worker = stage.worker(
        terminal,
        book=book,
        name=f"terminal {id(book)}",
        bounds=replace(BOUNDS, poll_seconds=LOOK_SECONDS),
        watcher=leave_when_done,
    )
    await worker.run()
    terminal.close()
    return worker.progress
