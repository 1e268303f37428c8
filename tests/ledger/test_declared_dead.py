"""When a person may declare a number dead, and what proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import (
    DAY,
    HOUR,
    accepted,
    confirming,
    doubtful,
    handed_over,
    held_back,
    last_event,
    postponed,
    refused,
    sent,
    step,
)
from hongbao.errors import Disposition, LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.standing import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step


def test_a_young_number_is_not_declared_dead(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(HOUR)
    handed_over(desk)
    for hours in (0, 24, 70):
        desk.clock.pass_(hours * HOUR)
        with pytest.raises(LedgerError, match="may still be paid for") as told:
            desk.declare_dead(payout, "x")
        assert payout.billno in str(told.value)


def test_what_was_sent_just_now_was_not_sent_an_hour_ago(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(3)
    with pytest.raises(LedgerError, match="was sent 3 seconds ago"):
        desk.declare_dead(payout, "x")


def test_it_is_declared_dead_after_its_last_hours_and_a_late_query(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(80 * HOUR)
    handed_over(desk)
    desk.clock.pass_(16 * HOUR - 1)
    with pytest.raises(LedgerError, match=r"was sent 3 days ago, .* 1 second more"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(1)
    dead = desk.declare_dead(payout, "the account was closed")
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
        desk.declare_dead(payout, "gone")
    desk.book.query_now(payout.id, by="anna")
    with pytest.raises(LedgerError):
        desk.declare_dead(payout, "gone")
    handed_over(desk)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


@pytest.mark.parametrize("resend", [None, HOUR])
def test_a_number_lives_its_whole_day_whatever_was_said_of_sending_it_again(
    desk: Desk, resend: int | None
) -> None:
    """Its last hours begin a day after the send, not earlier."""

    def without_a_day(job: Job) -> Step:
        until = None if resend is None else job.at + resend * SECOND
        return doubtful(job)._replace(resend_until=until)

    payout = sent(desk, without_a_day)
    desk.clock.pass_(25 * HOUR)
    handed_over(desk)
    desk.clock.pass_(71 * HOUR - 1)
    with pytest.raises(LedgerError, match="1 second more"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(1)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


def test_a_query_in_the_last_moment_of_its_day_is_not_late(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(24 * HOUR)
    handed_over(desk)
    desk.clock.pass_(72 * HOUR)
    with pytest.raises(LedgerError, match="no late query"):
        desk.declare_dead(payout, "gone")


def test_a_later_answer_that_knows_it_takes_the_proof_away(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(100 * HOUR)
    handed_over(desk)
    desk.book.query_now(payout.id, by="anna")
    [job] = desk.jobs()
    working = step(job, None, State.IN_DOUBT, task=Task.QUERY, due_at=job.at + HOUR * SECOND)
    desk.record((job, working))
    with pytest.raises(LedgerError, match="still being asked"):
        desk.declare_dead(payout, "gone")


def test_another_reason_to_hand_it_over_is_no_proof(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(100 * HOUR)
    handed_over(desk, "MISFIT")
    with pytest.raises(LedgerError, match="no late query"):
        desk.declare_dead(payout, "gone")


def test_a_number_that_paid_another_receiver_is_dead_for_this_one(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(HOUR)
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.HANDED_OVER, State.IN_DOUBT, code="OTHER_ORDER")))
    desk.book.query_now(payout.id, by="anna")
    with pytest.raises(LedgerError, match="still being asked"):
        desk.declare_dead(payout, "the old openid had it")
    handed_over(desk, "OTHER_ORDER")
    dead = desk.declare_dead(payout, "the old openid had it")
    assert (dead.state, dead.code) == (State.REFUSED, "DECLARED_DEAD")
    assert desk.book.audit().findings == ()


def test_a_later_answer_counts_more_than_that_the_number_had_paid_another(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(HOUR)
    handed_over(desk, "OTHER_ORDER")
    desk.book.query_now(payout.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, step(job, EventKind.NOT_FOUND, State.IN_DOUBT, code="NOT_FOUND")))
    with pytest.raises(LedgerError, match="may still be paid for"):
        desk.declare_dead(payout, "gone")


def test_a_refusal_that_no_query_can_confirm_any_more_is_declared_dead(desk: Desk) -> None:
    payout = sent(desk, confirming)
    with pytest.raises(LedgerError, match="still being asked"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(3)
    handed_over(desk, "MONEY_LIMIT")
    dead = desk.declare_dead(payout, "not in the bills")
    assert dead.state is State.REFUSED
    with pytest.raises(LedgerError, match="a person's word"):
        desk.book.reopen(payout.id, by="anna", reason="again")


def test_beyond_the_horizon_nothing_more_can_be_found_out(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY - 1)
    with pytest.raises(LedgerError):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(1)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


def test_the_last_send_counts_and_not_the_first(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(23 * HOUR)
    desk.book.send_now(payout.id, by="anna")
    [job] = desk.jobs()
    desk.record((job, doubtful(job)))
    desk.clock.pass_(90 * HOUR)
    handed_over(desk)
    with pytest.raises(LedgerError, match="6 hours more"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(30 * DAY - 91 * HOUR)
    desk.book.query_now(payout.id, by="anna")
    with pytest.raises(LedgerError, match="still being asked"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(HOUR)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


def test_a_number_that_a_late_query_found_held_back_may_be_paid_for_longer(desk: Desk) -> None:
    """It may be sent again until then: its last hours begin there, not with the last send."""
    payout = sent(desk, doubtful)
    desk.clock.pass_(23 * HOUR)
    [job] = desk.jobs()
    held = job.at + 72 * HOUR * SECOND
    late = step(
        job, EventKind.FOUND, State.WAITING, task=Task.SEND, due_at=job.at + HOUR * SECOND,
        doubt=Disposition.OPEN, resend_until=held,
    )  # fmt: skip
    desk.record((job, late))
    desk.clock.pass_(74 * HOUR)
    handed_over(desk)
    desk.clock.pass_(70 * HOUR - 1)
    with pytest.raises(LedgerError, match="1 second more"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(1)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


def test_a_number_that_waits_and_lives_is_declared_dead_by_the_same_law(desk: Desk) -> None:
    payout = sent(desk, held_back)
    desk.book.pause("spring", by="anna", reason="no")
    with pytest.raises(LedgerError, match="may still be paid for"):
        desk.declare_dead(payout, "gone")
    desk.clock.pass_(30 * DAY)
    assert desk.declare_dead(payout, "gone").state is State.REFUSED


@pytest.mark.parametrize("outcome", [accepted, refused])
def test_what_is_decided_is_not_declared_dead(desk: Desk, outcome: Callable[[Job], Step]) -> None:
    payout = sent(desk, outcome)
    desk.clock.pass_(40 * DAY)
    with pytest.raises(LedgerError, match=payout.state):
        desk.declare_dead(payout, "gone")


def test_what_has_no_order_with_the_payer_is_not_declared_dead(desk: Desk) -> None:
    payout = sent(desk, lambda job: postponed(job, after=60))
    with pytest.raises(LedgerError, match="no order"):
        desk.declare_dead(payout, "gone")


def test_dead_without_a_reason_is_refused(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY)
    with pytest.raises(LedgerError, match="reason"):
        desk.declare_dead(payout, " ")


def test_what_is_declared_dead_today_gives_its_share_of_the_day_back(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.clock.pass_(30 * DAY - HOUR)
    desk.campaign(name="other")
    [job] = [job for job in desk.jobs() if job.task is Task.SEND]
    desk.record((job, doubtful(job)))
    desk.clock.pass_(HOUR)
    desk.declare_dead(payout, "gone")
    assert desk.book.audit().findings == ()
