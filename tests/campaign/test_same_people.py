"""The same people again: a list that repeats what other campaigns pay, whatever it looks like."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.compare.bookmark import since
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.payout import SECOND
from list_maker import (
    a_payer,
    check,
    csv_file,
    listed,
    payee,
    problems_in,
    repeated,
    rows,
    store,
    warned,
    xlsx_file,
)
from standings import stand

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

DAY = 24 * 3600 * SECOND


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Campaigns of some rows are read in as many pages as long ones."""
    from hongbao.ledger.read import reading

    monkeypatch.setattr(reading, "_CONTENTS", reading._CONTENTS.limit(7))


def paid(books: Book, name: str = "spring") -> None:
    """Approve a draft, and send all of it."""
    digest = books.standing(name).campaign.digest
    books.approve(name, digest=digest, by="boss")
    claim = books.claim("worker", limit=1000, lease_seconds=60)
    assert claim.jobs


A, B, C = (payee(n) for n in (1, 2, 3))


def test_a_list_saved_in_another_shape_repeats_what_was_paid(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(20)), books)
    paid(books)
    cells = [("备注名", "金额", "openid"), *(("x", 1.88, payee(n)) for n in range(25, 0, -1))]
    later = xlsx_file(tmp_path, cells)
    found = check(later, name="Spring", books=books, columns={"备注名": "-"})
    assert not found.ok
    assert repeated(found) == (20, 3760)
    assert found.again is not None
    assert [str(it) for it in found.again.places] == ["in spring (running): 20 rows, 37.60 yuan"]
    assert found.again.examples == (
        "row 7: oTES…0020, 1.88 yuan", "row 8: oTES…0019, 1.88 yuan", "row 9: oTES…0018, 1.88 yuan",
    )  # fmt: skip
    assert problems_in(found) == [
        (
            "the list: 20 rows, 37.60 yuan, repeat what the same receivers get elsewhere (in "
            "spring (running): 20 rows, 37.60 yuan), such as row 7: oTES…0020, 1.88 yuan; row 8: "
            "oTES…0019, 1.88 yuan; row 9: oTES…0018, 1.88 yuan. Other campaigns of the last 30 "
            "days paid this, or are about to. Leave out who is in one of them (--except CAMPAIGN), "
            "or pay them once more (--pay-again, with a --reason)"
        )
    ]


@pytest.mark.parametrize("state", ["draft", "approved", "running", "importing", "paused"])
def test_what_is_planned_repeats_as_what_is_paid(tmp_path: Path, books: Book, state: str) -> None:
    stored = store(csv_file(tmp_path, rows(3)), books)
    assert stored.campaign is not None
    if state == "importing":
        with books._database.transaction() as connection:
            connection.exec_driver_sql("UPDATE campaign SET state = 'importing'")
    elif state != "draft":
        books.approve("spring", digest=stored.campaign.digest, by="boss")
        if state == "running":
            books.claim("worker", limit=1, lease_seconds=60)
        if state == "paused":
            books.pause("spring", by="boss", reason="so")
    found = check(csv_file(tmp_path, rows(4), "more.csv"), name="summer", books=books)
    assert repeated(found) == (3, 564)
    assert found.again is not None
    [place] = found.again.places
    if state == "importing":
        assert place.where == (
            "in spring (import interrupted: run `hongbao campaign new list.csv --merchant demo "
            "--name spring ...` to finish it)"
        )
    else:
        assert place.where == f"in spring ({state})"


@pytest.mark.parametrize("gone", ["cancelled", "refused"])
def test_what_was_never_paid_is_no_repetition(tmp_path: Path, books: Book, gone: str) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    if gone == "cancelled":
        books.cancel("spring", by="boss", reason="typo")
    else:
        stand(books, "refused")
    assert check(csv_file(tmp_path, rows(3), "more.csv"), name="summer", books=books).ok


