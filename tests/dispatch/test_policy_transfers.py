"""What is decided of transfers: locked money is neither paid nor free until a query says so."""

from __future__ import annotations

from typing import Any

import pytest

from hongbao import Disposition
from hongbao.dispatch.breaker import judge
from hongbao.dispatch.policy import decide
from hongbao.dispatch.schedule import next_look
from hongbao.ledger.model.causes import Causes
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, TAKING_BACK, Payout, State, Task
from hongbao.ledger.model.step import Scope
from hongbao.rails.outcome import (
    CallNotSent,
    CancelBegun,
    Found,
    NotFound,
    OrderStatus,
    Outcome,
    Refusal,
    SendTaken,
    Unanswered,
    Unknown,
    Unsendable,
)
from hongbao.rails.transfer.rail import TRANSFER_RAIL
from hongbao.rails.transfer.reactions import REACTIONS
from hongbao.wire.transfer.codes import TRANSFER_CODES
from policy_decisions import standing
from policy_payouts import DAY, HOUR, MINUTE, NOW, called

CALLED = NOW - SECOND


def awaiting(**changes: Any) -> Payout:
    """One whose money is locked."""
    said = {"state": State.AWAITING_USER, "task": Task.LOOK, "answers": 1, "listid": "W1"}
    return transfer(**{**said, "doubt": Disposition.OPEN, **changes})


def transfer(**changes: Any) -> Payout:
    """One whose first call is made."""
    return called(**{"kind": "transfer", "first_call_at": CALLED, **changes})


def seen(status: OrderStatus, said: str = "S", **changes: Any) -> Found:
    """A query's reply."""
    facts: dict[str, Any] = {"amount": 1000, "listid": "W1", "reason": "", "claimed": 0}
    return Found(**{**facts, "refunded": 0, **changes}, status=status, said=said)


def after(of: Payout, task: Task, outcome: Outcome, now: int = NOW) -> Any:
    """What is decided."""
    return decide(of, task, outcome, now, TRANSFER_RAIL, submitted_at=CALLED)


def test_a_transfer_that_was_taken_awaits_its_user_and_is_looked_at_after_a_minute() -> None:
    step = after(transfer(), Task.SEND, SendTaken(listid="W1")).step
    assert standing(step) == (State.AWAITING_USER, Task.LOOK, CALLED + MINUTE)
    assert (step.kind, step.doubt, step.answered) == (EventKind.ACCEPTED, Disposition.OPEN, True)
    assert (step.sent_at, step.claimed, step.voucher) == (None, 0, None), "nothing is paid"


def test_one_that_was_in_doubt_awaits_its_user_once_a_query_finds_it() -> None:
    step = after(transfer(tries=3), Task.QUERY, seen(OrderStatus.LOCKED)).step
    assert standing(step)[:2] == (State.AWAITING_USER, Task.LOOK)
    assert (step.kind, step.listid) == (EventKind.FOUND, "W1")


@pytest.mark.parametrize("state", ["ACCEPTED", "PROCESSING"])
def test_one_whose_money_is_not_locked_yet_is_asked_about(state: str) -> None:
    step = after(transfer(), Task.SEND, Unknown(code=state, why="locking")).step
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + MINUTE)


@pytest.mark.parametrize("status", [OrderStatus.LOCKED, OrderStatus.CONFIRMED])
def test_it_is_looked_at_by_its_age_while_nothing_is_new(status: OrderStatus) -> None:
    for age, then in ((2, 5), (6, 15), (59, 60), (61, 120), (24 * 60 - 1, 24 * 60 + 5)):
        now = CALLED + age * MINUTE
        step = after(awaiting(), Task.LOOK, seen(status), now).step
        assert standing(step) == (State.AWAITING_USER, Task.LOOK, CALLED + then * MINUTE)
        assert step.kind is None


