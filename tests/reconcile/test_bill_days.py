"""Which bills are asked for, and when: by the clock's argument alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hongbao import beijing
from hongbao.ledger.model.bill import NO_ROWS, BillKey, StoredBill
from hongbao.reconcile.bill_fetching import (
    EMPTY_AGAIN_DAYS,
    FETCHED_DAYS_MAX,
    asked_for,
    last_ready_day,
    missing_days,
)
from hongbao.reconcile.daily_bills import AGAIN, next_run

DAY = 20_780
HOUR = beijing.DAY // 24
BEGAN = beijing.day_begins(DAY) + 12 * HOUR
NOON = BEGAN + 5 * beijing.DAY
BASIC = ("Basic",)


def stored(day: int, *, plain_bytes: int = 9) -> StoredBill:
    return StoredBill(day, BillKey(1, "Basic", day), b"", plain_bytes, NO_ROWS, "", 1, "anna", 1)


def test_a_bill_can_be_had_from_ten_on_the_next_day() -> None:
    begins = beijing.day_begins(DAY + 1)
    assert last_ready_day(begins + 10 * HOUR - 1) == DAY - 1
    assert last_ready_day(begins + 10 * HOUR) == DAY


def test_every_day_since_the_first_campaign_is_asked_for_once_of_each_account() -> None:
    days = range(DAY, DAY + 5)
    assert missing_days([], BASIC, began=BEGAN, now=NOON) == [("Basic", day) for day in days]
    both = asked_for([], ("Basic", "Operation"), began=BEGAN, now=NOON)
    assert both[:3] == [("Basic", DAY), ("Operation", DAY), ("Basic", DAY + 1)]
    there = [stored(day) for day in days]
    assert asked_for(there, BASIC, began=BEGAN, now=NOON) == []
    assert asked_for([], BASIC, began=None, now=NOON) == []


def test_a_day_on_which_nothing_moved_is_asked_about_again_while_its_bill_may_be_late() -> None:
    there = [stored(day, plain_bytes=0) for day in range(DAY, DAY + 5)]
    again = asked_for(there, BASIC, began=BEGAN, now=NOON)
    assert [day for _, day in again] == list(range(DAY + 5 - EMPTY_AGAIN_DAYS, DAY + 5))


def test_what_wechat_has_forgotten_is_missing_and_not_asked_for() -> None:
    late = BEGAN + 200 * beijing.DAY
    assert len(missing_days([], BASIC, began=BEGAN, now=late)) == 200
    asked = asked_for([], BASIC, began=BEGAN, now=late)
    assert [asked[0][1], len(asked)] == [DAY + 200 - FETCHED_DAYS_MAX, FETCHED_DAYS_MAX]


@given(st.integers(NOON, NOON + 3 * beijing.DAY), st.booleans())
def test_the_next_run_is_at_ten_or_half_an_hour_after_a_bill_that_was_late(
    now: int,
    late: bool,  # noqa: FBT001
) -> None:
    due = next_run(now, late=late)
    if late:
        assert due - now == AGAIN
    else:
        assert now < due <= now + beijing.DAY
        assert beijing.minute_of_day(due) == 600
