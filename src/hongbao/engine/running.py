"""Runs a worker until it is asked to stop, is idle, or a campaign is done. It prints nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, TypeAlias

from hongbao.dispatch.offload import Threads
from hongbao.dispatch.worker import Worker
from hongbao.engine.assembly import make_callers, prepare
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.campaign import SENDING
from hongbao.ledger.model.payout import PAID, State, Task
from hongbao.rails.known import looking
from hongbao.telemetry import spans

if TYPE_CHECKING:
    import threading
    from collections.abc import Awaitable, Callable, Collection

    from hongbao.configuration.file import Configuration
    from hongbao.dispatch.progress import Progress, Watcher
    from hongbao.engine.assembly import Engine
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.model.step import Stop

    Until: TypeAlias = "Callable[[WorkerRun], Awaitable[object]]"

STANDING_LOOK_SECONDS = 0.25
"""How often the progress of a campaign is read; it takes a few rows."""

STOP_LOOK_SECONDS = 0.1
"""How often ``stop`` is checked."""

_ENDED = (*PAID, State.AWAITING_USER, State.REFUSED, State.CANCELLED)


class WorkerRun:
    """One worker, from its beginning to its end. ``work`` or ``run`` it once.

    Args:
        engine: what the worker is made of.
        watcher: called with each claim and record, in the worker's event loop; it must be quick.
        stopped: called, the same way, with what has stopped a campaign or a merchant.
        leaving: called so with how many payouts are on their way when ``stop`` takes effect.
        leave_idle: it ends when nothing is due for so many seconds; None is never.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        watcher: Watcher = lambda _: None,
        stopped: Callable[[Stop], None] = lambda _: None,
        leaving: Callable[[int], None] = lambda _: None,
        leave_idle: float | None = None,
    ) -> None:
        self._engine = engine
        self._watcher = spans.tell_of_worker(watcher)
        self._stopped = stopped
        self._leaving = leaving
        self._leave_idle = leave_idle
        self._worker: Worker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        # SQLite writes one transaction after another; PostgreSQL claims and records at once.
        self._carrier = Threads(2 if engine.book.is_postgresql else 1)
        self._stopping = False

    @property
    def progress(self) -> Progress | None:
        """The worker's progress; None before it has begun."""
        return None if self._worker is None else self._worker.progress

    def stop(self) -> None:
        """Claim no more, finish and record the calls in progress, then end. From any thread."""
        self._stopping = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._drain)

    def abandon(self) -> None:
        """End at once, as in a crash: another worker takes over when the leases end."""
        self._stopping = True
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # the same
                self._loop.call_soon_threadsafe(self._task.cancel)

    def run(self, until: Until | None = None) -> Progress:
        """``work`` in an event loop of its own.

        Raises:
            asyncio.CancelledError: after ``abandon``.
            HongbaoError: see ``work``.
        """
        return asyncio.run(self.work(until))

    async def work(self, until: Until | None = None) -> Progress:
        """Work until ``stop``, until the worker is idle, or until ``until`` returns.

        Raises:
            HongbaoError: if the database fails for too long, or with an error that no retry fixes.
        """
        engine = self._engine
        async with AsyncExitStack() as stack:
            carrier = self._carrier
            stack.callback(carrier.close)
            worker = Worker(
                engine.book,
                make_callers(engine, carrier, stack),
                name=engine.name,
                rails=looking(engine.configuration.looks),
                carrier=carrier,
                bounds=engine.bounds,
                watcher=self._watch,
                stopped=self._stopped,
            )
            self._worker = worker
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._stopping:
                self._drain()
            await self._both(worker, until)
            return worker.progress

    async def read(self, look: Callable[[], Standing]) -> Standing:
        """Read the books, for the watcher, without blocking the worker."""
        return await self._carrier(look)

    def is_idle(self, seconds: float) -> bool:
        """Whether no call is in progress, and nothing is due for so long."""
        idle = None if self.progress is None else self.progress.idle_seconds
        return idle is not None and idle > seconds

    def _drain(self) -> None:
        if self._worker is not None:
            self._leaving(self._worker.progress.in_flight)
            self._worker.drain()

    def _watch(self, progress: Progress) -> None:
        self._watcher(progress)
        idle, leave = progress.idle_seconds, self._leave_idle
        if self._worker is not None and leave is not None and idle is not None and idle > leave:
            self._worker.drain()

    async def _both(self, worker: Worker, until: Until | None) -> None:
        """The worker and whoever watches it: when either ends, so does the other."""
        working = asyncio.ensure_future(worker.run())
        watching = asyncio.ensure_future(asyncio.Event().wait() if until is None else until(self))
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            worker.drain()
            await working
            if watching.done():
                await watching
        finally:
            # Also after it is cancelled: nothing may go on when the books are closed.
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)


