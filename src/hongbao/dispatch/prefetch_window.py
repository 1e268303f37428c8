"""Limits how far ahead a worker claims: no more than it calls within a second.

A claim costs the same for one payout as for a thousand, so many are claimed together. But their
leases run while they wait, and even with a slow payer each call must begin before its lease ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.dispatch.ports import Bounds

AHEAD_SECONDS = 1.0
WINDOW_SECONDS = 0.25
"""How long calls are counted to find how many end per second."""


class PrefetchWindow:
    """How many payouts one worker may hold.

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
        # As many as are called at once may always wait, so that they can follow immediately.
        ahead = max(calls, int(self._a_second * AHEAD_SECONDS))
        return min(self._bounds.claimed, calls + ahead)
