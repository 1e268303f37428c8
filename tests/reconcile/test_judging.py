"""A payout and what bills say of it: each kind of difference is named rightly, and only once."""

from __future__ import annotations

from functools import partial
from operator import ne
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import beijing
from hongbao.ledger.model.bill import BookedMovement, BreakKind, Difference, Expected
from hongbao.ledger.model.payout import PAID, State
from hongbao.rails.port import Locking
from hongbao.reconcile.judging import Horizon, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 20_780
NOON = beijing.day_begins(DAY) + beijing.DAY // 2
ALL = Horizon(covered=lambda _: True, now=NOON + 10 * beijing.DAY)
NONE = Horizon(covered=lambda _: False, now=NOON + 10 * beijing.DAY)


def expected(state: State = State.RECEIVED, **changes: Any) -> Expected:
    paid = state in PAID
    normal = Expected(
        payout_id=1, campaign_id=1, amount=100, people=1, attempt=1, billno="A1", state=state,
        looked_at=False, first_call_at=NOON, sent_at=NOON if paid else None,
        settled_at=NOON + beijing.DAY if state in {State.RECEIVED, State.RETURNED} else None,
        refunded=100 if state is State.RETURNED else 0, kind="normal", code=None,
    )  # fmt: skip
    return normal._replace(**changes)


def row(*, out: bool = True, amount: int = 100, flow: str = "", **changes: Any) -> BookedMovement:
    normal = BookedMovement(
        bill_id=1, line=2 if out else 3, payout_id=1, attempt=1, outgoing=out, amount=amount,
        booked_at=NOON, flow=flow or ("7out" if out else "7in"),
    )  # fmt: skip
    return normal._replace(**changes)


BACK = row(out=False)


def named(found: Sequence[Difference]) -> list[tuple[BreakKind, str, int | None, int | None]]:
    return [(it.kind, it.subject, it.expected, it.found) for it in found]


@pytest.mark.parametrize(
    ("payout", "rows"),
    [
        (expected(), [row()]),
        (expected(State.SENT), [row()]),
        (expected(State.RETURNED), [row(), BACK]),
        # A group: one debit, and what nobody took came back on two days.
        (
            expected(State.RECEIVED, people=3, refunded=70),
            [
                row(),
                row(out=False, amount=40, flow="7b"),
                row(out=False, amount=30, flow="7c", booked_at=NOON + beijing.DAY),
            ],
        ),
        # Sent at 23:59 and booked on the next day, by either clock.
        (expected(), [row(booked_at=NOON + beijing.DAY)]),
        (expected(), [row(booked_at=NOON - beijing.DAY)]),
        *((expected(state), []) for state in State if state not in PAID),
    ],
)
def test_what_agrees_is_no_difference(payout: Expected, rows: list[BookedMovement]) -> None:
    assert judge(payout, rows, ALL) == []


@pytest.mark.parametrize(
    ("payout", "rows", "found"),
    [
        (expected(), [], [(BreakKind.MISSING_IN_BILL, "A1", 100, 0)]),
        (expected(), [row(amount=101)], [(BreakKind.AMOUNT, "A1", 100, 101)]),
        (expected(), [row(), row(line=9)], [(BreakKind.DUPLICATE, "A1", 100, 200)]),
        (expected(), [row(), row(line=9, flow="8")], [(BreakKind.DUPLICATE, "A1", 100, 200)]),
        (expected(), [BACK], [(BreakKind.DIRECTION, "A1", 100, 100)]),
        (expected(), [row(), BACK], [(BreakKind.RETURN_UNEXPECTED, "A1", 0, 100)]),
        (expected(State.RETURNED), [row()], [(BreakKind.RETURN_MISSING, "A1", 100, 0)]),
        (expected(State.RETURNED), [BACK], [(BreakKind.MISSING_IN_BILL, "A1", 100, 0)]),
        (
            expected(State.RETURNED),
            [row(), row(out=False, amount=101)],
            [(BreakKind.AMOUNT, "A1/in", 100, 101)],
        ),
        (
            expected(State.RETURNED),
            [row(), BACK, BACK._replace(line=9)],
            [(BreakKind.DUPLICATE, "A1/in", 100, 200)],
        ),
        (
            expected(State.RECEIVED, people=3, refunded=70),
            [row(), row(out=False, amount=40)],
            [(BreakKind.RETURN_MISSING, "A1", 70, 40)],
        ),
        *(
            (expected(state), [row()], [(BreakKind.MISSING_IN_LEDGER, "A1", 0, 100)])
            for state in State
            if state not in PAID
        ),
        (expected(State.REFUSED), [BACK], [(BreakKind.RETURN_UNEXPECTED, "A1", 0, 100)]),
    ],
)
def test_each_difference_is_named(
    payout: Expected,
    rows: list[BookedMovement],
    found: list[tuple[BreakKind, str, int, int]],
) -> None:
    assert named(judge(payout, rows, ALL)) == found


