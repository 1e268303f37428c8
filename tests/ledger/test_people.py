"""When a person may ask about a payout or send it again, and what the law keeps from them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from desk import (
    DAY,
    LEASE_SECONDS,
    accepted,
    awaiting,
    doubtful,
    held_back,
    last_event,
    refused,
    sent,
    step,
    windows,
)
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, TAKING_BACK, State, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step


def test_a_person_can_ask_about_what_is_in_doubt(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    assert desk.jobs() == []
    asked = desk.book.query_now(payout.id, by="anna")
    assert (asked.state, asked.task, asked.due_at) == (
        State.IN_DOUBT,
        Task.QUERY,
        desk.clock.now,
    )
    assert last_event(desk, payout) == (EventKind.REQUESTED, "anna", {"task": "query"})
    assert [job.task for job in desk.jobs()] == [Task.QUERY]


def test_asking_at_once_and_again_for_what_is_due_is_written_down_once(desk: Desk) -> None:
    """As WeChat's notifications come: several times, some together."""
    payout = sent(desk, doubtful)
    with ThreadPoolExecutor(4) as threads:
        for asked in threads.map(lambda by: desk.book.query_now(payout.id, by=by), "abcd"):
            assert (asked.task, asked.due_at) == (Task.QUERY, desk.clock.now)
    desk.clock.pass_(1)
    desk.book.query_now(payout.id, by="anna")
    kinds = [it.kind for it in desk.book.history(payout.id)]
    assert kinds.count(EventKind.REQUESTED) == 1
    assert [job.task for job in desk.jobs()] == [Task.QUERY]


def test_a_person_can_ask_about_what_was_handed_over_in_a_closed_campaign(desk: Desk) -> None:
    payout = sent(desk, lambda job: step(job, EventKind.HANDED_OVER, State.IN_DOUBT))
    desk.clock.pass_(LEASE_SECONDS)
    assert desk.claim().next_at is None
    assert not desk.book.standing("spring").campaign.open
    desk.book.query_now(payout.id, by="anna")
    assert [job.task for job in desk.jobs()] == [Task.QUERY]


def test_asking_about_what_is_paid_is_a_look(desk: Desk) -> None:
    payout = sent(desk, accepted)
    assert desk.book.query_now(payout.id, by="anna").task is Task.LOOK
    assert [job.task for job in desk.jobs()] == [Task.LOOK]


def test_what_is_to_be_taken_back_stays_so_whoever_asks_about_it_before_the_cancel(
    desk: Desk,
) -> None:
    payout = sent(desk, awaiting)
    desk.book.cancel_payout(payout.id, by="anna", reason="wrong amount")
    for by in ("bert", "WeChat's notification"):
        assert desk.book.query_now(payout.id, by=by).task is Task.CANCEL
    desk.book.note(payout.id, by="anna", text="she knows")
    assert [job.task for job in desk.jobs()] == [Task.CANCEL]
    desk.clock.pass_(LEASE_SECONDS)
    assert desk.book.query_now(payout.id, by="bert").task is Task.CANCEL, "its worker died"
    assert desk.book.audit().findings == ()


def test_once_a_cancel_was_answered_asking_is_a_look(desk: Desk) -> None:
    payout = sent(desk, awaiting)
    desk.book.cancel_payout(payout.id, by="anna", reason="wrong amount")
    [job] = desk.jobs()
    looking = {"task": Task.LOOK, "due_at": job.at + SECOND, "code": TAKING_BACK}
    desk.record((job, step(job, None, State.AWAITING_USER, **looking)))
    asked = desk.book.query_now(payout.id, by="bert")
    assert (asked.task, asked.code) == (Task.LOOK, TAKING_BACK)


def test_asking_about_what_waits_with_a_living_number_asks_before_it_is_sent(desk: Desk) -> None:
    payout = sent(desk, held_back)
    asked = desk.book.query_now(payout.id, by="anna")
    assert (asked.state, asked.task) == (State.WAITING, Task.QUERY)
    assert [job.task for job in desk.jobs()] == [Task.QUERY]


def test_asking_about_what_is_refused_is_allowed_and_changes_nothing(desk: Desk) -> None:
    payout = sent(desk, refused)
    assert desk.book.query_now(payout.id, by="anna").state is State.REFUSED
    assert [job.task for job in desk.jobs()] == [Task.QUERY]


