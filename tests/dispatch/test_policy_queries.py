"""What follows from each outcome of a query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import Disposition, Status
from hongbao.dispatch.outcome import (
    Found,
    NotFound,
    NotSent,
    Unanswered,
    Unsendable,
)
from hongbao.dispatch.policy import decide
from hongbao.dispatch.rules import CAUTIOUS
from hongbao.ledger.event import EventKind
from hongbao.ledger.payout import SECOND, State, Task
from hongbao.ledger.step import Scope
from hongbao.wire.codes import rows_of
from policy_payouts import DAY, HOUR, MINUTE, NOW, called, doubted, payout, sent

if TYPE_CHECKING:
    from hongbao.dispatch.outcome import (
        QueryOutcome,
    )
    from hongbao.dispatch.policy import Decision
    from hongbao.ledger.payout import Payout
    from hongbao.ledger.step import Step

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN
SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND


def after_query(of: Payout, outcome: QueryOutcome, now: int = NOW) -> Decision:
    task = Task.LOOK if of.state is State.SENT else Task.QUERY
    return decide(of, task, outcome, now)


def found(status: Status | str, **changes: Any) -> Found:
    said: dict[str, Any] = {
        "amount": 1000,
        "listid": "1000099",
        "reason": "",
        "claimed": 0,
        "refunded": 0,
    }
    return Found(status=status, **(said | changes))


def held(**changes: Any) -> Payout:
    """One that WeChat held back, whose time to be sent without asking is over."""
    standing = {
        "state": State.WAITING,
        "doubt": OPEN,
        "code": "NOTENOUGH",
        "first_call_at": NOW - 30 * HOUR,
        "resend_until": NOW - 6 * HOUR,
    }
    return doubted(**(standing | changes))


def standing(step: Step) -> tuple[State, Task | None, int | None]:
    return step.state, step.task, step.due_at


def told(step: Step) -> tuple[EventKind | None, bool, Disposition | None]:
    return step.kind, step.answered, step.doubt


# What is in doubt --------------------------------------------------------------------------------


def test_a_packet_found_sent_is_sent() -> None:
    before = doubted(reason="HTTP 502", code="X", tries=9)
    decision = after_query(before, found(SENT))
    step = decision.step
    assert (decision.stop, decision.slow) == (None, False)
    assert standing(step) == (State.SENT, Task.LOOK, NOW + 10 * MINUTE)
    assert told(step) == (EventKind.FOUND, True, None)
    assert (step.listid, step.sent_at, step.settled_at) == ("1000099", NOW, None)
    assert (step.tries, step.code, step.reason, step.resend_until) == (0, None, None, None)
    assert (step.claimed, step.refunded, step.mark) == (0, 0, None)


def test_a_packet_found_claimed_or_returned_is_over() -> None:
    for status, state, claimed, refunded in (
        (RECEIVED, State.RECEIVED, 1000, 0),
        (REFUND, State.RETURNED, 0, 1000),
    ):
        for figures in ({}, {"claimed": claimed, "refunded": refunded}):
            step = after_query(doubted(), found(status, **figures)).step
            assert standing(step) == (state, None, None)
            assert told(step) == (EventKind.FOUND, True, None)
            assert (step.claimed, step.refunded) == (claimed, refunded)
            assert (step.sent_at, step.settled_at) == (NOW, NOW)
    settled = after_query(doubted(), found(RECEIVED, settled_at=NOW - HOUR)).step
    assert (settled.sent_at, settled.settled_at) == (NOW, NOW - HOUR)


def test_a_packet_found_on_its_way_back_is_looked_at_within_the_hour() -> None:
    step = after_query(sent(sent_at=NOW - 2 * HOUR), found(RFUND_ING, refunded=1000)).step
    assert standing(step) == (State.SENT, Task.LOOK, NOW + HOUR)
    assert (step.claimed, step.refunded, step.kind) == (0, 0, None)
    step = after_query(doubted(), found(RFUND_ING)).step
    assert standing(step) == (State.SENT, Task.LOOK, NOW + 10 * MINUTE)


def test_only_a_query_that_says_failed_makes_a_doubtful_number_dead() -> None:
    for before in (doubted(), called(), held(), payout(), doubted(calls=3, answers=1)):
        step = after_query(before, found(FAILED, reason="该红包已过期")).step
        assert standing(step) == (State.REFUSED, None, None)
        assert told(step) == (EventKind.FOUND, True, NO)
        assert (step.code, step.reason) == ("FAILED", "该红包已过期")
        assert (step.tries, step.resend_until) == (0, None)


def test_an_unknown_number_is_sent_again_after_minutes() -> None:
    step = after_query(doubted(), NotFound()).step
    assert standing(step) == (State.IN_DOUBT, Task.SEND, NOW + 3 * MINUTE)
    assert told(step) == (EventKind.NOT_FOUND, True, UNKNOWN)
    assert (step.tries, step.code) == (2, "NOT_FOUND")
    assert step.reason == "WeChat does not know the number (yet)"
    assert step.resend_until == NOW - SECOND + DAY
    assert step.mark is None


def test_an_unknown_number_is_sent_again_later_each_time() -> None:
    waits = []
    for tries in (1, 2, 3, 4, 5, 6, 7, 99):
        step = after_query(doubted(tries=tries), NotFound()).step
        assert step.due_at is not None
        waits.append((step.due_at - NOW) // MINUTE)
        assert step.tries == tries + 1
    assert waits == [3, 6, 12, 24, 48, 60, 60, 60]


def test_a_call_whose_outcome_was_lost_counts_as_unknown_from_then_on() -> None:
    """The books claim no send of a payout whose calls are not all accounted for."""
    for doubt in (None, NO, OPEN):
        step = after_query(called(doubt=doubt, calls=2, answers=1), NotFound()).step
        assert (step.state, step.task) == (State.IN_DOUBT, Task.SEND)
        assert told(step) == (EventKind.NOT_FOUND, True, UNKNOWN)


def test_an_unknown_number_is_sent_again_for_a_day_and_asked_about_for_three() -> None:
    for age, expected in (
        (DAY - 3 * MINUTE - SECOND, (State.IN_DOUBT, Task.SEND, NOW + 3 * MINUTE)),
        (DAY - 3 * MINUTE, (State.IN_DOUBT, Task.QUERY, NOW + 3 * MINUTE)),
        (DAY, (State.IN_DOUBT, Task.QUERY, NOW + 3 * MINUTE)),
        (3 * DAY - 1, (State.IN_DOUBT, Task.QUERY, NOW + 3 * MINUTE)),
        (3 * DAY, (State.IN_DOUBT, None, None)),
        (9 * DAY, (State.IN_DOUBT, None, None)),
    ):
        before = doubted(first_call_at=NOW - age, resend_until=NOW - age + DAY)
        step = after_query(before, NotFound()).step
        assert standing(step) == expected, age
        assert (step.tries, step.code) == (2, "NOT_FOUND")
        kinds = {Task.SEND: EventKind.NOT_FOUND, Task.QUERY: None, None: EventKind.HANDED_OVER}
        assert told(step) == (kinds[step.task], step.task is not Task.QUERY, UNKNOWN)


def test_a_lost_call_is_unknown_also_to_the_person_to_whom_it_comes() -> None:
    before = called(first_call_at=NOW - 4 * DAY)
    step = after_query(before, NotFound()).step
    assert told(step) == (EventKind.HANDED_OVER, True, UNKNOWN)
    assert standing(step) == (State.IN_DOUBT, None, None)


def test_a_busy_system_that_left_no_order_gives_a_mark() -> None:
    step = after_query(doubted(code="SYSTEMERROR"), NotFound()).step
    assert step.mark == "SYSTEMERROR+NOT_FOUND"
    assert after_query(doubted(code="NOT_FOUND"), NotFound()).step.mark is None
    old = doubted(code="SYSTEMERROR", first_call_at=NOW - 2 * DAY)
    assert after_query(old, NotFound()).step.mark is None


def test_a_number_that_was_only_ever_held_back_and_is_not_known_is_sent_again() -> None:
    for before in (held(), held(first_call_at=NOW - 5 * DAY)):
        step = after_query(before, NotFound()).step
        assert standing(step) == (State.WAITING, Task.SEND, NOW + 4 * SECOND)
        assert told(step) == (EventKind.NOT_FOUND, True, OPEN)
        assert (step.tries, step.code) == (2, "NOT_FOUND")
        assert step.resend_until == NOW + 4 * SECOND + 10 * MINUTE


def test_a_number_that_left_no_order_and_is_not_known_is_as_before_its_first_send() -> None:
    for before in (payout(), held(doubt=NO, resend_until=None), held(doubt=None)):
        step = after_query(before, NotFound()).step
        assert (step.state, step.task) == (State.WAITING, Task.SEND)
        assert (step.doubt, step.resend_until) == (before.doubt, None)
        told_of = before.resend_until is not None
        assert (step.kind, step.answered) == (EventKind.NOT_FOUND if told_of else None, told_of)


def test_what_wechat_is_still_working_on_is_asked_about_after_twenty_minutes_and_longer() -> None:
    waits = []
    for tries in (0, 1, 2, 3, 4, 5, 6):
        step = after_query(doubted(tries=tries), found(SENDING)).step
        assert (step.state, step.task) == (State.IN_DOUBT, Task.QUERY)
        assert told(step) == (None, False, UNKNOWN)
        assert (step.tries, step.reason) == (tries + 1, "WeChat is still working on it")
        assert step.due_at is not None
        waits.append((step.due_at - NOW) // MINUTE)
    assert waits == [20, 20, 40, 80, 160, 240, 240]


def test_after_three_days_a_question_is_put_once_a_day() -> None:
    for outcome in (found(SENDING), found("NEW"), Unanswered(code=None, why=""), NotSent(why="")):
        for age, late in ((3 * DAY - 1, False), (3 * DAY, True)):
            before = doubted(first_call_at=NOW - age)
            step = after_query(before, outcome).step
            assert (step.state, step.task) == (State.IN_DOUBT, Task.QUERY)
            assert (step.due_at == NOW + DAY) is late


def test_a_lost_call_that_is_still_on_its_way_stays_lost() -> None:
    step = after_query(called(), found(SENDING)).step
    assert told(step) == (None, False, None)


def test_what_wechat_holds_back_with_a_reason_is_sent_again() -> None:
    for before in (doubted(code="X"), called(code="X", tries=1), held(code="X")):
        step = after_query(before, found(SENDING, reason="余额不足")).step
        assert standing(step) == (State.WAITING, Task.SEND, NOW + 4 * SECOND)
        assert told(step) == (EventKind.FOUND, True, OPEN)
        assert (step.code, step.reason, step.tries) == ("X", "余额不足", 2)


def test_what_is_held_back_is_sent_again_for_three_days_each_time_after_a_query() -> None:
    minutes = 10 * MINUTE + 4 * SECOND
    for age, until in (
        (HOUR, NOW + 23 * HOUR),
        (DAY - minutes - 1, NOW + minutes + 1),
        (DAY - minutes + 1, NOW + minutes),
        (2 * DAY, NOW + minutes),
        (3 * DAY - 1, NOW + minutes),
    ):
        for before in (doubted(first_call_at=NOW - age), held(first_call_at=NOW - age)):
            step = after_query(before, found(SENDING, reason="余额不足")).step
            assert (step.state, step.task) == (State.WAITING, Task.SEND)
            assert step.resend_until == until
    for before in (doubted(first_call_at=NOW - 3 * DAY), held(first_call_at=NOW - 3 * DAY)):
        step = after_query(before, found(SENDING, reason="余额不足")).step
        assert standing(step) == (before.state, Task.QUERY, NOW + DAY)
        assert told(step) == (None, False, before.doubt)
        assert (step.reason, step.resend_until) == ("余额不足", before.resend_until)


def test_what_is_held_back_without_a_reason_is_only_asked_about() -> None:
    step = after_query(held(), found(SENDING)).step
    assert standing(step) == (State.WAITING, Task.QUERY, NOW + 20 * MINUTE)
    assert told(step) == (None, False, OPEN)


def test_what_was_held_back_and_is_paid_is_in_doubt_before_it_is_sent() -> None:
    for status in (SENT, RECEIVED, RFUND_ING, REFUND):
        step = after_query(held(), found(status)).step
        assert standing(step) == (State.IN_DOUBT, Task.QUERY, NOW + SECOND)
        assert told(step) == (EventKind.FOUND, True, UNKNOWN)
        assert step.reason == "WeChat says that it is paid"
        assert (step.claimed, step.refunded, step.sent_at) == (0, 0, None)


def test_a_number_that_old_books_have_never_sent_is_sent_to_learn_of_it() -> None:
    for outcome in (found(SENT), found(RECEIVED), found(SENDING, reason="x"), found("NEW")):
        step = after_query(payout(), outcome).step
        assert standing(step) == (State.WAITING, Task.SEND, NOW + SECOND)
        assert told(step) == (None, False, None)
        assert step.reason == "WeChat knows the number already"


def test_a_status_that_is_not_known_here_is_asked_about_again() -> None:
    for before in (doubted(), held()):
        step = after_query(before, found("NEW")).step
        assert standing(step) == (before.state, Task.QUERY, NOW + 20 * MINUTE)
        assert told(step) == (None, False, before.doubt)
        assert step.reason == "WeChat says NEW, which is not known here"
        assert step.code == before.code


@pytest.mark.parametrize(
    "outcome",
    [
        Unanswered(code="PSYSTEMERROR", why="no route"),
        Unanswered(code=None, why="no route"),
        NotSent(why="no route"),
        Unsendable(why="no route"),
    ],
)
def test_a_query_that_fails_is_made_again_later_each_time(outcome: QueryOutcome) -> None:
    waits = []
    for tries in (0, 1, 2, 10, 11, 99):
        before = doubted(tries=tries, code="SYSTEMERROR")
        decision = after_query(before, outcome)
        step = decision.step
        assert (step.state, step.task) == (State.IN_DOUBT, Task.QUERY)
        assert told(step) == (None, False, UNKNOWN)
        assert (step.tries, step.code) == (tries + 1, "SYSTEMERROR")
        assert step.reason == "the query failed: no route"
        assert (decision.stop, decision.slow) == (None, False)
        assert step.due_at is not None
        waits.append((step.due_at - NOW) // SECOND)
    assert waits == [2, 4, 8, 2048, 3600, 3600]


def test_a_query_refused_for_the_merchants_fault_stops_the_sending() -> None:
    for code, scope in (("CA_ERROR", Scope.MERCHANT), ("SIGN_ERROR", Scope.MERCHANT)):
        stop = after_query(doubted(), Unanswered(code=code, why="坏")).stop
        assert stop is not None
        assert (stop.scope, stop.code) == (scope, code)
        assert stop.reason == f"WeChat answered {code}: 坏"
        assert stop.advice.startswith(rows_of(code)[0].advice)
    settings = after_query(doubted(), Unsendable(why="work: not set", settings=True)).stop
    assert settings is not None
    assert (settings.scope, settings.code) == (Scope.CAMPAIGN, "UNSENDABLE")
    assert "work: not set" in settings.reason


def test_queries_that_come_too_fast_slow_the_merchant_down() -> None:
    assert after_query(doubted(), Unanswered(code="FREQ_LIMIT", why="")).slow
    assert not after_query(doubted(), Unanswered(code="NO_AUTH", why="")).slow


# What is sent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "look"),
    [
        (0, 10 * MINUTE),
        (10 * MINUTE - 1, 10 * MINUTE),
        (10 * MINUTE, HOUR),
        (HOUR, DAY + 10 * MINUTE),
        (DAY + 10 * MINUTE, DAY + HOUR),
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
    assert after_query(soon, NotSent(why="")).step.due_at == NOW + SECOND


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
        refunded = 0 if outcome.status is RFUND_ING else outcome.refunded
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


def test_a_lost_call_without_an_answer_is_unknown_to_the_person_to_whom_it_comes() -> None:
    before = called(first_call_at=NOW - 30 * DAY)
    step = after_query(before, Unanswered(code=None, why="")).step
    assert told(step) == (EventKind.HANDED_OVER, True, UNKNOWN)
    assert standing(step) == (State.IN_DOUBT, None, None)


# What does not fit -------------------------------------------------------------------------------


MORE = "that more was claimed and returned than was sent"
SOME = "and that some of it was claimed or returned"
LESS = "that less is claimed or returned than it said before"


@pytest.mark.parametrize(
    ("before", "outcome", "words"),
    [
        (doubted(), found(SENT, amount=999), "999 fen, which are 1000 in the books"),
        (doubted(), found(FAILED, amount=1001), "1001 fen, which are 1000 in the books"),
        (doubted(people=3), found(SENT, claimed=600, refunded=401), MORE),
        (doubted(), found("NEW", claimed=1001), MORE),
        (doubted(), found(RECEIVED, refunded=1), MORE),
        (doubted(), found(FAILED, claimed=1), f"FAILED, {SOME}"),
        (doubted(), found(FAILED, refunded=1), f"FAILED, {SOME}"),
        (doubted(), found(SENDING, claimed=1), f"SENDING, {SOME}"),
        (held(), found(SENDING, claimed=1), f"SENDING, {SOME}"),
        (sent(people=3, claimed=300), found(RECEIVED, claimed=299), LESS),
        (sent(people=3, refunded=300), found(REFUND, refunded=299), LESS),
        (sent(), found(FAILED), "FAILED of a packet that it had accepted"),
    ],
)
def test_a_reply_that_cannot_be_true_changes_nothing_and_comes_to_a_person(
    before: Payout, outcome: Found, words: str
) -> None:
    task = Task.LOOK if before.state is State.SENT else Task.QUERY
    waits = []
    for tries in range(5):
        again = before if not tries else replace(before, tries=tries, code="MISFIT")
        decision = after_query(again, outcome)
        step = decision.step
        assert (decision.stop, decision.slow, step.state) == (None, False, before.state)
        assert (step.tries, step.code) == (tries + 1, "MISFIT")
        assert step.reason == f"WeChat says {words}"
        assert (step.claimed, step.refunded) == (before.claimed, before.refunded)
        if tries == 4:
            assert (step.task, step.due_at, step.kind) == (None, None, EventKind.HANDED_OVER)
            assert (step.answered, step.doubt) == (True, before.doubt)
        else:
            assert (step.task, step.kind, step.answered) == (task, None, False)
            assert step.due_at is not None
            waits.append((step.due_at - NOW) // SECOND)
    assert waits == [2, 4, 8, 16]


def test_figures_that_stay_as_they_were_fit() -> None:
    before = sent(people=3, claimed=300, refunded=100, code="MISFIT", tries=4)
    step = after_query(before, found(RECEIVED, claimed=300, refunded=100)).step
    assert (step.code, step.kind, step.tries) == (None, None, 0)
    later = after_query(before, found(RFUND_ING, claimed=300, refunded=0)).step
    assert (later.code, later.refunded) == (None, 100)


# What is over ------------------------------------------------------------------------------------

OVER = [
    payout(
        state=state,
        task=Task.QUERY,
        calls=calls,
        answers=calls,
        first_call_at=first,
        tries=3,
        reason="before",
        **facts,
    )
    for state, calls, first, facts in (
        (State.RECEIVED, 1, NOW - DAY, {"claimed": 1000, "sent_at": NOW, "settled_at": NOW}),
        (State.RETURNED, 1, NOW - DAY, {"refunded": 1000, "sent_at": NOW, "settled_at": NOW}),
        (State.REFUSED, 1, NOW - DAY, {"doubt": NO}),
        (State.CANCELLED, 0, None, {}),
    )
]


@pytest.mark.parametrize("before", OVER, ids=lambda before: before.state)
def test_what_is_over_stays_so_whatever_a_person_asks(before: Payout) -> None:
    fits: list[QueryOutcome] = [NotFound(), Unanswered(code=None, why=""), NotSent(why="")]
    fits += [Unsendable(why="")]
    if before.state is State.RECEIVED:
        fits += [found(RECEIVED), found(RECEIVED, claimed=1000)]
    if before.state is State.RETURNED:
        fits += [found(REFUND), found(REFUND, refunded=1000)]
    if before.state is State.REFUSED:
        fits += [found(FAILED)]
    for outcome in fits:
        step = after_query(before, outcome).step
        assert standing(step) == (before.state, None, None)
        assert told(step) == (None, False, before.doubt)
        assert (step.claimed, step.refunded) == (before.claimed, before.refunded)
        if not isinstance(outcome, Unanswered | NotSent | Unsendable):
            assert (step.tries, step.reason) == (3, "before")


@pytest.mark.parametrize("before", OVER, ids=lambda before: before.state)
def test_what_is_over_and_is_said_to_be_otherwise_comes_to_a_person(before: Payout) -> None:
    otherwise = {
        State.RECEIVED: found(FAILED),
        State.RETURNED: found(SENT),
        State.REFUSED: found(SENT),
        State.CANCELLED: found(SENDING),
    }[before.state]
    step = after_query(before, otherwise).step
    assert standing(step) == (before.state, None, None)
    assert step.kind is EventKind.HANDED_OVER
    assert step.code == "MISFIT"
    if before.state in {State.REFUSED, State.CANCELLED}:
        said = f"WeChat says {otherwise.status} of a payout that is {before.state} in the books"
        assert step.reason == said


# What its receiver needs -------------------------------------------------------------------------


def test_a_packet_that_is_paid_without_its_voucher_is_sent_again_for_it() -> None:
    before = doubted(kind="mini_program", reason="HTTP 502", code="X")
    step = after_query(before, found(SENT)).step
    assert standing(step) == (State.IN_DOUBT, Task.SEND, NOW + 4 * SECOND)
    assert told(step) == (EventKind.FOUND, True, UNKNOWN)
    assert (step.resend_until, step.tries, step.code) == (NOW - SECOND + DAY, 2, "X")
    assert step.reason == "paid; sent again with the same number for its voucher"
    assert (step.sent_at, step.listid) == (None, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kind": "normal"}, SENT),
        ({"kind": "a kind of tomorrow"}, SENT),
        ({"voucher": "sendid=1"}, SENT),
        ({"calls": 3, "answers": 3}, SENT),
        ({"first_call_at": NOW - DAY}, SENT),
        ({}, RFUND_ING),
    ],
)
def test_a_packet_is_sent_again_only_for_a_voucher_that_is_missing_and_of_use(
    changes: dict[str, Any], status: Status
) -> None:
    before = doubted(**({"kind": "mini_program"} | changes))
    step = after_query(before, found(status)).step
    assert (step.state, step.task) == (State.SENT, Task.LOOK)
    assert step.voucher == before.voucher


def test_a_packet_is_sent_for_its_voucher_as_long_as_its_number_is_fresh() -> None:
    before = doubted(kind="mini_program", calls=2, answers=2, first_call_at=NOW - DAY + 1)
    assert after_query(before, found(SENT)).step.task is Task.SEND


def test_a_look_never_sends_again_for_a_voucher() -> None:
    step = after_query(sent(kind="mini_program"), found(SENT)).step
    assert standing(step)[:2] == (State.SENT, Task.LOOK)


# The rules ---------------------------------------------------------------------------------------


def test_the_rules_can_be_others() -> None:
    rules = replace(CAUTIOUS, not_found_seconds=7, looks=(5,), look_seconds=9, misfits_max=1)
    step = decide(doubted(), Task.QUERY, NotFound(), NOW, rules).step
    assert step.due_at == NOW + 7 * SECOND
    before = sent(sent_at=NOW - 6 * SECOND)
    step = decide(before, Task.LOOK, found(SENT), NOW, rules).step
    assert step.due_at == NOW + 8 * SECOND
    step = decide(doubted(), Task.QUERY, found(SENT, amount=1), NOW, rules).step
    assert step.kind is EventKind.HANDED_OVER
