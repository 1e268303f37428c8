"""The waits between tries: three days, never at the same moment for all, as receivers ask."""

from __future__ import annotations

from itertools import count, takewhile

import pytest

from hongbao.ledger.model.payout import SECOND
from hongbao.webhooks.retry import JITTER, RETRY_AFTER_MAX, WAITS, pause, wait

HOUR = 3600 * SECOND


def waits(dice: float) -> list[int]:
    found = (wait(tries, dice=dice) for tries in count(1))
    return [it for it in takewhile(lambda it: it is not None, found) if it is not None]


@pytest.mark.parametrize("dice", [0.0, 0.5, 1.0])
def test_nobody_tries_any_more_after_three_days(dice: float) -> None:
    assert 64 * HOUR < sum(waits(dice)) < 80 * HOUR
    assert sum(waits(0.5)) == sum(WAITS) * SECOND
    assert 71 * HOUR < sum(waits(0.5)) < 73 * HOUR


def test_each_wait_is_longer_than_the_one_before() -> None:
    found = waits(0.5)
    assert found == sorted(set(found))


def test_dice_spread_a_wait_by_a_tenth_of_it() -> None:
    assert wait(3, dice=1.0) == int(300 * (1 + JITTER) * SECOND)
    assert wait(3, dice=0.0) == int(300 * (1 - JITTER) * SECOND)


def test_what_a_receiver_asks_for_is_kept_up_to_a_day() -> None:
    assert wait(1, dice=0.5, retry_after=120) == 120 * SECOND
    assert wait(1, dice=0.5, retry_after=1) == 5 * SECOND
    assert wait(1, dice=0.5, retry_after=1e9) == RETRY_AFTER_MAX * SECOND
    assert pause(1, dice=0.5, retry_after=3600) == HOUR


def test_a_failing_endpoint_is_left_alone_for_five_minutes_at_most() -> None:
    assert [pause(failures, dice=0.5) // SECOND for failures in (1, 2, 3, 4, 99)] == [
        5, 30, 300, 300, 300,
    ]  # fmt: skip
