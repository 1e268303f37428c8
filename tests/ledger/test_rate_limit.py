"""The pace of calls: GCRA, and a rate that falls and recovers."""

from __future__ import annotations

from operator import add

from hypothesis import assume, given
from hypothesis import strategies as st

from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.rate_limit import (
    HORIZON_MAX,
    LATE,
    RECOVERY,
    interval_now,
    slower,
    take_slots,
)

START = 1_795_399_200 * SECOND
MILLISECOND = SECOND // 1000

intervals = st.integers(1, 3 * SECOND)
bursts = st.integers(1, 20)
claims = st.lists(
    st.tuples(
        st.integers(0, 5 * SECOND),  # since the claim before
        st.integers(0, 40),  # wanted
        st.integers(0, 2 * SECOND),  # horizon
    ),
    min_size=1,
    max_size=30,
)


def taken(interval: int, burst: int, plan: list[tuple[int, int, int]]) -> list[int]:
    now, arrival, slots = START, 0, []
    for passed, wanted, horizon in plan:
        now += passed
        found = take_slots(
            arrival, now, interval=interval, burst=burst, wanted=wanted, horizon=horizon
        )
        assert len(found.slots) <= wanted
        assert all(now <= slot < now + max(horizon, 1) for slot in found.slots)
        arrival = found.arrival
        slots += found.slots
    return slots


def check_every_stretch(moments: list[int], interval: int, burst: int) -> None:
    for first, begin in enumerate(moments):
        for last in range(first, len(moments)):
            count = last - first + 1
            assert count <= (moments[last] - begin) // interval + burst


@given(intervals, bursts, claims)
def test_no_stretch_of_time_holds_more_than_rate_and_burst(
    interval: int, burst: int, plan: list[tuple[int, int, int]]
) -> None:
    slots = taken(interval, burst, plan)
    assert slots == sorted(slots)
    check_every_stretch(slots, interval, burst)


@given(intervals, bursts, claims, st.data())
def test_calls_that_leave_later_than_their_slots_keep_to_rate_and_burst_too(
    interval: int, burst: int, plan: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    assume((burst - 1) * interval >= LATE)  # else there is no burst to save it from
    slots = taken(interval, burst, plan)
    late = data.draw(st.lists(st.integers(0, LATE), min_size=len(slots), max_size=len(slots)))
    check_every_stretch(sorted(map(add, slots, late)), interval, burst)


@given(intervals, bursts, st.integers(0, 40), st.integers(0, 2 * SECOND))
def test_fewer_slots_are_the_first_of_more(
    interval: int, burst: int, wanted: int, horizon: int
) -> None:
    more = take_slots(0, START, interval=interval, burst=burst, wanted=40, horizon=horizon)
    less = take_slots(0, START, interval=interval, burst=burst, wanted=wanted, horizon=horizon)
    assert less.slots == more.slots[:wanted]


@given(intervals, bursts, claims)
def test_the_next_slot_is_where_the_next_one_is_given(
    interval: int, burst: int, plan: list[tuple[int, int, int]]
) -> None:
    now, arrival = START, 0
    for passed, wanted, horizon in plan:
        now += passed
        found = take_slots(
            arrival, now, interval=interval, burst=burst, wanted=wanted, horizon=horizon
        )
        arrival = found.arrival
        if found.next_at > now:
            [following] = take_slots(
                arrival, found.next_at, interval=interval, burst=burst, wanted=1, horizon=0
            ).slots
            assert following == found.next_at


def test_a_steady_taker_gets_the_whole_rate() -> None:
    every_quarter = [(SECOND // 4, 100, SECOND // 2)] * 4 * 30
    slots = taken(PayerLimits(rate=30).interval, 1, every_quarter)
    within = [slot for slot in slots if slot < START + 30 * SECOND]
    assert 891 <= len(within) <= 901


def test_without_a_limit_all_slots_are_now() -> None:
    found = take_slots(7, START, interval=0, burst=1, wanted=3, horizon=0)
    assert found == ([START] * 3, 7, START)


def test_what_was_not_used_is_saved_up_to_the_burst_and_no_further() -> None:
    found = take_slots(0, START, interval=SECOND, burst=3, wanted=9, horizon=SECOND + LATE + 1)
    assert found.slots == [START, START, START + LATE, START + LATE + SECOND]


def test_a_clock_that_was_far_ahead_does_not_stop_a_merchant_for_long() -> None:
    found = take_slots(
        START + 86_400 * SECOND, START, interval=SECOND, burst=1, wanted=1, horizon=HORIZON_MAX
    )
    assert found.next_at <= START + HORIZON_MAX + 2 * SECOND


def test_a_rate_is_rounded_down_to_whole_microseconds_between_calls() -> None:
    assert PayerLimits(rate=30).interval == 33_334
    assert PayerLimits(rate=0.5).interval == 2 * SECOND
    assert PayerLimits(rate=None).interval == 0


def test_a_slowed_rate_is_halved_and_doubles_every_five_minutes() -> None:
    interval = 50 * MILLISECOND
    slowed = slower(interval, None, None, START)
    assert slowed == 100 * MILLISECOND
    for passed, rate in ((0, 100), (299, 100), (300, 50), (10_000, 50)):
        now = START + passed * SECOND
        assert interval_now(interval, slowed, START, now) == rate * MILLISECOND


def test_a_rate_that_is_slow_already_takes_longer_to_recover() -> None:
    interval = 50 * MILLISECOND
    at, slowed = START, slower(interval, None, None, START)
    for _ in range(3):
        at += 3 * SECOND
        slowed = slower(interval, slowed, at - 3 * SECOND, at)
    assert slowed == 800 * MILLISECOND
    assert [
        interval_now(interval, slowed, at, at + periods * RECOVERY) // MILLISECOND
        for periods in range(6)
    ] == [800, 400, 200, 100, 50, 50]


def test_a_rate_is_not_halved_twice_for_calls_that_were_under_way_together() -> None:
    assert slower(50_000, 100_000, START, START + 2 * SECOND - 1) is None
    assert slower(50_000, 100_000, START, START + 2 * SECOND) == 200_000


@given(st.integers(0, 5 * SECOND), st.none() | st.integers(1, 5 * SECOND))
def test_no_rate_falls_below_one_a_second_unless_it_was_lower(
    interval: int, slowed_interval: int | None
) -> None:
    slowed = slower(interval, slowed_interval, START, START + 10 * SECOND)
    assert slowed is not None
    assert 0 < slowed <= max(SECOND, interval)


def test_a_merchant_without_a_limit_gets_one_for_a_while() -> None:
    slowed = slower(0, None, None, START)
    assert slowed is not None
    assert 25 < SECOND / slowed < 35
    assert interval_now(0, slowed, START, START + 3600 * 2 * SECOND) == 0
