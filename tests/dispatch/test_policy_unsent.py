"""What follows from a send that did not leave, and from content that makes no request."""

from __future__ import annotations

from hongbao import Disposition
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope
from hongbao.rails.outcome import CallNotSent, Unsendable
from policy_decisions import after_send
from policy_payouts import DAY, NOW, called

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN


def test_a_first_send_that_did_not_leave_waits_as_if_it_had_never_been() -> None:
    decision = after_send(CallNotSent(why="no route"))
    step = decision.step
    assert (step.state, step.task, step.due_at) == (State.WAITING, Task.SEND, NOW + 5 * SECOND)
    assert (step.doubt, step.resend_until, step.answered) == (None, None, True)
    assert (step.code, step.reason, step.tries) == ("NOT_SENT", "no route", 1)
    assert (decision.stop, decision.slow, step.mark) == (None, False, None)


def test_sends_that_do_not_leave_wait_longer_slow_down_and_then_stop_the_merchant() -> None:
    waits, slow, marks, stops = [], [], [], []
    for tries in range(20):
        before = called(calls=tries + 1, answers=tries, tries=tries, code="NOT_SENT")
        decision = after_send(CallNotSent(why="no route"), before)
        assert decision.step.due_at is not None
        waits.append((decision.step.due_at - NOW) // SECOND)
        slow.append(decision.slow)
        marks.append(decision.step.mark)
        stops.append(decision.stop)
        assert decision.step.tries == (0 if tries == 19 else tries + 1)
    assert waits == [5, 10, 20, 40, 80, 160, 320, *[600] * 13]
    assert slow == [False, False, *[True] * 18]
    assert marks == [None, None, "NOT_SENT+AGAIN", *[None] * 17]
    assert stops[:-1] == [None] * 19
    stop = stops[-1]
    assert stop is not None
    assert (stop.scope, stop.code) == (Scope.MERCHANT, "UNREACHABLE")
    assert stop.reason == ("No byte of 20 sends of one payout in a row left this machine: no route")
    assert "hongbao doctor" in stop.advice
    assert stop.advice.endswith("Then resume: it goes on with the same numbers.")


def test_tries_of_another_kind_do_not_count_as_sends_that_did_not_leave() -> None:
    before = called(calls=20, answers=19, tries=19, code="FREQ_LIMIT", doubt=OPEN)
    decision = after_send(CallNotSent(why=""), before)
    assert (decision.step.tries, decision.slow, decision.stop) == (1, False, None)


def test_a_repeat_that_did_not_leave_keeps_what_the_number_was() -> None:
    opened = called(calls=2, answers=1, doubt=OPEN)
    step = after_send(CallNotSent(why=""), opened).step
    assert (step.state, step.task, step.doubt) == (State.WAITING, Task.SEND, OPEN)
    assert step.resend_until == NOW - SECOND + DAY
    harmless = called(calls=2, answers=1, doubt=NO)
    assert after_send(CallNotSent(why=""), harmless).step.resend_until is None
    for unknown in (
        called(calls=2, answers=1, doubt=UNKNOWN, tries=2),
        called(calls=2, answers=0, tries=2),
    ):
        step = after_send(CallNotSent(why="no route"), unknown).step
        assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, UNKNOWN)
        assert (step.kind, step.answered) == (EventKind.NOT_SENT, True)
        assert (step.tries, step.due_at) == (3, NOW + 8 * SECOND)
        assert (step.code, step.reason) == ("NOT_SENT", "no route")


def test_content_that_makes_no_request_is_refused_once_a_query_confirms_it() -> None:
    decision = after_send(Unsendable(why="wishing must be shorter"))
    step = decision.step
    assert (step.kind, step.doubt) == (EventKind.REFUSED, NO)
    assert (step.state, step.task, step.due_at) == (State.IN_DOUBT, Task.QUERY, NOW + 3 * SECOND)
    assert (step.code, step.reason) == ("UNSENDABLE", "wishing must be shorter")
    assert (step.tries, step.answered, step.resend_until) == (0, True, None)
    assert decision.stop is None
    later = called(calls=9, answers=8, tries=8, doubt=NO, resend_until=NOW)
    step = after_send(Unsendable(why=""), later).step
    assert (step.kind, step.tries, step.resend_until) == (EventKind.REFUSED, 0, None)
    for before in (
        {"answers": 1, "doubt": OPEN},
        {"answers": 1, "doubt": UNKNOWN},
        {"answers": 0},
    ):
        for settings in (True, False):
            outcome = Unsendable(why="a field", settings=settings)
            decision = after_send(outcome, called(calls=2, **before))
            step = decision.step
            assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, UNKNOWN)
            assert (step.kind, step.code) == (EventKind.NOT_SENT, "UNSENDABLE")
            assert step.reason == "a field"
            assert step.due_at == NOW + 2 * SECOND
            assert (decision.stop is not None) is settings


def test_settings_that_make_no_request_stop_the_campaign_and_cost_no_number() -> None:
    decision = after_send(Unsendable(why="work: not set", settings=True))
    step, stop = decision.step, decision.stop
    assert (step.state, step.task, step.due_at) == (State.WAITING, Task.SEND, NOW + SECOND)
    assert (step.tries, step.code, step.reason) == (1, "UNSENDABLE", "work: not set")
    assert (step.doubt, step.resend_until, step.answered) == (None, None, True)
    assert stop is not None
    assert (stop.scope, stop.code) == (Scope.CAMPAIGN, "UNSENDABLE")
    assert stop.reason == "No request can be made with the merchant's settings: work: not set"
    again = after_send(Unsendable(why="", settings=True), called(calls=2, answers=1, doubt=NO))
    assert again.step.doubt is NO
    assert stop.advice.startswith("Fix hongbao.toml")
    assert stop.advice.endswith("Then resume: it goes on with the same numbers.")
    assert not decision.slow


def test_settings_that_make_no_request_for_one_row_leave_it_to_a_person_in_the_end() -> None:
    for tries, task in ((3, Task.SEND), (4, None)):
        before = called(calls=tries + 1, answers=tries, tries=tries, code="UNSENDABLE")
        step = after_send(Unsendable(why="", settings=True), before).step
        assert (step.state, step.task, step.tries) == (State.WAITING, task, tries + 1)
