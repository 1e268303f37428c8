"""Bills in the books: kept as they came, each break with a history, and no payout changed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

import billing
from hongbao.errors import LedgerError
from hongbao.ledger.model.bill import BY_ITSELF, BookedMovement, BreakKind, Difference, Learned

if TYPE_CHECKING:
    from desk import Desk

MERCHANT = 1


@pytest.fixture
def paid(desk: Desk) -> Desk:
    """A campaign of three."""
    desk.campaign(3)
    return desk


def test_equal_bytes_are_one_bill_and_others_of_its_day_are_kept_beside_it(paid: Desk) -> None:
    bills = paid.book.bills
    first = billing.stored(paid.book, MERCHANT, b"as it came")
    assert billing.stored(paid.book, MERCHANT, b"as it came").id == first.id
    second = billing.stored(paid.book, MERCHANT, b"corrected")
    assert [it.id for it in bills.of_merchant(MERCHANT)] == [first.id, second.id]
    assert first.key == second.key
    assert [b"".join(bills.raw(it.id)) for it in (first, second)] == [b"as it came", b"corrected"]


def test_a_bill_of_any_size_comes_back_byte_for_byte(paid: Desk) -> None:
    body = sha256(b"seed").digest() * 100_000
    bill = billing.stored(paid.book, MERCHANT, body)
    pieces = list(paid.book.bills.raw(bill.id))
    assert len(pieces) == 4
    assert b"".join(pieces) == body
    empty = billing.stored(paid.book, MERCHANT, b"", day=1)
    assert list(paid.book.bills.raw(empty.id)) == []


def test_numbers_lead_to_payouts_those_of_earlier_attempts_too(paid: Desk) -> None:
    numbers = [it.billno for it in paid.book.payouts_of("spring")]
    found = paid.book.bills.numbers_of(MERCHANT, [*numbers, "NOBODYS"])
    assert found == {number: (place, 1) for place, number in enumerate(numbers, 1)}
    assert paid.book.bills.numbers_of(MERCHANT + 1, numbers) == {}


def test_matching_that_was_interrupted_goes_on_and_stores_no_row_twice(paid: Desk) -> None:
    bill = billing.stored(paid.book, MERCHANT)
    rows = [billing.movement(bill, line, line - 1) for line in (2, 3, 4)]
    paid.book.bills.add_movements(bill, rows[:2])
    billing.matched(paid.book, bill, *rows)
    billing.matched(paid.book, bill, *rows)  # another that was at it, too
    page = paid.book.bills.page([1, 2, 3])
    assert page.movements == {row.payout_id: [row] for row in rows}
    assert [type(it) for some in page.movements.values() for it in some] == [BookedMovement] * 3
    [stored] = paid.book.bills.of_merchant(MERCHANT)
    assert stored.matched_at is not None
    assert paid.book.audit().findings == ()


def test_a_break_opens_changes_closes_by_itself_and_opens_again(paid: Desk) -> None:
    bills = paid.book.bills
    found = billing.difference()

    def look(*differences: Difference) -> tuple[int, int]:
        done = bills.compare(MERCHANT, differences, payouts=[1], by="clerk")
        return len(done.opened), done.closed

    assert look(found) == (1, 0)
    assert look(found) == (0, 0)
    assert look(found._replace(found=102)) == (0, 0)
    [it] = bills.breaks(MERCHANT)
    assert it.difference.found == 102
    assert look() == (0, 1)
    [it] = bills.breaks(MERCHANT, only_open=False)
    assert (it.open, it.closed_by) == (False, BY_ITSELF)
    assert look(found) == (1, 0)
    [it] = bills.breaks(MERCHANT)
    assert (it.open, it.closed_by, it.reason) == (True, None, None)
    kinds = [event.kind for event in bills.events(MERCHANT)]
    assert kinds == ["opened", "changed", "closed", "opened"]
    assert paid.book.audit().findings == ()


def test_what_a_person_closed_opens_again_only_with_other_amounts(paid: Desk) -> None:
    bills, found = paid.book.bills, billing.difference()
    [it] = bills.compare(MERCHANT, [found], payouts=[1], by="clerk").opened
    closed = bills.close(it.id, by="anna", reason="booked by hand", learned=None)
    assert (closed.open, closed.closed_by, closed.reason) == (False, "anna", "booked by hand")
    same = [found._replace(line=9, bill_id=2)]
    assert bills.compare(MERCHANT, same, payouts=[1], by="clerk").opened == []
    other = [found._replace(found=103)]
    assert len(bills.compare(MERCHANT, other, payouts=[1], by="clerk").opened) == 1


def test_breaks_of_payouts_that_were_not_looked_at_stay_as_they_are(paid: Desk) -> None:
    bills = paid.book.bills
    of_one, of_bill = billing.difference(), billing.difference(BreakKind.SUMMARY, payout_id=None)
    bills.compare(MERCHANT, [of_one], payouts=[1], by="clerk")
    bills.compare(MERCHANT, [of_bill], payouts=None, by="clerk")
    assert bills.compare(MERCHANT, [], payouts=[2], by="clerk") == ([], 0)
    assert bills.open_kinds(MERCHANT) == {BreakKind.AMOUNT: 1, BreakKind.SUMMARY: 1}
    assert bills.compare(MERCHANT, [], payouts=None, by="clerk").closed == 1
    assert bills.open_kinds(MERCHANT) == {BreakKind.AMOUNT: 1}


def test_a_kind_is_learned_once_and_never_asked_about_again(paid: Desk) -> None:
    bills = paid.book.bills
    unknown = billing.difference(BreakKind.UNKNOWN_KIND, "交易/交易/in", payout_id=None)
    [it] = bills.compare(MERCHANT, [unknown], payouts=None, by="clerk").opened
    with pytest.raises(LedgerError, match="nobody has classed"):
        bills.close(it.id, by="anna", reason="trades", learned=None)
    bills.close(it.id, by="anna", reason="trades", learned=Learned.OTHERS)
    assert bills.learned(MERCHANT) == {"交易/交易/in": Learned.OTHERS}
    more = [unknown._replace(found=999)]
    assert bills.compare(MERCHANT, more, payouts=None, by="clerk").opened == []


@pytest.mark.parametrize(
    ("reason", "learned", "says"),
    [("", None, "reason"), ("seen", Learned.OWN, "is of no unknown kind")],
)
def test_a_break_is_not_closed_without_a_reason_nor_as_what_it_is_not(
    paid: Desk, reason: str, learned: Learned | None, says: str
) -> None:
    bills = paid.book.bills
    [it] = bills.compare(MERCHANT, [billing.difference()], payouts=[1], by="clerk").opened
    with pytest.raises(LedgerError, match=says):
        bills.close(it.id, by="anna", reason=reason, learned=learned)
    assert bills.break_of(it.id).open


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bill SET rows = 1",
        "DELETE FROM bill_piece",
        "UPDATE bill_piece SET seq = 7",
        "UPDATE movement SET amount = 1",
        "DELETE FROM movement",
        "UPDATE bill_match SET movements = 0",
        "UPDATE reconciliation_event SET actor = 'nobody'",
        "DELETE FROM reconciliation_event",
    ],
)
def test_the_database_lets_nobody_change_what_a_bill_said(paid: Desk, statement: str) -> None:
    bill = billing.stored(paid.book, MERCHANT)
    billing.matched(paid.book, bill, billing.movement(bill, 2, 1))
    with (
        pytest.raises(LedgerError, match=r"never changed|kept as they came"),
        paid.transaction() as on,
    ):
        on.exec_driver_sql(statement)


def test_no_payout_is_changed_by_a_bill(paid: Desk) -> None:
    before = [(it.state, it.seq) for it in paid.book.payouts_of("spring")]
    bill = billing.stored(paid.book, MERCHANT)
    billing.matched(paid.book, bill, billing.movement(bill, 2, 1))
    paid.book.bills.compare(MERCHANT, [billing.difference()], payouts=[1], by="clerk")
    assert [(it.state, it.seq) for it in paid.book.payouts_of("spring")] == before
