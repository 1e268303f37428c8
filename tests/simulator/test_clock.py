"""The simulated WeChat's clocks, and how Beijing writes their moments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from hongbao.errors import InvalidRequest
from hongbao.simulator.clock import (
    MOMENT_MAX,
    ManualClock,
    RealClock,
    beijing_date,
    beijing_day,
    beijing_digits,
    beijing_hour,
    beijing_text,
)
from stage import DAY, HOUR, NOON

if TYPE_CHECKING:
    from hongbao.simulator.clock import Clock


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(1.5)
    assert clock.now() == NOON + 1.5
    clock.set(NOON + DAY)
    assert clock.now() == NOON + DAY


def test_a_real_clock_runs_with_the_machine_and_can_be_put_ahead() -> None:
    clock = RealClock()
    assert abs(clock.now() - time.time()) < 5
    before = clock.now()
    clock.advance(DAY)
    assert clock.now() >= before + DAY
    clock.set(before + 2 * DAY)
    assert before + 2 * DAY <= clock.now() < before + 2 * DAY + 5


@pytest.mark.parametrize("make", [RealClock, lambda: ManualClock(NOON)])
@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), MOMENT_MAX, 10**400])
def test_no_clock_goes_back_or_beyond_reason(make: type[Clock], wrong: float) -> None:
    clock = make()
    now = clock.now()
    with pytest.raises(InvalidRequest, match="seconds"):
        clock.advance(wrong)
    with pytest.raises(InvalidRequest, match="seconds"):
        clock.set(now - 3600)
    assert abs(clock.now() - now) < 5


def test_moments_are_written_in_beijings_time() -> None:
    assert beijing_text(NOON) == "2026-11-23 12:00:00"
    assert beijing_digits(NOON) == "20261123120000"
    assert (beijing_date(NOON), beijing_hour(NOON)) == ("20261123", 12)
    midnight = NOON + 12 * HOUR
    assert beijing_day(midnight) == beijing_day(midnight - 1) + 1
    assert (beijing_date(midnight - 1), beijing_date(midnight)) == ("20261123", "20261124")
    assert beijing_hour(midnight) == 0
