"""A campaign is extended by a list that may hold its own rows too, or replaced while unsent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.ports import ListStage
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.payout import State
from list_maker import (
    a_payer,
    check,
    csv_file,
    listed,
    payee,
    problems_in,
    rows,
    store,
    warned,
    xlsx_file,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

EXTEND: Any = {"purpose": Purpose.EXTEND}
REPLACE: Any = {"purpose": Purpose.REPLACE}
A, B, C, D = (payee(n) for n in (1, 2, 3, 4))


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of some hundred rows go through as many chunks as long ones."""
    monkeypatch.setattr("hongbao.campaign.staging.staging._AT_ONCE", 50)
    monkeypatch.setattr("hongbao.campaign.staging.staging._PART", 50)


def approve(books: Book, name: str = "spring") -> None:
    books.approve(name, digest=books.standing(name).campaign.digest, by="boss")


def keys(books: Book, name: str = "spring") -> list[str]:
    return [payout.key for payout in books.payouts_of(name)]


def refusal(path: Path, **how: Any) -> str:
    """Why a list is not even checked."""
    with pytest.raises(LedgerError) as caught:
        check(path, **how)
    return str(caught.value)


def test_late_recipients_become_a_supplement(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(100)), books)
    approve(books)
    cells = [("openid", "amount"), *((payee(n), 1.88) for n in range(120, 0, -1))]
    path = xlsx_file(tmp_path, cells)
    found = check(path, books=books, **EXTEND)
    assert found.ok
    assert (found.campaign, found.total.rows) == ("spring+1", 120)
    assert (found.known, found.new) == ((100, 18800), (20, 3760))
    stored = store(path, books, **EXTEND)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.name, stored.campaign.state) == (20, "spring+1", "draft")
    assert (stored.campaign.rows, stored.campaign.planned) == (20, 3760)
    assert stored.campaign.digest == found.digest
    assert len(set(keys(books))) == 120
    assert all(key.startswith("spring/") for key in keys(books))
    again = store(path, books, **EXTEND)
    assert (again.new, again.campaign and again.campaign.name) == (0, "spring+1")
    assert books.audit().findings == ()


def test_a_list_that_a_campaign_has_adds_no_supplement(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(5))
    store(path, books)
    approve(books)
    stored = store(path, books, **EXTEND)
    assert (stored.new, stored.campaign and stored.campaign.name) == (0, "spring")
    assert [it.campaign.name for it in books.campaigns()] == ["spring"]


def test_a_draft_grows_and_has_no_supplement(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(5)), books)
    stored = store(csv_file(tmp_path, rows(7), "b.csv"), books, **EXTEND)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.name, stored.campaign.rows) == (2, "spring", 7)
    assert stored.campaign.state is CampaignState.DRAFT
    assert books.audit().findings == ()


def test_a_supplement_that_is_a_draft_grows_and_one_that_is_approved_has_a_next_one(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(2)), books)
    approve(books)
    for count, name in ((3, "spring+1"), (4, "spring+1")):
        stored = store(csv_file(tmp_path, rows(count), f"{count}.csv"), books, **EXTEND)
        assert stored.campaign is not None
        assert (stored.new, stored.campaign.name) == (1, name)
    approve(books, "spring+1")
    stored = store(csv_file(tmp_path, rows(5), "5.csv"), books, **EXTEND)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.name) == (1, "spring+2")
    assert books.standing("spring").rows == 5
    assert books.audit().findings == ()


@pytest.mark.parametrize("state", ["running", "paused", "complete"])
def test_whatever_was_approved_is_extended(tmp_path: Path, books: Book, state: str) -> None:
    store(csv_file(tmp_path, rows(2)), books)
    approve(books)
    if state == "paused":
        books.pause("spring", by="boss", reason="so")
    else:
        books.claim("worker", limit=1 if state == "running" else 5, lease_seconds=60)
    assert store(csv_file(tmp_path, rows(4), "b.csv"), books, **EXTEND).new == 2


