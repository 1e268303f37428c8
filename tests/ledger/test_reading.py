"""What people and reports read: campaigns by their totals, payouts as a stream or by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import accepted, refused, step, unknown
from hongbao import new_billno
from hongbao.errors import LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.model.standing import Phase, Total
from hongbao.ledger.read import named, reader

if TYPE_CHECKING:
    from desk import Desk


def test_a_standing_follows_the_payouts_to_the_fen(desk: Desk) -> None:
    desk.campaign(amounts=[100, 200, 400, 800])
    paid, no, lost = desk.jobs(3)
    desk.record((paid, accepted(paid, look_after=1)), (no, refused(no)), (lost, unknown(lost)))
    found = desk.book.standing("spring")
    assert (found.paid, found.refused, found.in_doubt, found.waiting) == (100, 200, 400, 800)
    assert (found.phase, found.merchant) == (Phase.RUNNING, "1900012345")
    assert found.adds_up
    desk.clock.pass_(5)
    looks = {job.task: job for job in desk.jobs()}
    shared = step(
        looks[Task.LOOK], EventKind.FOUND, State.RETURNED, claimed=60, refunded=40,
        settled_at=desk.clock.now,
    )  # fmt: skip
    desk.record((looks[Task.LOOK], shared))
    found = desk.book.standing("spring")
    assert (found.claimed, found.refunded, found.unclaimed) == (60, 40, 0)
    assert found.totals[State.RETURNED] == Total(1, 100, 60, 40)
    assert found.adds_up


def test_totals_of_many_workers_are_one_sum(desk: Desk) -> None:
    desk.campaign(20)
    for number in range(20):
        [job] = desk.jobs(1, worker=f"worker-{number}")
        desk.record((job, accepted(job)), worker=f"worker-{number}")
    found = desk.book.standing("spring")
    assert found.totals[State.SENT] == Total(20, 2000, 0, 0)
    assert found.phase is Phase.COMPLETE


def test_campaigns_stand_in_the_order_in_which_they_were_begun(desk: Desk) -> None:
    desk.draft(2, name="b")
    desk.campaign(3, name="a", number="1900099999")
    found = desk.book.campaigns()
    assert [(one.campaign.name, one.merchant) for one in found] == [
        ("b", "1900012345"),
        ("a", "1900099999"),
    ]
    assert [one.total(*State).payouts for one in found] == [2, 3]
    assert found == [desk.book.standing("b"), desk.book.standing("a")]


def test_a_campaign_without_rows_stands_at_nothing(desk: Desk) -> None:
    desk.draft(amounts=[100])
    found = desk.book.standing("spring")
    assert found.total(State.SENT, State.REFUSED) == Total(0, 0, 0, 0)
    assert desk.book.campaigns()[0] == found


def test_a_campaign_that_is_not_there_is_reported(desk: Desk) -> None:
    assert desk.book.campaigns() == []
    with pytest.raises(LedgerError, match="no campaign 'spring'"):
        desk.book.standing("spring")
    with pytest.raises(LedgerError, match="no campaign 'spring'"):
        next(desk.book.payouts_of("spring"))


def test_payouts_come_in_row_order_page_by_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LIMIT_MAX", 4)
    desk.draft(10)
    desk.draft(3, name="other")
    rows = [payout.row for payout in desk.book.payouts_of("spring")]
    assert rows == list(range(1, 11))
    stream = desk.book.payouts_of("spring")
    first = next(stream)
    assert (first.row, first.key) == (1, "spring/0")


def test_payouts_in_row_order_are_those_that_a_filter_finds_wherever_they_stand(desk: Desk) -> None:
    desk.campaign(9)
    paid, no, *_ = desk.jobs(6)
    desk.record((paid, accepted(paid)), (no, refused(no)))
    found = list(desk.book.payouts_of("spring"))
    assert found == desk.book.payouts(PayoutFilter(campaign="spring")).items
    in_doubt, waiting = [State.IN_DOUBT] * 4, [State.WAITING] * 3
    assert [it.state for it in found] == [State.SENT, State.REFUSED, *in_doubt, *waiting]
    desk.clock.pass_(91)
    left = desk.book.payouts(PayoutFilter(states=frozenset({State.IN_DOUBT}))).items
    assert left == found[2:6]


def test_a_payout_is_found_by_its_key_and_by_its_number(desk: Desk) -> None:
    desk.draft(3)
    one, two, _ = desk.book.payouts_of("spring")
    assert desk.book.find("spring/0") == [one]
    assert desk.book.find(two.billno) == [two]
    assert desk.book.find(new_billno("1900012345", "spring/9")) == []


def test_a_payout_is_found_among_many_merchants(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "_NUMBERS_AT_ONCE", 5)
    for number in range(12):
        desk.channel(f"19000{number:05d}")
    desk.draft(2, name="b", number="1900000011")
    assert [payout.key for payout in desk.book.find("b/1")] == ["b/1"]


def test_a_history_tells_who_did_what_and_when(desk: Desk) -> None:
    desk.campaign()
    desk.clock.pass_(7)
    [job] = desk.jobs(worker="worker-7")
    desk.record((job, accepted(job)), worker="worker-7")
    events = desk.book.history(job.payout.id)
    assert [(event.kind, event.actor) for event in events] == [
        ("submitted", "anna"),
        ("called", "worker-7"),
        ("accepted", "worker-7"),
    ]
    assert [event.seq for event in events] == [1, 2, 3]
    assert events[2].at - events[0].at == 7_000_000


def test_a_standing_counts_what_waits_for_a_person(desk: Desk) -> None:
    desk.campaign(5)
    paid, lost, held, seen, _ = desk.jobs(5)
    given_up = (
        (lost, step(lost, EventKind.HANDED_OVER, State.IN_DOUBT)),
        (held, step(held, EventKind.HANDED_OVER, State.WAITING)),
    )
    desk.record((paid, accepted(paid)), (seen, refused(seen)), *given_up)
    assert desk.book.standing("spring").handed_over == 2
    desk.book.query_now(lost.payout.id, by="anna")
    assert [one.handed_over for one in desk.book.campaigns()] == [1]
