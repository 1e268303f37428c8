"""Runs a worker until it has drained: two signals, the clients, the threads for the books."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from hongbao.cli.configuration.database import is_url
from hongbao.cli.configuration.payers import open_merchants
from hongbao.cli.engine.clients import Clients
from hongbao.cli.engine.ports import OwnBooks, OwnCaller
from hongbao.cli.failure import LeftAtOnce
from hongbao.cli.group import DEBUG_VARIABLE
from hongbao.cli.signals import counted
from hongbao.dispatch.caller import RedPackCaller
from hongbao.dispatch.carriage import Threads
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.rules import CAUTIOUS
from hongbao.dispatch.worker import Worker
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping

    from hongbao.cli.configuration.file import Configuration
    from hongbao.client.merchant import AnyMerchant
    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.book import Book
    from hongbao.ledger.step import Stop

RECORDING_SECONDS = 0.5
"""How much longer than a call a lease must be, so that its result can be recorded."""


class Shown(Protocol):
    """What shows how a worker gets on."""

    def say(self, text: str) -> None:
        """Tell the person at the terminal something, in a line."""
        ...

    def progress(self, progress: Progress) -> None:
        """Told of each claim and each record; it must be quick."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What a worker is made of.

    Attributes:
        configuration: the settings.
        book: the books, open.
        merchants: by profile, with their secrets.
        ids: the books' numbers of their merchants, by the merchants' own numbers.
        name: of the worker.
        bounds: what it may take at once.
        threads: how many of it talk to the books.
    """

    configuration: Configuration
    book: Book
    merchants: Mapping[str, AnyMerchant]
    ids: Mapping[str, int]
    name: str
    bounds: Bounds
    threads: int

    @property
    def timeout_seconds(self) -> float:
        """The longest that a call may take."""
        return max(merchant.total_timeout for merchant in self.merchants.values())


def prepare(
    configuration: Configuration,
    book: Book,
    profiles: Collection[str],
    *,
    name: str,
    lease_seconds: float | None,
) -> Engine:
    """Read the secrets of some profiles, and give the books their limits.

    Args:
        configuration: the settings.
        book: the books, open.
        profiles: for whom it works; and for those that have the same merchant numbers.
        name: of the worker.
        lease_seconds: None for the usual ones.

    Raises:
        ConfigurationError: with all that is wrong with them; or if a lease would be too short.
    """
    numbers = {configuration.profile(profile).mch_id for profile in profiles}
    # A merchant's payouts are claimed whichever of its profiles pays them.
    sharing = [it.name for it in configuration.profiles.values() if it.mch_id in numbers]
    merchants = open_merchants(configuration, sharing)
    bounds = Bounds() if lease_seconds is None else Bounds(lease_seconds=lease_seconds)
    engine = Engine(
        configuration=configuration,
        book=book,
        merchants=merchants,
        ids={
            profile.mch_id: book.set_merchant(profile.mch_id, profile.limits)
            for profile in map(configuration.profile, merchants)
        },
        name=name,
        bounds=bounds,
        # SQLite writes one transaction after another; PostgreSQL claims and records at once.
        threads=2 if is_url(configuration.database_url()) else 1,
    )
    if bounds.lease_seconds < engine.timeout_seconds + RECORDING_SECONDS:
        raise ConfigurationError(
            setting="--lease",
            problem=f"is {bounds.lease_seconds:g} seconds, and a call may take "
            f"{engine.timeout_seconds:g}: no call could begin",
            remedy="Give a longer lease, or a shorter total_timeout.",
        )
    return engine


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
        return self.books.idle_until == until and (until - now) / 1_000_000 > seconds


def run(engine: Engine, shown: Shown, tend: Callable[[Running], Awaitable[None]]) -> Running:
    """Work until ``tend`` is done or a signal comes, then drain.

    The first Ctrl-C or SIGTERM drains; the second one leaves at once.

    Args:
        engine: what the worker is made of.
        shown: is told how it gets on.
        tend: watches the running worker, and returns when it shall leave.

    Raises:
        LeftAtOnce: after a second signal.
        HongbaoError: if the database fails for too long, or refuses what no retry can mend.
    """
    try:
        return asyncio.run(_run(engine, shown, tend))
    except asyncio.CancelledError:
        raise LeftAtOnce(lease_seconds=engine.bounds.lease_seconds) from None


async def _run(engine: Engine, shown: Shown, tend: Callable[[Running], Awaitable[None]]) -> Running:
    async with AsyncExitStack() as stack:
        carrier = Threads(engine.threads)
        stack.callback(carrier.close)
        books = OwnBooks(engine.book, engine.ids.values(), stopped=partial(_say_stop, shown))
        caller = _caller(engine, carrier, stack)
        worker = Worker(
            books,
            caller,
            name=engine.name,
            rules=CAUTIOUS,
            carrier=carrier,
            bounds=engine.bounds,
            watcher=shown.progress,
        )
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
        tending.cancel()
        with suppress(asyncio.CancelledError):
            await tending
    finally:
        for task in (working, tending):
            task.cancel()


def _leave(running: Running, shown: Shown) -> Callable[[int], None]:
    """What signals do."""
    loop, whole = asyncio.get_running_loop(), asyncio.current_task()

    def drain() -> None:
        running.asked = True
        held = running.worker.progress.in_flight
        shown.say(
            f"Leaving: {held} payouts on their way are finished and recorded first. "
            "Ctrl-C again leaves at once."
        )
        running.worker.drain()

    def came(count: int) -> None:
        if count == 1:
            loop.call_soon_threadsafe(drain)
        elif whole is not None:
            loop.call_soon_threadsafe(whole.cancel)

    return came


def _caller(engine: Engine, carrier: Threads, stack: AsyncExitStack) -> OwnCaller:
    callers = {}
    for number, merchant_id in engine.ids.items():
        clients = Clients(
            engine.configuration,
            engine.merchants,
            number,
            connections_max=engine.bounds.share,
        )
        stack.push_async_callback(clients.aclose)
        callers[merchant_id] = RedPackCaller(
            clients,
            terms=engine.book.terms_body,
            carrier=carrier,
            timeout_seconds=engine.timeout_seconds,
        )
        stack.push_async_callback(callers[merchant_id].aclose)
    return OwnCaller(callers, timeout_seconds=engine.timeout_seconds)


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
    shown.say(f"Stopped ({stop.scope}): {stop.code}: {stop.reason} What to do: {stop.advice}")