def test_a_further_payment_to_somebody_in_it_has_to_be_allowed(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00")), books)
    approve(books)
    path = csv_file(tmp_path, listed(f"{A},1.00", f"{B},5.00"), "b.csv")
    assert problems_in(check(path, books=books, **EXTEND)) == [
        (
            "row 3, openid: oTES…0002 is in campaign spring already, with another amount, kind or "
            "key; --allow-repeats permits a further payment"
        )
    ]  # fmt: skip
    assert store(path, books, allow_repeats=True, **EXTEND).new == 1
    assert [(it.payee, it.amount) for it in books.payouts_of("spring+1")] == [(B, 500)]


def test_the_ordinals_of_a_receiver_go_on_so_that_no_key_collides(
    tmp_path: Path, books: Book
) -> None:
    one = [f"{A},1.00", f"{A},1.00", f"{B},1.00"]
    store(csv_file(tmp_path, listed(*one)), books, allow_repeats=True)
    approve(books)
    two = [f"{A},2.00", *one, f"{A},1.00", f"{B},3.00", f"{C},1.00", f"{C},1.00"]
    path = csv_file(tmp_path, listed(*two), "b.csv")
    found = check(path, books=books, allow_repeats=True, **EXTEND)
    assert (found.ok, found.known.rows, found.new.rows) == (True, 3, 5)
    store(path, books, allow_repeats=True, **EXTEND)
    assert [(it.payee, it.amount, it.key[-3:]) for it in books.payouts_of("spring+1")] == [
        (A, 200, "003"), (A, 100, "004"), (B, 300, "002"), (C, 100, "001"), (C, 100, "002"),
    ]  # fmt: skip
    assert len(set(keys(books))) == 8
    approve(books, "spring+1")
    third = csv_file(tmp_path, listed(*two, f"{A},9.00"), "c.csv")
    assert store(third, books, allow_repeats=True, **EXTEND).new == 1
    assert [it.key[-3:] for it in books.payouts_of("spring+2")] == ["005"]


def test_a_key_of_its_own_says_which_row_it_is(tmp_path: Path, books: Book) -> None:
    header = "openid,amount,key"
    store(csv_file(tmp_path, listed(f"{A},1.00,K1", f"{B},1.00,K2", header=header)), books)
    approve(books)
    more = listed(f"{B},1.00,K2", f"{A},1.00,K1", f"{C},1.00,K3", header=header)
    found = check(csv_file(tmp_path, more, "b.csv"), books=books, **EXTEND)
    assert (found.ok, found.known.rows, found.new.rows) == (True, 2, 1)
    changed = listed(f"{B},2.00,K2", f"{C},1.00,K3", header=header)
    [problem] = problems_in(check(csv_file(tmp_path, changed, "c.csv"), books=books, **EXTEND))
    assert "the key 'K2' is in spring (approved) already, with other content" in problem
    other = listed(f"{A},1.00,K9", header=header)
    path = csv_file(tmp_path, other, "d.csv")
    assert "is in campaign spring already" in problems_in(check(path, books=books, **EXTEND))[0]
    assert check(path, books=books, allow_repeats=True, **EXTEND).new.rows == 1


def test_a_row_without_a_key_is_not_a_row_that_another_one_names_by_its_key(
    tmp_path: Path, books: Book
) -> None:
    header = "openid,amount,key"
    store(csv_file(tmp_path, listed(f"{A},1.00,K1", header=header)), books)
    approve(books)
    both = csv_file(tmp_path, listed(f"{A},1.00,", f"{A},1.00,K1", header=header), "b.csv")
    found = check(both, books=books, allow_repeats=True, **EXTEND)
    assert (found.known.rows, found.new.rows) == (1, 1)
    alone = csv_file(tmp_path, listed(f"{A},1.00"), "c.csv")
    assert check(alone, books=books, **EXTEND).new.rows == 0


def test_rows_of_a_supplement_that_was_cancelled_unsent_are_new_again(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(2)), books)
    approve(books)
    late = csv_file(tmp_path, rows(4), "b.csv")
    store(late, books, **EXTEND)
    before = [it.billno for it in books.payouts_of("spring+1")]
    books.cancel("spring+1", by="boss", reason="not yet")
    found = check(late, books=books, **EXTEND)
    assert (found.campaign, found.new.rows) == ("spring+2", 2)
    assert warned(found) == [
        "taken over from spring+1, where they were never sent: 2 rows, 3.76 yuan"
    ]
    store(late, books, **EXTEND)
    assert [it.billno for it in books.payouts_of("spring+2")] == before
    assert books.audit().findings == ()