def test_it_is_looked_at_soon_after_the_deadline_and_hourly_until_a_person_has_it() -> None:
    looks, at = [], CALLED + DAY
    while at < CALLED + 27 * HOUR:
        at = next_look(CALLED, now=at, retry=TRANSFER_RAIL.retry)
        looks.append((at - CALLED - DAY) // MINUTE)
    assert looks == [5, 30, 60, 120, 180]
    late = CALLED + 3 * DAY
    step = after(awaiting(), Task.LOOK, seen(OrderStatus.LOCKED), late).step
    assert standing(step) == (State.AWAITING_USER, None, None)
    assert step.kind is EventKind.HANDED_OVER


def test_it_is_paid_and_collected_at_once_when_its_user_has_confirmed() -> None:
    paid = seen(OrderStatus.COLLECTED, claimed=1000, settled_at=NOW)
    step = after(awaiting(), Task.LOOK, paid).step
    assert standing(step) == (State.RECEIVED, None, None)
    assert (step.claimed, step.doubt, step.sent_at, step.settled_at) == (1000, None, NOW, NOW)


@pytest.mark.parametrize("code", ["OVERDUE_CLOSE", "CANCELLED", "PAYEE_ACCOUNT_ABNORMAL"])
def test_one_that_ended_unpaid_is_refused_with_its_reason_and_not_sent_again(code: str) -> None:
    for of in (awaiting(), transfer()):
        task = Task.LOOK if of.state is State.AWAITING_USER else Task.QUERY
        decision = after(of, task, seen(OrderStatus.FAILED, code=code, reason="why"))
        step = decision.step
        assert standing(step) == (State.REFUSED, None, None)
        assert (step.code, step.reason, step.proof) == (code, "why", Proof.FAILED)
        assert decision.stop is None


def test_a_reason_on_the_merchants_side_stops_the_merchant() -> None:
    ended = seen(OrderStatus.FAILED, code="PRODUCT_AUTH_CHECK_FAIL", reason="why")
    stop = after(transfer(), Task.QUERY, ended).stop
    assert (stop.scope, stop.code) == (Scope.MERCHANT, "PRODUCT_AUTH_CHECK_FAIL")


def test_a_failure_that_the_send_already_reports_is_believed_once_a_query_says_so() -> None:
    refused = Refusal(disposition=Disposition.NO, code="OPENID_INVALID", text="")
    step = after(transfer(), Task.SEND, refused).step
    assert standing(step)[:2] == (State.IN_DOUBT, Task.QUERY)


@pytest.mark.parametrize("code", ["INVALID_REQUEST", "PARAM_ERROR"])
def test_a_refusal_is_confirmed_by_a_query_that_does_not_know_the_number(code: str) -> None:
    refused = Refusal(disposition=Disposition.NO, code=code, text="t")
    step = after(transfer(), Task.SEND, refused).step
    assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, Disposition.NO)
    confirming = transfer(answers=1, doubt=Disposition.NO, code=code)
    step = after(confirming, Task.QUERY, NotFound()).step
    assert (step.state, step.code, step.proof) == (State.REFUSED, code, Proof.NOT_FOUND)
    alive = after(confirming, Task.QUERY, seen(OrderStatus.LOCKED)).step
    assert alive.state is State.AWAITING_USER, "another life of the books had sent it"


def test_a_number_of_which_wechat_says_that_it_has_an_order_is_never_refused() -> None:
    """Queries forget an order after 30 days: that one does not know it proves nothing then."""
    open_still = Refusal(disposition=Disposition.OPEN, code="INVALID_REQUEST", text="已超出重试期")
    step = after(transfer(), Task.SEND, open_still).step
    assert (step.state, step.task, step.doubt) == (
        State.IN_DOUBT,
        Task.QUERY,
        Disposition.UNKNOWN,
    )
    doubted = transfer(answers=1, doubt=step.doubt, code=step.code)
    for age, task in (
        *((MINUTE, Task.SEND), (DAY - HOUR, Task.SEND), (DAY, Task.QUERY)),
        *((2 * DAY, Task.QUERY), (3 * DAY, None), (40 * DAY, None)),
    ):
        then = after(doubted, Task.QUERY, NotFound(), CALLED + age).step
        assert (then.state, then.task) == (State.IN_DOUBT, task), age
        assert (then.kind is EventKind.HANDED_OVER) is (task is None), "a person has it in the end"