def test_there_is_nothing_to_ask_about_before_a_send_or_after_the_end(desk: Desk) -> None:
    desk.campaign()
    [never] = desk.payouts()
    with pytest.raises(LedgerError, match="never sent"):
        desk.book.query_now(never.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    desk.clock.pass_(5)
    [look] = desk.jobs()
    over = step(look, EventKind.FOUND, State.RECEIVED, claimed=100, settled_at=look.at)
    desk.record((look, over))
    with pytest.raises(LedgerError, match="received"):
        desk.book.query_now(never.id, by="anna")


def test_a_person_can_send_what_waits_for_later_with_the_same_number(desk: Desk) -> None:
    payout = sent(desk, held_back)
    assert desk.jobs() == []
    desk.book.send_now(payout.id, by="anna")
    [job] = desk.jobs()
    assert (job.task, job.payout.billno, job.payout.calls) == (Task.SEND, payout.billno, 2)
    kinds = [event.kind for event in desk.book.history(payout.id)]
    assert kinds == ["submitted", "called", "postponed", "requested", "called"]


def test_a_person_can_send_what_is_in_doubt_while_its_number_is_fresh(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    again = desk.book.send_now(payout.id, by="anna")
    assert (again.state, again.doubt) == (State.IN_DOUBT, Disposition.UNKNOWN)
    [job] = desk.jobs()
    assert (job.task, job.payout.billno) == (Task.SEND, payout.billno)


def test_an_old_number_is_not_sent_again(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(DAY)
    with pytest.raises(LedgerError, match="last time"):
        desk.book.send_now(payout.id, by="anna")


def test_a_call_whose_outcome_was_lost_is_asked_about_first(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    with pytest.raises(LedgerError, match="lost"):
        desk.book.send_now(job.payout.id, by="anna")


@pytest.mark.parametrize("outcome", [accepted, refused])
def test_what_is_paid_or_refused_is_not_sent_again(
    desk: Desk, outcome: Callable[[Job], Step]
) -> None:
    payout = sent(desk, outcome)
    with pytest.raises(LedgerError, match=payout.state):
        desk.book.send_now(payout.id, by="anna")


@pytest.mark.parametrize("state", ["paused", "cancelled", "draft"])
def test_nothing_is_sent_for_a_campaign_that_does_not_send(desk: Desk, state: str) -> None:
    if state == "draft":
        desk.draft()
        [payout] = desk.payouts()
    else:
        payout = sent(desk, doubtful)
    if state == "paused":
        desk.book.pause("spring", by="anna", reason="no")
    if state == "cancelled":
        desk.book.cancel("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match=state):
        desk.book.send_now(payout.id, by="anna")


@pytest.mark.parametrize("verb", ["query", "send"])
def test_what_a_person_wants_now_begins_anew_and_leaves_the_day_its_money(
    desk: Desk, verb: str
) -> None:
    payout = sent(desk, lambda job: doubtful(job)._replace(tries=3))
    assert payout.tries == 3
    now = desk.book.query_now if verb == "query" else desk.book.send_now
    assert now(payout.id, by="anna").tries == 0
    assert desk.book.audit().findings == ()


def test_nobody_touches_what_a_worker_has(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    number = job.payout.id
    actions: list[Callable[[], object]] = [
        lambda: desk.book.query_now(number, by="anna"),
        lambda: desk.book.send_now(number, by="anna"),
        lambda: desk.book.declare_dead(number, by="anna", reason="x", windows=windows),
        lambda: desk.book.reopen(number, by="anna", reason="x", override=True),
    ]
    for action in actions:
        with pytest.raises(LedgerError, match="worker's hands"):
            action()
    assert desk.record((job, accepted(job))) == frozenset()


def test_what_a_worker_had_is_free_when_its_lease_is_over(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.clock.pass_(LEASE_SECONDS)
    desk.book.query_now(job.payout.id, by="anna")
    assert desk.record((job, accepted(job))) == {job.payout.id}, "it comes too late"


def test_what_the_books_do_not_have_is_reported(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="no payout"):
        desk.book.query_now(77, by="anna")
    assert desk.book.find("nothing") == []
    assert desk.book.find("") == []
    assert desk.book.history(77) == []
