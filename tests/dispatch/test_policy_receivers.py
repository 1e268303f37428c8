"""A packet of another receiver, amount or text is not the one that these books wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hongbao import Disposition, Status
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.rails.outcome import CallNotSent, NotFound, SendAccepted, Unanswered, Unknown
from policy_decisions import after_query, after_send, found, standing
from policy_payouts import DAY, MINUTE, NOW, called, doubted, sent

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout

UNKNOWN = Disposition.UNKNOWN
SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND

OURS = "oPAYEE_of_the_tests_0000000001"
OTHER = "oOTHER_of_the_tests_0000000002"
CODES = ["FATAL_ERROR", "金额和原始单参数不一致", "OTHER_ORDER"]


def contradicted(**changes: object) -> Payout:
    """One whose first call WeChat answered with: the number has other content."""
    return doubted(**({"code": "FATAL_ERROR"} | changes))


@pytest.mark.parametrize("before", [doubted(), sent(), contradicted()], ids=["doubt", "sent", "?"])
def test_a_claim_of_somebody_else_is_not_our_receivers(before: Payout) -> None:
    for tries in range(5):
        again = before if before.code or not tries else replace(before, tries=tries, code="MISFIT")
        step = after_query(again, found(RECEIVED, claimed=1000, receivers=(OTHER,))).step
        assert step.state is before.state
        assert (step.claimed, step.settled_at) == (0, None)
        assert step.reason == "WeChat says that oOTH…0002 claimed it, not oPAY…0001"
        if before.code or tries == 4:
            assert (step.task, step.kind) == (None, EventKind.HANDED_OVER)
            assert step.code == "OTHER_ORDER"
        else:
            assert (step.kind, step.code) == (None, "MISFIT")


def test_a_damaged_answer_is_asked_about_again_and_forgotten() -> None:
    step = after_query(doubted(), found(SENT, amount=999)).step
    assert (step.task, step.code) == (Task.QUERY, "MISFIT")
    good = after_query(doubted(code="MISFIT", tries=1), found(SENT)).step
    assert (good.state, good.code) == (State.SENT, None)


def test_a_claim_of_our_receiver_is_one() -> None:
    for before in (doubted(), sent(), contradicted()):
        step = after_query(before, found(RECEIVED, claimed=1000, receivers=(OURS,))).step
        assert (step.state, step.claimed) == (State.RECEIVED, 1000)


def test_a_group_is_claimed_by_whoever_is_quick() -> None:
    shares = found(RECEIVED, claimed=600, receivers=(OTHER, OURS, "oTHIRD_000000000000000000003"))
    step = after_query(sent(people=3), shares).step
    assert (step.state, step.claimed) == (State.SENT, 600)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("status", [SENT, RECEIVED, RFUND_ING])
def test_a_number_with_other_content_is_in_doubt_for_a_person(code: str, status: Status) -> None:
    step = after_query(contradicted(code=code), found(status)).step
    assert standing(step) == (State.IN_DOUBT, None, None)
    assert (step.kind, step.code, step.tries) == (EventKind.HANDED_OVER, "OTHER_ORDER", 0)
    assert step.doubt is UNKNOWN
    assert step.reason == (
        f"WeChat has this number with another receiver, amount or text, and says {status} to a "
        "receiver whom it does not name; in the books it is oPAY…0001"
    )


def test_a_groups_number_with_other_content_is_in_doubt_whoever_claimed_of_it() -> None:
    before = contradicted(people=3)
    step = after_query(before, found(RECEIVED, claimed=1000, receivers=(OURS, OTHER))).step
    assert standing(step) == (State.IN_DOUBT, None, None)
    assert step.reason is not None
    assert step.reason.endswith("RECEIVED to oPAY…0001, oOTH…0002; in the books: oPAY…0001")


def test_what_came_back_whole_was_paid_to_nobody() -> None:
    for before in (contradicted(), contradicted(people=3)):
        step = after_query(before, found(REFUND, refunded=1000)).step
        assert (step.state, step.claimed, step.refunded) == (State.RETURNED, 0, 1000)
    step = after_query(contradicted(people=3), found(REFUND, claimed=300, refunded=700)).step
    assert step.state is State.IN_DOUBT


@pytest.mark.parametrize(
    ("calls", "after_first", "ours"),
    [
        (2, 60, True),
        (2, 0, True),
        (2, -5, True),
        (2, -6, False),
        (2, None, False),
        (1, 60, False),
        (9, -86_400, False),
    ],
)
def test_an_order_that_an_earlier_call_of_these_books_made_has_their_content(
    calls: int, after_first: int | None, *, ours: bool
) -> None:
    first = NOW - MINUTE
    before = contradicted(calls=calls, answers=calls, first_call_at=first)
    sent_at = None if after_first is None else first + after_first * SECOND
    step = after_query(before, found(SENT, sent_at=sent_at)).step
    assert (step.state is State.SENT) is ours
    assert (step.kind is EventKind.HANDED_OVER) is not ours


@pytest.mark.parametrize("code", CODES[:2])
@pytest.mark.parametrize(
    ("calls", "answers", "doubt", "then"),
    [
        (2, 1, None, "OTHER_ORDER"),
        (2, 1, Disposition.NO, "OTHER_ORDER"),
        (3, 2, Disposition.OPEN, "OTHER_ORDER"),
        (2, 1, UNKNOWN, None),
        (2, 0, None, None),
        (1, 0, None, None),
    ],
)
def test_no_call_that_was_refused_has_made_the_order_with_other_content(
    code: str, calls: int, answers: int, doubt: Disposition | None, then: str | None
) -> None:
    """Restored books: an earlier life made it less than a second before this one's first call."""
    before = called(calls=calls, answers=answers, doubt=doubt)
    step = after_send(Unknown(code=code, why="the parameters differ"), before).step
    assert (step.task, step.code) == (Task.QUERY, then or code)
    first = NOW - MINUTE
    asked = contradicted(calls=calls, answers=calls, first_call_at=first, code=step.code)
    step = after_query(asked, found(SENT, sent_at=first)).step
    assert (step.state is State.SENT) is (then is None and calls > 1)


