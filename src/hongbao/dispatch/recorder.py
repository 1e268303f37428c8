"""Writes down what became of calls: what has gathered meanwhile goes into one transaction.

A result stays here until the books have it. Recording it again after a failure is harmless: what
was recorded already has no lease any more, and comes back as late.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from hongbao.dispatch.backoff import Backoff
from hongbao.dispatch.breaker import judge
from hongbao.dispatch.policy import decide
from hongbao.errors import BookCorrupt, BookUnavailable, LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from hongbao.dispatch.database_clock import DatabaseClock
    from hongbao.dispatch.ports import Books, Bounds
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.port import Carrier, Rail, Rails

T = TypeVar("T")
Result: TypeAlias = "tuple[Job, Step]"

# Named once: to look a member of an Enum up takes longer than to compare it.
_REFUSED_NOW, _REFUSED = EventKind.REFUSED, State.REFUSED

_log = logging.getLogger("hongbao.worker")


class Recorder:
    """Decides by policy what each outcome means, and has the books write it down.

    Args:
        book: where.
        carrier: how calls to it are carried.
        worker: who records.
        rails: which pay; the policy and the breaker ask them.
        time: the books' time.
        bounds: how many at once.
        due: called when a payout that was recorded is due again.
        notify: called when something has changed here.
        stopped: called with what has stopped a campaign or a merchant, when the books say so.

    Attributes:
        held: results that are not in the books yet.
        kinds: how many events of which kind were recorded.
        late: results whose lease was gone.
        rejected: results that the books refused, which only a bug can bring.
    """

    def __init__(
        self,
        book: Books,
        carrier: Carrier,
        *,
        worker: str,
        rails: Rails,
        time: DatabaseClock,
        bounds: Bounds,
        due: Callable[[Instant], None],
        notify: Callable[[], None],
        stopped: Callable[[Stop], None],
    ) -> None:
        self.held = 0
        self.kinds: Counter[EventKind] = Counter()
        self.late = 0
        self.rejected = 0
        self.backoff = Backoff(bounds.patience_seconds, asyncio.get_running_loop().time)
        self._book = book
        self._carrier = carrier
        self._worker = worker
        self._rails = rails
        self._time = time
        self._bounds = bounds
        self._due = due
        self._notify = notify
        self._stopped = stopped
        self._results: list[Result] = []
        self._stops: dict[tuple[int, str], Stop] = {}
        self._slow: set[int] = set()
        self._some = asyncio.Event()
        self._finishing = False

    def add(self, job: Job, outcome: Outcome) -> None:
        """Decide what an outcome means; it is recorded soon."""
        payout, task, now = job.payout, job.task, self._time.now()
        rail = self._rails.of(payout.kind)
        decision = decide(payout, task, outcome, now, rail, submitted_at=job.submitted_at)
        self._results.append((job, decision.step))
        self.held += 1
        if decision.stop is not None:
            self._stops[payout.campaign_id, decision.stop.code] = decision.stop
        if decision.slow:
            self._slow.add(job.channel_id)
        self._some.set()

    async def run(self) -> None:
        """Record what comes until ``finish``, and then the rest.

        Raises:
            BookUnavailable: if the database fails for too long.
            BookCorrupt: if the books say so.
        """
        while self._results or not self._finishing:
            await self._some.wait()
            if len(self._results) < self._bounds.batch and not self._finishing:
                await asyncio.sleep(self._bounds.linger_seconds)
            if taken := self._take():
                await self._record(taken)
                self.held -= len(taken)
                self._notify()

    def finish(self) -> None:
        """Nothing more comes."""
        self._finishing = True
        self._some.set()

    def _take(self) -> list[Result]:
        taken = self._results[: self._bounds.batch]
        del self._results[: len(taken)]
        if not self._results and not self._finishing:
            self._some.clear()
        return taken

    async def _record(self, batch: list[Result]) -> None:
        """Write a batch, and judge the campaigns that it gives cause to."""
        # One that was claimed again after its lease may be here twice: only the later one counts.
        batch = list({job.payout.id: (job, step) for job, step in batch}.values())
        stops, self._stops = self._stops, {}
        slow, self._slow = self._slow, set()
        missed = await self._write(batch, stops, slow)
        for campaign_id, rail in self._count(batch, missed):
            causes = await self._persist(partial(self._book.causes, campaign_id))
            if (stop := judge(causes, rail)) is not None:
                await self._write([], {(campaign_id, stop.code): stop}, ())

    async def _write(
        self, batch: list[Result], stops: Mapping[tuple[int, str], Stop], slow: Collection[int]
    ) -> Collection[int]:
        """Write it; the payouts of which the books took nothing."""
        try:
            recorded = await self._persist(
                lambda: self._book.record(
                    self._worker,
                    batch,
                    stops=[(campaign_id, stop) for (campaign_id, _), stop in stops.items()],
                    slow=slow,
                )
            )
        except (BookUnavailable, BookCorrupt):
            raise
        except LedgerError as error:
            if not batch:
                raise
            return await self._write_apart(batch, stops, slow, error)
        self.late += len(recorded.late)
        for stop in recorded.stopped:
            self._stopped(stop)
        return recorded.late

    async def _write_apart(
        self,
        batch: list[Result],
        stops: Mapping[tuple[int, str], Stop],
        slow: Collection[int],
        error: LedgerError,
    ) -> Collection[int]:
        """Write the rest of a batch of which the books refuse something."""
        if stops or slow:
            await self._write([], stops, slow)
        if len(batch) == 1:
            # Its lease ends, and then somebody asks what became of it.
            self.rejected += 1
            payout = batch[0][0].payout
            _log.error("the books refuse what became of %s: %s", payout.billno, error)
            return [payout.id]
        missed: list[int] = []
        for result in batch:
            missed += await self._write([result], {}, ())
        return missed

    def _count(self, batch: list[Result], missed: Collection[int]) -> Collection[tuple[int, Rail]]:
        """Count what was recorded, and name the campaigns in which something went wrong."""
        stored = [it for it in batch if it[0].payout.id not in missed] if missed else batch
        self.kinds.update([step.kind for _, step in stored if step.kind is not None])
        if dues := [step.due_at for _, step in stored if step.due_at is not None]:
            self._due(min(dues))
        wrong = [
            job.payout
            for job, step in stored
            if step.kind is _REFUSED_NOW or step.state is _REFUSED or step.mark is not None
        ]
        # A set in the order of the results.
        return dict.fromkeys((it.campaign_id, self._rails.of(it.kind)) for it in wrong)

    async def _persist(self, work: Callable[[], T]) -> T:
        """Do it until the database lets it be done."""
        while True:
            try:
                done = await self._carrier(work)
            except BookUnavailable as error:
                wait = self.backoff.failed(error)
                self._notify()
                await asyncio.sleep(wait)
            else:
                self.backoff.worked()
                return done
