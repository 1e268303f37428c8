"""Lists against the books: stored once, gone on with, known again, refused when they differ."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest

from hongbao.campaign.check.checking import check_list
from hongbao.campaign.check.meaning import Meaning
from hongbao.campaign.ports import ListStage
from hongbao.campaign.rows.amounts import Unit
from hongbao.campaign.storing import store_list
from hongbao.errors import KeyReused, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.limits import PayerLimits
from hongbao.rails.redpack.translate import message_of
from list_maker import a_payer, check, csv_file, payee, problems_in, rows, store, warned, xlsx_file

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.campaign.storing import StoredList


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of some hundred rows go through as many chunks as long ones."""
    monkeypatch.setattr("hongbao.campaign.staging.staging._AT_ONCE", 50)
    monkeypatch.setattr("hongbao.campaign.staging.staging._PART", 50)
    monkeypatch.setattr("hongbao.campaign.table.delimited._CHARS_AT_ONCE", 69 * 34 + 1)  # 70 rows


def test_a_list_becomes_a_draft_with_the_digest_that_was_shown(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(120))
    shown = check(path, books=books)
    stages: list[tuple[ListStage, int]] = []
    stored = store(path, books, progress=lambda stage, done: stages.append((stage, done)))
    campaign = stored.campaign
    assert campaign is not None
    assert (stored.new, stored.known) == (120, 0)
    assert (campaign.state, campaign.rows, campaign.planned) == (
        CampaignState.DRAFT, 120, 22_560,
    )  # fmt: skip
    assert campaign.digest == shown.digest
    assert stages[-1] == (ListStage.STORE, 120)
    approved = books.approve("spring", digest=campaign.digest, by="boss")
    assert approved.state is CampaignState.APPROVED


def test_a_check_tells_how_far_it_is_up_to_the_last_row(tmp_path: Path) -> None:
    path, told_of = csv_file(tmp_path, rows(120)), list[tuple[ListStage, int]]()
    meant = Meaning(unit=Unit.YUAN)
    with check_list(
        path, name="spring", payer=a_payer(), meaning=meant, progress=lambda *it: told_of.append(it)
    ):
        assert told_of == [
            (ListStage.READ, 70), (ListStage.READ, 120),
            (ListStage.COMPARE, 70), (ListStage.COMPARE, 120),
        ]  # fmt: skip


def test_what_is_stored_is_what_the_worker_can_send(tmp_path: Path, books: Book) -> None:
    text = (
        "openid,amount,kind,people,sender_name,agentid,scene_id,key\n"
        f"{payee(1)},0.30,normal,,,,PRODUCT_1,a\n"
        f"{payee(2)},1.88,mini-program,,,,,b\n"
        f"{payee(3)},9.00,group,3,,,,c\n"
        f"{payee(4)},2.00,work,,老板,,,d\n"
        f"{payee(5)},2.00,work,,,1000002,,e\n"
    )
    store(csv_file(tmp_path, text), books)
    payouts = list(books.payouts_of("spring"))
    messages = [message_of(payout, books.terms_body(payout.terms_id)) for payout in payouts]
    assert [payout.key for payout in payouts] == ["a", "b", "c", "d", "e"]
    assert [type(message).__name__ for message in messages] == [
        "SendNormal", "SendMiniProgram", "SendGroup", "SendWork", "SendWork",
    ]  # fmt: skip
    assert [message.wire["total_amount"] for message in messages] == [
        "30", "188", "900", "200", "200",
    ]  # fmt: skip
    assert messages[0].wire["scene_id"] == "PRODUCT_1"
    assert messages[0].wire["wishing"] == "恭喜发财"
    assert messages[4].wire["agentid"] == "1000002"
    app_ids = [books.terms_body(payout.terms_id)["app_id"] for payout in payouts]
    assert app_ids == [
        "wx00aa11bb22cc33dd",
        "wx99aa11bb22cc33dd",
        *app_ids[:1],
        *["ww00aa11bb22cc33dd"] * 2,
    ]


def test_the_same_file_again_is_nothing_new(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(50))
    first = store(path, books)
    found = check(path, books=books)
    assert (found.new.rows, found.known.rows) == (0, 50)
    assert found.digest == (first.campaign and first.campaign.digest)
    again = store(path, books)
    assert (again.new, again.known) == (0, 50)
    assert again.campaign is not None
    books.approve("spring", digest=again.campaign.digest, by="boss")
    after = store(path, books)
    assert (after.new, after.known) == (0, 50)
    assert after.campaign is not None
    assert after.campaign.state is CampaignState.APPROVED


def test_the_same_rows_in_another_format_are_nothing_new(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(3)), books)
    lines = [("openid", "amount"), *((payee(number), 1.88) for number in (1, 2, 3))]
    assert store(xlsx_file(tmp_path, lines), books).new == 0


