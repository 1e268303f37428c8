"""Runs a worker until it has drained: two signals, the clients, the threads for the books."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from hongbao.cli.engine.assembly import make_caller
from hongbao.cli.engine.ports import OwnBooks
from hongbao.cli.group import DEBUG_VARIABLE
from hongbao.cli.interruption import LeftAtOnce
from hongbao.cli.signals import counted
from hongbao.dispatch.carriage import Threads
from hongbao.dispatch.worker import Worker
from hongbao.ledger.model.payout import SECOND
from hongbao.rails.known import RAILS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from hongbao.cli.engine.assembly import Engine
    from hongbao.cli.work import Work
    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.model.step import Stop


class Shown(Protocol):
    """What shows how a worker gets on."""

    def say(self, text: str) -> None:
        """Tell the person at the terminal something, in a line."""
        ...

    def progress(self, progress: Progress) -> None:
        """Told of each claim and each record; it must be quick."""
        ...


class Running:
    """A worker that runs.

    Args:
        worker: it.
        books: what it works on.
        carrier: carries calls to the books.

    Attributes:
        worker: it.
        books: what it works on.
        carrier: carries calls to the books.
        asked: whether a signal asked it to leave.
    """

    def __init__(self, worker: Worker, books: OwnBooks, carrier: Threads) -> None:
        self.worker = worker
        self.books = books
        self.carrier = carrier
        self.asked = False

    async def idle_for(self, seconds: float) -> bool:
        """Whether it has nothing on its way, and nothing is due for so long."""
        progress = self.worker.progress
        until = self.books.idle_until
        if until is None or progress.in_flight or progress.unrecorded:
            return False
        now = await self.carrier(self.books.now)
        return self.books.idle_until == until and until - now > seconds * SECOND


def run(
    engine: Engine, shown: Shown, tend: Callable[[Running], Awaitable[None]], work: Work
) -> Running:
    """Work until ``tend`` is done or a signal comes, then drain.

    The first Ctrl-C or SIGTERM drains; the second one leaves at once.

    Args:
        engine: what the worker is made of.
        shown: is told how it gets on.
        tend: watches the running worker, and returns when it shall leave.
        work: is given the worker's progress.

    Raises:
        LeftAtOnce: after a second signal.
        HongbaoError: if the database fails for too long, or refuses what no retry can mend.
    """
    try:
        return asyncio.run(_run(engine, shown, tend, work))
    except asyncio.CancelledError:
        raise LeftAtOnce(lease_seconds=engine.bounds.lease_seconds) from None


async def _run(
    engine: Engine, shown: Shown, tend: Callable[[Running], Awaitable[None]], work: Work
) -> Running:
    async with AsyncExitStack() as stack:
        carrier = Threads(engine.threads)
        stack.callback(carrier.close)
        books = OwnBooks(engine.book, engine.ids.values(), stopped=partial(_say_stop, shown))
        caller = make_caller(engine, carrier, stack)
        worker = Worker(
            books,
            caller,
            name=engine.name,
            rails=RAILS,
            carrier=carrier,
            bounds=engine.bounds,
            watcher=shown.progress,
        )
        work.progress = lambda: worker.progress
        running = Running(worker, books, carrier)
        stack.enter_context(counted(_leave(running, shown)))
        stack.enter_context(_logged(shown))
        await _work(running, tend)
    return running


async def _work(running: Running, tend: Callable[[Running], Awaitable[None]]) -> None:
    """The worker and whoever watches it: when either ends, so does the other."""
    working = asyncio.ensure_future(running.worker.run())
    tending = asyncio.ensure_future(tend(running))
    try:
        await asyncio.wait((working, tending), return_when=asyncio.FIRST_COMPLETED)
        running.worker.drain()
        await working
        if tending.done():
            await tending
    finally:
        # Also after a second signal: nothing may go on when the books are closed.
        for task in (working, tending):
            task.cancel()
        await asyncio.gather(working, tending, return_exceptions=True)


def _leave(running: Running, shown: Shown) -> Callable[[int], None]:
    """What signals do."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()

    def drain() -> None:
        running.asked = True
        held = running.worker.progress.in_flight
        shown.say(
            f"Leaving: what is on its way is finished and recorded first (payouts: {held}). "
            "Ctrl-C again leaves at once."
        )
        running.worker.drain()

    def came(count: int) -> None:
        if count == 1:
            loop.call_soon_threadsafe(drain)
        elif whole is not None:
            loop.call_soon_threadsafe(whole.cancel)

    return came


@contextmanager
def _logged(shown: Shown) -> Iterator[None]:
    """What a worker logs of what nobody foresaw; the client's own log stays the program's."""
    log, handler = logging.getLogger("hongbao.worker"), _Saying(shown)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Saying(logging.Handler):
    def __init__(self, shown: Shown) -> None:
        super().__init__(logging.WARNING)
        self._shown = shown

    def emit(self, record: logging.LogRecord) -> None:
        self._shown.say(f"{record.levelname}: {record.getMessage()}")
        if record.exc_info and os.environ.get(DEBUG_VARIABLE):
            self._shown.say("".join(traceback.format_exception(record.exc_info[1])))


def _say_stop(shown: Shown, stop: Stop) -> None:
    shown.say(
        f"Stopped (the {stop.scope}): {stop.code}: {stop.reason}\n  What to do: {stop.advice}"
    )