def test_a_refusal_after_a_call_that_may_have_been_taken_proves_nothing() -> None:
    again = transfer(calls=2, answers=1, doubt=Disposition.UNKNOWN)
    refused = Refusal(disposition=Disposition.NO, code="INVALID_REQUEST", text="t")
    step = after(again, Task.SEND, refused).step
    assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, Disposition.UNKNOWN)


def test_an_empty_account_stops_the_merchant_and_the_number_stays() -> None:
    empty = Refusal(disposition=Disposition.OPEN, code="NOT_ENOUGH", text="")
    decision = after(transfer(), Task.SEND, empty)
    assert standing(decision.step)[:2] == (State.WAITING, Task.SEND)
    assert decision.stop.scope is Scope.MERCHANT


def test_what_is_not_found_or_not_answered_stays_locked_and_is_looked_at() -> None:
    for outcome in (
        NotFound(),
        Unanswered(code=None, why="torn"),
        CallNotSent(why="no route"),
        seen(OrderStatus.UNRECOGNISED, "NEW"),
        seen(OrderStatus.PENDING, "PROCESSING"),
    ):
        step = after(awaiting(), Task.LOOK, outcome).step
        assert standing(step)[:2] == (State.AWAITING_USER, Task.LOOK), outcome
        assert step.due_at is not None
        assert step.due_at <= CALLED + MINUTE
        assert step.doubt is Disposition.OPEN


@pytest.mark.parametrize(
    "outcome",
    [
        CancelBegun(said="CANCELING"),
        Unanswered(code="INVALID_REQUEST", why="the user confirmed"),
        Unanswered(code=None, why="time-out"),
    ],
    ids=["begun", "refused", "lost"],
)
def test_whatever_a_cancel_comes_to_a_query_says_who_was_faster(outcome: Outcome) -> None:
    step = after(awaiting(task=Task.CANCEL), Task.CANCEL, outcome).step
    assert standing(step) == (State.AWAITING_USER, Task.LOOK, NOW + 2 * SECOND)
    assert (step.code, step.doubt) == (TAKING_BACK, Disposition.OPEN)


@pytest.mark.parametrize("outcome", [CallNotSent(why="no route"), Unsendable(why="x")])
def test_a_cancel_that_did_not_leave_is_made_again(outcome: Outcome) -> None:
    step = after(awaiting(task=Task.CANCEL), Task.CANCEL, outcome).step
    assert standing(step) == (State.AWAITING_USER, Task.CANCEL, NOW + 2 * SECOND)


def test_a_cancel_that_came_to_nothing_is_made_again_later_each_time() -> None:
    taking = awaiting(code=TAKING_BACK, tries=1)
    step = after(taking, Task.LOOK, seen(OrderStatus.LOCKED)).step
    assert standing(step) == (State.AWAITING_USER, Task.CANCEL, NOW + 4 * SECOND)
    for status in (OrderStatus.CANCELLING, OrderStatus.CONFIRMED):
        step = after(taking, Task.LOOK, seen(status)).step
        assert standing(step)[:2] == (State.AWAITING_USER, Task.LOOK)
        assert step.code == TAKING_BACK


def test_a_damaged_reply_does_not_end_the_taking_back() -> None:
    taking = awaiting(code=TAKING_BACK, tries=1)
    step = after(taking, Task.LOOK, seen(OrderStatus.LOCKED, amount=1)).step
    assert standing(step) == (State.AWAITING_USER, Task.LOOK, NOW + 4 * SECOND)
    taking = awaiting(code=step.code, tries=step.tries)
    assert after(taking, Task.LOOK, seen(OrderStatus.LOCKED)).step.task is Task.CANCEL


