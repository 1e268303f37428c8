"""Rows whose keys other campaigns have are those payments, and no repetition of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.ports import ListStage
from hongbao.ledger.model.campaign import CampaignState
from hongbao.views.approval import warned as told_to_the_approver
from hongbao.views.left_to_others import left_to_others
from list_maker import check, csv_file, listed, payee, problems_in, store, warned

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book

KEYED = "openid,amount,key"
A, B = payee(1), payee(2)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of some rows can break off in the middle, as one of many does."""
    monkeypatch.setattr("hongbao.campaign.staging.staging._AT_ONCE", 50)


def keyed(count: int, prefix: str = "K") -> str:
    """So many rows with keys of their own; everybody gets 1.00 yuan."""
    return listed(*(f"{payee(n)},1.00,{prefix}{n}" for n in range(count)), header=KEYED)


def break_off(path: Path, books: Book, *, after: int) -> None:
    """Import a list as ``imp``, and die once so many rows are stored."""

    def interrupt(stage: ListStage, done: int) -> None:
        if stage is ListStage.STORE and done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(path, books, name="imp", progress=interrupt)


def test_an_import_that_is_finished_after_its_list_was_stored_by_another_name_repeats_nothing(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, keyed(120))
    break_off(path, books, after=50)
    retry = check(path, name="imp-retry", books=books)
    finish = "hongbao campaign new list.csv --merchant demo --name imp ..."
    [caution] = warned(retry)
    assert caution == (
        f"in imp (import interrupted: run `{finish}` to finish it), which pays them, and not paid "
        "here: 50 rows, 50.00 yuan"
    )
    store(path, books, name="imp-retry")
    found = check(path, name="imp", books=books)
    assert found.ok
    assert (found.known.rows, found.elsewhere.rows, found.new.rows) == (50, 70, 0)
    assert (found.again, found.again_with_keys) == (None, None)
    assert warned(found) == [
        "in imp-retry (draft), which pays them, and not paid here: 70 rows, 70.00 yuan"
    ]
    finished = store(path, books, name="imp").campaign
    assert finished is not None
    assert (finished.state, finished.rows) == (CampaignState.DRAFT, 50)
    decisions = books.decisions("imp")
    assert told_to_the_approver(decisions) == []
    [left] = left_to_others(decisions, books.campaigns())
    assert (left.of, left.sum.rows) == ("imp-retry", 70)
    assert books.audit().findings == ()


def test_an_import_that_is_finished_repeats_other_keys_of_what_it_pays_itself(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, keyed(120))
    break_off(path, books, after=50)
    store(path, books, name="imp-retry")
    store(csv_file(tmp_path, keyed(60, "OTHER"), "b.csv"), books, name="spring")
    found = check(path, name="imp", books=books)
    again = found.again_with_keys
    assert again is not None
    assert again.sum.rows == 50
    assert [str(place) for place in again.places] == ["in spring (draft): 50 rows, 50.00 yuan"]
    store(path, books, name="imp")
    said = json.loads(books.decisions("imp")[-2].body)["repeats_with_keys"]
    assert said["places"] == ["in spring (draft): 50 rows, 50.00 yuan"]


@pytest.mark.parametrize("purpose", [Purpose.NEW, Purpose.EXTEND])
@pytest.mark.parametrize("key", ["K2", ""])
def test_a_payment_whose_own_row_stands_in_the_list_is_repeated_by_no_other_row(
    tmp_path: Path, books: Book, purpose: Purpose, key: str
) -> None:
    store(csv_file(tmp_path, listed(f"{A},1.00,K1", header=KEYED)), books)
    store(csv_file(tmp_path, listed(f"{B},3.00,K9", header=KEYED), "b.csv"), books, name="summer")
    both = csv_file(tmp_path, listed(f"{A},1.00,K1", f"{A},1.00,{key}", header=KEYED), "c.csv")
    name = "autumn" if purpose is Purpose.NEW else "summer"
    found = check(both, name=name, books=books, purpose=purpose, allow_repeats=True)
    assert problems_in(found) == []
    assert (found.elsewhere.rows, found.new.rows) == (1, 1)
    assert (found.again, found.again_with_keys) == (None, None)
    alone = csv_file(tmp_path, listed(f"{A},1.00,{key}", header=KEYED), "d.csv")
    found = check(alone, name=name, books=books, purpose=purpose, allow_repeats=True)
    assert (found.again or found.again_with_keys) is not None
