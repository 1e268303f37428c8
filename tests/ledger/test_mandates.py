"""A mandate: what programs may add in all, on a day and at once, whatever clocks and others do."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desk import HOUR
from hongbao import beijing
from hongbao.errors import BudgetExceeded, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import chain
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.replay import beyond_mandate
from standing import MANDATE, append, payment, plan, refused, stand

if TYPE_CHECKING:
    from desk import Desk


@pytest.mark.parametrize(
    ("limit", "before", "amount"),
    [
        ("largest", [], 401),
        ("day_amount", [400, 400], 201),
        ("day_count", [10, 10, 10, 10, 10], 10),
    ],
)
def test_what_goes_beyond_the_mandate_is_refused_and_the_most_is_taken(
    desk: Desk, limit: str, before: list[int], amount: int
) -> None:
    stand(desk)
    for number, fen in enumerate(before):
        append(desk, f"before-{number}", fen)
    error = refused(desk, "one-more", amount)
    assert isinstance(error, BudgetExceeded)
    assert (error.campaign, error.limit) == ("refunds", limit)
    if limit != "day_count":
        append(desk, "one-more", amount - 1)
    if limit != "largest":
        desk.clock.pass_(24 * HOUR)
        append(desk, "the next day", 200)
    assert desk.book.audit().findings == ()


def test_the_budget_in_all_ends_it_on_whichever_day(desk: Desk) -> None:
    stand(desk, replace(MANDATE, total=1_100))
    for number in range(2):
        append(desk, f"monday-{number}", 400)
    desk.clock.pass_(24 * HOUR)
    error = refused(desk, "tuesday", 301)
    assert isinstance(error, BudgetExceeded)
    assert (error.limit, error.most, error.found) == ("total", 1_100, 1_101)
    append(desk, "tuesday", 300)


def test_a_clock_that_goes_back_a_day_gives_no_new_money(desk: Desk) -> None:
    stand(desk)
    append(desk, "a", 400)
    append(desk, "b", 400)
    desk.clock.pass_(24 * HOUR)
    append(desk, "c", 400)
    desk.clock.pass_(-24 * HOUR)
    assert isinstance(refused(desk, "d", 201), BudgetExceeded)
    append(desk, "d", 200)
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize(("limit", "amount"), [("day_count", 100), ("day_amount", 250)])
def test_however_often_a_clock_crosses_midnight_no_day_gets_more_than_its_limit(
    desk: Desk, limit: str, amount: int
) -> None:
    stand(desk, replace(MANDATE, total=100_000))
    days: Counter[int] = Counter()
    limits: set[str] = set()
    for crossing in range(6):
        for number in range(6):
            try:
                payout = append(desk, f"{crossing}-{number}", amount)
            except BudgetExceeded as error:
                limits.add(error.limit)
                break
            [event] = desk.book.history(payout.id)
            days[beijing.day_of(event.at)] += 1
            if not crossing % 2:  # one on the earlier day, like a transaction that comes late
                break
        desk.clock.pass_(24 * HOUR * (-1 if crossing % 2 else 1))
    most = MANDATE.day_count if limit == "day_count" else MANDATE.day_amount // amount
    assert (list(days.values()), limits) == ([3, most], {limit})
    assert desk.book.audit().findings == ()
    desk.clock.pass_(48 * HOUR)
    append(desk, "the day after", amount)
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("limit", ["total", "day_amount", "day_count"])
def test_programs_at_once_cannot_pass_the_mandate_together(
    desk: Desk, book_url: str, limit: str
) -> None:
    mandate = Mandate(total=1_300, day_amount=1_300, day_count=13, largest=100)
    most = {"total": 1_200, "day_amount": 1_200, "day_count": 12}
    if limit == "total":  # no day may have more than all days together
        stand(desk, replace(mandate, total=1_200, day_amount=1_200))
    else:
        stand(desk, replace(mandate, **{limit: most[limit]}))
    limits: set[str] = set()
    with ExitStack() as stack:
        books = [stack.enter_context(Book.open(book_url, clock=desk.clock)) for _ in range(6)]

        def ask(program: int) -> int:
            taken = 0
            for number in range(5):
                # Half of the keys are another program's too.
                key = f"{program // 2 if number % 2 else program}-{number}"
                try:
                    books[program].append("refunds", payment(key), by=f"shop-{program}")
                    taken += 1
                except BudgetExceeded as error:
                    limits.add(error.limit)
            return taken

        with ThreadPoolExecutor(6) as threads:
            assert sum(threads.map(ask, range(6))) >= 12
    assert limits == {limit}
    standing = desk.book.standing("refunds")
    assert (standing.rows, standing.planned) == (12, 1_200)
    assert len({payout.key for payout in desk.payouts()}) == 12
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"largest": 0}, {"largest": 1_001}, {"day_amount": 2_001}, {"day_count": 0},
        {"total": 999}, {"total": 10**15 + 1}, {"day_count": 10**9 + 1},
    ],
)  # fmt: skip
def test_a_mandate_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, int]) -> None:
    with pytest.raises(LedgerError, match="largest <= a day <= in all"):
        desk.book.stand(plan(desk, replace(MANDATE, **changes)), by="anna")


@pytest.mark.parametrize("value", [1_000.0, float("inf"), float("nan"), True, "1000", None])
@pytest.mark.parametrize("name", ["total", "day_amount", "day_count", "largest"])
def test_a_mandate_is_of_whole_numbers(desk: Desk, name: str, value: Any) -> None:
    with pytest.raises(LedgerError, match="Each must be a whole number"):
        desk.book.stand(plan(desk, replace(MANDATE, **{name: value})), by="anna")
    assert desk.book.campaigns() == []
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("name", ["budget", "amount_max", "day_amount_max", "day_count_max"])
def test_where_a_number_may_be_infinite_the_database_itself_approves_none(
    desk: Desk, name: str
) -> None:
    desk.book.stand(plan(desk), by="anna")
    with desk.transaction() as connection:
        if connection.dialect.name == "postgresql":
            pytest.skip("its columns hold whole numbers alone")
        connection.exec_driver_sql(f"UPDATE campaign SET {name} = 9e999")
    approve = "UPDATE campaign SET state = 'approved', approved_at = 1, approved_by = 'bert', "
    with pytest.raises(LedgerError, match="whole numbers"), desk.transaction() as connection:
        connection.exec_driver_sql(f"{approve} approved_digest = digest")


@pytest.mark.parametrize(
    "change",
    [
        "rows = rows + 1",
        "day_amount = 5000",
        "day_count = 6",
        "budget = budget + 1",
        "amount_max = amount_max + 1",
        "day_amount_max = NULL",
        "day_count_max = 9",
    ],
)
def test_the_database_itself_keeps_to_what_was_approved(desk: Desk, change: str) -> None:
    stand(desk)
    append(desk, "order-1")
    if change.startswith("rows"):
        desk.book.end("refunds", by="anna", reason="moved")
    with pytest.raises(LedgerError, match="what was approved"), desk.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE campaign SET {change}")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"planned": 2_001}, "planned is 2001, and budget is 2000"),
        ({"planned": 501}, "amount is 401, and amount_max is 400"),
        ({"planned": 1_001}, "the sum of its day is 1001, and day_amount_max is 1000"),
        ({"planned": 101, "rows": 6}, "the count of its day is 6, and day_count_max is 5"),
        ({"planned": 300, "rows": 2, "day_amount": 200, "day_count": 2}, "200, and was 300"),
        ({"planned": 300, "rows": 2, "day_amount": 300, "day_count": 1}, "is 1, and was 2"),
        ({"planned": 300, "rows": 2, "day": 1, "day_amount": 200, "day_count": 1}, "was 0"),
        ({"planned": 200, "amount_max": None}, "to a list that is approved"),
        ({"planned": 200, "ended_at": 1}, "to a standing campaign that has ended"),
    ],
)
def test_an_audit_finds_what_no_mandate_allowed(
    desk: Desk, facts: dict[str, int | None], words: str
) -> None:
    stand(desk)
    append(desk, "order-1")
    decisions = desk.book.decisions("refunds")
    assert list(beyond_mandate(decisions)) == []
    last = decisions[-1]
    more = chain(
        last.hash, payout_id=last.payout_id, seq=last.seq + 1, at=last.at,
        kind=DecisionKind.EXTENDED, actor="mallory", facts=facts,
    )  # fmt: skip
    assert any(words in found for found in beyond_mandate([*decisions, more]))
