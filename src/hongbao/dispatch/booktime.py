"""The books' time between two looks at it, by the event loop's clock.

A lease and a slot are said in the books' time, which on PostgreSQL is the database's; a worker's
own wall clock may be wrong by any amount and is never asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.payout import Instant


class BookTime:
    """What time it is in the books.

    Args:
        monotonic: seconds of a clock that never goes back: the loop's.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ahead = 0

    def seen(self, now: Instant, *, began: float) -> None:
        """The books said ``now``, asked at the monotonic time ``began``.

        Whatever the answer took on its way counts as passed: a lease is rather thought to end a
        little too early.
        """
        self._ahead = now - round(began * SECOND)

    def now(self) -> Instant:
        """Now, in the books' time."""
        return round(self._monotonic() * SECOND) + self._ahead

    def seconds_until(self, moment: Instant) -> float:
        """How long it is until then; less than nothing if it has passed."""
        return (moment - self.now()) / SECOND