def test_a_supplement_repeats_what_other_campaigns_pay_only_if_that_is_wanted(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books)
    approve(books)
    store(csv_file(tmp_path, listed(f"{B},1.00"), "b.csv"), books, name="summer")
    late = csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{C},1.00"), "c.csv")
    found = check(late, books=books, **EXTEND)
    assert found.again is not None
    assert found.again.sum == (1, 100)
    assert check(late, books=books, leave_out=("summer",), **EXTEND).new.rows == 1
    assert check(late, books=books, pay_again="so", **EXTEND).new.rows == 2


def test_a_list_of_its_own_is_compared_with_supplements_too(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(2)), books)
    approve(books)
    store(csv_file(tmp_path, rows(4), "b.csv"), books, **EXTEND)
    third = csv_file(tmp_path, rows(5), "c.csv")
    found = check(third, name="summer", books=books)
    assert found.again is not None
    assert [(it.campaign, it.sum.rows) for it in found.again.places] == [
        ("spring", 2), ("spring+1", 2),
    ]  # fmt: skip
    assert check(third, name="summer", books=books, leave_out=("spring",)).new.rows == 1


def test_an_interrupted_extension_goes_on_with_the_same_file(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(30)), books)
    approve(books)
    late = csv_file(tmp_path, rows(150), "late.csv")

    def interrupt(stage: ListStage, done: int) -> None:
        if stage is ListStage.STORE and done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(late, books, progress=interrupt, **EXTEND)
    half = books.standing("spring+1").campaign
    assert (half.state, half.rows) == (CampaignState.IMPORTING, 50)
    other = check(csv_file(tmp_path, rows(151), "other.csv"), books=books, **EXTEND)
    assert problems_in(other) == [
        ("the list: rows of another file (late.csv) stand in spring+1 (import interrupted: run "
        "`hongbao campaign extend spring late.csv ...` to finish it)")
    ]  # fmt: skip
    found = check(late, books=books, **EXTEND)
    assert (found.known.rows, found.new.rows) == (80, 70)
    stored = store(late, books, **EXTEND)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.rows, stored.campaign.state) == (70, 120, "draft")
    assert stored.campaign.digest == found.digest
    assert len({it.payee for it in books.payouts_of("spring")}) == 150
    assert books.audit().findings == ()


def test_the_budget_of_a_campaign_holds_for_its_supplements(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(2)), books, budget=700)
    approve(books)
    late = csv_file(tmp_path, rows(4), "b.csv")
    assert problems_in(check(late, books=books, **EXTEND)) == [
        "the list: comes to 3.76 yuan; the budget is 3.24 yuan"
    ]
    store(late, books, budget=400, **EXTEND)
    assert books.standing("spring+1").campaign.budget == 400
    third = csv_file(tmp_path, rows(5), "c.csv")
    assert problems_in(check(third, books=books, **EXTEND)) == [
        "the list: comes to 5.64 yuan; the budget is 3.24 yuan"
    ]


def test_only_a_campaign_that_there_is_and_goes_on_is_extended(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(2))
    for known in (None, books):
        assert refusal(path, books=known, **EXTEND) == (
            "the books have no campaign 'spring'. Run: hongbao campaign list"
        )
    store(path, books)
    for payer in (a_payer(profile="shop"), a_payer(number="1900054321")):
        assert refusal(path, books=books, payer=payer, **EXTEND) == (
            "campaign spring is paid by demo. Name that merchant."
        )
    approve(books)
    late = csv_file(tmp_path, rows(3), "b.csv")
    store(late, books, **EXTEND)
    books.cancel("spring", by="boss", reason="so")
    assert refusal(path, books=books, **EXTEND) == (
        "campaign spring is cancelled: it is not extended. Give the list another name; what was "
        "never sent of that campaign is free."
    )


