"""When a person may have a refused payout sent again, and with which number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from desk import (
    DAY,
    accepted,
    confirming,
    doubtful,
    held_back,
    last_event,
    not_stored,
    refused,
    refused_unproven,
    sent,
    step,
    unknown,
    windows,
)
from hongbao import new_billno
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.store.schema import ATTEMPT, PAYOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step


def test_a_number_that_failed_gets_a_successor(desk: Desk) -> None:
    payout = sent(desk, refused)
    again = desk.book.reopen(payout.id, by="anna", reason="the openid was fixed")
    assert (again.state, again.attempt, again.task) == (State.WAITING, 2, Task.SEND)
    assert again.billno == new_billno("1900012345", payout.key, 2) != payout.billno
    assert (again.calls, again.answers, again.doubt, again.code) == (0, 0, None, None)
    assert (again.first_call_at, again.resend_until, again.day) == (None, None, None)
    with desk.transaction() as connection:
        attempts = connection.execute(select(ATTEMPT).order_by(ATTEMPT.c.number)).all()
        first = connection.scalar(select(PAYOUT.c.billno).where(PAYOUT.c.id == payout.id))
    assert first == payout.billno
    assert [(row.number, row.billno) for row in attempts] == [(2, again.billno)]
    kind, actor, body = last_event(desk, payout)
    assert (kind, actor) == (EventKind.REOPENED, "anna")
    assert (body["reason"], body["billno"]) == ("the openid was fixed", again.billno)
    [job] = desk.jobs()
    assert (job.payout.billno, job.payout.calls) == (again.billno, 1)
    desk.record((job, accepted(job)))
    assert desk.book.standing("spring").phase is Phase.COMPLETE
    assert desk.book.audit().findings == ()


def test_a_number_of_which_the_payer_has_no_order_is_sent_again(desk: Desk) -> None:
    payout = sent(desk, not_stored)
    desk.clock.pass_(9 * DAY)
    again = desk.book.reopen(payout.id, by="anna", reason="the appid was bound")
    assert (again.state, again.attempt, again.task) == (State.WAITING, 1, Task.SEND)
    assert (again.billno, again.code, again.day) == (payout.billno, None, None)
    with desk.transaction() as connection:
        assert connection.execute(select(ATTEMPT)).all() == []
    kind, _, body = last_event(desk, payout)
    assert (kind, body["reason"]) == (EventKind.REOPENED, "the appid was bound")
    assert not {"attempt", "billno", "calls"} & set(body)
    assert desk.book.audit().findings == ()
    [job] = desk.jobs()
    # All that is counted from the first call that may have left an order begins anew.
    assert job.payout.first_call_at == job.at > (payout.first_call_at or 0) + 9 * DAY
    assert (job.payout.calls, job.payout.answers, job.payout.resend_until) == (2, 1, None)
    desk.record((job, accepted(job)))
    assert desk.book.standing("spring").phase is Phase.COMPLETE
    assert desk.book.audit().findings == ()


def test_a_number_that_is_sent_again_needs_a_proof_of_its_own(desk: Desk) -> None:
    payout = sent(desk, not_stored)
    for _ in range(3):
        desk.book.reopen(payout.id, by="anna", reason="again")
        [job] = desk.jobs()
        desk.record((job, confirming(job)))
        with pytest.raises(LedgerError, match="is in doubt"):
            desk.book.reopen(payout.id, by="anna", reason="again")
        desk.clock.pass_(3)
        [job] = desk.jobs()
        desk.record((job, not_stored(job)))
    assert desk.payout(payout.id).attempt == 1
    desk.book.reopen(payout.id, by="anna", reason="again")
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    assert desk.book.reopen(payout.id, by="anna", reason="it has expired").attempt == 2
    assert desk.book.audit().findings == ()


def test_no_person_gives_a_successor_to_a_number_that_still_pays(desk: Desk) -> None:
    payout = sent(desk, not_stored)
    again = desk.book.reopen(payout.id, by="anna", reason="again", override=True)
    assert (again.attempt, again.billno) == (1, payout.billno)


def test_a_proof_that_does_not_say_which_is_the_weaker_one(desk: Desk) -> None:
    payout = sent(desk, lambda job: refused(job)._replace(proof=None))
    assert desk.book.reopen(payout.id, by="anna", reason="again").billno == payout.billno


def test_a_number_that_was_sent_is_not_given_away_by_a_cancellation(desk: Desk) -> None:
    payout = sent(desk, not_stored)
    desk.book.reopen(payout.id, by="anna", reason="again")
    desk.book.cancel("spring", by="anna", reason="no")
    cancelled = desk.payout(payout.id)
    assert (cancelled.state, cancelled.calls) == (State.CANCELLED, 1)
    assert desk.book.audit().findings == ()


def test_a_number_is_found_after_it_was_given_up(desk: Desk) -> None:
    payout = sent(desk, refused)
    again = desk.book.reopen(payout.id, by="anna", reason="fixed")
    for name in (payout.billno, again.billno, payout.key):
        assert desk.book.find(name) == [again]


def test_what_a_query_says_has_failed_gets_another_number(desk: Desk) -> None:
    payout = sent(desk, unknown)
    desk.clock.pass_(60)
    [job] = desk.jobs()
    failed = step(job, EventKind.FOUND, State.REFUSED, code="FAILED", doubt=Disposition.NO)
    desk.record((job, failed))
    assert desk.book.reopen(payout.id, by="anna", reason="again").attempt == 2


def asked(desk: Desk, payout: Payout, kind: EventKind | None, state: State, **facts: Any) -> Payout:
    """What a query that a person asked for has brought."""
    desk.book.query_now(payout.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, step(job, kind, state, **facts)))
    return desk.payout(job)


def test_a_refusal_is_reopened_once_a_query_has_confirmed_it(desk: Desk) -> None:
    payout = sent(desk, confirming)
    assert payout.confirming
    with pytest.raises(LedgerError, match="is in doubt"):
        desk.book.reopen(payout.id, by="anna", reason="again", override=True)
    desk.clock.pass_(3)
    [job] = desk.jobs()
    assert (job.task, job.submitted_at) == (Task.QUERY, desk.book.history(payout.id)[0].at)
    desk.record((job, not_stored(job)))
    assert desk.book.standing("spring").phase is Phase.COMPLETE_WITH_REFUSALS
    assert desk.book.reopen(payout.id, by="anna", reason="again").state is State.WAITING
    assert desk.book.audit().findings == ()


def test_the_word_of_a_send_alone_reopens_nothing(desk: Desk) -> None:
    payout = sent(desk, refused_unproven)
    with pytest.raises(LedgerError, match="Ask first: hongbao payout query spring/0"):
        desk.book.reopen(payout.id, by="anna", reason="again")
    asked(desk, payout, None, State.REFUSED)
    with pytest.raises(LedgerError, match="Ask first"):
        desk.book.reopen(payout.id, by="anna", reason="again")
    asked(desk, payout, EventKind.PROVEN_DEAD, State.REFUSED, proof=Proof.FAILED)
    asked(desk, payout, None, State.REFUSED, reason="the query failed")
    desk.book.query_now(payout.id, by="anna")
    assert desk.book.reopen(payout.id, by="anna", reason="again").attempt == 2


def test_what_is_too_old_to_be_asked_about_is_reopened_only_on_purpose(desk: Desk) -> None:
    payout = sent(desk, refused_unproven)
    desk.clock.pass_(30 * DAY - 1)
    with pytest.raises(LedgerError, match="Ask first"):
        desk.book.reopen(payout.id, by="anna", reason="again", windows=windows)
    desk.clock.pass_(1)
    with pytest.raises(LedgerError, match="older than what the payer answers queries about"):
        desk.book.reopen(payout.id, by="anna", reason="again", windows=windows)
    assert desk.book.reopen(payout.id, by="anna", reason="so", override=True).attempt == 2


def test_a_proof_is_one_only_until_something_else_happens(desk: Desk) -> None:
    payout = sent(desk, refused)
    alive = {"task": Task.QUERY, "due_at": desk.book.now() + 1, "doubt": Disposition.UNKNOWN}
    asked(desk, payout, EventKind.FOUND, State.IN_DOUBT, **alive)
    desk.clock.pass_(1)
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.HANDED_OVER, State.IN_DOUBT, code="OTHER_ORDER")))
    desk.declare_dead(payout, "it went to another openid")
    with pytest.raises(LedgerError, match="a person's word"):
        desk.book.reopen(payout.id, by="anna", reason="again")
    assert desk.book.audit().findings == ()


def test_the_day_has_its_money_again_for_what_was_not_refused_after_all(desk: Desk) -> None:
    payout = sent(desk, refused_unproven)
    later = {"task": Task.QUERY, "due_at": desk.book.now() + 1}
    alive = asked(desk, payout, EventKind.FOUND, State.IN_DOUBT, **later)
    assert alive.day == payout.day
    assert desk.book.audit().findings == ()
    desk.clock.pass_(1)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    found = desk.book.standing("spring")
    assert (found.paid, found.refused) == (100, 0)
    assert desk.book.audit().findings == ()


def test_a_query_after_a_refusal_leaves_the_day_its_money(desk: Desk) -> None:
    payout = sent(desk, refused_unproven)
    asked(desk, payout, EventKind.PROVEN_DEAD, State.REFUSED, proof=Proof.FAILED)
    assert desk.book.audit().findings == ()


def test_a_breaker_counts_a_refusal_at_once_and_once(desk: Desk) -> None:
    payout = sent(desk, confirming)
    assert desk.book.causes(payout.campaign_id).refused == {"MONEY_LIMIT": 1}
    desk.clock.pass_(3)
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.PROVEN_DEAD, State.REFUSED, code="MONEY_LIMIT")))
    assert desk.book.causes(payout.campaign_id).refused == {"MONEY_LIMIT": 1}


def test_what_only_a_person_called_dead_is_reopened_only_on_purpose(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    desk.declare_dead(payout, "gone")
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
    with pytest.raises(LedgerError, match="Ask first"):
        desk.book.reopen(payout.id, by="anna", reason="again")


def test_a_second_attempt_is_proven_dead_by_itself(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    desk.declare_dead(payout, "gone")
    desk.book.reopen(payout.id, by="anna", reason="again", override=True)
    [job] = desk.jobs()
    desk.record((job, refused(job)))
    third = desk.book.reopen(payout.id, by="anna", reason="fixed")
    assert third.attempt == 3
    assert third.billno == new_billno("1900012345", payout.key, 3)


@pytest.mark.parametrize("outcome", [accepted, doubtful, held_back])
def test_only_a_refused_payout_is_reopened(desk: Desk, outcome: Callable[[Job], Step]) -> None:
    payout = sent(desk, outcome)
    with pytest.raises(LedgerError, match=payout.state.in_words):
        desk.book.reopen(payout.id, by="anna", reason="again", override=True)


def test_a_cancelled_campaign_gets_no_new_numbers(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, refused(job)))
    payout = desk.payout(job)
    desk.book.cancel("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match="cancelled") as caught:
        desk.book.reopen(payout.id, by="anna", reason="again")
    assert caught.value.remedy.startswith("No order of its number lives.")
    assert "another key, in another campaign" in caught.value.remedy


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (not_stored, "Copies of these books from before the cancellation would pay it as well."),
        (refused_unproven, "Ask first: hongbao payout query spring/0"),
    ],
)
def test_another_key_is_advised_for_no_number_that_may_be_paid(
    desk: Desk, outcome: Callable[[Job], Step], words: str
) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, outcome(job)))
    desk.book.cancel("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match="which is cancelled") as caught:
        desk.book.reopen(desk.payout(job).id, by="anna", reason="again", override=True)
    assert caught.value.remedy.endswith(words)
    proven = outcome is not_stored
    assert ("another key" in caught.value.remedy) == proven


def test_reopening_twice_opens_one_attempt(desk: Desk) -> None:
    payout = sent(desk, refused)
    desk.book.reopen(payout.id, by="anna", reason="again")
    with pytest.raises(LedgerError, match="waiting"):
        desk.book.reopen(payout.id, by="anna", reason="again")
    assert desk.payout(payout.id).attempt == 2
