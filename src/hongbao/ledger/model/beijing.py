"""Days and hours in Beijing, by which limits count. Pure.

Beijing keeps UTC+8 all year and has had no summer time since 1991, so that no table of time zones
is needed, which not every machine has.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
_EAST = 8 * 60 * MINUTE
# A new day has surely begun on the payer's clocks too.
_MARGIN = 10 * MINUTE


def day_of(at: Instant) -> int:
    """The Beijing day, as days since the epoch."""
    return (at + _EAST) // DAY


def tomorrow(at: Instant) -> Instant:
    """00:10 of the next Beijing day: when yesterday's limits do not count any more."""
    return (day_of(at) + 1) * DAY - _EAST + _MARGIN


def shown(at: Instant) -> str:
    """As people read it: ``2026-11-23 12:00:00 (Beijing)``."""
    zone = timezone(timedelta(microseconds=_EAST))
    return f"{datetime.fromtimestamp(at // SECOND, zone):%Y-%m-%d %H:%M:%S} (Beijing)"


def next_open(at: Instant, opens: int, closes: int) -> Instant:
    """When it is next between two minutes of Beijing's day: ``at`` itself if it is already."""
    minute = (at + _EAST) % DAY // MINUTE
    if opens <= minute < closes:
        return at
    day = day_of(at) + (minute >= closes)
    return day * DAY - _EAST + opens * MINUTE
