"""Payouts are found by what a filter says, page by page, from cursors that stay good."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

import read_books
from desk import accepted, refused
from hongbao.errors import CursorRefused, LedgerError
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.payout_filter import PayoutFilter, PayoutPlace
from hongbao.ledger.read import payouts
from hongbao.ledger.store.schema import CAMPAIGN
from read_books import LOYAL, after, everything, fits

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.payout import Payout


def pages(desk: Desk, asked: PayoutFilter, *, limit: int) -> list[list[Payout]]:
    """All pages of a filter."""
    page = desk.book.payouts(asked, limit=limit)
    found = [page.items]
    while page.next is not None:
        page = desk.book.payouts(asked, after=page.next, limit=limit)
        found.append(page.items)
    return found


@pytest.mark.long
def test_every_filter_and_every_pair_names_the_payouts_of_which_it_is_true(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_books.fill(desk)
    of = read_books.known(desk)
    all_of_them = everything(desk)
    states = {payout.state for payout in all_of_them}
    assert states == set(State) - {State.CANCELLED}
    alone, pairs = read_books.filters()
    for sorted_max, some in ((0, [*alone, *pairs[::4]]), (5_000, [*alone, *pairs])):
        monkeypatch.setattr(payouts, "SORTED_MAX", sorted_max)
        for asked in some:
            expected = [it for it in all_of_them if fits(it, asked, of)]
            expected.sort(key=lambda it, of=asked: PayoutPlace.of(it, of))  # type: ignore[misc]
            assert desk.book.payouts(asked, limit=1000).items == expected, asked


def test_pages_together_are_the_whole_and_none_is_longer_than_asked_for(desk: Desk) -> None:
    read_books.fill(desk)
    for asked in (
        PayoutFilter(), PayoutFilter(states=frozenset({State.SENT, State.WAITING})),
        PayoutFilter(payee=LOYAL), PayoutFilter(merchant="1900012345"),
        PayoutFilter(created_since=after(1)), PayoutFilter(code="NO_AUTH"),
    ):  # fmt: skip
        whole = desk.book.payouts(asked, limit=1000).items
        found = pages(desk, asked, limit=2)
        assert [it for page in found for it in page] == whole
        assert [len(page) for page in found[:-1]] == [2] * (len(found) - 1)
        backwards = replace(asked, newest_first=True)
        found = pages(desk, backwards, limit=3)
        assert [it for page in found for it in page] == whole[::-1]


def test_a_page_that_has_seen_enough_is_short_and_the_next_one_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_books.fill(desk)
    monkeypatch.setattr(payouts, "SEEN_MAX", 5)
    monkeypatch.setattr(payouts, "_CAMPAIGNS_MAX", 2)
    for asked in (
        PayoutFilter(kind="group"), PayoutFilter(kind="normal", states=frozenset({State.RETURNED})),
        PayoutFilter(kind="normal", code="NO_AUTH"),
        PayoutFilter(states=frozenset({State.WAITING, State.IN_DOUBT}), kind="normal"),
    ):  # fmt: skip
        whole = [
            it for it in everything(desk)
            if it.kind == asked.kind and asked.code in {None, it.code}
            and (not asked.states or it.state in asked.states)
            and not (asked.states and it.on_its_way(desk.clock.now))
        ]  # fmt: skip
        for newest_first in (False, True):
            found = pages(desk, replace(asked, newest_first=newest_first), limit=4)
            in_order = whole[::-1] if newest_first else whole
            assert [it for page in found for it in page] == in_order
    assert len(pages(desk, PayoutFilter(kind="group"), limit=4)) > 10


def test_a_cursor_stays_good_while_payouts_are_added_and_change(desk: Desk) -> None:
    desk.campaign(10)
    asked = PayoutFilter(campaign="spring")
    page = desk.book.payouts(asked, limit=4)
    assert [it.row for it in page.items] == [1, 2, 3, 4]
    jobs = desk.jobs(6)
    desk.record(*((job, accepted(job)) for job in jobs[:5]), (jobs[5], refused(jobs[5])))
    desk.campaign(3, name="summer")
    rest = desk.book.payouts(asked, after=page.next, limit=100)
    assert [it.row for it in rest.items] == [5, 6, 7, 8, 9, 10]
    assert rest.next is None
    waiting = PayoutFilter(states=frozenset({State.WAITING}))
    page = desk.book.payouts(waiting, limit=2)
    assert [it.row for it in page.items] == [7, 8]
    desk.record(*((job, accepted(job)) for job in desk.jobs(3)))
    again = desk.book.payouts(waiting, after=page.next, limit=100).items
    assert [it.key for it in again] == ["spring/9", "summer/0", "summer/1", "summer/2"]


def test_a_cursor_is_text_for_a_url_and_holds_no_receiver(desk: Desk) -> None:
    read_books.fill(desk)
    cursor = desk.book.payouts(PayoutFilter(payee=LOYAL), limit=1).next
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert LOYAL.encode() not in urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert LOYAL not in repr(PayoutFilter(payee=LOYAL, key=LOYAL))


def test_a_cursor_that_is_damaged_or_of_another_filter_is_refused(desk: Desk) -> None:
    desk.campaign(5)
    cursor = desk.book.payouts(PayoutFilter(), limit=2).next
    assert cursor is not None
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    bent = [urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]) for at in range(37)]
    wrong = ["", "x", "é", "!" * len(cursor), cursor[:-1], cursor + "AAAA"]
    for damaged in [*wrong, *(it.decode().rstrip("=") for it in bent)]:
        with pytest.raises(CursorRefused, match="the cursor is damaged"):
            desk.book.payouts(PayoutFilter(), after=damaged)
    for other in (PayoutFilter(newest_first=True), PayoutFilter(kind="normal")):
        with pytest.raises(CursorRefused, match="belongs to another filter"):
            desk.book.payouts(other, after=cursor)


def test_a_cursor_of_a_newer_version_is_refused_as_such(desk: Desk) -> None:
    cursor = desk.book.payouts(PayoutFilter(), limit=1).next
    assert cursor is None
    desk.campaign(2)
    cursor = desk.book.payouts(PayoutFilter(), limit=1).next or ""
    said = b"\x02" + urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[1:-4]
    newer = urlsafe_b64encode(said + sha256(said).digest()[:4]).decode().rstrip("=")
    with pytest.raises(CursorRefused, match="version 2, not 1"):
        desk.book.payouts(PayoutFilter(), after=newer)


@pytest.mark.parametrize("limit", [0, -1, 2001])
def test_a_page_of_no_or_too_many_payouts_is_refused(desk: Desk, limit: int) -> None:
    with pytest.raises(LedgerError, match="1 to 2000 payouts"):
        desk.book.payouts(PayoutFilter(), limit=limit)


def test_what_is_not_in_the_books_is_reported(desk: Desk) -> None:
    desk.campaign()
    with pytest.raises(LedgerError, match="no campaign 'summer'"):
        desk.book.payouts(PayoutFilter(campaign="summer"))
    with pytest.raises(LedgerError, match="no merchant '19'"):
        desk.book.payouts(PayoutFilter(merchant="19"))


def test_a_campaign_is_meant_with_its_supplements(desk: Desk) -> None:
    desk.campaign(2)
    parent = desk.book.standing("spring").campaign
    desk.draft(1, name="between")
    extra = desk.draft(2, name="spring+1")
    with desk.transaction() as connection:
        connection.execute(
            update(CAMPAIGN).where(CAMPAIGN.c.id == extra.id).values(parent_id=parent.id)
        )
    found = desk.book.payouts(PayoutFilter(campaign="spring")).items
    assert [it.key for it in found] == ["spring/0", "spring/1", "spring+1/0", "spring+1/1"]
    assert desk.book.payouts(PayoutFilter(campaign="spring+1")).items == found[2:]


def test_what_a_worker_left_in_doubt_by_dying_is_found_when_its_lease_is_over(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    asked = PayoutFilter(states=frozenset({State.IN_DOUBT}))
    assert desk.book.payouts(asked).items == []
    assert len(desk.book.payouts(PayoutFilter()).items) == 2
    desk.clock.pass_(91)
    assert [it.id for it in desk.book.payouts(asked).items] == [job.payout.id]


def test_a_number_of_an_earlier_attempt_finds_its_payout(desk: Desk) -> None:
    desk.campaign(3)
    [job] = desk.jobs(1)
    desk.record((job, refused(job)))
    again = desk.book.reopen(job.payout.id, by="anna", reason="corrected")
    assert again.billno != job.payout.billno
    for billno in (job.payout.billno, again.billno):
        assert desk.book.payouts(PayoutFilter(billno=billno)).items == [again]
    found = desk.book.payouts(PayoutFilter(billno=again.billno, states=frozenset({State.SENT})))
    assert found.items == []


@pytest.mark.long
def test_receivers_of_lists_stored_one_by_one_are_found(desk: Desk) -> None:
    channel_id = desk.draft(payees=["oFIRST_0"]).channel_id
    plan = Plan(
        name="bit by bit", channel_id=channel_id, profile="demo", budget=None,
        source="list.csv", source_digest=bytes(32),
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    payees = ["o", "", "红包", *[f"oPEOPLE_{place:03}" for place in range(300)], "oLAST_0"]
    for place, payee in enumerate(payees):
        entry = Entry(f"bit/{place}", "normal", payee, 100, 1, terms_id)
        desk.book.submit(begun.id, [[entry]], by="anna")
    for place, payee in enumerate(payees, 1):
        [found] = desk.book.payouts(PayoutFilter(payee=payee)).items
        assert (found.row, found.payee) == (place, payee)
    assert desk.book.audit().findings == ()
