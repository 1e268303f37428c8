"""The balances of a bill follow from one another, or it is said where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from hongbao.reconcile.balance_chain import BalanceChain, ChainEnd

if TYPE_CHECKING:
    from collections.abc import Sequence

MOVED = st.lists(st.integers(-500, 500).filter(bool), min_size=3, max_size=40)


def rows_of(moved: Sequence[int], opening: int = 10_000) -> list[tuple[int, int]]:
    """Each with the balance after it."""
    rows, balance = [], opening
    for amount in moved:
        balance += amount
        rows.append((amount, balance))
    return rows


def ended(rows: Sequence[tuple[int, int]], at_once: int = 3) -> ChainEnd:
    chain = BalanceChain()
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        lines = range(2 + start, 2 + start + len(some))
        chain.add(lines, [amount for amount, _ in some], [balance for _, balance in some])
    return chain.end()


@given(MOVED)
def test_rows_in_order_have_no_gap_whatever_pieces_they_come_in(moved: list[int]) -> None:
    rows = rows_of(moved)
    for at_once in (1, 3, len(rows)):
        assert ended(rows, at_once) == ChainEnd(10_000, rows[-1][1], 0, None)


def test_no_rows_have_no_balance() -> None:
    assert ended([]) == ChainEnd(None, None, 0, None)


@given(MOVED, st.data())
def test_a_row_that_is_missing_doubled_or_wrong_is_a_gap_where_it_is(
    moved: list[int], data: st.DataObject
) -> None:
    rows = rows_of(moved)
    place = data.draw(st.integers(1, len(rows) - 2))
    amount, balance = rows[place]
    for instead, line in (
        ([], place + 2),
        ([rows[place]] * 2, place + 3),
        ([(amount + 1, balance)], place + 2),
    ):
        found = ended([*rows[:place], *instead, *rows[place + 1 :]])
        assert (found.gaps, found.line) == (1, line)
        assert (found.opening, found.closing) == (10_000, rows[-1][1])


def test_a_first_row_that_is_missing_shows_in_the_opening_and_a_last_one_in_the_closing() -> None:
    rows = rows_of([-100, -200, -300])
    assert ended(rows[1:]) == ChainEnd(9_900, 9_400, 0, None)
    assert ended(rows[:-1]) == ChainEnd(10_000, 9_700, 0, None)


@given(st.lists(st.integers(1, 500), min_size=4, max_size=30), st.randoms())
def test_rows_of_one_second_may_stand_in_any_order(moved: list[int], dice: object) -> None:
    rows = rows_of([-amount for amount in moved])
    assert ended(rows[::-1]) == ChainEnd(10_000, rows[-1][1], 0, None)
    swapped = [*rows[:1], rows[2], rows[1], *rows[3:]]
    assert ended(swapped) == ChainEnd(10_000, rows[-1][1], 0, None)