@pytest.mark.parametrize("tries", [1, 4, 5, 40])
def test_cancels_that_came_to_nothing_are_no_replies_that_do_not_fit(tries: int) -> None:
    """However often it was taken back, one damaged reply leaves it to the engine."""
    taking = awaiting(code=TAKING_BACK, tries=tries)
    step = after(taking, Task.LOOK, seen(OrderStatus.LOCKED, amount=1)).step
    assert (step.state, step.task, step.code) == (State.AWAITING_USER, Task.LOOK, TAKING_BACK)


def test_what_cannot_be_taken_back_comes_to_a_person_who_can_have_it_taken_back_again() -> None:
    late = CALLED + 3 * DAY
    for outcome in (seen(OrderStatus.LOCKED), seen(OrderStatus.LOCKED, amount=1)):
        step = after(awaiting(code=TAKING_BACK, tries=40), Task.LOOK, outcome, late).step
        assert (step.state, step.task, step.kind) == (
            State.AWAITING_USER,
            None,
            EventKind.HANDED_OVER,
        )
        assert step.code == TAKING_BACK
    asked = awaiting(code=TAKING_BACK, tries=0)
    assert after(asked, Task.LOOK, seen(OrderStatus.LOCKED)).step.task is Task.CANCEL


def test_a_user_who_was_faster_than_the_cancel_is_paid() -> None:
    taking = awaiting(code=TAKING_BACK, tries=1)
    step = after(taking, Task.LOOK, seen(OrderStatus.COLLECTED, claimed=1000)).step
    assert (step.state, step.code, step.claimed) == (State.RECEIVED, None, 1000)


def test_an_order_for_somebody_else_is_never_this_one() -> None:
    stranger = seen(OrderStatus.LOCKED, receivers=("oSTRANGER_0000000000000001",))
    step = after(transfer(), Task.QUERY, stranger).step
    assert step.state is State.IN_DOUBT
    more = seen(OrderStatus.LOCKED, amount=1001)
    assert after(transfer(), Task.QUERY, more).step.state is State.IN_DOUBT


def test_a_packet_that_is_paid_does_not_become_locked() -> None:
    paid = transfer(state=State.SENT, task=Task.LOOK, answers=1, sent_at=CALLED)
    step = after(paid, Task.LOOK, seen(OrderStatus.LOCKED)).step
    assert (step.state, step.code) == (State.SENT, "MISFIT")


def test_receivers_who_do_nothing_stop_no_campaign_and_wrong_data_does() -> None:
    idle = Causes(refused={"OVERDUE_CLOSE": 900, "CANCELLED": 90}, marks={}, paid=10)
    assert judge(idle, TRANSFER_RAIL) is None
    wrong = Causes(refused={"INVALID_REQUEST": 10}, marks={}, paid=0)
    stop = judge(wrong, TRANSFER_RAIL)
    assert stop is not None
    assert stop.code == "INVALID_REQUEST"


def test_every_code_that_may_answer_a_transfer_has_a_reaction_and_words() -> None:
    codes = {it.err_code for it in TRANSFER_CODES if "T" in it.endpoints}
    assert set(REACTIONS) == codes
    for code in [*TRANSFER_RAIL.reactions, "OVERDUE_CLOSE", "CANCELLED"]:
        words = TRANSFER_RAIL.explain(code, "transfer", "")
        assert words is not None
        assert all([*words.meaning, *words.advice])
    assert TRANSFER_RAIL.explain("NOT_ENOUGH", "normal", "") is None


def test_a_refusal_is_confirmed_as_long_as_wechat_answers_queries() -> None:
    """Not only until a person would look after what is locked."""
    confirming = transfer(answers=1, doubt=Disposition.NO, code="PARAM_ERROR")
    for days, state in ((4, State.REFUSED), (28, State.REFUSED), (30, State.IN_DOUBT)):
        decided = decide(
            confirming, Task.QUERY, NotFound(), NOW, TRANSFER_RAIL, submitted_at=NOW - days * DAY
        )
        assert decided.step.state is state, days