def test_a_number_that_was_proven_dead_and_paid_is_the_loudest() -> None:
    """Also if the payout was paid under its later number: it is paid twice."""
    payout = expected(attempt=2, billno="A2")
    found = judge(payout, [row(attempt=1), row(attempt=2, line=5)], ALL, {1: "A1"})
    assert named(found) == [(BreakKind.MISSING_IN_LEDGER, "A1", 0, 100)]


@pytest.mark.parametrize("payout", [expected(), expected(State.RETURNED)])
def test_nothing_is_missing_before_the_bills_are_there_that_must_have_it(payout: Expected) -> None:
    rows = [row()] if payout.refunded else []
    assert judge(payout, rows, NONE) == []
    ends = beijing.day_of((payout.settled_at if rows else payout.sent_at) or 0)
    for without in range(DAY, ends + 2):
        most = Horizon(covered=partial(ne, without), now=ALL.now)
        assert judge(payout, rows, most) == []
    beyond = Horizon(covered=lambda day: DAY <= day <= ends + 1, now=ALL.now)
    assert len(judge(payout, rows, beyond)) == 1


def test_money_that_the_books_will_see_come_back_is_given_time() -> None:
    payout = expected(State.SENT, looked_at=True)
    soon = ALL._replace(now=NOON + 2 * beijing.DAY)
    assert judge(payout, [row(), BACK], soon) == []
    [late] = judge(payout, [row(), BACK], ALL)
    assert late.kind is BreakKind.RETURN_UNEXPECTED
    [unseen] = judge(payout._replace(looked_at=False), [row(), BACK], soon)
    assert unseen.kind is BreakKind.RETURN_UNEXPECTED


LOCKING = Locking(may_follow=lambda code: code == "OVERDUE_CLOSE", back_seconds=2 * 86_400)
OVERDUE = expected(State.REFUSED, code="OVERDUE_CLOSE")
NEXT_DAY = NOON + beijing.DAY


@pytest.mark.parametrize(
    ("payout", "rows"),
    [
        # A bill has what was locked and came back, or has not.
        (OVERDUE, []),
        (OVERDUE, [row(), BACK._replace(booked_at=NEXT_DAY)]),
        (expected(State.AWAITING_USER), []),
        (expected(State.AWAITING_USER), [row()]),
        (expected(settled_at=NEXT_DAY), [row(booked_at=NEXT_DAY)]),
        # An earlier number was locked, and came back.
        (
            expected(attempt=2, billno="A2"),
            [row(attempt=1), BACK, row(attempt=2, line=5, flow="8")],
        ),
    ],
)
def test_what_was_locked_and_came_back_is_no_difference(
    payout: Expected, rows: list[BookedMovement]
) -> None:
    assert judge(payout, rows, ALL, {1: "A1"}, LOCKING) == []


