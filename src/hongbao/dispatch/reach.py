"""How far ahead a worker claims: no further than it calls within a second.

A claim costs the same for one payout as for a thousand, so many are claimed together. But their
leases run while they wait for their turn, and with a slow payer that turn must still come in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.dispatch.ports import Bounds

AHEAD_SECONDS = 1.0
WINDOW_SECONDS = 0.25
"""How long calls are counted before it is said how many end in a second."""


class Reach:
    """Of one worker.

    Args:
        bounds: how many it may claim, and call at once.
        monotonic: seconds of a clock that never goes back.
    """

    def __init__(self, bounds: Bounds, monotonic: Callable[[], float]) -> None:
        self._bounds = bounds
        self._monotonic = monotonic
        self._since = monotonic()
        self._ended = 0
        self._a_second = 0.0

    def held_max(self, ended: int) -> int:
        """How many payouts it may hold now.

        Args:
            ended: how many of its calls have ever ended.
        """
        now = self._monotonic()
        seconds = now - self._since
        if seconds >= WINDOW_SECONDS:
            self._a_second = (ended - self._ended) / seconds
            self._since, self._ended = now, ended
        calls = self._bounds.calls
        # As many as are called at once may always wait behind them: when those are done, these go.
        ahead = max(calls, int(self._a_second * AHEAD_SECONDS))
        return min(self._bounds.claimed, calls + ahead)
