"""A refusal counts once a query has said that no order of the number lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Disposition, Status
from hongbao.dispatch.policy import decide
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.rails.outcome import CallNotSent, NotFound, Refusal, Unanswered, Unsendable
from hongbao.rails.redpack.rail import RED_PACK
from policy_decisions import after_query, after_send, found, patient, standing, told
from policy_payouts import DAY, HOUR, MINUTE, NOW, called, payout

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import QueryOutcome

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN
SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND

TEXT = "openid与appid不匹配"


def confirming(**changes: object) -> Payout:
    """One whose only call was refused some seconds ago."""
    standing = {"answers": 1, "doubt": NO, "code": "OPENID_ERROR", "reason": TEXT}
    return called(**(standing | changes))


def refused(**changes: object) -> Payout:
    """One that the books call refused; of an older version without a proof."""
    return confirming(**({"state": State.REFUSED, "first_call_at": NOW - HOUR} | changes))


def asked(before: Payout, outcome: QueryOutcome, submitted_at: int | None = NOW - HOUR) -> Step:
    """What follows from a query of a payout that was submitted then."""
    return decide(before, Task.QUERY, outcome, NOW, RED_PACK, submitted_at=submitted_at).step


def test_a_refusal_keeps_its_code_and_is_asked_about_after_some_seconds() -> None:
    refusal = Refusal(disposition=NO, code="OPENID_ERROR", text=TEXT)
    step = after_send(refusal).step
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + 3 * SECOND)
    assert told(step) == (EventKind.REFUSED, True, NO)
    assert (step.code, step.reason) == ("OPENID_ERROR", TEXT)
    assert (step.tries, step.resend_until) == (0, None)
    rail = patient(confirm_seconds=60)
    later = decide(called(), Task.SEND, refusal, NOW, rail).step
    assert later.due_at == NOW + 60 * SECOND


@pytest.mark.parametrize(
    ("outcome", "proof"),
    [(NotFound(), Proof.NOT_FOUND), (found(FAILED, reason="已过期"), Proof.FAILED)],
)
def test_a_refusal_that_a_query_confirms_is_one_for_the_reason_that_it_gave(
    outcome: QueryOutcome, proof: Proof
) -> None:
    step = asked(confirming(tries=2, resend_until=NOW), outcome)
    assert step.proof is proof
    assert standing(step) == (State.REFUSED, None, None)
    assert told(step) == (EventKind.PROVEN_DEAD, True, NO)
    assert (step.code, step.reason) == ("OPENID_ERROR", TEXT)
    assert (step.tries, step.resend_until) == (0, None)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (found(SENT), State.SENT),
        (found(RECEIVED), State.RECEIVED),
        (found(RFUND_ING), State.SENT),
        (found(REFUND), State.RETURNED),
    ],
)
def test_what_an_earlier_life_of_the_books_has_paid_is_paid(
    outcome: QueryOutcome, state: State
) -> None:
    step = asked(confirming(), outcome)
    assert step.state is state
    assert told(step) == (EventKind.FOUND, True, None)
    assert (step.code, step.reason) == (None, None)


@pytest.mark.parametrize("outcome", [found(SENDING), found("NEW")])
def test_once_wechat_has_known_the_number_not_to_know_it_proves_nothing(
    outcome: QueryOutcome,
) -> None:
    step = asked(confirming(), outcome)
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + 20 * MINUTE)
    assert told(step) == (EventKind.FOUND, True, UNKNOWN)
    assert step.resend_until == NOW - SECOND + DAY


def test_what_an_earlier_life_left_held_back_is_sent_again_with_the_same_number() -> None:
    step = asked(confirming(), found(SENDING, reason="余额不足"))
    assert (step.state, step.task, step.doubt) == (State.WAITING, Task.SEND, OPEN)


def test_an_answer_that_does_not_fit_a_refusal_leaves_it_in_doubt() -> None:
    step = asked(confirming(), found(SENT, amount=999))
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + 2 * SECOND)
    assert told(step) == (EventKind.FOUND, True, UNKNOWN)
    assert (step.code, step.reason) == (
        "MISFIT",
        "WeChat says 999 fen, which are 1000 in the books",
    )


@pytest.mark.parametrize("submitted_at", [None, NOW - 29 * DAY, NOW - 300 * DAY])
def test_wechat_may_have_forgotten_a_number_as_old_as_its_payout(submitted_at: int | None) -> None:
    step = asked(confirming(), NotFound(), submitted_at)
    assert standing(step) == (State.IN_DOUBT, None, None)
    assert step.kind is EventKind.HANDED_OVER
    assert (step.code, step.reason, step.doubt) == ("OPENID_ERROR", TEXT, NO)
    failed = asked(confirming(), found(FAILED), submitted_at)
    assert failed.kind is EventKind.PROVEN_DEAD
    young = asked(confirming(), NotFound(), NOW - 29 * DAY + 1)
    assert young.kind is EventKind.PROVEN_DEAD


@pytest.mark.parametrize(
    "outcome",
    [Unanswered(code="SYSTEMERROR", why="busy"), CallNotSent(why="no route"), Unsendable(why="x",
    settings=True)],
)  # fmt: skip
def test_a_refusal_is_asked_about_until_there_is_an_answer(outcome: QueryOutcome) -> None:
    for tries, seconds in ((0, 2), (1, 4), (12, 3600)):
        step = asked(confirming(tries=tries), outcome)
        assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + seconds * SECOND)
        assert told(step) == (None, False, NO)
        assert (step.code, step.reason, step.tries) == ("OPENID_ERROR", TEXT, tries + 1)


def test_what_can_never_be_asked_about_comes_to_a_person() -> None:
    step = asked(confirming(), Unsendable(why="kind must be known"))
    assert standing(step) == (State.IN_DOUBT, None, None)
    assert step.kind is EventKind.HANDED_OVER


# What books of older versions call refused --------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "proof"), [(NotFound(), Proof.NOT_FOUND), (found(FAILED), Proof.FAILED)]
)
def test_asking_about_a_refused_payout_proves_that_it_is_dead(
    outcome: QueryOutcome, proof: Proof
) -> None:
    step = asked(refused(), outcome)
    assert step.proof is proof
    assert standing(step) == (State.REFUSED, None, None)
    assert told(step) == (EventKind.PROVEN_DEAD, True, NO)
    assert (step.code, step.reason) == ("OPENID_ERROR", TEXT)


@pytest.mark.parametrize("status", [SENDING, SENT, RECEIVED, RFUND_ING, REFUND, "NEW"])
@pytest.mark.parametrize("doubt", [NO, UNKNOWN, OPEN, None])
def test_a_refused_payout_whose_order_lives_is_in_doubt_and_asked_about_at_once(
    status: Status | str, doubt: Disposition | None
) -> None:
    step = asked(refused(doubt=doubt), found(status))
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + SECOND)
    assert told(step) == (EventKind.FOUND, True, UNKNOWN)
    assert step.reason == f"WeChat says {status} of a payout that was refused"


def test_a_refused_payout_with_an_answer_that_does_not_fit_is_in_doubt() -> None:
    step = asked(refused(), found(SENT, amount=999))
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + SECOND)
    assert step.kind is EventKind.FOUND
    assert step.reason == (
        "WeChat says 999 fen, which are 1000 in the books of a payout that was refused"
    )


@pytest.mark.parametrize(
    ("before", "submitted_at"),
    [
        (refused(doubt=UNKNOWN), NOW - HOUR),
        (refused(doubt=OPEN), NOW - HOUR),
        (refused(calls=2), NOW - HOUR),
        (refused(), NOW - 29 * DAY),
        (refused(), None),
    ],
)
def test_that_wechat_does_not_know_a_refused_number_does_not_always_prove_it_dead(
    before: Payout, submitted_at: int | None
) -> None:
    step = asked(before, NotFound(), submitted_at)
    assert standing(step) == (State.REFUSED, None, None)
    assert step.kind is None


def test_a_refusal_of_a_number_that_waits_is_not_being_confirmed() -> None:
    waiting = payout(calls=1, answers=1, doubt=NO, first_call_at=NOW - HOUR, task=Task.QUERY)
    step = after_query(waiting, NotFound()).step
    assert (step.state, step.task) == (State.WAITING, Task.SEND)
