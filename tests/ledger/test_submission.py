"""Rows put into the books: each key once, with its number, whoever brings it, however often."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from desk import accepted
from hongbao.errors import InvalidRequest, KeyReused, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.campaign import (
    NO_ROWS,
    CampaignState,
    Entry,
    Plan,
    extend,
)
from hongbao.ledger.model.known import Submitted
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.terms import terms_digests

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign

NUMBER = "1900012345"


def begin(desk: Desk, name: str = "spring", *, budget: int | None = None) -> Campaign:
    """A campaign that takes rows."""
    return desk.book.begin_import(
        Plan(
            name=name, channel_id=desk.channel(NUMBER), profile="demo", budget=budget,
            source="list.csv", source_digest=NO_ROWS,
        ),
        by="anna",
    )  # fmt: skip


def entries(desk: Desk, *rows: int, amount: int = 100) -> list[Entry]:
    """Rows for a user each."""
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    return [Entry(f"k{row}", "normal", f"oUSER{row:012d}", amount, 1, terms_id) for row in rows]


def submitted(new: int, known: int, elsewhere: int = 0) -> Submitted:
    """What became of some rows."""
    return Submitted(new=new, known=known, elsewhere=elsewhere)


def test_a_key_made_of_its_receiver_is_refused_without_showing_it(desk: Desk) -> None:
    campaign = begin(desk)
    [row] = entries(desk, 1)
    row = row._replace(key=f"spring/{row.payee}")
    desk.book.submit(campaign.id, [[row]], by="anna")
    with pytest.raises(KeyReused) as refusal:
        desk.book.submit(campaign.id, [[row._replace(amount=200)]], by="anna")
    for said in (str(refusal.value), refusal.value.key, repr(row)):
        assert row.payee not in said


def test_the_campaign_grows_with_its_rows(desk: Desk) -> None:
    campaign = begin(desk)
    rows = entries(desk, *range(7))
    told: list[int] = []
    brought = desk.book.submit(campaign.id, [rows[:3], rows[3:]], by="anna", progress=told.append)
    assert brought == submitted(7, 0)
    assert told == [3, 7]
    found = desk.book.standing("spring")
    assert (found.campaign.rows, found.campaign.planned) == (7, 700)
    assert found.waiting == 700
    assert found.adds_up
    assert [payout.row for payout in desk.book.payouts_of("spring")] == list(range(1, 8))
    assert desk.book.audit().findings == ()


def test_a_list_has_the_same_digest_in_any_books_and_any_chunks(desk: Desk) -> None:
    rows = entries(desk, *range(5))
    first, second = begin(desk), begin(desk, "again")
    desk.book.submit(first.id, [rows], by="anna")
    with desk.transaction() as connection:
        terms = terms_digests(connection, [rows[0].terms_id])
    by_hand = extend(NO_ROWS, [(*row[:5], terms[row.terms_id]) for row in rows])
    assert desk.book.standing("spring").campaign.digest == by_hand
    others = [row._replace(key=f"other/{row.key}") for row in rows]
    desk.book.submit(second.id, [others], by="bert")
    assert desk.book.standing("again").campaign.digest != by_hand


def test_the_same_list_again_brings_nothing_new(desk: Desk) -> None:
    campaign = begin(desk)
    rows = entries(desk, *range(5))
    desk.book.submit(campaign.id, [rows], by="anna")
    before = desk.book.standing("spring")
    assert desk.book.submit(campaign.id, [rows], by="bert") == submitted(0, 5)
    assert desk.book.submit(campaign.id, [entries(desk, 3, 4, 5)], by="bert") == submitted(1, 2)
    assert before.campaign.rows == 5
    assert desk.book.standing("spring").campaign.rows == 6


def test_the_same_list_again_is_nothing_new_after_it_was_paid(desk: Desk) -> None:
    campaign = desk.campaign(3)
    jobs = desk.jobs()
    desk.record(*((job, accepted(job)) for job in jobs))
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    rows = [Entry(job.payout.key, "normal", job.payout.payee, 100, 1, terms_id) for job in jobs]
    assert desk.book.submit(campaign.id, [rows], by="anna") == submitted(0, 3)
    with pytest.raises(LedgerError, match="takes no more rows"):
        desk.book.submit(campaign.id, [entries(desk, 1)], by="anna")


def test_a_row_that_stands_twice_in_a_chunk_is_stored_once(desk: Desk) -> None:
    campaign = begin(desk)
    [row] = entries(desk, 1)
    assert desk.book.submit(campaign.id, [[row, row]], by="anna") == submitted(1, 1)


def test_known_rows_are_known_wherever_they_stand_in_a_chunk(desk: Desk) -> None:
    campaign, other = begin(desk), begin(desk, "other")
    desk.book.submit(campaign.id, [entries(desk, 1)], by="anna")
    desk.book.submit(other.id, [entries(desk, 2)], by="anna")
    rows = entries(desk, *range(-1, 5))
    assert desk.book.submit(campaign.id, [rows], by="bert") == submitted(4, 2, elsewhere=1)
    changed = [rows[0]._replace(key="k-new"), rows[3]._replace(amount=9), rows[1]]
    with pytest.raises(KeyReused):
        desk.book.submit(campaign.id, [[*changed, rows[0]._replace(key="k-newer")]], by="bert")
    assert desk.book.standing("spring").campaign.rows == 5
    assert desk.book.audit().findings == ()


def test_chunks_before_a_bad_one_are_stored_and_none_after_it(desk: Desk) -> None:
    campaign = begin(desk)
    rows = entries(desk, 1, 2, 3)
    chunks = [rows[:1], [rows[1]._replace(key="")], rows[2:]]
    with pytest.raises(InvalidRequest):
        desk.book.submit(campaign.id, chunks, by="anna")
    assert [payout.key for payout in desk.book.payouts_of("spring")] == ["k1"]


def test_a_key_is_paid_by_one_campaign_only(desk: Desk) -> None:
    first, second = begin(desk), begin(desk, "again")
    rows = entries(desk, 1, 2)
    desk.book.submit(first.id, [rows], by="anna")
    assert desk.book.submit(second.id, [rows], by="anna") == submitted(0, 2, elsewhere=2)
    assert desk.book.standing("again").campaign.rows == 0
    [one, _] = desk.known(first.merchant_id, rows)
    assert one is not None
    assert (one.campaign_id, one.state, one.differences) == (first.id, State.WAITING, ())


def test_two_merchants_have_the_same_key_with_different_numbers(desk: Desk) -> None:
    mine = begin(desk)
    other = desk.book.begin_import(
        Plan(
            name="other", channel_id=desk.channel("1900099999"), profile="demo", budget=None,
            source="list.csv", source_digest=NO_ROWS,
        ),
        by="anna",
    )  # fmt: skip
    for campaign in (mine, other):
        assert desk.book.submit(campaign.id, [entries(desk, 1)], by="anna") == submitted(1, 0)
    assert len({payout.billno for payout in desk.payouts()}) == 2
    assert len(desk.book.find("k1")) == 2


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("amount", 101, ("amount", "100", "101")),
        ("payee", "oOTHER0000009", ("payee", "oUSE…0001", "oOTH…0009")),
        ("kind", "group", ("kind", "normal", "group")),
        ("people", 2, ("people", "1", "2")),
    ],
)
def test_a_key_with_other_content_is_refused_and_nothing_is_stored(
    desk: Desk, field: str, value: object, told: tuple[str, str, str]
) -> None:
    campaign = begin(desk)
    old, new = entries(desk, 1, 2)
    desk.book.submit(campaign.id, [[old]], by="anna")
    before = desk.book.standing("spring")
    changed = old._replace(**{field: value})  # type: ignore[arg-type] # by name, as a test says it
    with pytest.raises(KeyReused) as refusal:
        desk.book.submit(campaign.id, [[new, changed]], by="anna")
    assert refusal.value.key == "k1"
    assert refusal.value.differences == (told,)
    assert old.payee not in str(refusal.value)
    assert desk.book.standing("spring") == before
    assert desk.known(campaign.merchant_id, [new]) == [None]


def test_other_terms_are_reported_field_by_field(desk: Desk) -> None:
    campaign = begin(desk)
    [old] = entries(desk, 1)
    desk.book.submit(campaign.id, [[old]], by="anna")
    [terms_id] = desk.book.terms([{"wishing": "新年快乐", "remark": "hi"}])
    [known] = desk.known(campaign.merchant_id, [old._replace(terms_id=terms_id)])
    assert known is not None
    assert known.differences == (
        ("remark", "None", "hi"),
        ("wishing", "恭喜发财", "新年快乐"),
    )


def test_a_key_that_comes_twice_in_a_chunk_with_other_content_is_refused(desk: Desk) -> None:
    campaign = begin(desk)
    [row] = entries(desk, 1)
    with pytest.raises(KeyReused):
        desk.book.submit(campaign.id, [[row, row._replace(amount=9)]], by="anna")
    assert desk.book.standing("spring").campaign.rows == 0


def test_rows_come_to_no_more_than_the_budget(desk: Desk) -> None:
    campaign = begin(desk, budget=300)
    desk.book.submit(campaign.id, [entries(desk, 1, 2)], by="anna")
    with pytest.raises(LedgerError, match="400 fen, and its budget is 300"):
        desk.book.submit(campaign.id, [entries(desk, 3, 4)], by="anna")
    assert desk.book.standing("spring").campaign.planned == 200
    assert desk.book.submit(campaign.id, [entries(desk, 3)], by="anna") == submitted(1, 0)


def test_what_cannot_be_a_payout_is_refused(desk: Desk) -> None:
    campaign = begin(desk)
    [row] = entries(desk, 1)
    with pytest.raises(LedgerError):
        desk.book.submit(campaign.id, [[row._replace(amount=0)]], by="anna")
    with pytest.raises(InvalidRequest):
        desk.book.submit(campaign.id, [[row._replace(key="")]], by="anna")
    with pytest.raises(LedgerError, match="no terms"):
        desk.book.submit(campaign.id, [[row._replace(terms_id=77)]], by="anna")
    with pytest.raises(LedgerError, match="no campaign 77"):
        desk.book.submit(77, [[row]], by="anna")
    with pytest.raises(LedgerError, match="cannot be the name"):
        desk.book.submit(campaign.id, [[row]], by="a\nb")
    with pytest.raises(LedgerError, match="no merchant"):
        desk.known(77, [row])
    assert desk.book.standing("spring").campaign.rows == 0


def test_no_rows_are_no_rows(desk: Desk) -> None:
    campaign = begin(desk)
    assert desk.book.submit(campaign.id, [[]], by="anna") == submitted(0, 0)
    assert desk.known(campaign.merchant_id, []) == []


def test_terms_are_stored_once_for_each_content(desk: Desk) -> None:
    one, other = {"wishing": "a", "remark": "b"}, {"wishing": "c"}
    first = desk.book.terms([one, other, dict(reversed(one.items()))])
    assert first[0] == first[2] != first[1]
    assert desk.book.terms([other, one]) == [first[1], first[0]]
    assert desk.book.terms_body(first[0]) == one
    with pytest.raises(LedgerError, match="no terms"):
        desk.book.terms_body(77)


def test_storing_the_same_terms_at_once_stores_them_once(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(desk.book.terms, [[{"a": 1}, {"b": 2}]] * 8))
    assert len({tuple(ids) for ids in found}) == 1


def test_large_chunks_are_stored_in_row_order(desk: Desk) -> None:
    campaign = begin(desk)
    rows = 213  # statements of a hundred, of ten and of one row
    desk.book.submit(campaign.id, [entries(desk, *range(rows))], by="anna")
    payouts = list(desk.book.payouts_of("spring"))
    assert [payout.row for payout in payouts] == list(range(1, rows + 1))
    assert [payout.id for payout in payouts] == sorted(payout.id for payout in payouts)
    assert desk.book.audit().findings == ()


def test_lists_with_common_keys_at_once_store_each_key_once(desk: Desk) -> None:
    campaigns = [begin(desk, name) for name in ("one", "two", "three")]
    rows = entries(desk, *range(60))
    orders = [rows, rows[::-1], rows[30:] + rows[:30]]

    def bring(place: int) -> int:
        chunks = [orders[place][start : start + 10] for start in range(0, 60, 10)]
        return sum(desk.book.submit(campaigns[place].id, [part], by="a").new for part in chunks)

    with ThreadPoolExecutor(3) as threads:
        new = list(threads.map(bring, range(3)))
    assert sum(new) == 60
    keys = Counter(payout.key for payout in desk.payouts())
    assert set(keys.values()) == {1}
    assert desk.book.audit().findings == ()


def bring_the_list(url: str, count: int) -> list[int]:
    """What an importing process does: begin, bring all rows, finish."""
    with Book.open(url) as book:
        merchant = book.channels()[0].id
        plan = Plan(
            name="spring", channel_id=merchant, profile="demo", budget=None, source="list.csv",
            source_digest=NO_ROWS,
        )  # fmt: skip
        campaign = book.begin_import(plan, by="anna")
        [terms_id] = book.terms([{"wishing": "恭喜发财"}])
        new = []
        for start in range(0, count, 50):
            rows = [
                Entry(f"k{row}", "normal", f"oUSER{row:012d}", 100, 1, terms_id)
                for row in range(start, start + 50)
            ]
            new.append(book.submit(campaign.id, [rows], by="anna").new)
        book.finish_import("spring", by="anna")
        return new


def test_two_processes_that_import_the_same_list_both_end_well(desk: Desk, book_url: str) -> None:
    desk.channel(NUMBER)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        both = [processes.submit(bring_the_list, book_url, 300) for _ in range(2)]
        new = [sum(each.result()) for each in both]
    assert sum(new) == 300
    found = desk.book.standing("spring").campaign
    assert (found.rows, found.planned, found.state) == (300, 30_000, CampaignState.DRAFT)
    with Book.open(book_url) as at_their_time:
        assert at_their_time.audit().findings == ()
    again = replace(found)
    bring_the_list(book_url, 300)
    after = desk.book.standing("spring").campaign
    assert (after.rows, after.digest) == (again.rows, again.digest)


@pytest.mark.parametrize("key", ["ＳＯ-1", " SO-1", "SO-1\u200b"])
def test_no_new_key_gets_in_that_is_not_in_its_normal_form(desk: Desk, key: str) -> None:
    campaign = begin(desk)
    entry = entries(desk, 1)[0]._replace(key=key)
    with pytest.raises(InvalidRequest, match="key must be in its normal form"):
        desk.book.submit(campaign.id, [[entry]], by="anna")
    assert list(desk.book.payouts_of("spring")) == []