def test_rows_that_a_problem_leaves_out_are_not_reported_as_missing_too(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, rows(3))
    store(path, books)
    problems = problems_in(check(path, books=books, unit=Unit.FEN))  # 1.88 is no number of fen
    assert len(problems) == 3
    assert not any("does not have" in problem for problem in problems)


def test_the_same_file_read_with_other_keys_is_refused_before_anything_is_stored(
    tmp_path: Path, books: Book
) -> None:
    lines = [f"k{number},{payee(number)},1.88" for number in range(1, 61)]
    path = csv_file(tmp_path, "\n".join(["key,openid,amount", *lines]))
    draft = store(path, books).campaign
    problems = problems_in(check(path, books=books, columns={"key": "-"}))
    assert problems == [
        (
            "the list: campaign spring holds 60 rows that this list does not have, as it is read "
            "now: read it as before, put it in its place with `hongbao campaign replace spring "
            "FILE`, or give it another name"
        )
    ]
    assert books.standing("spring").campaign == draft
    assert store(path, books).new == 0


def test_an_interrupted_import_goes_on_with_the_same_file(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, rows(120))

    def interrupt(stage: ListStage, done: int) -> None:
        if stage is ListStage.STORE and done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(path, books, progress=interrupt)
    half = books.standing("spring").campaign
    assert (half.state, half.rows) == (CampaignState.IMPORTING, 50)
    for other in (rows(40), rows(51), rows(10, first=500)):
        problems = problems_in(check(csv_file(tmp_path, other, "other.csv"), books=books))
        assert len(problems) == 1
        assert "holds 50 rows of another file (list.csv)" in problems[0]
    assert books.standing("spring").campaign == half
    found = check(path, books=books)
    assert (found.known.rows, found.new.rows) == (50, 70)
    stored = store(path, books)
    assert (stored.new, stored.known) == (70, 50)
    assert stored.campaign is not None
    assert stored.campaign.digest == found.digest
    assert stored.campaign.state is CampaignState.DRAFT
    assert [payout.row for payout in books.payouts_of("spring")] == list(range(1, 121))


def test_another_file_under_a_name_that_is_taken_is_refused(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, rows(5)), books)
    other = check(csv_file(tmp_path, rows(6), "other.csv"), books=books)
    assert problems_in(other) == [
        (
            "the list: campaign spring holds 5 rows of another file (list.csv): import that file "
            "again to go on with it, add this one with `hongbao campaign extend spring FILE`, put "
            "this one in its place with `hongbao campaign replace spring FILE`, or give this list "
            "another name"
        )
    ]
    digest = books.standing("spring").campaign.digest
    books.approve("spring", digest=digest, by="boss")
    later = check(csv_file(tmp_path, rows(6), "other.csv"), books=books)
    assert problems_in(later) == [
        (
            "the list: campaign spring is approved and takes no more rows: `hongbao campaign "
            "extend spring FILE` adds those that it does not have, to be approved by themselves; "
            "or give the list another name"
        )
    ]


def test_a_name_belongs_to_the_settings_that_began_it(tmp_path: Path, books: Book) -> None:
    keyed = "openid,amount,key\n" + "".join(f"{payee(n)},1,k{n}\n" for n in range(3))
    store(csv_file(tmp_path, keyed), books)
    found = check(csv_file(tmp_path, rows(2)), books=books, payer=a_payer(profile="shop"))
    assert "the list: campaign spring is paid by demo: give the list another name" in problems_in(
        found
    )


def test_rows_with_keys_are_paid_once_whatever_the_campaign_is_called(
    tmp_path: Path, books: Book
) -> None:
    lines = [f"{payee(n)},1,k{n}" for n in range(6)]
    store(csv_file(tmp_path, "\n".join(["openid,amount,key", *lines[:4]])), books)
    path = csv_file(tmp_path, "\n".join(["openid,amount,key", *lines]), "more.csv")
    found = check(path, name="summer", books=books)
    assert (found.new.rows, found.known.rows, found.elsewhere.rows) == (2, 0, 4)
    assert warned(found) == [
        "in spring (draft), which pays them, and not paid here: 4 rows, 4.00 yuan"
    ]
    stored = store(path, books, name="summer")
    assert (stored.new, stored.known) == (2, 4)
    same = store(csv_file(tmp_path, "\n".join(["openid,amount,key", *lines])), books, name="autumn")
    assert (same.campaign, same.new, same.known) == (None, 0, 6)


def test_a_key_made_of_its_receiver_is_reported_masked(tmp_path: Path, books: Book) -> None:
    store(csv_file(tmp_path, f"openid,amount,key\n{payee(1)},1,{payee(1)}\n"), books)
    changed = csv_file(tmp_path, f"openid,amount,key\n{payee(1)},2,{payee(1)}\n", "next.csv")
    found = check(changed, name="summer", books=books)
    assert problems_in(found)[0].startswith(
        "row 2, key: the key 'oTES…0001' is in spring (draft) already"
    )