def test_a_number_with_other_content_that_has_failed_is_dead() -> None:
    step = after_query(contradicted(), found(FAILED, reason="已过期")).step
    assert (step.state, step.kind) == (State.REFUSED, EventKind.PROVEN_DEAD)


def test_a_number_with_other_content_that_is_held_back_is_only_asked_about() -> None:
    step = after_query(contradicted(), found(SENDING, reason="余额不足")).step
    assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + 20 * MINUTE)


def test_what_wechat_said_about_the_content_is_not_forgotten_before_it_is_settled() -> None:
    for outcome in (Unknown(code=None, why="lost"), Unknown(code="SYSTEMERROR", why="")):
        assert after_send(outcome, called(code="FATAL_ERROR")).step.code == "FATAL_ERROR"
    late = called(calls=2, answers=1, doubt=UNKNOWN, code="FATAL_ERROR")
    assert after_send(CallNotSent(why="no route"), late).step.code == "FATAL_ERROR"
    assert after_query(contradicted(), Unanswered(code=None, why="")).step.code == "FATAL_ERROR"
    young = after_query(contradicted(), NotFound()).step
    assert (young.task, young.code) == (Task.SEND, "FATAL_ERROR")
    older = contradicted(first_call_at=NOW - 2 * DAY)
    asked = after_query(older, NotFound()).step
    assert (asked.task, asked.code) == (Task.QUERY, "FATAL_ERROR")
    accepted = after_send(SendAccepted(listid="1"), called(code="FATAL_ERROR")).step
    assert (accepted.state, accepted.code) == (State.SENT, None)


def test_a_number_that_wechat_does_not_know_for_good_is_left_to_a_person_as_such() -> None:
    old = contradicted(first_call_at=NOW - 4 * DAY)
    step = after_query(old, NotFound()).step
    assert (step.kind, step.code) == (EventKind.HANDED_OVER, "NOT_FOUND")


def test_any_misfit_of_a_number_with_other_content_keeps_that_in_mind() -> None:
    step = after_query(contradicted(), found(FAILED, claimed=1)).step
    assert (step.kind, step.code) == (EventKind.HANDED_OVER, "OTHER_ORDER")


def test_a_misfit_of_a_number_with_other_content_is_left_to_a_person_at_once() -> None:
    step = after_query(contradicted(), found(SENT, amount=2000)).step
    assert standing(step) == (State.IN_DOUBT, None, None)
    assert (step.code, step.reason) == (
        "OTHER_ORDER",
        "WeChat says 2000 fen, which are 1000 in the books",
    )
