"""What follows from each outcome of a look at a packet that is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Status
from hongbao.dispatch.policy import decide
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.rails.known import looking
from hongbao.rails.outcome import CallNotSent, NotFound, SendAccepted, Unanswered
from hongbao.rails.redpack.looks import EARLY, LOOKS, NEXT_DAY
from hongbao.rails.redpack.rail import RED_PACK
from policy_decisions import after_query, found, standing, told
from policy_payouts import DAY, HOUR, MINUTE, NOW, called, sent

if TYPE_CHECKING:
    from hongbao.rails.outcome import QueryOutcome

SENDING, SENT = Status.SENDING, Status.SENT
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND


@pytest.mark.parametrize(
    ("age", "look"),
    [
        (0, 10 * MINUTE),
        (10 * MINUTE - 1, 10 * MINUTE),
        (10 * MINUTE, HOUR),
        (HOUR, DAY + HOUR),
        (DAY + HOUR, 2 * DAY),
        (2 * DAY, 3 * DAY),
        (3 * DAY - 1, 3 * DAY),
        (3 * DAY, 4 * DAY),
        (4 * DAY - 1, 4 * DAY),
        (4 * DAY, 5 * DAY),
        (20 * DAY + HOUR, 21 * DAY),
    ],
)
def test_a_packet_that_is_sent_is_looked_at_by_its_age(age: int, look: int) -> None:
    before = sent(sent_at=NOW - age, first_call_at=NOW - age, tries=3, reason="before")
    for outcome in (found(SENT), found(SENDING), NotFound(), found("NEW")):
        step = after_query(before, outcome).step
        assert standing(step) == (State.SENT, Task.LOOK, NOW - age + look)
        assert told(step) == (None, False, None)
        assert step.tries == 0
        assert (step.sent_at, step.listid) == (before.sent_at, before.listid)


def test_with_the_setting_next_day_the_first_look_comes_when_nobody_can_claim_any_more() -> None:
    accepted = SendAccepted(listid="1000041701")
    for name, first in (("early", 10 * MINUTE), ("next-day", DAY + HOUR)):
        rail = looking(name).of("normal")
        step = decide(called(), Task.SEND, accepted, NOW, rail).step
        assert standing(step) == (State.SENT, Task.LOOK, NOW + first)


def test_both_schedules_of_looks_are_the_same_once_the_packet_cannot_be_claimed() -> None:
    early, next_day = LOOKS[EARLY], LOOKS[NEXT_DAY]
    assert early[-len(next_day) :] == next_day
    assert RED_PACK.retry.looks == early


def test_what_a_look_at_a_sent_packet_says_is_kept_for_people() -> None:
    before = sent(reason="before", code="X")
    reasons: dict[QueryOutcome, str | None] = {
        found(SENT): None,
        found(SENDING): "WeChat is still working on it",
        found(SENDING, reason="慢"): "慢",
        found("NEW"): "WeChat says NEW, which is not known here",
        NotFound(): "before",
    }
    for outcome, reason in reasons.items():
        assert after_query(before, outcome).step.reason == reason


def test_a_sent_packet_that_is_claimed_or_back_is_over() -> None:
    for outcome, state, claimed, refunded in (
        (found(RECEIVED, settled_at=NOW - HOUR), State.RECEIVED, 1000, 0),
        (found(REFUND, refunded=1000, settled_at=NOW - HOUR), State.RETURNED, 0, 1000),
    ):
        before = sent()
        step = after_query(before, outcome).step
        assert standing(step) == (state, None, None)
        assert told(step) == (EventKind.FOUND, True, None)
        assert (step.claimed, step.refunded) == (claimed, refunded)
        assert (step.sent_at, step.settled_at) == (before.sent_at, NOW - HOUR)
        assert step.listid == before.listid


def test_a_look_that_fails_is_taken_again_soon_or_with_the_next() -> None:
    step = after_query(sent(), Unanswered(code=None, why="HTTP 502")).step
    assert standing(step) == (State.SENT, Task.LOOK, NOW + 2 * SECOND)
    assert (step.tries, step.reason) == (1, "the query failed: HTTP 502")
    assert told(step) == (None, False, None)
    soon = sent(sent_at=NOW - HOUR + SECOND)
    assert after_query(soon, CallNotSent(why="")).step.due_at == NOW + SECOND


def test_a_new_list_number_is_a_fact_and_told() -> None:
    step = after_query(sent(listid=None), found(SENT)).step
    assert (step.listid, step.kind, step.answered) == ("1000099", EventKind.FOUND, True)
    unsaid = after_query(sent(listid=None), found(SENT, listid="")).step
    assert (unsaid.listid, unsaid.kind) == (None, None)


def test_a_groups_packet_is_over_when_its_shares_are_claimed_or_back() -> None:
    before = sent(people=5)
    for outcome, state, kind in (
        (found(SENT), State.SENT, None),
        (found(RECEIVED), State.SENT, None),
        (found(REFUND), State.SENT, None),
        (found(RECEIVED, claimed=300), State.SENT, EventKind.FOUND),
        (found(SENT, claimed=300), State.SENT, EventKind.FOUND),
        (found(RFUND_ING, claimed=300, refunded=700), State.SENT, EventKind.FOUND),
        (found(REFUND, claimed=300, refunded=600), State.SENT, EventKind.FOUND),
        (found(REFUND, claimed=300, refunded=700), State.RETURNED, EventKind.FOUND),
        (found(RECEIVED, claimed=300, refunded=700), State.RETURNED, EventKind.FOUND),
        (found(RECEIVED, claimed=1000), State.RECEIVED, EventKind.FOUND),
        (found(SENT, claimed=1000), State.RECEIVED, EventKind.FOUND),
    ):
        step = after_query(before, outcome).step
        assert (step.state, step.kind) == (state, kind), outcome
        refunded = 0 if outcome.said == RFUND_ING else outcome.refunded
        assert (step.claimed, step.refunded) == (outcome.claimed, refunded)
        assert (step.settled_at is None) is (state is State.SENT)


def test_a_packet_for_one_that_is_back_but_for_what_was_claimed_is_returned() -> None:
    step = after_query(sent(), found(REFUND, claimed=400)).step
    assert (step.state, step.claimed, step.refunded) == (State.RETURNED, 400, 600)
    whole = after_query(sent(), found(REFUND, claimed=1000)).step
    assert (whole.state, whole.claimed, whole.refunded) == (State.RECEIVED, 1000, 0)


def test_a_sent_packet_that_nobody_claims_stays_sent_and_comes_to_a_person() -> None:
    for age, expected in (
        (28 * DAY + HOUR, (State.SENT, Task.LOOK, NOW + DAY - HOUR)),
        (29 * DAY - 1, (State.SENT, Task.LOOK, NOW + 1)),
        (29 * DAY, (State.SENT, None, None)),
    ):
        before = sent(sent_at=NOW - age + HOUR, first_call_at=NOW - age)
        step = after_query(before, found(SENT)).step
        assert standing(step) == expected
        kind = EventKind.HANDED_OVER if step.task is None else None
        assert told(step) == (kind, kind is not None, None)


def test_a_sent_packet_has_no_doubt_whatever_became_of_other_calls() -> None:
    before = sent(calls=2, answers=1, first_call_at=NOW - 30 * DAY)
    step = after_query(before, Unanswered(code=None, why="")).step
    assert told(step) == (EventKind.HANDED_OVER, True, None)
