"""A clock that loop, books and simulator share, and that jumps to whatever happens next.

So days pass in milliseconds, the real worker runs in them unchanged, and a run is the same each
time.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from typing import TYPE_CHECKING, TypeVar

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from hongbao.ledger.model.payout import Instant

T = TypeVar("T")

NOON = 1_795_406_400 * SECOND
"""2026-11-23 12:00:00 in Beijing."""


SECONDS_MAX = 400 * 86_400
"""Nothing in a test takes longer than this from ``NOON``, or it never ends."""


class Stuck(AssertionError):
    """Everybody waits for somebody, and nothing is left that could happen."""


class VirtualTime:
    """What time it is. It is a ``Clock`` of the simulator, too."""

    def __init__(self, instant: Instant = NOON) -> None:
        self.instant = instant

    def books(self) -> Instant:
        """As the books count it."""
        return self.instant

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.instant / SECOND

    def advance(self, seconds: float) -> None:
        """Jump forward, by a microsecond at least."""
        self.instant += max(1, math.ceil(seconds * SECOND))

    def set(self, moment: float) -> None:
        """Jump forward to a moment."""
        self.instant = max(self.instant, math.ceil(moment * SECOND))


class _Jumping(selectors.SelectSelector):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self._time.instant > NOON + SECONDS_MAX * SECOND:
            raise Stuck
        if timeout > 0:
            self._time.advance(timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(_Jumping(time))
        self._virtual = time
        self._began = time.instant

    def time(self) -> float:
        """Seconds since the loop was made: near zero, so that a float has them exactly enough."""
        return (self._virtual.instant - self._began) / SECOND


def run(time: VirtualTime, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it to its end in virtual time; what it leaves running is thrown away."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(time)) as runner:
        return runner.run(main())
