"""What people may do with one payout, what the law keeps from them, and what stands of it after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk import LEASE_SECONDS, accepted, postponed, refused, step, unknown
from hongbao import new_billno
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.event import EventKind
from hongbao.ledger.payout import SECOND, State, Task
from hongbao.ledger.schema import ATTEMPT
from hongbao.ledger.standing import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.job import Job
    from hongbao.ledger.payout import Payout
    from hongbao.ledger.step import Step

HOUR = 3600
DAY = 24 * HOUR


def sent(desk: Desk, outcome: Callable[[Job], Step]) -> Payout:
    """A payout that was sent once, with this outcome."""
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, outcome(job)))
    return desk.payout(job)


def doubtful(job: Job) -> Step:
    """The reply was lost; it may be sent again for a day."""
    return step(
        job, EventKind.UNKNOWN, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + HOUR * SECOND,
        doubt=Disposition.UNKNOWN, resend_until=job.at + DAY * SECOND,
    )  # fmt: skip


def held_back(job: Job) -> Step:
    """Not paid now; the number lives."""
    return step(
        job, EventKind.POSTPONED, State.WAITING, task=Task.SEND, due_at=job.at + HOUR * SECOND,
        doubt=Disposition.OPEN, resend_until=job.at + DAY * SECOND, code="NOTENOUGH",
    )  # fmt: skip


def handed_over(desk: Desk, code: str = "NOT_FOUND") -> None:
    """A late query brings nothing, and leaves it to a person."""
    [job] = desk.jobs()
    assert job.task is Task.QUERY
    desk.record((job, step(job, EventKind.HANDED_OVER, State.IN_DOUBT, code=code)))


def last_event(desk: Desk, payout: Payout) -> tuple[str, str, dict[str, object]]:
    """What the history says last."""
    event = desk.book.history(payout.id)[-1]
    return event.kind, event.actor, json.loads(event.body)


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


def test_nobody_touches_what_a_worker_has(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    number = job.payout.id
    actions: list[Callable[[], object]] = [
        lambda: desk.book.query_now(number, by="anna"),
        lambda: desk.book.send_now(number, by="anna"),
        lambda: desk.book.declare_dead(number, by="anna", reason="x"),
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


def test_a_young_number_is_not_declared_dead(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(HOUR)
    handed_over(desk)
    for hours in (0, 24, 70):
        desk.clock.pass_(hours * HOUR)
        with pytest.raises(LedgerError, match="may be paid for") as told:
            desk.book.declare_dead(payout.id, by="anna", reason="x")
        assert payout.billno in str(told.value)


def test_it_is_declared_dead_after_its_last_hours_and_a_late_query(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(80 * HOUR)
    handed_over(desk)
    desk.clock.pass_(16 * HOUR - 1)
    with pytest.raises(LedgerError, match="1 hours yet"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.clock.pass_(1)
    dead = desk.book.declare_dead(payout.id, by="anna", reason="the account was closed")
    assert (dead.state, dead.task, dead.code) == (State.REFUSED, None, "DECLARED_DEAD")
    assert last_event(desk, payout) == (
        EventKind.DECLARED_DEAD,
        "anna",
        {"state": "refused", "reason": "the account was closed"},
    )
    found = desk.book.standing("spring")
    assert (found.phase, found.refused) == (Phase.COMPLETE_WITH_REFUSALS, 100)
    assert desk.book.audit().findings == ()


def test_a_query_before_its_last_hours_proves_nothing(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(2 * HOUR)
    handed_over(desk)
    desk.clock.pass_(100 * HOUR)
    with pytest.raises(LedgerError, match="no late query"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.book.query_now(payout.id, by="anna")
    with pytest.raises(LedgerError):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    handed_over(desk)
    assert desk.book.declare_dead(payout.id, by="anna", reason="gone").state is State.REFUSED


def test_a_later_answer_that_knows_it_takes_the_proof_away(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(100 * HOUR)
    handed_over(desk)
    desk.book.query_now(payout.id, by="anna")
    [job] = desk.jobs()
    working = step(job, None, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + HOUR * SECOND)
    desk.record((job, working))
    with pytest.raises(LedgerError, match="still being asked"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")


def test_another_reason_to_hand_it_over_is_no_proof(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(100 * HOUR)
    handed_over(desk, "MISFIT")
    with pytest.raises(LedgerError, match="no late query"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")


def test_beyond_the_horizon_nothing_more_can_be_found_out(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY - 1)
    with pytest.raises(LedgerError):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.clock.pass_(1)
    assert desk.book.declare_dead(payout.id, by="anna", reason="gone").state is State.REFUSED


def test_the_last_send_counts_and_not_the_first(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(23 * HOUR)
    desk.book.send_now(payout.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, doubtful(job)))
    desk.clock.pass_(90 * HOUR)
    handed_over(desk)
    with pytest.raises(LedgerError, match="6 hours yet"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.clock.pass_(30 * DAY - 91 * HOUR)
    desk.book.query_now(payout.id, by="anna")
    with pytest.raises(LedgerError, match="still being asked"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.clock.pass_(HOUR)
    assert desk.book.declare_dead(payout.id, by="anna", reason="gone").state is State.REFUSED


def test_a_number_that_waits_and_lives_is_declared_dead_by_the_same_law(desk: Desk) -> None:
    payout = sent(desk, held_back)
    desk.book.pause("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match="may be paid for"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.clock.pass_(30 * DAY)
    assert desk.book.declare_dead(payout.id, by="anna", reason="gone").state is State.REFUSED


@pytest.mark.parametrize("outcome", [accepted, refused])
def test_what_is_decided_is_not_declared_dead(desk: Desk, outcome: Callable[[Job], Step]) -> None:
    payout = sent(desk, outcome)
    desk.clock.pass_(40 * DAY)
    with pytest.raises(LedgerError, match=payout.state):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")


def test_what_has_no_order_with_the_payer_is_not_declared_dead(desk: Desk) -> None:
    payout = sent(desk, lambda job: postponed(job, after=60))
    with pytest.raises(LedgerError, match="no order"):
        desk.book.declare_dead(payout.id, by="anna", reason="gone")


def test_dead_without_a_reason_is_refused(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    with pytest.raises(LedgerError, match="reason"):
        desk.book.declare_dead(payout.id, by="anna", reason=" ")


def test_what_is_declared_dead_today_gives_its_share_of_the_day_back(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY - HOUR)
    desk.campaign(name="other")
    [job] = [job for job in desk.jobs() if job.task is Task.SEND]
    desk.record((job, doubtful(job)))
    desk.clock.pass_(HOUR)
    desk.book.declare_dead(payout.id, by="anna", reason="gone")
    assert desk.book.audit().findings == ()


def test_a_refused_payout_gets_another_number(desk: Desk) -> None:
    payout = sent(desk, refused)
    again = desk.book.reopen(payout.id, by="anna", reason="the openid was mended")
    assert (again.state, again.attempt, again.task) == (State.WAITING, 2, Task.SEND)
    assert again.billno == new_billno("1900012345", payout.key, 2) != payout.billno
    assert (again.calls, again.answers, again.doubt, again.code) == (0, 0, None, None)
    assert (again.first_call_at, again.resend_until, again.day) == (None, None, None)
    with desk.transaction() as connection:
        attempts = connection.execute(select(ATTEMPT).order_by(ATTEMPT.c.number)).all()
    assert [(row.number, row.billno) for row in attempts] == [
        (1, payout.billno),
        (2, again.billno),
    ]
    kind, actor, body = last_event(desk, payout)
    assert (kind, actor) == (EventKind.REOPENED, "anna")
    assert (body["reason"], body["billno"]) == ("the openid was mended", again.billno)
    [job] = desk.jobs()
    assert (job.payout.billno, job.payout.calls) == (again.billno, 1)
    desk.record((job, accepted(job)))
    assert desk.book.standing("spring").phase is Phase.COMPLETE
    assert desk.book.audit().findings == ()


def test_a_number_is_found_after_it_was_given_up(desk: Desk) -> None:
    payout = sent(desk, refused)
    again = desk.book.reopen(payout.id, by="anna", reason="mended")
    for name in (payout.billno, again.billno, payout.key):
        assert desk.book.find(name) == [again]


def test_what_a_query_says_has_failed_gets_another_number(desk: Desk) -> None:
    payout = sent(desk, unknown)
    desk.clock.pass_(60)
    [job] = desk.jobs()
    failed = step(job, EventKind.FOUND, State.REFUSED, code="FAILED", doubt=Disposition.NO)
    desk.record((job, failed))
    assert desk.book.reopen(payout.id, by="anna", reason="again").attempt == 2


def test_what_only_a_person_called_dead_is_reopened_only_on_purpose(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    desk.book.declare_dead(payout.id, by="anna", reason="gone")
    with pytest.raises(LedgerError, match="person's word"):
        desk.book.reopen(payout.id, by="bert", reason="again")
    again = desk.book.reopen(payout.id, by="bert", reason="they never got it", override=True)
    assert again.attempt == 2
    kind, actor, body = last_event(desk, payout)
    assert (kind, actor, body["override"]) == (EventKind.REOPENED, "bert", True)
    assert desk.book.audit().findings == ()


def test_an_answer_that_does_not_fit_takes_the_proof_of_death_away(desk: Desk) -> None:
    payout = sent(desk, refused)
    desk.book.query_now(payout.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.HANDED_OVER, State.REFUSED, code="MISFIT")))
    with pytest.raises(LedgerError, match="may yet be paid"):
        desk.book.reopen(payout.id, by="anna", reason="again")


def test_a_second_attempt_is_proven_dead_by_itself(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    desk.book.declare_dead(payout.id, by="anna", reason="gone")
    desk.book.reopen(payout.id, by="anna", reason="again", override=True)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    third = desk.book.reopen(payout.id, by="anna", reason="mended")
    assert third.attempt == 3
    assert third.billno == new_billno("1900012345", payout.key, 3)


@pytest.mark.parametrize("outcome", [accepted, doubtful, held_back])
def test_only_a_refused_payout_gets_another_number(
    desk: Desk, outcome: Callable[[Job], Step]
) -> None:
    payout = sent(desk, outcome)
    with pytest.raises(LedgerError, match=payout.state):
        desk.book.reopen(payout.id, by="anna", reason="again", override=True)


def test_a_cancelled_campaign_gets_no_new_numbers(desk: Desk) -> None:
    payout = sent(desk, refused)
    desk.book.cancel("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match="cancelled"):
        desk.book.reopen(payout.id, by="anna", reason="again")


def test_reopening_twice_opens_one_attempt(desk: Desk) -> None:
    payout = sent(desk, refused)
    desk.book.reopen(payout.id, by="anna", reason="again")
    with pytest.raises(LedgerError, match="waiting"):
        desk.book.reopen(payout.id, by="anna", reason="again")
    assert desk.payout(payout.id).attempt == 2


def test_what_the_books_do_not_have_is_told(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="no payout"):
        desk.book.query_now(77, by="anna")
    assert desk.book.find("nothing") == []
    assert desk.book.find("") == []
    assert desk.book.history(77) == []
