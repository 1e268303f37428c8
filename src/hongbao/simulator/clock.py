"""Tells the simulated WeChat's time, and writes it as Beijing does.

Nothing else in the simulator reads a clock. A moment is seconds since the epoch as a float. Days
and the texts on the wire are in Beijing time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from hongbao import beijing
from hongbao.errors import InvalidRequest

MOMENT_MAX = 32_503_680_000.0
"""The year 3000. A later moment is a typing error, and some cannot be written as dates."""

DAY_SECONDS = 86_400


class Clock(Protocol):
    """The source of the world's time. It can be moved forward and never goes back."""

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
    """A clock that only moves when it is set.

    Args:
        moment: the time at first, in seconds since the epoch.
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
    """A clock that runs with the machine's and may be ahead of it.

    It follows the machine's monotonic clock, so a correction of the wall clock never turns it back.
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
    """The number of a moment's day in Beijing."""
    return beijing.day_of(_instant(moment))


def beijing_hour(moment: float) -> int:
    """The hour of the day in Beijing, 0 to 23."""
    return beijing.minute_of_day(_instant(moment)) // 60


def beijing_text(moment: float) -> str:
    """``yyyy-MM-dd HH:mm:ss``, as in replies to queries."""
    return beijing.text(_instant(moment))


def beijing_date(moment: float) -> str:
    """``yyyyMMdd``."""
    return _date_of_day(beijing_day(moment))


@lru_cache(maxsize=64)  # it is called for each packet, and a run lasts few days
def _date_of_day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).strftime("%Y%m%d")


def beijing_digits(moment: float) -> str:
    """``yyyyMMddHHmmss``, as in replies to preorders."""
    return f"{datetime.fromtimestamp(int(moment), beijing.BEIJING):%Y%m%d%H%M%S}"


def _instant(moment: float) -> int:
    """A moment in the unit of ``hongbao.beijing``, cut to whole seconds."""
    return int(moment) * beijing.SECOND


def _checked(name: str, value: float, *, low: float) -> float:
    if low <= value <= MOMENT_MAX:
        return float(value)
    raise InvalidRequest(
        field=name,
        rule=f"a number of seconds from {low:.3f} to {MOMENT_MAX:.0f}: the clock never goes back",
        found=str(value),
    )