@pytest.mark.parametrize(
    ("payout", "rows", "found"),
    [
        (OVERDUE, [row()], [(BreakKind.MISSING_IN_LEDGER, "A1", 0, 100)]),
        (OVERDUE, [BACK], [(BreakKind.RETURN_UNEXPECTED, "A1", 0, 100)]),
        (OVERDUE, [row(amount=101), BACK], [(BreakKind.AMOUNT, "A1", 100, 101)]),
        (OVERDUE, [row(), row(out=False, amount=99)], [(BreakKind.AMOUNT, "A1/in", 100, 99)]),
        (OVERDUE, [row(), row(line=9), BACK], [(BreakKind.DUPLICATE, "A1", 100, 200)]),
        (expected(State.AWAITING_USER), [row(amount=99)], [(BreakKind.AMOUNT, "A1", 100, 99)]),
        (
            expected(State.AWAITING_USER),
            [row(), BACK],
            [(BreakKind.RETURN_UNEXPECTED, "A1", 0, 100)],
        ),
        (expected(), [], [(BreakKind.MISSING_IN_BILL, "A1", 100, 0)]),
        (expected(), [row(), BACK], [(BreakKind.RETURN_UNEXPECTED, "A1", 0, 100)]),
        (
            expected(attempt=2, billno="A2"),
            [row(attempt=1), row(attempt=2, line=5, flow="8")],
            [(BreakKind.MISSING_IN_LEDGER, "A1", 0, 100)],
        ),
    ],
)
def test_each_difference_of_locked_money_is_named(
    payout: Expected, rows: list[BookedMovement], found: list[tuple[BreakKind, str, int, int]]
) -> None:
    assert named(judge(payout, rows, ALL, {1: "A1"}, LOCKING)) == found


def test_locked_money_has_as_long_to_come_back_as_its_rail_says() -> None:
    """Its return may stand in the bill of a later day; but what never had an order is paid."""
    days = range(DAY, DAY + 4)
    for without in days:
        most = Horizon(covered=partial(ne, without), now=ALL.now)
        assert judge(OVERDUE, [row()], most, None, LOCKING) == []
        never = OVERDUE._replace(code="INVALID_REQUEST")
        assert [it.kind for it in judge(never, [row()], most, None, LOCKING)] == [
            BreakKind.MISSING_IN_LEDGER
        ]
    covered = Horizon(covered=days.__contains__, now=ALL.now)
    assert len(judge(OVERDUE, [row()], covered, None, LOCKING)) == 1


def test_a_debit_of_what_was_locked_is_due_once_it_is_paid() -> None:
    payout = expected(settled_at=NEXT_DAY)
    for without in (DAY, DAY + 1, DAY + 2):
        most = Horizon(covered=partial(ne, without), now=ALL.now)
        assert judge(payout, [], most, None, LOCKING) == []


ROWS = st.builds(
    row,
    out=st.booleans(),
    amount=st.sampled_from([1, 99, 100, 101]),
    flow=st.sampled_from(["7a", "7b", "7c"]),
    attempt=st.sampled_from([1, 2]),
    line=st.integers(2, 9),
    booked_at=st.sampled_from([NOON, NOON + beijing.DAY]),
)
PAYOUTS = st.builds(
    expected,
    st.sampled_from(State),
    people=st.sampled_from([1, 3]),
    refunded=st.sampled_from([0, 40, 100]),
    attempt=st.sampled_from([1, 2]),
)


@given(
    PAYOUTS, st.lists(ROWS, max_size=4), st.booleans(), st.randoms(),
    st.sampled_from([None, LOCKING]),
)  # fmt: skip
def test_whatever_comes_each_break_has_one_name_and_the_order_of_rows_is_nothing(
    payout: Expected, rows: list[BookedMovement], covered: bool, dice: Any,  # noqa: FBT001  # drawn
    locking: Locking | None,
) -> None:  # fmt: skip
    horizon = Horizon(covered=lambda _: covered, now=ALL.now)
    rows = [it._replace(line=place) for place, it in enumerate(rows, 2)]
    found = judge(payout, rows, horizon, None, locking)
    names = [(it.kind, it.subject) for it in found]
    assert len(set(names)) == len(names)
    shuffled = dice.sample(rows, len(rows))
    assert judge(payout, shuffled, horizon, None, locking) == found
    if not covered:
        absent = {BreakKind.MISSING_IN_BILL, BreakKind.DIRECTION, BreakKind.RETURN_MISSING}
        assert not absent & {it.kind for it in found}


@given(PAYOUTS, st.lists(ROWS, max_size=4))
def test_nothing_is_found_only_where_every_fen_agrees(
    payout: Expected, rows: list[BookedMovement]
) -> None:
    if judge(payout, rows, ALL):
        return
    live = [it for it in rows if it.attempt == payout.attempt]
    assert live == rows
    paid = payout.amount if payout.state in PAID else 0
    back = payout.refunded if paid else 0
    assert sum(it.amount for it in live if it.outgoing) == paid
    assert sum(it.amount for it in live if not it.outgoing) == back
