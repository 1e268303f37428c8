"""What follows from each outcome of a query about a number in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Disposition, Status
from hongbao.dispatch.policy import decide
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope
from hongbao.rails.outcome import CallNotSent, NotFound, Unanswered, Unsendable
from hongbao.wire.codes import rows_of
from policy_decisions import after_query, found, patient, standing, told
from policy_payouts import DAY, HOUR, MINUTE, NOW, called, doubted, held, payout, sent

if TYPE_CHECKING:
    from hongbao.rails.outcome import QueryOutcome

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN
SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND


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
        assert told(step) == (EventKind.PROVEN_DEAD, True, NO)
        assert (step.proof, step.code, step.reason) == (Proof.FAILED, "FAILED", "该红包已过期")
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
    postponed = doubted(code="NO_AUTH")
    assert after_query(postponed, NotFound()).step.mark is None, "it was counted when it came"
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
    for outcome in (
        found(SENDING),
        found("NEW"),
        Unanswered(code=None, why=""),
        CallNotSent(why=""),
    ):
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
        CallNotSent(why="no route"),
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


def test_a_lost_call_without_an_answer_is_unknown_to_the_person_to_whom_it_comes() -> None:
    before = called(first_call_at=NOW - 30 * DAY)
    step = after_query(before, Unanswered(code=None, why="")).step
    assert told(step) == (EventKind.HANDED_OVER, True, UNKNOWN)
    assert standing(step) == (State.IN_DOUBT, None, None)


def test_the_rules_can_be_others() -> None:
    rail = patient(not_found_seconds=7, looks=(5,), look_seconds=9, misfits_max=1)
    step = decide(doubted(), Task.QUERY, NotFound(), NOW, rail).step
    assert step.due_at == NOW + 7 * SECOND
    before = sent(sent_at=NOW - 6 * SECOND)
    step = decide(before, Task.LOOK, found(SENT), NOW, rail).step
    assert step.due_at == NOW + 8 * SECOND
    step = decide(doubted(), Task.QUERY, found(SENT, amount=1), NOW, rail).step
    assert step.kind is EventKind.HANDED_OVER