def test_a_cancel_that_was_cut_short_pays_nobody_either(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    with books._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE campaign SET state = 'cancelled'")
    assert check(csv_file(tmp_path, rows(3), "more.csv"), name="summer", books=books).again is None


@pytest.mark.parametrize(
    ("line", "repeats"),
    [
        (f"{A},1.00", 1),
        (f"{A},1.01", 0),
        (f"{B},1.00", 0),
        (f"{payee(10)},1.00", 0),
    ],
)
def test_receiver_and_amount_are_compared(
    tmp_path: Path, books: Book, line: str, repeats: int
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    found = check(csv_file(tmp_path, listed(line), "b.csv"), name="summer", books=books)
    assert (0 if found.again is None else found.again.sum.rows) == repeats


def test_the_kind_is_compared(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    other = csv_file(tmp_path, listed(f"{A},1.00"), "b.csv")
    assert check(other, name="summer", books=books, kind="mini_program").again is None
    assert check(other, name="summer", books=books, kind="normal").again is not None


def test_texts_are_not_compared(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    worded = listed(f"{A},1.00,hello", header="openid,amount,wishing")
    assert check(csv_file(tmp_path, worded, "b.csv"), name="summer", books=books).again is not None


@pytest.mark.parametrize(
    ("before", "now", "repeats"),
    [
        ((A,), (A, A), 1),
        ((A, A), (A,), 1),
        ((A, A), (A, A, A, B), 2),
        ((A, B), (B, A, C), 2),
        ((B,), (A, A), 0),
    ],
)
def test_a_row_repeats_as_often_as_others_pay_it(
    tmp_path: Path, books: Book, before: tuple[str, ...], now: tuple[str, ...], repeats: int
) -> None:
    first = csv_file(tmp_path, listed(*(f"{it},1.00" for it in before)))
    store(first, books, allow_repeats=True)
    for number, order in enumerate(set(permutations(now))):
        path = csv_file(tmp_path, listed(*(f"{it},1.00" for it in order)), f"{number}.csv")
        found = check(path, name="summer", books=books, allow_repeats=True)
        assert (0 if found.again is None else found.again.sum.rows) == repeats


def test_what_several_campaigns_pay_is_reported_of_each(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00")), books)
    store(
        csv_file(tmp_path, listed(f"{B},1.00", f"{C},3.00"), "b.csv"), books, name="summer",
        pay_again="both rounds",
    )  # fmt: skip
    third = csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{C},3.00"), "c.csv")
    found = check(third, name="autumn", books=books)
    assert repeated(found) == (3, 500)
    assert found.again is not None
    assert [(it.campaign, *it.sum) for it in found.again.places] == [
        ("spring", 2, 200), ("summer", 2, 400),
    ]  # fmt: skip
    assert (
        "(in spring (draft): 2 rows, 2.00 yuan; in summer (draft): 2 rows, 4.00 yuan), such "
        in problems_in(found)[0]
    )


def test_other_merchants_are_not_compared(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    other = a_payer(number="1900054321", profile="other")
    found = check(csv_file(tmp_path, rows(3), "b.csv"), name="summer", books=books, payer=other)
    assert found.ok


def test_other_settings_of_the_same_merchant_are_compared(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    other = a_payer(profile="shop")
    found = check(csv_file(tmp_path, rows(3), "b.csv"), name="summer", books=books, payer=other)
    assert repeated(found) == (3, 564)


@pytest.mark.parametrize(
    ("age", "unfinished", "repeats"),
    [(29, False, True), (31, False, False), (31, True, True), (400, True, True)],
)
def test_campaigns_count_for_so_many_days_and_until_they_are_done(
    tmp_path: Path, books: Book, age: int, *, unfinished: bool, repeats: bool
) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    paid(books)
    ago = books.now() - age * DAY
    with books._database.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE campaign SET created_at = {ago}, approved_at = {ago}")
        if not unfinished:
            connection.exec_driver_sql("UPDATE tally SET state = 'sent' WHERE state = 'in_doubt'")
            connection.exec_driver_sql("DELETE FROM tally WHERE state = 'waiting'")
    if not unfinished:
        stand(books, "in_doubt", "sent", called=True)
    found = check(csv_file(tmp_path, rows(3), "b.csv"), name="summer", books=books)
    assert (found.again is not None) is repeats


def test_the_days_are_a_setting(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    paid(books)
    with books._database.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE campaign SET created_at = 1, approved_at = "
                                   f"{books.now() - 5 * DAY}")  # fmt: skip
        connection.exec_driver_sql("UPDATE tally SET state = 'sent' WHERE state = 'in_doubt'")
        connection.exec_driver_sql("DELETE FROM tally WHERE state = 'waiting'")
    stand(books, "in_doubt", "sent", called=True)
    path = csv_file(tmp_path, rows(3), "b.csv")
    for days, repeats in ((4, False), (6, True)):
        found = check(path, name="summer", books=books, payer=a_payer(again_days=days))
        assert (found.again is not None) is repeats
    assert since(2, 5 * DAY) == 3 * DAY


def test_rows_with_keys_of_their_own_are_warned_of(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    keyed = listed(
        f"{payee(1)},1.88,K1", f"{payee(2)},1.88,K2", f"{payee(9)},1.88,K9",
        header="openid,amount,key",
    )  # fmt: skip
    path = csv_file(tmp_path, keyed, "b.csv")
    found = check(path, name="summer", books=books)
    assert found.ok
    assert found.again is None
    assert warned(found) == [
        ("2 rows, 3.76 yuan, repeat what the same receivers get elsewhere (in spring (draft): "
        "2 rows, 3.76 yuan); their keys say that these are other payments")
    ]  # fmt: skip
    store(path, books, name="summer")
    begun = books.decisions("summer")[0]
    assert json.loads(begun.body)["repeats_with_keys"]["rows"] == 2


def test_of_two_rows_that_say_the_same_the_one_without_a_key_repeats(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    for lines in permutations([f"{A},1.00,K1", f"{A},1.00,"]):
        path = csv_file(tmp_path, listed(*lines, header="openid,amount,key"), "b.csv")
        found = check(path, name="summer", books=books, allow_repeats=True)
        assert repeated(found) == (1, 100)
        assert found.again_with_keys is None


def test_rows_that_a_key_says_are_known_repeat_nothing(tmp_path: Path, books: Book) -> None:
    keyed = listed(f"{A},1.00,K1", f"{B},1.00,K2", header="openid,amount,key")
    store(csv_file(tmp_path, keyed), books)
    more = listed(f"{A},1.00,K1", f"{C},1.00,K3", header="openid,amount,key")
    found = check(csv_file(tmp_path, more, "b.csv"), name="summer", books=books)
    assert (found.ok, found.again, found.again_with_keys) == (True, None, None)
    assert (found.new.rows, found.elsewhere.rows) == (1, 1)


def test_the_same_campaign_does_not_repeat_itself(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(3))
    store(path, books)
    assert check(path, books=books).again is None


def test_they_are_paid_again_for_a_reason_that_stands_in_the_decision(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    path = csv_file(tmp_path, rows(4), "b.csv")
    found = check(path, name="summer", books=books, pay_again="a second round")
    assert found.ok
    assert warned(found) == [
        ("3 rows, 5.64 yuan, repeat what the same receivers get elsewhere (in spring (draft): "
        "3 rows, 5.64 yuan); they are paid again, because a second round")
    ]  # fmt: skip
    assert store(path, books, name="summer", pay_again="a second round").new == 4
    begun = books.decisions("summer")[0]
    assert begun.kind == DecisionKind.BEGUN
    assert json.loads(begun.body)["pays_again"] == {
        "rows": 3, "amount": 564, "reason": "a second round",
        "places": ["in spring (draft): 3 rows, 5.64 yuan"],
    }  # fmt: skip
    assert books.audit().findings == ()


def test_a_list_without_repetitions_decides_nothing_beside(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books, pay_again="in vain")
    facts = json.loads(books.decisions("spring")[0].body)
    assert {"pays_again", "repeats_with_keys", "left_out"}.isdisjoint(facts)


def test_a_check_reads_while_others_write(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(30)), books)
    seen = []
    for page in books.contents(books.standing("spring").campaign.id):
        seen += [it.row for it in page]
        # A writer in between.
        books.set_channel(f"19000{len(seen):05d}", "redpack", a_payer().limits, by="anna")
    assert seen == list(range(1, 31))
    assert payee(1) not in repr(next(books.contents(1)))


@pytest.mark.parametrize("state", ["draft", "sent", "refused", "in_doubt", "cancelled"])
def test_rows_whose_keys_others_have_are_reported_by_where_they_stand(
    tmp_path: Path, books: Book, state: str
) -> None:
    keyed = listed(f"{A},1.00,K1", header="openid,amount,key")
    store(csv_file(tmp_path, keyed), books)
    if state != "draft":
        path = {"sent": ("in_doubt", "sent")}.get(state, (state,))
        stand(books, *path, called=True)
    more = listed(f"{A},1.00,K1", f"{B},1.00,K2", header="openid,amount,key")
    found = check(csv_file(tmp_path, more, "b.csv"), name="summer", books=books)
    [warning] = warned(found)
    once_cancelled = {
        "refused": "refused in spring, which is cancelled, and not paid here: 1 row, 1.00 yuan; "
        "only rows with other keys would be (`hongbao payout reopen` says when they may)",
        "cancelled": "cancelled in spring after a call, and not paid here: 1 row, 1.00 yuan; only "
        "rows with other keys would be",
    }
    if state in once_cancelled:
        with books._database.transaction() as connection:
            connection.exec_driver_sql("UPDATE campaign SET state = 'cancelled'")
        [later] = warned(check(csv_file(tmp_path, more, "c.csv"), name="summer", books=books))
        assert later == once_cancelled[state]
    told_of = {
        "draft": "in spring (draft), which pays them, and not paid here: 1 row, 1.00 yuan",
        "sent": "paid in spring, and not paid again: 1 row, 1.00 yuan",
        "refused": "refused in spring, and not paid here: 1 row, 1.00 yuan; `hongbao payout reopen`"
        " pays them there",
        "in_doubt": "in doubt in spring, and not paid here: 1 row, 1.00 yuan; a query will say what"
        " became of it",
        "cancelled": "taken out of spring by a person, and not paid here: 1 row, 1.00 yuan; only "
        "rows with other keys would be",
    }
    assert warning == told_of[state]


def test_what_was_cancelled_before_any_call_is_taken_over_and_told(
    tmp_path: Path, books: Book
) -> None:
    keyed = listed(f"{A},1.00,K1", f"{B},1.00,K2", header="openid,amount,key")
    store(csv_file(tmp_path, keyed), books)
    books.cancel("spring", by="boss", reason="typo")
    right = csv_file(tmp_path, keyed.replace("1.00,K2", "2.00,K2"), "b.csv")
    found = check(right, name="summer", books=books)
    assert (found.ok, found.new.rows, found.elsewhere.rows) == (True, 2, 0)
    assert warned(found) == [
        "taken over from spring, where they were never sent: 2 rows, 3.00 yuan"
    ]
    before = [it.billno for it in books.payouts_of("spring")]
    stored = store(right, books, name="summer")
    assert stored.new == 2
    assert [it.billno for it in books.payouts_of("summer")] == before
    assert books.audit().findings == ()


def test_two_lists_under_one_name_at_once_do_not_mix(tmp_path: Path, books: Book) -> None:
    from hongbao.campaign.check.checking import check_list
    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.campaign.storing import store_list

    path, meaning = csv_file(tmp_path, rows(3)), Meaning(unit=Unit.YUAN)
    with check_list(path, name="spring", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, rows(3, first=10), "b.csv"), books)
        with pytest.raises(LedgerError, match=r"rows of another list \(b.csv\)") as error:
            store_list(checked, books, by="operator")
    assert "nothing of this list was stored" in str(error.value)
    assert [it.payee for it in books.payouts_of("spring")] == [payee(n) for n in (10, 11, 12)]
