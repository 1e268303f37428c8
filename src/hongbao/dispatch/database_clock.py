"""Estimates the database's time between two readings of it, by the event loop's clock.

Leases and slots are in the books' time, which on PostgreSQL is the database's. A worker's own wall
clock may be wrong by any amount and is never used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.payout import Instant


class DatabaseClock:
    """Tells the books' time.

    Args:
        monotonic: seconds of the loop's clock, which never goes back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ahead = 0

    def seen(self, now: Instant, *, began: float) -> None:
        """Note a reading of ``now`` that was begun at the monotonic time ``began``.

        The time that the answer took counts as passed, so that a lease seems to end a little too
        early rather than too late.
        """
        self._ahead = now - round(began * SECOND)

    def now(self) -> Instant:
        """The present, in the books' time."""
        return round(self._monotonic() * SECOND) + self._ahead

    def seconds_until(self, moment: Instant) -> float:
        """How many seconds it is until then; negative if it has passed."""
        return (moment - self.now()) / SECOND
