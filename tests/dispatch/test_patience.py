"""How long a worker bears with a database that fails: longer each time, and not for ever."""

from __future__ import annotations

import pytest

from hongbao.dispatch.backoff import FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX, Backoff
from hongbao.errors import BookUnavailable

GONE = BookUnavailable(problem="the database is gone", undone=True)


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


def test_it_waits_twice_as_long_each_time_up_to_a_limit() -> None:
    patience = Backoff(1e9, Clock())
    waits = [patience.failed(GONE) for _ in range(12)]
    assert waits[:3] == [FIRST_WAIT_SECONDS, 2 * FIRST_WAIT_SECONDS, 4 * FIRST_WAIT_SECONDS]
    assert waits == [min(FIRST_WAIT_SECONDS * 2**time, WAIT_SECONDS_MAX) for time in range(12)]
    assert waits[-1] == WAIT_SECONDS_MAX


def test_a_success_begins_anew_and_takes_the_trouble_away() -> None:
    clock = Clock()
    patience = Backoff(60, clock)
    patience.failed(GONE)
    clock.now += 59.9
    patience.failed(GONE)
    told = [patience.trouble]
    patience.worked()
    assert [*told, patience.trouble] == [str(GONE), None]
    clock.now += 59.9
    assert patience.failed(GONE) == FIRST_WAIT_SECONDS


def test_what_goes_on_for_too_long_ends_it_with_the_error() -> None:
    clock = Clock()
    patience = Backoff(60, clock)
    patience.failed(GONE)
    clock.now += 60
    with pytest.raises(BookUnavailable, match="the database is gone"):
        patience.failed(GONE)
