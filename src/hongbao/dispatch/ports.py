"""What a worker asks of the books, and how much it may take at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hongbao.ledger.model.causes import Causes
    from hongbao.ledger.model.job import ClaimedJobs, Job, Recorded
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.step import Step, Stop


class Books(Protocol):
    """As much of ``hongbao.ledger.book.Book`` as a worker uses. Every method blocks."""

    def now(self) -> Instant:
        """The books' time."""
        ...

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        lease_seconds: float,
        horizon_seconds: float,
        channels: Collection[int],
    ) -> ClaimedJobs:
        """Lease what is due of some channels."""
        ...

    def beat(self, worker: str) -> None:
        """Say that it is alive, for people who ask."""
        ...

    def leave(self, worker: str) -> None:
        """Say that it has ended."""
        ...

    def record(
        self,
        worker: str,
        results: Sequence[tuple[Job, Step]],
        *,
        stops: Sequence[tuple[int, Stop]],
        slow: Collection[int],
    ) -> Recorded:
        """Write down what was found out, of all that is still leased."""
        ...

    def causes(self, campaign_id: int) -> Causes:
        """What a breaker judges."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a worker may take at once, so that its memory does not grow with its work.

    Attributes:
        claimed: payouts whose call has not ended, at most; see ``prefetch_window``.
        calls: as many of them are called at the same time, each on a connection of its own.
        share: as many may be claimed of one channel; then others are claimed, so that a channel
            whose calls hang does not stop the rest. One may call 30 times a second, so this
            is two seconds of it.
        lease_seconds: after that another worker takes over. A call begins only as long as it can
            end in time, so this is the longest call and some time to record it.
        horizon_seconds: how far ahead slots are taken.
        poll_seconds: how often an idle worker looks whether others have brought work.
        beat_seconds: how often it says that it is alive, at most.
        linger_seconds: how long a result waits for others to be recorded with it.
        batch: results in one transaction.
        patience_seconds: for so long the database may fail before the worker ends.
    """

    claimed: int = 4096
    calls: int = 256
    share: int = 64
    lease_seconds: float = 90.0
    horizon_seconds: float = 0.5
    poll_seconds: float = 1.0
    beat_seconds: float = 10.0
    linger_seconds: float = 0.005
    batch: int = 2000
    patience_seconds: float = 120.0
