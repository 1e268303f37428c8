"""Days and hours in Beijing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.beijing import day_of, iso, next_open, read, text, tomorrow
from hongbao.ledger.model.payout import SECOND

BEIJING = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    at = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    return (at - EPOCH) // timedelta(microseconds=1)


def words(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


@given(st.integers(0, 4_000_000_000 * SECOND))
def test_the_day_is_that_of_beijings_calendar(at: int) -> None:
    local = (EPOCH + timedelta(microseconds=at)).astimezone(BEIJING)
    assert day_of(at) == (local.date() - EPOCH.date()).days


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23 00:00:00", "2026-11-24 00:10:00"),
        ("2026-11-23 23:59:59", "2026-11-24 00:10:00"),
        ("2026-12-31 12:00:00", "2027-01-01 00:10:00"),
    ],
)
def test_tomorrow_is_ten_past_midnight(now: str, then: str) -> None:
    assert words(tomorrow(instant(now))) == then


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-23 07:59:59", "2026-11-23 08:00:00"),
        ("2026-11-23 08:00:00", "2026-11-23 08:00:00"),
        ("2026-11-23 21:59:59", "2026-11-23 21:59:59"),
        ("2026-11-23 22:00:00", "2026-11-24 08:00:00"),
    ],
)
def test_hours_open_in_the_morning_and_close_at_night(now: str, then: str) -> None:
    assert words(next_open(instant(now), 8 * 60, 22 * 60)) == then


def test_hours_of_a_whole_day_never_close() -> None:
    midnight = instant("2026-11-23 00:00:00")
    assert next_open(midnight, 0, 24 * 60) == midnight
    assert next_open(midnight - 1, 0, 24 * 60) == midnight - 1


@pytest.mark.parametrize(
    "said", ["0001-01-01 00:00:00", "1969-12-31 23:59:59", "9999-12-31 23:59:59"]
)
def test_what_can_be_read_can_be_shown(said: str) -> None:
    assert text(read(said)) == said
    shown = iso(read(said))
    assert shown is not None
    assert read(shown) == read(said)


@pytest.mark.parametrize(
    "said", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00+14:00", "10000-01-01", "tomorrow", ""]
)
def test_what_nobody_could_show_is_no_time(said: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # Python's own words, or none
        read(said)
    assert type(caught.value) is ValueError
