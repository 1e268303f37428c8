"""What follows from each outcome of a send."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from hongbao import Disposition
from hongbao.dispatch.policy import decide
from hongbao.errors import IllegalTransition
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import Scope
from hongbao.rails.outcome import CallNotSent, Refusal, SendAccepted, Unknown, Unsendable
from hongbao.rails.redpack.advice import advise_people
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.wire.codes import CODES, HINTS, UNKNOWN_CODE, Code, rows_of
from policy_decisions import after_send, patient
from policy_payouts import DAY, HOUR, MINUTE, NOW, beijing, called, payout

if TYPE_CHECKING:
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import SendOutcome

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN


def answer(code: str, text: str = "文字") -> SendOutcome:
    """What ``translate`` makes of an answer with this code."""
    row = next(row for row in CODES if row.err_code == code)
    if row.disposition is UNKNOWN:
        return Unknown(code=code, why=text)
    return Refusal(disposition=row.disposition, code=code, text=text)


class Expected(NamedTuple):
    """What a first call that is answered with a code comes to."""

    state: State
    task: Task | None
    due_at: int | None
    stop: Scope | None = None
    slow: bool = False
    mark: str | None = None


CONFIRMED = Expected(State.IN_DOUBT, Task.QUERY, NOW + 3 * SECOND)
ASKED = Expected(State.IN_DOUBT, Task.QUERY, NOW + 2 * SECOND)
STOPS_MERCHANT = Expected(State.WAITING, Task.SEND, NOW + SECOND, Scope.MERCHANT)
STOPS_CAMPAIGN = Expected(State.WAITING, Task.SEND, NOW + SECOND, Scope.CAMPAIGN)
TOMORROW = Expected(State.WAITING, Task.SEND, beijing(24, 0, 10))

TABLE = {
    "SYSTEMERROR": ASKED,
    "PROCESSING": ASKED._replace(due_at=NOW + 20 * MINUTE),
    "SEND_FAILED": ASKED,
    "NOTENOUGH": STOPS_MERCHANT,
    "NO_AUTH": Expected(State.WAITING, Task.SEND, NOW + HOUR, mark="NO_AUTH+POSTPONED"),
    "SENDNUM_LIMIT": TOMORROW,
    "RCVDAMOUNT_LIMIT": TOMORROW,
    "SENDAMOUNT_LIMIT": TOMORROW._replace(slow=True),
    "MONEY_LIMIT": CONFIRMED,
    "FREQ_LIMIT": Expected(State.WAITING, Task.SEND, NOW + 5 * SECOND, slow=True),
    "SECOND_OVER_LIMITED": ASKED._replace(due_at=NOW + MINUTE, slow=True),
    "DAY_OVER_LIMITED": TOMORROW._replace(slow=True),
    "TIME_LIMITED": Expected(State.WAITING, Task.SEND, beijing(24, 8, 10), slow=True),
    "CA_ERROR": STOPS_MERCHANT,
    "SIGN_ERROR": STOPS_MERCHANT,
    "WORKWX_SIGN_ERROR": STOPS_CAMPAIGN,
    "XML_ERROR": STOPS_CAMPAIGN,
    "PARAM_ERROR": CONFIRMED,
    "FATAL_ERROR": ASKED,
    "金额和原始单参数不一致": ASKED,
    "ILLEGAL_APPID": CONFIRMED._replace(stop=Scope.CAMPAIGN),
    "OPENID_ERROR": CONFIRMED,
    "MSGAPPID_ERROR": STOPS_CAMPAIGN,
    "ACCEPTMODE_ERROR": STOPS_CAMPAIGN,
    "API_METHOD_CLOSED": STOPS_MERCHANT,
    "PAYER_ACCOUNT_ABNORMAL": STOPS_MERCHANT,
    "NO_COMPETENCE": STOPS_CAMPAIGN,
    "PRODUCT_AUTHORITY_UNOPEN": STOPS_CAMPAIGN,
    "HTTP_400_NO_CERTIFICATE": STOPS_MERCHANT,
    "HTTP_400_BAD_CERTIFICATE": STOPS_MERCHANT,
    "TLS_CERTIFICATE_ALERT": ASKED._replace(stop=Scope.MERCHANT),
}
"""Written down once more, by hand."""


def test_every_code_that_a_send_can_be_answered_with_is_handled() -> None:
    answers = {row.err_code for row in CODES if set(row.endpoints) & set("SGMHW")}
    assert set(RED_PACK.reactions) == set(TABLE) == answers


@pytest.mark.parametrize("code", TABLE)
def test_a_first_call_comes_to_what_the_table_says(code: str) -> None:
    decision = after_send(answer(code))
    step, expected = decision.step, TABLE[code]
    stop = None if decision.stop is None else decision.stop.scope
    assert Expected(step.state, step.task, step.due_at, stop, decision.slow, step.mark) == expected
    assert (step.code, step.reason, step.answered) == (code, "文字", True)
    confirmed = expected.due_at == CONFIRMED.due_at
    fresh = expected.task is not Task.QUERY and rows_of(code)[0].disposition is NO
    until = None if fresh or confirmed else NOW - SECOND + DAY
    assert step.resend_until == until


@pytest.mark.parametrize("code", TABLE)
def test_what_stops_says_what_was_seen_and_what_to_do(code: str) -> None:
    stop = after_send(answer(code)).stop
    if stop is not None:
        assert stop.code == code
        assert stop.reason == f"WeChat answered {code}: 文字"
        advice = advise_people(rows_of(code)[0], "文字").en
        assert stop.advice == f"{advice} Then resume: it goes on with the same numbers."


def test_the_advice_of_a_stop_is_for_people_who_send_nothing_by_hand() -> None:
    refusal = Refusal(disposition=OPEN, code="NOTENOUGH", text="")
    stop = after_send(refusal).stop
    assert stop is not None
    assert stop.advice == "Top up that account. Then resume: it goes on with the same numbers."


@pytest.mark.parametrize("row", [*CODES, UNKNOWN_CODE], ids=lambda row: row.err_code)
def test_no_advice_for_people_says_to_send(row: Code) -> None:
    texts = ["", *(word for code, word, *_ in HINTS if code == row.err_code)]
    for text in texts:
        advice = advise_people(row, text)
        assert not re.search(r"\b[Ss]end\b|same mch_billno", advice.en)
        assert not re.search("重发|再发|用原单号发", advice.zh)


def kind_and_doubt(step: Step) -> tuple[EventKind | None, Disposition | None]:
    return step.kind, step.doubt


def test_each_end_of_a_send_has_its_event_and_its_doubt() -> None:
    ends: dict[SendOutcome, tuple[EventKind, Disposition | None]] = {
        SendAccepted(listid="1"): (EventKind.ACCEPTED, None),
        answer("OPENID_ERROR"): (EventKind.REFUSED, NO),
        answer("SIGN_ERROR"): (EventKind.POSTPONED, NO),
        answer("NOTENOUGH"): (EventKind.POSTPONED, OPEN),
        answer("SEND_FAILED"): (EventKind.UNKNOWN, UNKNOWN),
        answer("SYSTEMERROR"): (EventKind.UNKNOWN, UNKNOWN),
        CallNotSent(why="no route"): (EventKind.NOT_SENT, None),
        Unsendable(why="a field"): (EventKind.REFUSED, NO),
        Unsendable(why="a setting", settings=True): (EventKind.NOT_SENT, None),
    }
    for outcome, expected in ends.items():
        assert kind_and_doubt(after_send(outcome).step) == expected, outcome


def test_an_accepted_packet_is_sent_and_looked_at_after_ten_minutes() -> None:
    waited = called(code="NOTENOUGH", reason="余额不足", tries=4, doubt=OPEN, resend_until=NOW)
    decision = after_send(SendAccepted(listid="1000", voucher="sendid=1"), waited)
    step = decision.step
    assert (decision.stop, decision.slow) == (None, False)
    assert (step.state, step.task, step.due_at) == (State.SENT, Task.LOOK, NOW + 10 * MINUTE)
    assert (step.listid, step.voucher, step.sent_at) == ("1000", "sendid=1", NOW)
    assert (step.code, step.reason, step.tries) == (None, None, 0)
    assert (step.doubt, step.resend_until, step.settled_at) == (None, None, None)
    assert (step.claimed, step.refunded, step.answered, step.mark) == (0, 0, True, None)


def test_an_accepted_packet_keeps_what_is_not_said_again() -> None:
    known = called(listid="1000", voucher="sendid=1")
    step = after_send(SendAccepted(listid=""), known).step
    assert (step.listid, step.voucher) == ("1000", "sendid=1")


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize(
    "before", [{"calls": 2, "answers": 1, "doubt": UNKNOWN}, {"calls": 2, "answers": 0}]
)
def test_no_refusal_of_a_repeat_settles_what_an_earlier_call_left_unknown(
    code: str, before: dict[str, object]
) -> None:
    decision = after_send(answer(code), called(**before))
    step = decision.step
    assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, UNKNOWN)
    assert step.kind is EventKind.UNKNOWN
    assert step.answered
    assert step.mark is None
    waits = {"PROCESSING": 20 * MINUTE, "SECOND_OVER_LIMITED": MINUTE}
    assert step.due_at == NOW + waits.get(code, 2 * SECOND)
    # Whoever is at fault is so all the same.
    first = after_send(answer(code))
    assert (decision.stop, decision.slow) == (first.stop, first.slow)


@pytest.mark.parametrize("code", TABLE)
def test_after_a_refusal_for_now_a_number_may_still_be_alive(code: str) -> None:
    step = after_send(answer(code), called(calls=2, answers=1, doubt=OPEN)).step
    if TABLE[code].state is State.WAITING:
        assert (step.state, step.task, step.doubt) == (State.WAITING, Task.SEND, OPEN)
        assert step.resend_until == NOW - SECOND + DAY
    else:
        assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, UNKNOWN)


@pytest.mark.parametrize("code", TABLE)
def test_calls_that_left_no_order_count_as_none(code: str) -> None:
    step = after_send(answer(code), called(calls=4, answers=3, doubt=NO)).step
    assert (step.state, step.task, step.due_at) == TABLE[code][:3]


def test_a_refusal_without_a_row_or_of_the_wrong_weight_is_asked_about() -> None:
    for code, disposition in (("BRAND_NEW", NO), ("BRAND_NEW", OPEN), ("OPENID_ERROR", OPEN)):
        refusal = Refusal(disposition=disposition, code=code, text="")
        step = after_send(refusal).step
        assert (step.state, step.task) == (State.IN_DOUBT, Task.QUERY)
        assert step.due_at == NOW + 2 * SECOND


def test_an_unknown_end_is_never_what_its_code_would_be_as_a_refusal() -> None:
    for code in (*TABLE, "268458547", None):
        decision = after_send(Unknown(code=code, why="HTTP 502"))
        step = decision.step
        assert (step.state, step.task, step.doubt) == (State.IN_DOUBT, Task.QUERY, UNKNOWN)
        assert (step.code, step.reason, step.kind) == (code, "HTTP 502", EventKind.UNKNOWN)
        assert step.due_at is not None
        assert step.due_at >= NOW + SECOND
        expected = TABLE.get(code or "", ASKED)
        assert (decision.stop.scope if decision.stop else None) is expected.stop
        assert decision.slow is expected.slow
        if expected.task is not Task.QUERY:
            assert step.due_at == NOW + 2 * SECOND


def test_what_is_unknown_is_asked_about_later_each_time_up_to_an_hour() -> None:
    waits = []
    for tries in range(14):
        step = after_send(Unknown(code=None, why=""), called(tries=tries)).step
        assert step.tries == tries + 1
        assert step.due_at is not None
        waits.append((step.due_at - NOW) // SECOND)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]


def test_the_time_in_which_a_number_is_sent_again_is_counted_from_its_first_call() -> None:
    first = called(first_call_at=NOW - 5 * HOUR)
    assert after_send(answer("SYSTEMERROR"), first).step.resend_until == NOW + 19 * HOUR
    again = called(first_call_at=NOW - 30 * HOUR, resend_until=NOW + MINUTE, doubt=OPEN)
    assert after_send(answer("SYSTEMERROR"), again).step.resend_until == NOW + MINUTE
    assert after_send(answer("NOTENOUGH"), again).step.resend_until == NOW + MINUTE


@pytest.mark.parametrize(
    ("code", "waits"),
    [
        ("FREQ_LIMIT", [5, 10, 20, 40, 80, 160, 300, 300]),
        ("NO_AUTH", [3600, 7200, 14400, 28800, 43200, 43200]),
        ("NOTENOUGH", [1, 1, 1]),
    ],
)
def test_the_same_refusal_waits_longer_each_time_in_a_row(code: str, waits: list[int]) -> None:
    for tries, seconds in enumerate(waits):
        before = called(calls=tries + 1, answers=tries, tries=tries, code=code, doubt=OPEN)
        step = after_send(answer(code), before).step
        assert step.due_at == NOW + seconds * SECOND
        assert step.tries == tries + 1


def test_another_refusal_begins_to_wait_anew() -> None:
    before = called(calls=9, answers=8, tries=8, code="NO_AUTH", doubt=OPEN)
    step = after_send(answer("FREQ_LIMIT"), before).step
    assert (step.tries, step.due_at) == (1, NOW + 5 * SECOND)


def test_a_mark_is_given_the_first_time_in_a_row() -> None:
    before = called(calls=2, answers=1, tries=1, code="NO_AUTH", doubt=OPEN)
    assert after_send(answer("NO_AUTH"), before).step.mark is None
    other = replace(before, code="FREQ_LIMIT")
    assert after_send(answer("NO_AUTH"), other).step.mark == "NO_AUTH+POSTPONED"


@pytest.mark.parametrize(
    ("now", "tomorrow", "morning"),
    [
        (beijing(23, 10), beijing(24, 0, 10), beijing(24, 8, 10)),
        (beijing(23, 23, 59), beijing(24, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 0, 0), beijing(24, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 0, 9), beijing(24, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 0, 10), beijing(25, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 0, 10) + 59 * SECOND, beijing(25, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 0, 11), beijing(25, 0, 10), beijing(24, 8, 10)),
        (beijing(24, 8, 10), beijing(25, 0, 10), beijing(25, 8, 10)),
    ],
)
def test_limits_of_a_day_and_of_the_night_end_by_beijings_clock(
    now: int, tomorrow: int, morning: int
) -> None:
    first = called(first_call_at=now - SECOND)
    assert after_send(answer("SENDNUM_LIMIT"), first, now).step.due_at == tomorrow
    assert after_send(answer("TIME_LIMITED"), first, now).step.due_at == morning


def test_an_odd_row_that_is_refused_for_the_merchants_fault_comes_to_a_person_in_the_end() -> None:
    for tries, task in ((3, Task.SEND), (4, None), (5, None)):
        before = called(calls=tries + 1, answers=tries, tries=tries, code="SIGN_ERROR", doubt=NO)
        decision = after_send(answer("SIGN_ERROR"), before)
        step = decision.step
        assert (step.state, step.task, step.tries) == (State.WAITING, task, tries + 1)
        assert (step.due_at is None) is (task is None)
        assert step.kind is (EventKind.POSTPONED if task else EventKind.HANDED_OVER)
        assert decision.stop is not None


def test_what_is_refused_for_now_again_and_again_comes_to_a_person_in_the_end() -> None:
    for code in ("NOTENOUGH", "FREQ_LIMIT", "DAY_OVER_LIMITED"):
        for tries, task in ((28, Task.SEND), (29, None), (30, None)):
            before = called(calls=tries + 1, answers=tries, tries=tries, code=code, doubt=OPEN)
            step = after_send(answer(code), before).step
            assert (step.state, step.task) == (State.WAITING, task)
            assert step.kind is (EventKind.POSTPONED if task else EventKind.HANDED_OVER)


def test_a_limit_that_leaves_no_order_is_met_more_often_than_a_fault_of_the_merchant() -> None:
    before = called(calls=11, answers=10, tries=10, code="DAY_OVER_LIMITED", doubt=NO)
    step = after_send(answer("DAY_OVER_LIMITED"), before).step
    assert (step.task, step.doubt, step.resend_until) == (Task.SEND, NO, None)


def test_what_has_no_end_comes_to_a_person_before_wechat_forgets_it() -> None:
    old = NOW - 29 * DAY
    for first, task, due_at in (
        (old + 2 * SECOND, Task.QUERY, NOW + 2 * SECOND),
        (old + SECOND, Task.QUERY, NOW + SECOND),
        (old, None, None),
        (old - DAY, None, None),
    ):
        step = after_send(Unknown(code=None, why=""), called(first_call_at=first)).step
        assert (step.task, step.due_at) == (task, due_at)
        assert step.kind is (EventKind.HANDED_OVER if task is None else EventKind.UNKNOWN)
        assert (step.state, step.doubt, step.answered) == (State.IN_DOUBT, UNKNOWN, True)
    held = called(first_call_at=old, doubt=OPEN, calls=2, answers=1)
    step = after_send(answer("FREQ_LIMIT"), held).step
    assert (step.state, step.task, step.kind) == (State.WAITING, None, EventKind.HANDED_OVER)


def test_what_never_left_an_order_has_all_the_time_of_the_world() -> None:
    for outcome in (CallNotSent(why=""), answer("SIGN_ERROR"), answer("DAY_OVER_LIMITED")):
        step = after_send(outcome, called(first_call_at=NOW - 99 * DAY)).step
        assert (step.state, step.task) == (State.WAITING, Task.SEND)
        assert step.due_at is not None
        assert step.due_at > NOW


def test_a_send_that_was_not_claimed_is_no_ones_to_decide_about() -> None:
    with pytest.raises(IllegalTransition) as caught:
        decide(payout(), Task.SEND, SendAccepted(listid="1"), NOW, RED_PACK)
    assert (caught.value.billno, caught.value.later) == ("Seven", State.SENT)
    unclaimed = payout(calls=1, first_call_at=NOW)
    for outcome in (Unknown(code=None, why=""), answer("OPENID_ERROR")):
        assert after_send(outcome, unclaimed).step.state is State.IN_DOUBT


def test_the_rules_can_be_others() -> None:
    rail = patient(query_seconds=9, resend_seconds=60, repeat_seconds=4)
    step = decide(called(), Task.SEND, answer("SYSTEMERROR"), NOW, rail).step
    assert (step.due_at, step.resend_until) == (NOW + 9 * SECOND, NOW + 59 * SECOND)
    assert decide(called(), Task.SEND, answer("CA_ERROR"), NOW, rail).step.due_at == (
        NOW + 4 * SECOND
    )
