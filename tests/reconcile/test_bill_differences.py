"""What is wrong with bills as a whole, and whose the rows are that are not ours."""

from __future__ import annotations

from typing import Any

from hongbao.ledger.model.bill import (
    BillFacts,
    BillKey,
    BillMatch,
    BreakKind,
    ForeignGroup,
    Learned,
    StoredBill,
    current,
)
from hongbao.reconcile.bill_differences import foreign_rows, whole_bills

WHOLE = BillFacts(
    rows=2, rows_out=2, amount_in=0, amount_out=300, whole=True, bad_lines=0, bad_line=None,
    opening=1_000, closing=700, gaps=0, gap_line=None,
)  # fmt: skip
SHOP_IN = ForeignGroup("交易", "交易", outgoing=False, rows=2, amount=300, line=2, prefixes=[])
PACKET = ForeignGroup("现金红包", "现金红包", outgoing=True, rows=1, amount=5, line=9, prefixes=[])


def bill(day: int = 1, number: int = 1, account: str = "Basic", **facts: Any) -> StoredBill:
    key = BillKey(1, account, day)
    return StoredBill(number, key, b"", 9, WHOLE._replace(**facts), "file", 1, "anna", 1)


def match(*foreign: ForeignGroup, own: tuple[str, ...] = ("现金红包/现金红包/out",)) -> BillMatch:
    return BillMatch(1, 0, 100, b"", own, foreign)


def test_the_last_of_several_bills_of_a_day_counts() -> None:
    bills = [bill(2, 1), bill(1, 2), bill(2, 3), bill(2, 4, "Operation")]
    assert [it.id for it in current(bills)] == [2, 3, 4]


def test_bills_that_follow_from_one_another_are_whole() -> None:
    bills = [bill(1), bill(2, 2, opening=700, closing=900), bill(3, 3, opening=900)]
    assert list(whole_bills(bills)) == []


def test_a_day_on_which_nothing_moved_keeps_the_balance() -> None:
    empty = bill(2, 2, rows=0, opening=None, closing=None)
    assert list(whole_bills([bill(1), empty, bill(3, 3, opening=700)])) == []
    [gap] = whole_bills([bill(1), empty, bill(3, 3, opening=600)])
    assert (gap.kind, gap.expected, gap.found) == (BreakKind.BALANCE_GAP, 700, 600)
    assert gap.subject == "Basic/1970-01-04"


def test_nothing_is_said_of_a_balance_behind_a_day_without_a_bill_nor_of_another_account() -> None:
    assert list(whole_bills([bill(1), bill(3, 2, opening=600)])) == []
    assert list(whole_bills([bill(1), bill(2, 2, "Operation", opening=600)])) == []


def test_each_bill_has_one_gap_and_one_summary_however_much_is_wrong_with_it() -> None:
    wrong = bill(2, 2, opening=600, gaps=3, gap_line=7, whole=False, bad_lines=2, bad_line=4)
    found = list(whole_bills([bill(1), wrong]))
    assert [(it.kind, it.line) for it in found] == [
        (BreakKind.SUMMARY, 4),
        (BreakKind.BALANCE_GAP, 7),
    ]
    assert found[1].detail == '{"gaps":4}'


def test_a_kind_is_unknown_once_whatever_the_number_of_bills() -> None:
    days = [(bill(day, day), match(SHOP_IN)) for day in (1, 2, 3)]
    [unknown] = foreign_rows(days, {})
    assert (unknown.kind, unknown.subject) == (BreakKind.UNKNOWN_KIND, "交易/交易/in")
    assert unknown.bill_id == 1


def test_what_others_move_is_counted_and_what_is_ours_is_foreign_in_each_bill() -> None:
    days = [(bill(day, day), match(SHOP_IN)) for day in (1, 2)]
    assert list(foreign_rows(days, {SHOP_IN.label: Learned.OTHERS})) == []
    found = list(foreign_rows(days, {SHOP_IN.label: Learned.OWN}))
    assert [(it.kind, it.bill_id) for it in found] == [
        (BreakKind.FOREIGN, 1), (BreakKind.FOREIGN, 2),
    ]  # fmt: skip


def test_a_number_that_is_not_ours_among_packets_is_foreign_without_being_asked() -> None:
    """Our own rows show what packets are called here."""
    [found] = foreign_rows([(bill(), match(PACKET))], {})
    assert (found.kind, found.found, found.line) == (BreakKind.FOREIGN, 5, 9)
    shared = {PACKET.label: Learned.OTHERS}
    assert list(foreign_rows([(bill(), match(PACKET))], shared)) == []
