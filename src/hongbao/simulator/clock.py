"""What time it is in the simulated WeChat, and how Beijing writes it.

Nothing else in the simulator reads a clock. A moment is seconds since the epoch as a float. Days,
and the texts on the wire, are Beijing's.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from hongbao import beijing
from hongbao.errors import InvalidRequest

MOMENT_MAX = 32_503_680_000.0
"""The year 3000: beyond it lies a slip of the hand, and dates that cannot be written."""

DAY_SECONDS = 86_400


class Clock(Protocol):
    """What the world asks for the time, and what moves it. It never goes back."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        ...

    def set(self, moment: float) -> None:
        """Jump forward to a moment."""
        ...


class ManualClock:
    """Stands still until it is moved by hand.

    Args:
        moment: where it starts, in seconds since the epoch.
    """

    __slots__ = ("_moment",)

    def __init__(self, moment: float) -> None:
        self._moment = _checked("moment", moment, low=0.0)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._moment

    def advance(self, seconds: float) -> None:
        """Jump forward.

        Raises:
            InvalidRequest: if that would go back, or beyond ``MOMENT_MAX``.
        """
        _checked("seconds", seconds, low=0.0)
        self.set(self._moment + seconds)

    def set(self, moment: float) -> None:
        """Jump forward to a moment.

        Raises:
            InvalidRequest: if that would go back, or beyond ``MOMENT_MAX``.
        """
        self._moment = _checked("moment", moment, low=self._moment)


class RealClock:
    """Runs with the machine's clock, and may be put ahead of it.

    It counts by the machine's monotonic clock, so that a correction of the wall clock never turns
    it back.
    """

    __slots__ = ("_ahead",)

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Jump forward and run on from there.

        Raises:
            InvalidRequest: if that would go back, or beyond ``MOMENT_MAX``.
        """
        _checked("seconds", seconds, low=0.0)
        _checked("moment", self.now() + seconds, low=0.0)
        self._ahead += seconds

    def set(self, moment: float) -> None:
        """Jump forward to a moment and run on from there.

        Raises:
            InvalidRequest: if that would go back, or beyond ``MOMENT_MAX``.
        """
        now = self.now()
        self._ahead += _checked("moment", moment, low=now) - now


def beijing_day(moment: float) -> int:
    """The number of the Beijing day that a moment falls on."""
    return beijing.day_of(_instant(moment))


def beijing_hour(moment: float) -> int:
    """The hour of the day in Beijing, 0 to 23."""
    return beijing.minute_of_day(_instant(moment)) // 60


def beijing_text(moment: float) -> str:
    """``yyyy-MM-dd HH:mm:ss``, as a query answers times."""
    return beijing.text(_instant(moment))


def beijing_date(moment: float) -> str:
    """``yyyyMMdd``."""
    return _date_of_day(beijing_day(moment))


@lru_cache(maxsize=64)  # a run sees few days, and asks with each packet
def _date_of_day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).strftime("%Y%m%d")


def beijing_digits(moment: float) -> str:
    """``yyyyMMddHHmmss``, as a preorder answers times."""
    return f"{datetime.fromtimestamp(int(moment), beijing.BEIJING):%Y%m%d%H%M%S}"


def _instant(moment: float) -> int:
    """A moment in whole seconds as ``hongbao.beijing`` counts: it writes no smaller ones."""
    return int(moment) * beijing.SECOND


def _checked(name: str, value: float, *, low: float) -> float:
    if low <= value <= MOMENT_MAX:
        return float(value)
    raise InvalidRequest(
        field=name,
        rule=f"a number of seconds from {low:.3f} to {MOMENT_MAX:.0f}: the clock never goes back",
        found=str(value),
    )
