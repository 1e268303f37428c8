"""A worker between books in a file and a caller that does what a test says, in virtual time."""

from __future__ import annotations

import asyncio
from itertools import cycle
from typing import TYPE_CHECKING, TypeVar

from virtual_time import VirtualTime, run

from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.known import RAILS
from hongbao.rails.outcome import SendAccepted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from hongbao.dispatch.ports import Books
    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import Outcome

T = TypeVar("T")

ACCEPTED = SendAccepted(listid="1000041701")
DAY = 86_400.0
BOUNDS = Bounds(claimed=64, share=16, poll_seconds=DAY)


async def accepts(_job: Job) -> Outcome:
    """Everything is accepted at once."""
    return ACCEPTED


class ScriptedCaller:
    """A ``Caller`` at whose end nobody stands.

    Args:
        time: everybody's.
        answer: what comes of a call, and how long it takes.

    Attributes:
        calls: when each began, by the books' time, and for what.
        most: how many there were at once.
    """

    timeout_seconds = 30.0

    def __init__(self, time: VirtualTime, answer: Callable[[Job], Awaitable[Outcome]]) -> None:
        self.calls: list[tuple[int, Job]] = []
        self.most = 0
        self._time = time
        self._answer = answer
        self._now = 0

    async def call(self, job: Job) -> Outcome:
        """As ``Caller.call``."""
        self.calls.append((self._time.instant, job))
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            return await self._answer(job)
        finally:
            self._now -= 1


class Carried:
    """A ``Carrier`` that counts, and lets a test do something before and after."""

    def __init__(self) -> None:
        self.before: Callable[[], Awaitable[None]] | None = None
        self.after: Callable[[], Awaitable[None]] | None = None
        self.carried = 0

    async def __call__(self, work: Callable[[], T]) -> T:
        """As ``Carrier``."""
        self.carried += 1
        if self.before is not None:
            await self.before()
        done = work()
        if self.after is not None:
            await self.after()
        return done


class WorkerStage:
    """One worker's world.

    Attributes:
        rails: that the worker serves.
        time: everybody's.
        book: the books.
        carried: carries the worker's calls to them.
        seen: what the worker told of its progress.
        worker: the last one, once it works.
    """

    worker: Worker

    def __init__(self, path: Path) -> None:
        self.rails = RAILS
        self.time = VirtualTime()
        self.book = Book.open(str(path / "book.db"), clock=self.time.books)
        self.carried = Carried()
        self.seen: list[Progress] = []
        self.stopped: list[str] = []

    def campaign(
        self,
        count: int,
        *,
        name: str = "spring",
        limits: PayerLimits | None = None,
        kinds: Sequence[str] = ("normal",),
    ) -> None:
        """An approved campaign of a merchant of its own, its rows of these kinds in turn."""
        channel_id = self.book.set_channel(
            f"19{len(self.book.channels()):08d}", "redpack", limits or PayerLimits(), by="test"
        )
        (terms_id,) = self.book.terms([{"profile": name}])
        plan = Plan(
            name=name, channel_id=channel_id, profile=name, budget=None, source="list.csv",
            source_digest=bytes(32),
        )  # fmt: skip
        campaign = self.book.begin_import(plan, by="test")
        self.book.submit(
            campaign.id,
            [
                [
                    Entry(f"{name}/{row}", kind, f"oTEST{row:023d}", 100, 1, terms_id)
                    for row, kind in zip(range(count), cycle(kinds), strict=False)
                ]
            ],
            by="test",
        )
        self.book.approve(name, digest=self.book.finish_import(name, by="test").digest, by="boss")

    def payouts(self, name: str = "spring") -> list[Payout]:
        """A campaign's."""
        return list(self.book.payouts_of(name))

    def caller(self, answer: Callable[[Job], Awaitable[Outcome]] = accepts) -> ScriptedCaller:
        """Somebody who makes the calls."""
        return ScriptedCaller(self.time, answer)

    def work(
        self,
        caller: ScriptedCaller,
        *,
        seconds: float = 300.0,
        bounds: Bounds = BOUNDS,
        book: Books | None = None,
        channels: Collection[int] | None = None,
    ) -> Worker:
        """Let a worker work for so long, for all channels or for some, then drain."""
        own = [it.id for it in self.book.channels()] if channels is None else channels
        callers = dict.fromkeys(own, caller)
        return run(self.time, lambda: self._work(callers, seconds, bounds, book or self.book))

    async def _work(
        self,
        callers: Mapping[int, ScriptedCaller],
        seconds: float,
        bounds: Bounds,
        book: Books,
    ) -> Worker:
        worker = Worker(
            book,
            callers,
            name="worker",
            rails=self.rails,
            carrier=self.carried,
            bounds=bounds,
            watcher=self.seen.append,
            stopped=lambda stop: self.stopped.append(stop.code),
        )
        self.worker = worker
        asyncio.get_running_loop().call_later(seconds, worker.drain)
        await worker.run()
        return worker
