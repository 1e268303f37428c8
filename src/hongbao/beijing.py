"""Beijing's time: by it limits count, WeChat writes, and people and programs read. Pure.

Beijing keeps UTC+8 all year and has had no summer time since 1991, so that no table of time zones
is needed, which not every machine has. Moments are whole microseconds since the epoch.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

BEIJING = timezone(timedelta(hours=8), "UTC+8")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_THERE = _EPOCH.astimezone(BEIJING)
_FIRST = _EPOCH.date()

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
_EAST = 8 * 60 * MINUTE
# A new day has surely begun on the payer's clocks too.
_MARGIN = 10 * MINUTE


def day_of(at: int) -> int:
    """The Beijing day, as days since the epoch."""
    return (at + _EAST) // DAY


def day_begins(day: int) -> int:
    """00:00 of a Beijing day."""
    return day * DAY - _EAST


def minute_of_day(at: int) -> int:
    """The minute of Beijing's day, 0 to 1439."""
    return (at + _EAST) % DAY // MINUTE


def tomorrow(at: int) -> int:
    """00:10 of the next Beijing day: when yesterday's limits do not count any more."""
    return (day_of(at) + 1) * DAY - _EAST + _MARGIN


def next_open(at: int, opens: int, closes: int) -> int:
    """When it is next between two minutes of Beijing's day: ``at`` itself if it is already."""
    minute = minute_of_day(at)
    if opens <= minute < closes:
        return at
    day = day_of(at) + (minute >= closes)
    return day * DAY - _EAST + opens * MINUTE


@lru_cache  # reports say the same few days a million times
def date(day: int) -> str:
    """A Beijing day as people and programs read it: ``2026-11-23``.

    Raises:
        OverflowError: if its year is none of 1 to 9999.
    """
    return (_FIRST + timedelta(days=day)).isoformat()


def text(at: int) -> str:
    """As people read it: ``2026-11-23 12:00:00``."""
    day, since = divmod(at + _EAST, DAY)
    minutes, seconds = divmod(since // SECOND, 60)
    return f"{date(day)} {minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def read(said: str) -> int:
    """The moment that a person or ``iso`` wrote: ``2026-11-23``, ``2026-11-23 12:00`` and so on.

    Without an offset it is Beijing's; a day alone is its beginning.

    Raises:
        ValueError: if it is none; if in Beijing its year is none of 1 to 9999, so that nobody could
            show it.
    """
    found = datetime.fromisoformat(said.strip())
    if found.tzinfo is None:
        found = found.replace(tzinfo=BEIJING)
    since = found - _EPOCH
    at = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds
    try:
        date(day_of(at))
    except OverflowError:
        raise ValueError(said) from None
    return at


def iso(at: int | None) -> str | None:
    """As programs read it: ``2026-11-23T12:00:00.000001+08:00``."""
    return None if at is None else _datetime(at).isoformat()


def _datetime(at: int) -> datetime:
    # In whole numbers: a float of seconds loses microseconds.
    return _EPOCH_THERE + timedelta(microseconds=at)


def moment(said: str) -> datetime:
    """The time of a text as ``text`` writes it."""
    return datetime.fromisoformat(said).replace(tzinfo=BEIJING)


def instant(said: str) -> int:
    """The same in microseconds."""
    return int(moment(said).timestamp()) * SECOND
