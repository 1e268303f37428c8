"""The same people again, where a check alone does not see them: at once, or refused unproven."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.compare.bookmark import Purpose
from hongbao.campaign.ports import ListStage
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.storing import store_list
from hongbao.dispatch.decision import DecisionContext
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.rails.redpack.rail import RED_PACK
from list_maker import a_payer, check, csv_file, problems_in, repeated, rows, store

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.ledger.book import Book


def unproven(books: Book) -> None:
    """Refuse what was sent on the word of the send alone, as books of earlier versions have it."""
    digest = books.standing("spring").campaign.digest
    books.approve("spring", digest=digest, by="boss")
    claim = books.claim("worker", limit=1000, lease_seconds=60)
    cases = [DecisionContext(job.payout, job.task, job.at, RED_PACK) for job in claim.jobs]
    steps = [
        case.stays()._replace(
            kind=EventKind.REFUSED, state=State.REFUSED, answered=True, doubt=Disposition.NO
        )
        for case in cases
    ]
    books.record("worker", list(zip(claim.jobs, steps, strict=True)))


def test_who_was_refused_without_a_proof_may_be_paid_and_is_not_paid_again_unasked(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    unproven(books)
    found = check(csv_file(tmp_path, rows(3), "more.csv"), name="summer", books=books)
    assert repeated(found) == (3, 564)
    assert not found.ok


@pytest.mark.parametrize("merchant_is_new", [True, False])
def test_of_two_lists_that_are_stored_at_once_the_later_one_is_not_finished(
    tmp_path: Path, books: Book, *, merchant_is_new: bool
) -> None:
    if not merchant_is_new:
        store(csv_file(tmp_path, rows(3, first=90), "old.csv"), books, name="winter")
    path, meaning = csv_file(tmp_path, rows(3)), Meaning(unit=Unit.YUAN)
    with check_list(path, name="summer", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, rows(2), "b.csv"), books)
        with pytest.raises(LedgerError) as error:
            store_list(checked, books, by="operator")
    assert str(error.value) == (
        "another list was stored while this one was checked; 2 rows, 3.76 yuan, repeat what the "
        "same receivers get elsewhere (in spring (draft): 2 rows, 3.76 yuan). summer was "
        "cancelled, and nothing of it was sent. Check the list again: `hongbao campaign replace "
        "summer FILE`."
    )
    assert books.standing("summer").phase is Phase.CANCELLED
    cancelled = books.decisions("summer")[-1]
    assert (cancelled.kind, cancelled.actor) == (DecisionKind.CANCELLED, "operator")
    assert json.loads(cancelled.body)["reason"] == (
        "another list that it repeats was stored at the same time"
    )
    assert repeated(check(path, name="summer", books=books, purpose=Purpose.REPLACE)) == (2, 376)
    assert books.audit().findings == ()


def test_a_supplement_and_a_list_that_are_stored_at_once_pay_nobody_twice(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(1), "old.csv"), books, name="winter")
    books.approve("winter", digest=books.standing("winter").campaign.digest, by="boss")
    path, meaning = csv_file(tmp_path, rows(4)), Meaning(unit=Unit.YUAN)
    with check_list(
        path, name="winter", payer=a_payer(), meaning=meaning, books=books, purpose=Purpose.EXTEND
    ) as checked:
        store(csv_file(tmp_path, rows(2, first=3), "b.csv"), books)
        with pytest.raises(LedgerError, match=r"while .* 2 rows.* `hongbao campaign extend winter"):
            store_list(checked, books, by="operator")


def test_an_interrupted_import_that_goes_on_is_held_against_what_was_stored_meanwhile(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(3), "b.csv"), books)
    store(csv_file(tmp_path, rows(3)), books, name="summer", pay_again="as if it came first")
    with books._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE campaign SET state = 'importing' WHERE name = 'summer'")
    assert repeated(check(csv_file(tmp_path, rows(3)), name="summer", books=books)) == (3, 564)


def test_of_two_lists_that_are_stored_at_once_for_other_people_both_are_finished(
    tmp_path: Path, books: Book
) -> None:
    path, meaning = csv_file(tmp_path, rows(3)), Meaning(unit=Unit.YUAN)
    with check_list(path, name="summer", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, rows(2, first=50), "b.csv"), books)
        store_list(checked, books, by="operator")
    assert books.standing("summer").phase is Phase.DRAFT


@pytest.mark.parametrize("of_a_draft", [True, False])
def test_an_extension_that_broke_off_is_compared_when_it_is_finished(
    tmp_path: Path, books: Book, *, of_a_draft: bool
) -> None:
    store(csv_file(tmp_path, rows(1), "old.csv"), books, name="winter")
    if not of_a_draft:
        books.approve("winter", digest=books.standing("winter").campaign.digest, by="boss")
    path = csv_file(tmp_path, rows(4))
    break_off(path, books, beside=csv_file(tmp_path, rows(2, first=3), "b.csv"))
    how: dict[str, Any] = {"name": "winter", "books": books, "purpose": Purpose.EXTEND}
    found = check(path, **how)
    assert repeated(found) == (2, 376)
    name = "winter" if of_a_draft else "winter+1"
    assert f"of these, 2 rows, 3.76 yuan stand in {name} already" in problems_in(found)[1]
    assert check(path, **how, pay_again="won again").ok
    books.cancel(name, by="operator", reason="the same people")
    if not of_a_draft:
        left = check(path, **how, leave_out=("spring",))
        assert (left.ok, left.new.rows) == (True, 1)


def test_an_extension_that_broke_off_and_repeats_nothing_is_finished(
    tmp_path: Path, books: Book
) -> None:
    store(csv_file(tmp_path, rows(1), "old.csv"), books, name="winter")
    path = csv_file(tmp_path, rows(4))
    break_off(path, books, beside=csv_file(tmp_path, rows(2, first=30), "b.csv"))
    stored = store(path, books, name="winter", purpose=Purpose.EXTEND)
    assert stored.campaign is not None
    assert (stored.campaign.rows, stored.campaign.planned) == (4, 752)
    assert books.audit().findings == ()


def break_off(path: Path, books: Book, *, beside: Path) -> None:
    """Extend a campaign, store another list meanwhile, and die once all rows are stored."""
    meaning = Meaning(unit=Unit.YUAN)
    with check_list(
        path, name="winter", payer=a_payer(), meaning=meaning, books=books, purpose=Purpose.EXTEND
    ) as checked:
        store(beside, books)
        with pytest.raises(_Killed):
            store_list(checked, books, by="operator", progress=_dying)


class _Killed(BaseException):
    """What a signal raises."""


def _dying(stage: ListStage, _rows: int) -> None:
    if stage is ListStage.STORE:
        raise _Killed