def test_the_same_key_with_other_content_is_reported_with_its_differences(
    tmp_path: Path, books: Book
) -> None:
    store(
        csv_file(tmp_path, f"openid,amount,key,remark\n{payee(1)},1,a,x\n{payee(2)},1,b,x\n"), books
    )
    text = f"openid,amount,key,remark\n{payee(1)},2,a,y\n{payee(3)},1,b,x\n"
    found = check(csv_file(tmp_path, text, "next.csv"), name="summer", books=books)
    assert problems_in(found) == [
        (
            "row 2, key: the key 'a' is in spring (draft) already, with other content: amount was "
            "100 fen and is now 200 fen, remark was x and is now y"
        ),
        (
            "row 3, key: the key 'b' is in spring (draft) already, with other content: payee was "
            "oTES…0002 and is now oTES…0003"
        ),
    ]
    assert books.standing("spring").campaign.rows == 2


def test_a_list_with_problems_is_not_stored(tmp_path: Path, books: Book) -> None:
    path = csv_file(tmp_path, "openid,amount\nbad openid,1\n")
    meaning = Meaning(unit=Unit.YUAN)
    with (
        check_list(path, name="a", payer=a_payer(), meaning=meaning, books=books) as checked,
        pytest.raises(LedgerError) as caught,
    ):
        store_list(checked, books, by="operator")
    assert str(caught.value) == ("the list has 1 problem. Correct them; nothing of it was stored.")
    assert books.campaigns() == []
    assert books.channels() == []


def test_a_check_stores_nothing_in_books_that_are_new(tmp_path: Path, books: Book) -> None:
    assert check(csv_file(tmp_path, rows(10)), books=books).ok
    assert books.campaigns() == []
    assert books.channels() == []


def test_a_key_that_is_stored_between_check_and_store_changes_nothing(
    tmp_path: Path, books: Book
) -> None:
    path = csv_file(tmp_path, f"openid,amount,key\n{payee(1)},1,a\n")
    meaning = Meaning(unit=Unit.YUAN)
    with check_list(path, name="mine", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, f"openid,amount,key\n{payee(1)},2,a\n", "b.csv"), books, name="b")
        with pytest.raises(KeyReused):
            store_list(checked, books, by="operator")
    assert books.standing("mine").campaign.rows == 0


def test_rows_that_somebody_stores_elsewhere_meanwhile_are_not_approved_unseen(
    tmp_path: Path, books: Book
) -> None:
    text = f"openid,amount,key\n{payee(1)},1,a\n{payee(2)},1,b\n"
    path, meaning = csv_file(tmp_path, text), Meaning(unit=Unit.YUAN)
    with check_list(path, name="mine", payer=a_payer(), meaning=meaning, books=books) as checked:
        store(csv_file(tmp_path, text.rpartition(f"{payee(2)}")[0], "b.csv"), books, name="b")
        with pytest.raises(LedgerError) as caught:
            store_list(checked, books, by="operator")
    assert str(caught.value) == (
        "campaign mine holds other rows than were checked: somebody stored rows in the meantime. "
        "Do not approve it. Import the same list again: that says what there is now."
    )
    again = check(path, name="mine", books=books)
    assert (again.ok, again.known.rows, again.elsewhere.rows) == (True, 1, 1)
    assert again.digest == books.standing("mine").campaign.digest


def test_two_that_store_the_same_file_at_once_store_it_once(
    tmp_path: Path, books: Book, book_url: str
) -> None:
    path = csv_file(tmp_path, rows(200))
    stored: list[StoredList] = []

    def one() -> None:
        with Book.open(book_url) as own:
            stored.append(store(path, own))

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(it.new for it in stored) == 200
    assert len(stored) == 2
    campaign = books.standing("spring").campaign
    assert (campaign.rows, campaign.state) == (200, CampaignState.DRAFT)


def test_users_who_got_something_today_are_held_to_their_limit(tmp_path: Path, books: Book) -> None:
    limits = PayerLimits(user_day_count_max=1)
    payer = a_payer(limits=limits)
    stored = store(csv_file(tmp_path, rows(3)), books, payer=payer)
    assert stored.campaign is not None
    books.approve("spring", digest=stored.campaign.digest, by="boss")
    claim = books.claim("worker", limit=2, lease_seconds=60)
    assert len(claim.jobs) == 2
    found = check(
        csv_file(tmp_path, rows(4), "next.csv"),
        name="next",
        payer=payer,
        books=books,
        pay_again="a second round",
    )
    assert found.ok
    assert warned(found)[:1] == [
        (
            "more than a user may get a day (1 packet): put off to later days, about 2 days in "
            "all (2 rows: 2, 3)"
        )
    ]
    again = check(csv_file(tmp_path, rows(3)), payer=payer, books=books)
    assert warned(again) == []
