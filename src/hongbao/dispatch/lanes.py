"""Makes the calls: each at its slot, so many at a time, and none whose lease ends before it could.

A lane is a task that takes one payout after another. They are started as they are needed and stay,
so that a payout costs no task of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND, Task
from hongbao.rails.outcome import CallNotSent, Unanswered, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hongbao.dispatch.booktime import BookTime
    from hongbao.dispatch.ports import Bounds
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Instant
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.port import Caller

_log = logging.getLogger("hongbao.worker")

_CLOCK_SECONDS = 5.0
"""The books' time is known to a worker as well as this, and better."""

TOO_LATE = "its lease was nearly over when its turn came"
SET_BACK = "the clock was set back while it waited, so that its lease says nothing any more"


class Lanes:
    """Takes claimed payouts and gives back what became of each.

    Args:
        callers: make one call, each for the merchant of this number in the books.
        time: the books' time.
        bounds: how many at once.
        ended: told of every outcome.
        thinner: called when a merchant that had its share is well below it.

    Attributes:
        held: how many payouts are here.
        ended: how many have left ever.
        roomier: set when a payout has left.
    """

    def __init__(
        self,
        callers: Mapping[int, Caller],
        time: BookTime,
        *,
        bounds: Bounds,
        ended: Callable[[Job, Outcome], None],
        thinner: Callable[[], None],
    ) -> None:
        self.held = 0
        self.ended = 0
        self.roomier = asyncio.Event()
        self._callers = callers
        self._time = time
        self._bounds = bounds
        self._ended = ended
        self._thinner = thinner
        self._thin = bounds.share * 3 // 4
        # A lease that seems to last longer was given by a clock that was ahead.
        self._lease_max = int((bounds.lease_seconds + _CLOCK_SECONDS) * SECOND)
        self._ready: deque[Job] = deque()
        self._later: list[tuple[Instant, int, Job]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._of_merchant: dict[int, int] = {}
        self._group: asyncio.TaskGroup | None = None
        self._lanes: list[asyncio.Task[None]] = []
        self._idle: list[asyncio.Future[None]] = []
        self._waking = False  # one has been woken and has not begun

    def open(self, group: asyncio.TaskGroup) -> None:
        """Let lanes be tasks of a group."""
        self._group = group

    def close(self) -> None:
        """Begin no call any more, and give up those that are under way."""
        self._group = None
        if self._timer is not None:
            self._timer.cancel()
        for lane in self._lanes:
            lane.cancel()

    def put(self, jobs: Iterable[Job]) -> None:
        """Call each when its slot has come."""
        now = self._time.now()
        held = self._of_merchant
        for job in jobs:
            self.held += 1
            merchant = job.payout.merchant_id
            held[merchant] = held.get(merchant, 0) + 1
            if job.at <= now:
                self._ready.append(job)
            else:
                heappush(self._later, (job.at, job.payout.id, job))
        self._wake()
        self._set_timer()

    def hurry(self) -> None:
        """The clock was set back: let nothing wait for a slot of the time before."""
        while self._later:
            self._ready.append(heappop(self._later)[2])
        self._wake()
        self._set_timer()

    def hungry(self) -> list[int]:
        """The merchants that do not have their share yet."""
        held, share = self._of_merchant, self._bounds.share
        return [merchant for merchant in self._callers if held.get(merchant, 0) < share]

    async def empty(self) -> None:
        """Wait until every payout has left."""
        while self.held:
            self.roomier.clear()
            await self.roomier.wait()

    async def _lane(self) -> None:
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
            self._leave(job.payout.merchant_id)

    async def _outcome(self, job: Job) -> Outcome:
        left = job.lease_until - self._time.now()
        if left > self._lease_max:
            return CallNotSent(why=SET_BACK)
        caller = self._callers[job.payout.merchant_id]
        if left < caller.timeout_seconds * SECOND:
            return CallNotSent(why=TOO_LATE)
        try:
            return await caller.call(job)
        except Exception as error:  # noqa: BLE001  # it has said nothing about how far it came
            _log.exception("the call for %s failed as no caller may", job.payout.billno)
            why = f"the call failed with {type(error).__name__}"
            if job.task is Task.SEND:
                return Unknown(code=None, why=why)
            return Unanswered(code=None, why=why)

    def _leave(self, merchant: int) -> None:
        self.held -= 1
        self.ended += 1
        left = self._of_merchant.pop(merchant) - 1
        if left:
            self._of_merchant[merchant] = left
        if left == self._thin:
            self._thinner()
        self.roomier.set()

    def _wake(self) -> None:
        """Let one more lane go on if anything is ready; it wakes the next one."""
        # In a chain, so that a caller that answers at once keeps one lane busy and wakes one other.
        if self._waking or not self._ready:
            return
        while self._idle:
            idle = self._idle.pop()
            if not idle.done():
                self._waking = True
                idle.set_result(None)
                return
        if self._group is not None and len(self._lanes) < self._bounds.calls:
            lane = self._lane()
            try:
                self._lanes.append(self._group.create_task(lane))
                self._waking = True
            except RuntimeError:  # the group is ending, because something else in it has failed
                lane.close()

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