def until_done(
    book: Book, name: str, seen: Callable[[Standing, int], None], *, leave_idle: float
) -> Until:
    """Until nothing is left to do for a campaign, or nothing is due for so long.

    Args:
        book: the books.
        name: of the campaign.
        seen: called with how far the campaign is, and how many of its payouts have come to an end.
        leave_idle: seconds.
    """
    left = True

    def look() -> Standing:
        nonlocal left
        standing = book.standing(name)
        left = anything_left(book, standing)
        return standing

    async def watch(running: WorkerRun) -> None:
        while True:
            with suppress(BookUnavailable):  # the worker itself knows how long to put up with it
                standing = await running.read(look)
                seen(standing, standing.total(*_ENDED).payouts)
                if not left or running.is_idle(leave_idle):
                    return
            await asyncio.sleep(STANDING_LOOK_SECONDS)

    return watch


def anything_left(book: Book, standing: Standing) -> bool:
    """Whether there is anything to do for a campaign: to ask or to send, now or later, or to look.

    What is paid is looked at for days; only looks that are due by now count.
    """
    return any(_anything_left_of(book, it, standing) for it in standing.campaigns)


def _anything_left_of(book: Book, campaign: Campaign, standing: Standing) -> bool:
    due = book.next_due(campaign.id)
    stopped = standing.merchant_stop is not None or campaign.state not in SENDING
    if Task.QUERY in due or (Task.SEND in due and not stopped):
        return True
    return Task.LOOK in due and due[Task.LOOK] <= book.now()


def run_worker(
    ledger: Book,
    configuration: Configuration,
    *,
    merchants: Collection[str] | None = None,
    stop: threading.Event | None = None,
    leave_idle: float | None = None,
    lease_seconds: float | None = None,
    name: str | None = None,
    watcher: Watcher = lambda _: None,
    stopped: Callable[[Stop], None] = lambda _: None,
) -> Progress:
    """Pay what is due until ``stop`` is set; then finish and record the calls in progress.

    Any number of workers may work on the same ledger. It handles no signals and prints nothing.

    Args:
        ledger: the ledger, open.
        configuration: the settings, with the merchants' secrets.
        merchants: the merchants to work for, by their names in the settings; all if left out.
        stop: set it, in any thread, to end the worker.
        leave_idle: the worker ends when nothing is due for this many seconds.
        lease_seconds: how long before another worker takes over what this one has claimed.
        name: the worker's name, which no other worker ever has; made up if left out.
        watcher: called after each claim and each record; it must be quick.
        stopped: called with each stop of a campaign or a merchant that needs a person.

    Returns:
        What it did.

    Raises:
        ConfigurationError: if a merchant is not fit to pay.
        HongbaoError: if the database fails for too long.
    """
    with ledger.for_worker() as book:
        engine = prepare(
            configuration,
            book,
            list(configuration.profiles) if merchants is None else merchants,
            name=name,
            lease_seconds=lease_seconds,
        )
        run = WorkerRun(engine, watcher=watcher, stopped=stopped, leave_idle=leave_idle)
        if stop is not None and stop.is_set():
            run.stop()
        return run.run(None if stop is None else _until_set(stop))


async def run_worker_async(
    ledger: Book,
    configuration: Configuration,
    *,
    merchants: Collection[str] | None = None,
    stop: asyncio.Event | None = None,
    leave_idle: float | None = None,
    lease_seconds: float | None = None,
    name: str | None = None,
    watcher: Watcher = lambda _: None,
    stopped: Callable[[Stop], None] = lambda _: None,
) -> Progress:
    """``run_worker`` in the running event loop, for a process that serves others too.

    If it is cancelled it ends at once, as in a crash: nothing is lost, and another worker takes
    over its payouts when the leases end. To finish them first, set ``stop`` and await it.

    Args:
        ledger: see ``run_worker``.
        configuration: the same.
        merchants: the same.
        stop: set it to end the worker.
        leave_idle: see ``run_worker``.
        lease_seconds: the same.
        name: the same.
        watcher: the same.
        stopped: the same.

    Returns:
        What it did.

    Raises:
        ConfigurationError: if a merchant is not fit to pay.
        HongbaoError: if the database fails for too long.
    """
    with ledger.for_worker() as book:
        engine = await asyncio.to_thread(
            prepare,
            configuration,
            book,
            list(configuration.profiles) if merchants is None else merchants,
            name=name,
            lease_seconds=lease_seconds,
        )
        run = WorkerRun(engine, watcher=watcher, stopped=stopped, leave_idle=leave_idle)
        if stop is not None and stop.is_set():
            run.stop()
        return await run.work(None if stop is None else lambda _: stop.wait())


def _until_set(stop: threading.Event) -> Until:
    async def watch(_running: WorkerRun) -> None:
        # A thread that waits for it could not be called off.
        while not stop.is_set():  # noqa: ASYNC110  # see above
            await asyncio.sleep(STOP_LOOK_SECONDS)

    return watch
