"""What the books have of a list already, at every edge: nobody is paid twice unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.compare.bookmark import Bookmark, Purpose
from hongbao.campaign.compare.receivers import Receivers
from hongbao.campaign.ports import ListStage
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.staging.lines import Line, Lines
from hongbao.campaign.staging.staging import open_staging
from hongbao.campaign.storing import store_list
from hongbao.errors import LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.model.standing import Total
from list_maker import a_payer, check, csv_file, listed, payee, problems_in, rows, store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hongbao.ledger.model.campaign import (
        ListedRow,
    )
    from hongbao.ledger.model.known import Known

EXTEND: Any = {"purpose": Purpose.EXTEND}
KEYED = "openid,amount,key"
MONTH = 31 * 24 * 3600 * SECOND
A, B, C = (payee(n) for n in (1, 2, 3))


def approve(books: Book, name: str = "spring") -> None:
    books.approve(name, digest=books.standing(name).campaign.digest, by="boss")


def test_of_the_payouts_of_others_only_those_are_kept_whose_receivers_may_stand_in_the_list() -> (
    None
):
    with open_staging() as staging:
        lines = [Line(n, f"K{n}", True, "normal", payee(n), 188, 1, 1) for n in range(1, 51)]
        staging.add(Lines.of(lines))
        receivers = Receivers(staging)
        receivers.database.execute("CREATE TABLE other (payee TEXT, amount INTEGER)")
        receivers.insert("other", [(payee(n), n) for n in range(1, 1001)], 2)
        kept = dict(receivers.database.execute("SELECT payee, amount FROM other"))
    assert {payee(n): n for n in range(1, 51)}.items() <= kept.items()
    assert len(kept) < 60


def test_what_was_approved_long_ago_and_is_not_sent_yet_still_counts(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    approve(books)
    ago = books.now() - MONTH
    with books._database.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE campaign SET created_at = {ago}, approved_at = {ago}")
    assert check(csv_file(tmp_path, rows(3), "b.csv"), name="summer", books=books).again is not None


def test_the_last_day_counts_to_its_last_moment(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(1)), books)
    [standing] = books.campaigns()
    for created, approved, last in ((30, None, 30), (30, 40, 40), (40, 30, 40)):
        campaign = replace(
            standing.campaign,
            state=CampaignState.APPROVED,
            created_at=created,
            approved_at=approved,
        )
        done = replace(standing, campaign=campaign, totals={State.SENT: Total(1, 188, 0, 0)})
        mark = Bookmark(name="summer", standings={campaign.id: done})
        assert mark.others(last) == [done]
        assert mark.others(last + 1) == []


@pytest.mark.parametrize("many", [1, 2])
def test_a_list_of_a_single_row_that_is_stored_at_the_same_time_is_seen(
    tmp_path: Path, books: Book, many: int
) -> None:
    meaning = Meaning(unit=Unit.YUAN)
    path = csv_file(tmp_path, rows(3))
    with check_list(path, name="summer", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, rows(many), "b.csv"), books)
        with pytest.raises(LedgerError, match=f"another list was stored .* {many} row"):
            store_list(checked, books, by="operator")


def test_what_another_merchant_stores_at_the_same_time_does_not_stand_in_the_way(
    tmp_path: Path, books: Book
) -> None:
    other, meaning = a_payer(number="1900054321", profile="other"), Meaning(unit=Unit.YUAN)
    path = csv_file(tmp_path, rows(3))
    with check_list(path, name="summer", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, rows(3), "b.csv"), books, payer=other)
        assert store_list(checked, books, by="operator").new == 3


def test_a_budget_that_is_spent_leaves_nothing_for_a_supplement(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(2)), books, budget=376)
    approve(books)
    for count in (3, 4):
        late = csv_file(tmp_path, rows(count), f"{count}.csv")
        new = f"{188 * (count - 2) / 100:.2f}"
        assert problems_in(check(late, books=books, **EXTEND)) == [
            f"the list: comes to {new} yuan; the budget is 0.00 yuan"
        ]
    store(csv_file(tmp_path, rows(3), "3.csv"), books, budget=500, **EXTEND)
    approve(books, "spring+1")
    assert problems_in(check(csv_file(tmp_path, rows(4), "4.csv"), books=books, **EXTEND)) == [
        "the list: comes to 1.88 yuan; the budget is 0.00 yuan"
    ]


def test_a_draft_that_grows_is_held_against_the_budget_without_what_it_has(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(2)), books, budget=700)
    approve(books)
    store(csv_file(tmp_path, rows(3), "b.csv"), books, **EXTEND)
    assert problems_in(check(csv_file(tmp_path, rows(6), "c.csv"), books=books, **EXTEND)) == [
        "the list: comes to 7.52 yuan; the budget is 3.24 yuan"
    ]


def test_a_supplement_that_was_cancelled_takes_nothing_of_the_budget(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(2)), books, budget=564)
    approve(books)
    late = csv_file(tmp_path, rows(3), "b.csv")
    store(late, books, **EXTEND)
    books.cancel("spring+1", by="boss", reason="not yet")
    assert check(late, books=books, **EXTEND).ok


def test_a_key_of_its_own_with_a_number_at_its_end_is_no_ordinal(
    tmp_path: Path, books: Book
) -> None:
    own = [f"{A},1.00,K-7", f"{A},1.00,spring/x-y", f"{A},1.00,8", f"{B},1.00,spring/-"]
    store(csv_file(tmp_path, listed(*own, header=KEYED)), books, allow_repeats=True)
    approve(books)
    more = csv_file(tmp_path, listed(f"{A},2.00", f"{A},3.00", f"{B},2.00"), "b.csv")
    store(more, books, allow_repeats=True, **EXTEND)
    ends = [it.key.rpartition("-")[2] for it in books.payouts_of("spring+1")]
    assert ends == ["001", "002", "001"]


@pytest.mark.parametrize("name", ["spring", "spring-fair", "spring-2", "ｓｐｒｉｎｇ"])
def test_ordinals_go_on_whatever_the_campaign_is_called(
    tmp_path: Path, books: Book, name: str
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00")), books, name=name)
    approve(books, name)
    more = csv_file(tmp_path, listed(f"{A},2.00", f"{A},3.00"), "b.csv")
    store(more, books, name=name, allow_repeats=True, **EXTEND)
    ends = [it.key.rpartition("-")[2] for it in books.payouts_of(f"{name}+1")]
    assert ends == ["002", "003"]


def test_a_derived_key_with_other_content_is_reported_under_the_column_of_openids(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00", f"{B},1.00")), books)
    changed = csv_file(tmp_path, listed(f"{A},2.00", f"{B},1.00", f"{C},1.00"), "b.csv")
    [problem, *_] = problems_in(check(changed, books=books))
    assert problem.startswith("row 2, openid: the key 'spring/")
    assert problem.endswith("amount was 100 fen and is now 200 fen")


def test_a_check_against_books_tells_how_far_it_is_up_to_the_last_row(
    tmp_path: Path, books: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hongbao.campaign.table.delimited._CHARS_AT_ONCE", 49 * 34 + 1)  # 50 rows
    store(csv_file(tmp_path, rows(3)), books)
    seen = list[tuple[ListStage, int]]()
    with check_list(
        csv_file(tmp_path, rows(120), "b.csv"), name="summer", payer=a_payer(), books=books,
        meaning=Meaning(unit=Unit.YUAN), progress=lambda *it: seen.append(it),
    ):  # fmt: skip
        assert [done for stage, done in seen if stage is ListStage.COMPARE] == [50, 100, 120]


def test_a_part_of_a_list_is_no_other_list_once_its_campaign_was_approved(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    approve(books)
    part = csv_file(tmp_path, rows(2), "part.csv")
    found = check(part, books=books)
    assert (found.ok, found.known.rows, found.new.rows) == (True, 2, 0)
    books.claim("worker", limit=9, lease_seconds=60)
    books.cancel("spring", by="boss", reason="so")
    assert check(part, books=books).ok


def test_a_file_that_is_read_with_other_keys_lacks_as_many_rows_as_have_keys(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, listed(f"{A},1.00,K1", f"{B},1.00,K2", f"{C},1.00,", header=KEYED))
    store(path, books)
    [problem, *_] = problems_in(check(path, books=books, columns={"key": "-"}))
    assert "campaign spring holds 2 rows that this list does not have" in problem


@pytest.mark.parametrize(
    "limits", [PayerLimits(user_day_amount_max=500), PayerLimits(user_day_count_max=1)]
)
def test_one_limit_of_a_users_day_is_enough_to_put_rows_off(
    tmp_path: Path, limits: PayerLimits
) -> None:
    path = csv_file(tmp_path, listed(f"{A},3.00", f"{B},3.00", f"{A},3.00"))
    found = check(path, payer=a_payer(limits=limits), allow_repeats=True)
    assert [(it.rows, it.first) for it in found.cautions] == [(1, (4,))]


def test_of_a_list_whose_columns_are_not_understood_nothing_is_new_or_known(
    tmp_path: Path,
) -> None:
    found = check(csv_file(tmp_path, "a,b\n1,2\n"))
    assert not found.ok
    assert found.new == found.known == found.elsewhere == (0, 0)
    assert (found.left_out, found.again, found.again_with_keys) == ((), None, None)


class ShortBooks(Book):
    """Books that answer for fewer than they are asked about."""

    short = ""

    def known(self, merchant_id: int, rows: Sequence[ListedRow]) -> list[Known | None]:
        """All but the last."""
        return super().known(merchant_id, rows)[: -1 if self.short == "known" else None]

    def terms(self, bodies: Sequence[Mapping[str, object]]) -> list[int]:
        """All but the last."""
        return super().terms(bodies)[: -1 if self.short == "terms" else None]


@pytest.mark.parametrize("short", ["known", "terms"])
def test_books_that_do_not_answer_for_each_row_are_not_believed(
    tmp_path: Path, book_url: str, short: str
) -> None:
    with ShortBooks.open(book_url) as books:
        store(csv_file(tmp_path, rows(3)), books)
        assert isinstance(books, ShortBooks)
        books.short = short
        worded = listed(f"{A},1.00,x", f"{B},1.00,y", header="openid,amount,wishing")
        path = csv_file(tmp_path, worded, "b.csv")
        with pytest.raises(ValueError, match="zip"):
            store(path, books, name="summer", pay_again="so")
