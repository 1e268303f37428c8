"""What stands between a worker and the books and WeChat: it keeps a worker to its own merchants."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hongbao.rails.outcome import NotSent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from hongbao.ledger.book import Book
    from hongbao.ledger.model.causes import Causes
    from hongbao.ledger.model.job import Claim, Job, Recorded
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step, Stop
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.redpack.caller import RedPackCaller

FOREIGN_SECONDS = 5.0
"""How often it is looked whether the books have merchants that this worker has no settings for."""
STOP_SECONDS = 30.0
"""A stop that comes again within so long is the same one."""


class OwnBooks:
    """The books, of which a worker claims its own merchants' payouts alone.

    Args:
        book: the books.
        own: the books' numbers of its merchants.
        stopped: told of what stops a campaign or a merchant.

    Attributes:
        idle_until: what the last claim said, if it found nothing and nothing was recorded since:
            when there may be more. None while there is something to do.
    """

    def __init__(
        self, book: Book, own: Collection[int], *, stopped: Callable[[Stop], None]
    ) -> None:
        self.idle_until: Instant | None = None
        self._book = book
        self._own = frozenset(own)
        self._stopped = stopped
        self._foreign: list[int] = []
        self._looked_at = float("-inf")
        self._told_at: dict[tuple[int, str], float] = {}

    def now(self) -> Instant:
        """The books' time."""
        return self._book.now()

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        lease_seconds: float,
        horizon_seconds: float,
        without: Collection[int],
    ) -> Claim:
        """Lease what is due of its own merchants."""
        if time.monotonic() - self._looked_at > FOREIGN_SECONDS:
            self._looked_at = time.monotonic()
            self._foreign = [it.id for it in self._book.merchants() if it.id not in self._own]
        claim = self._book.claim(
            worker,
            limit=limit,
            lease_seconds=lease_seconds,
            horizon_seconds=horizon_seconds,
            without=[*without, *self._foreign],
        )
        self.idle_until = None if claim.jobs else claim.next_at or NEVER
        return claim

    def beat(self, worker: str) -> None:
        """Say that it is alive."""
        self._book.beat(worker)

    def leave(self, worker: str) -> None:
        """Say that it has ended."""
        self._book.leave(worker)

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]],
        slow: Collection[int],
    ) -> Recorded:
        """Write down what was found out."""
        self.idle_until = None
        recorded = self._book.record(worker, results, stops=stops, slow=slow)
        for campaign_id, stop in stops:
            self._tell(campaign_id, stop)
        return recorded

    def _tell(self, campaign_id: int, stop: Stop) -> None:
        # Each call that was under way brings the same stop once more.
        cause, now = (campaign_id, stop.code), time.monotonic()
        if now - self._told_at.get(cause, float("-inf")) > STOP_SECONDS:
            self._stopped(stop)
        self._told_at[cause] = now

    def causes(self, campaign_id: int) -> Causes:
        """What a breaker judges."""
        return self._book.causes(campaign_id)


NEVER: Instant = 2**62
"""Nothing at all is waiting."""


class OwnCaller:
    """Calls for each merchant with its own clients.

    Args:
        callers: by the books' number of the merchant.
        timeout_seconds: the longest of their calls.
    """

    def __init__(self, callers: Mapping[int, RedPackCaller], *, timeout_seconds: float) -> None:
        self._callers = callers
        self._timeout_seconds = timeout_seconds

    @property
    def timeout_seconds(self) -> float:
        """No call takes longer."""
        return self._timeout_seconds

    async def call(self, job: Job) -> Outcome:
        """Send it, or ask about it, once."""
        caller = self._callers.get(job.payout.merchant_id)
        if caller is None:
            # Its merchant came into the books a moment ago, by other settings.
            return NotSent(why="this worker has no settings for its merchant")
        return await caller.call(job)
