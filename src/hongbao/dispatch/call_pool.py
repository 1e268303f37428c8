"""Makes calls at their slots, a bounded number at a time, and none that might outlast its lease.

Each task of the pool takes one payout after another. Tasks are started when they are needed and
stay, so that a payout needs no task of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND, Task
from hongbao.rails.outcome import CallNotSent, Unanswered, Unknown
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hongbao.dispatch.database_clock import DatabaseClock
    from hongbao.dispatch.ports import Bounds
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.port import Caller

_log = logging.getLogger("hongbao.worker")

_CLOCK_SECONDS = 5.0
"""A worker knows the books' time at least as exactly as this."""

TOO_LATE = say("its lease was nearly over when its turn came")
SET_BACK = say("the clock was set back while it waited, so that its lease says nothing any more")


class CallPool:
    """Takes claimed payouts, calls each, and reports its outcome.

    Args:
        callers: by a channel's number in the books, what makes one call for it.
        time: the books' time.
        bounds: how many calls there may be at once.
        ended: called with every outcome.
        fell_below_share: called when a channel that had its share is well below it.

    Attributes:
        held: how many payouts are in the pool.
        ended: how many have ever left it.
        slot_freed: set when a payout has left.
    """

    def __init__(
        self,
        callers: Mapping[int, Caller],
        time: DatabaseClock,
        *,
        bounds: Bounds,
        ended: Callable[[Job, Outcome], None],
        fell_below_share: Callable[[], None],
    ) -> None:
        self.held = 0
        self.ended = 0
        self.slot_freed = asyncio.Event()
        self._callers = callers
        self._time = time
        self._bounds = bounds
        self._ended = ended
        self._fell_below_share = fell_below_share
        self._well_below_share = bounds.share * 3 // 4
        # A lease that seems to last longer was given by a clock that was ahead.
        self._lease_max = int((bounds.lease_seconds + _CLOCK_SECONDS) * SECOND)
        self._ready: deque[Job] = deque()
        self._later: list[tuple[Instant, int, Job]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._of_channel: dict[int, int] = {}
        self._group: asyncio.TaskGroup | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._idle: list[asyncio.Future[None]] = []
        self._waking = False  # one has been woken and has not begun

    def open(self, group: asyncio.TaskGroup) -> None:
        """Run in a task group."""
        self._group = group

    def close(self) -> None:
        """Begin no more calls, and cancel those in progress."""
        self._group = None
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()

    def put(self, jobs: Iterable[Job]) -> None:
        """Call each when its slot has come."""
        now = self._time.now()
        held = self._of_channel
        for job in jobs:
            self.held += 1
            held[job.channel_id] = held.get(job.channel_id, 0) + 1
            if job.at <= now:
                self._ready.append(job)
            else:
                heappush(self._later, (job.at, job.payout.id, job))
        self._wake()
        self._set_timer()

    def hurry(self) -> None:
        """Call everything now: the clock was set back, so the slots mean nothing."""
        while self._later:
            self._ready.append(heappop(self._later)[2])
        self._wake()
        self._set_timer()

    def below_share(self) -> list[int]:
        """The channels that hold less than their share."""
        held, share = self._of_channel, self._bounds.share
        return [channel for channel in self._callers if held.get(channel, 0) < share]

    async def empty(self) -> None:
        """Wait until every payout has left."""
        while self.held:
            self.slot_freed.clear()
            await self.slot_freed.wait()

    async def _work(self) -> None:
        self._waking = False
        while True:
            while not self._ready:
                idle = asyncio.get_running_loop().create_future()
                self._idle.append(idle)
                await idle
                self._waking = False
            job = self._ready.popleft()
            self._wake()
            self._ended(job, await self._outcome(job))
            self._leave(job.channel_id)

    async def _outcome(self, job: Job) -> Outcome:
        left = job.lease_until - self._time.now()
        if left > self._lease_max:
            return CallNotSent(why=SET_BACK)
        caller = self._callers[job.channel_id]
        if left < caller.timeout_seconds * SECOND:
            return CallNotSent(why=TOO_LATE)
        try:
            return await caller.call(job)
        except Exception as error:  # noqa: BLE001  # it has said nothing about how far it came
            _log.exception("the call for %s failed as no caller may", job.payout.billno)
            why = say("the call failed with {name}", name=type(error).__name__)
            if job.task is Task.SEND:
                return Unknown(code=None, why=why)
            return Unanswered(code=None, why=why)

    def _leave(self, channel: int) -> None:
        self.held -= 1
        self.ended += 1
        left = self._of_channel.pop(channel) - 1
        if left:
            self._of_channel[channel] = left
        if left == self._well_below_share:
            self._fell_below_share()
        self.slot_freed.set()

    def _wake(self) -> None:
        """Wake one more task if anything is ready; it wakes the next one."""
        # In a chain, so that a caller that answers at once keeps one task busy and wakes one other.
        if self._waking or not self._ready:
            return
        while self._idle:
            idle = self._idle.pop()
            if not idle.done():
                self._waking = True
                idle.set_result(None)
                return
        if self._group is not None and len(self._tasks) < self._bounds.calls:
            task = self._work()
            try:
                self._tasks.append(self._group.create_task(task))
                self._waking = True
            except RuntimeError:  # the group is ending, because something else in it has failed
                task.close()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._later:
            seconds = self._time.seconds_until(self._later[0][0])
            self._timer = asyncio.get_running_loop().call_later(seconds, self._slots_came)

    def _slots_came(self) -> None:
        now = self._time.now()
        while self._later and self._later[0][0] <= now:
            self._ready.append(heappop(self._later)[2])
        self._wake()
        self._set_timer()