@pytest.mark.parametrize("purpose", [Purpose.EXTEND, Purpose.REPLACE])
def test_a_supplement_is_neither_extended_nor_replaced(
    tmp_path: Path, books: Book, purpose: Purpose
) -> None:
    store(csv_file(tmp_path, rows(2)), books)
    approve(books)
    late = csv_file(tmp_path, rows(3), "b.csv")
    store(late, books, **EXTEND)
    assert refusal(late, name="spring+1", books=books, purpose=purpose) == (
        "spring+1 is a supplement. Extend its campaign; a wrong supplement is cancelled, then "
        "extend again."
    )


def test_a_draft_is_replaced_by_another_list(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00", f"{D},1.00")), books)
    before = {it.payee: it.billno for it in books.payouts_of("spring")}
    right = csv_file(tmp_path, listed(f"{B},2.00", f"{C},1.00", f"{A},1.00"), "right.csv")
    found = check(right, books=books, **REPLACE)
    assert (found.ok, found.campaign, found.new.rows) == (True, "spring", 3)
    stored = store(right, books, **REPLACE)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.digest) == (3, found.digest)
    after = {it.payee: (it.amount, it.billno) for it in books.payouts_of("spring")}
    assert after[B] == (200, before[B])
    assert after[A] == (100, before[A])
    assert {it.state for it in books.payouts_of("spring~1")} == {State.CANCELLED}
    reasons = [json.loads(it.body).get("reason") for it in books.decisions("spring~1")]
    assert "replaced by right.csv" in reasons
    approve(books)
    assert len(books.claim("worker", limit=9, lease_seconds=60).jobs) == 3
    assert books.audit().findings == ()
    assert refusal(right, books=books, **REPLACE) == (
        "campaign spring is running: its list is not replaced. Add rows to it with `hongbao "
        "campaign extend spring FILE`, or give the list another name; cancel spring if the "
        "rest of it is not to be sent."
    )


def test_a_list_that_is_replaced_by_itself_stays(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(3))
    draft = store(path, books).campaign
    assert store(path, books, **REPLACE).new == 0
    assert books.standing("spring").campaign == draft


def test_an_interrupted_replacement_goes_on_with_the_same_file(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(130)), books)
    right = csv_file(tmp_path, rows(120), "right.csv")

    def interrupt(stage: ListStage, done: int) -> None:
        if stage is ListStage.STORE and done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(right, books, progress=interrupt, **REPLACE)
    assert books.standing("spring").campaign.rows == 50
    found = check(right, books=books, **REPLACE)
    assert (found.ok, found.known.rows, found.new.rows) == (True, 50, 70)
    stored = store(right, books, **REPLACE)
    assert stored.campaign is not None
    assert (stored.new, stored.campaign.rows, stored.campaign.state) == (70, 120, "draft")
    assert [it.campaign.name for it in books.campaigns()] == ["spring~1", "spring"]
    assert books.audit().findings == ()


def test_a_replacement_that_broke_off_while_it_cancelled_goes_on(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(5)), books)
    with books._database.transaction() as connection:  # as far as the first transaction came
        from hongbao.ledger.operations import replacing

        replacing.begin(connection, "spring", by="boss", reason="replaced", now=books.now())
    right = csv_file(tmp_path, rows(4), "right.csv")
    assert [it.state for it in books.payouts_of("spring")] == ["waiting"] * 5
    assert store(right, books, **REPLACE).new == 4
    assert books.audit().findings == ()


def test_a_campaign_that_was_cancelled_unsent_is_replaced_under_its_name(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, rows(3))
    store(path, books)
    books.cancel("spring", by="boss", reason="typo")
    assert problems_in(check(path, books=books)) == [
        (
            "the list: campaign spring is cancelled and takes no more rows: if nothing of it was "
            "ever sent, `hongbao campaign replace spring FILE` puts the list in its place; else "
            "give the list another name"
        )
    ]
    assert store(path, books, **REPLACE).new == 3
