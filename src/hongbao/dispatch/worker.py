"""A worker: claims what is due, has it called at its slot, has recorded what became of it.

Any number may run on the same books, and each may die at any moment. It knows neither a rail
nor SQL: it stands between ``ports`` and ``rails.port``.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from hongbao.dispatch.backoff import Backoff
from hongbao.dispatch.call_pool import CallPool
from hongbao.dispatch.database_clock import DatabaseClock
from hongbao.dispatch.offload import inline
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.prefetch_window import PrefetchWindow
from hongbao.dispatch.progress import Progress
from hongbao.dispatch.recorder import Recorder
from hongbao.errors import BookUnavailable, LedgerError
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.standing import shown_behind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from hongbao.dispatch.ports import Books
    from hongbao.dispatch.progress import Watcher
    from hongbao.ledger.model.job import ClaimedJobs
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Stop
    from hongbao.rails.port import Caller, Carrier, Rails

ROOM_SECONDS = 0.02
"""How long little room is left to grow before it is filled, so that each claim fetches more."""
_BREATH = SECOND // 200
"""Between two claims of which the first found too little, whatever the books say is due."""
_NEVER: Instant = 2**62
CLOCK_BEHIND = (
    "the books were %s ahead of the clock, which is wrong, or was: what waited for then has been "
    "brought forward. Let NTP run"
)
_log = logging.getLogger("hongbao.worker")


class Worker:
    """One worker. Make it in a running event loop, and ``run`` it once.

    Args:
        book: the books.
        callers: make the calls, each for the channel of this number in the books. It works for
            these channels and for no others.
        name: who it is, in the history of each payout: one line, and no other worker's.
        rails: which the caller can call; policy and breaker ask them by the kind of a payout.
        carrier: how calls to the books are carried.
        bounds: what it may take at once.
        watcher: called with how it goes on.
        stopped: called with what has stopped a campaign or a merchant until a person has looked.
    """

    def __init__(
        self,
        book: Books,
        callers: Mapping[int, Caller],
        *,
        name: str,
        rails: Rails,
        carrier: Carrier = inline,
        bounds: Bounds | None = None,
        watcher: Watcher | None = None,
        stopped: Callable[[Stop], None] = lambda _: None,
    ) -> None:
        bounds = bounds or Bounds()
        monotonic = asyncio.get_running_loop().time
        time = DatabaseClock(monotonic)
        self.name = name
        self._book = book
        self._carrier = carrier
        self._bounds = bounds
        self._monotonic = monotonic
        self._time = time
        self._watcher = watcher
        self._recorder = Recorder(
            book,
            carrier,
            worker=name,
            rails=rails,
            time=time,
            bounds=bounds,
            due=self._due_by,
            notify=self._tell,
            stopped=stopped,
        )
        self._pool = CallPool(
            callers, time, bounds=bounds, ended=self._recorder.add, fell_below_share=self.stir
        )
        self._prefetch = PrefetchWindow(bounds, monotonic)
        self._backoff = Backoff(bounds.patience_seconds, monotonic)
        self._leaving = False
        self._look_at: Instant = 0
        # When something is due, as far as the last claim and what was recorded since say.
        self._due_at: Instant = 0
        self._claiming = False
        self._beat_at = monotonic()
        self._stirred = asyncio.Event()
        self._claimed = 0

    async def run(self) -> None:
        """Work until ``drain``.

        Cancelling it leaves calls under way behind, as a crash does: when their leases end,
        somebody asks what became of them.

        Raises:
            BookUnavailable: if the database fails for longer than the bounds allow.
            HongbaoError: if the books refuse what no retry can fix.
        """
        try:
            async with asyncio.TaskGroup() as group:
                recording = group.create_task(self._recorder.run())
                self._pool.open(group)
                try:
                    await self._claim_until_drained()
                    await self._pool.empty()
                    self._recorder.finish()
                    await recording
                    await self._carrier(lambda: self._say(self._book.leave))
                finally:
                    self._pool.close()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    def drain(self) -> None:
        """Stop claiming; ``run`` returns when all that is claimed is called and recorded."""
        self._leaving = True
        self.stir()
        self._pool.slot_freed.set()

    def stir(self) -> None:
        """Look at once whether there is work; somebody may have brought some."""
        self._due_by(0)

    @property
    def progress(self) -> Progress:
        """Where it stands."""
        recorder = self._recorder
        return Progress(
            claimed=self._claimed,
            in_flight=self._pool.held,
            unrecorded=recorder.held,
            recorded=recorder.kinds,
            late=recorder.late,
            rejected=recorder.rejected,
            idle_seconds=self._idle_seconds(),
            trouble=self._backoff.trouble or recorder.backoff.trouble,
        )

    def _idle_seconds(self) -> float | None:
        # What a claim under way will find is not known, and others ask meanwhile.
        if self._claiming or self._pool.held or self._recorder.held:
            return None
        if self._due_at >= _NEVER:
            return math.inf
        seconds = self._time.seconds_until(self._due_at)
        return seconds if seconds > 0 else None

    async def _claim_until_drained(self) -> None:
        while await self._is_time() and (limit := await self._room()):
            self._claiming = True
            self._look_at = self._due_at = _NEVER
            try:
                claim = await self._claim(limit)
            except BookUnavailable as error:
                self._due_at = 0
                self._look_within(self._backoff.failed(error))
            else:
                self._backoff.worked()
                if len(claim.jobs) == limit:
                    self.stir()
                else:
                    self._look_within(self._bounds.poll_seconds)
                    if claim.next_at is not None:
                        self._due_by(max(claim.next_at, self._time.now() + _BREATH))
            self._claiming = False
            self._tell()

    async def _is_time(self) -> bool:
        """Wait until it is time to look for work; False when there is to be none any more."""
        while not self._leaving and (seconds := self._time.seconds_until(self._look_at)) > 0:
            await _set_or_over(self._stirred, seconds)
            self._stirred.clear()
        return not self._leaving

    async def _room(self) -> int:
        """Wait until there is room that is worth a claim; for how many payouts, 0 if for none."""
        bounds, pool = self._bounds, self._pool
        most = max(1, bounds.claimed // 2)
        until = self._monotonic() + ROOM_SECONDS
        while not self._leaving:
            held = pool.held
            # Results that the books do not take, because they are slow or away, are held too.
            room = min(
                self._prefetch.held_max(pool.ended) - held,
                2 * bounds.claimed - held - self._recorder.held,
            )
            left = until - self._monotonic()
            if room >= most // 4 or (room > 0 and left <= 0):
                return min(room, most)
            pool.slot_freed.clear()
            await _set_or_over(pool.slot_freed, left if room > 0 else None)
        return 0

    async def _claim(self, limit: int) -> ClaimedJobs:
        channels = self._pool.below_share()
        claim = await self._carrier(lambda: self._look(limit, channels))
        if claim.clock_behind:
            _log.warning(CLOCK_BEHIND, shown_behind(claim.clock_behind))
            self._pool.hurry()
        self._claimed += len(claim.jobs)
        self._pool.put(claim.jobs)
        return claim

    def _look(self, limit: int, channels: Collection[int]) -> ClaimedJobs:
        """Carried out of the loop: it blocks."""
        began = self._monotonic()
        self._time.seen(self._book.now(), began=began)
        if began >= self._beat_at:
            self._beat_at = began + self._bounds.beat_seconds
            self._say(self._book.beat)
        return self._book.claim(
            self.name,
            limit=limit,
            lease_seconds=self._bounds.lease_seconds,
            horizon_seconds=self._bounds.horizon_seconds,
            channels=channels,
        )

    def _say(self, say: Callable[[str], None]) -> None:
        """Tell the books how it is; no payout waits because people do not hear of it."""
        try:
            say(self.name)
        except LedgerError as error:
            _log.warning("the books do not take that this worker is alive, or has ended: %s", error)

    def _look_within(self, seconds: float) -> None:
        self._look_by(self._time.now() + int(seconds * SECOND))

    def _due_by(self, moment: Instant) -> None:
        self._due_at = min(self._due_at, moment)
        self._look_by(moment)

    def _look_by(self, moment: Instant) -> None:
        if moment < self._look_at:
            self._look_at = moment
            self._stirred.set()

    def _tell(self) -> None:
        self._pool.slot_freed.set()
        if self._watcher is not None:
            self._watcher(self.progress)


async def _set_or_over(event: asyncio.Event, seconds: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
