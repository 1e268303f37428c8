"""What goes wrong on purpose: each fault, by script and by seed, and what it leaves behind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.errors import InvalidRequest, OutcomeUnknown, UntrustedReply
from hongbao.simulator.fault_injection import UNKNOWN_CODE
from hongbao.simulator.fault_script import RULES_MAX, parse_plan
from hongbao.simulator.faults import OF_BILLS, Fault, FaultKind, FaultPlan, FaultRule, Faults
from hongbao.simulator.money_audit import check
from hongbao.wire.messages import Query
from hongbao.wire.status import Status
from stage import DAY, SENDS, Stage, message_of, normal, preorder, reply_of

if TYPE_CHECKING:
    from hongbao.wire.messages import Message


def _outcome(stage: Stage, message: Message[Any]) -> str:
    try:
        stage.ask(message)
    except OutcomeUnknown as error:
        return error.err_code or type(error).__name__
    return "SUCCESS"


_UNANSWERED = ("hang", "lose_request")
_INSTEAD = ("http_500", "http_502", "http_503", "html_page", "unknown_code", "systemerror", "hang")


@pytest.mark.parametrize("letter", SENDS)
@pytest.mark.parametrize("fault", [*_INSTEAD, "lose_request"])
def test_a_fault_before_processing_pays_nothing_and_leaves_no_order(
    fault: str, letter: str
) -> None:
    stage = Stage()
    stage.fail({"fault": fault, "times": 1})
    answer = stage.say(message_of(letter))
    assert stage.payments("A1") == 0
    assert stage.world.find(stage.merchant.mch_id, "A1") is None
    assert (stage.last().fault, stage.last().paid) == (fault, False)
    assert answer.hang is (fault == "hang")
    assert (answer.cut == 0) is (fault == "lose_request")
    assert _outcome(stage, message_of(letter)) == "SUCCESS"
    assert stage.payments("A1") == 1
    check(stage.world)


@pytest.mark.parametrize("letter", SENDS)
@pytest.mark.parametrize("fault", _INSTEAD)
def test_a_fault_after_processing_has_paid_and_a_repeat_pays_nothing_more(
    fault: str, letter: str
) -> None:
    """The heart of the matter: the caller cannot tell this from the same fault before."""
    before, after = Stage(), Stage()
    before.fail({"fault": fault, "times": 1})
    after.fail({"fault": fault, "times": 1, "after": True})
    assert before.say(message_of(letter)) == after.say(message_of(letter))
    assert (before.payments("A1"), after.payments("A1")) == (0, 1)
    assert after.last().paid
    assert _outcome(after, message_of(letter)) == "SUCCESS"
    assert after.payments("A1") == 1
    check(after.world)


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_pages_of_a_server_in_between_are_html(letter: str) -> None:
    for fault, status in (
        ("http_500", 500),
        ("http_502", 502),
        ("http_503", 503),
        ("html_page", 200),
    ):
        stage = Stage()
        stage.fail({"fault": fault})
        answer = stage.say(message_of(letter))
        assert (answer.status, answer.content_type) == (status, "text/html")
        assert stage.last().verdict == f"HTTP {status}"
        with pytest.raises(UntrustedReply):
            stage.ask(message_of(letter))


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_an_unknown_code_and_a_systemerror_are_unknown_to_a_client(letter: str) -> None:
    stage = Stage()
    stage.fail({"fault": "unknown_code", "times": 1}, {"fault": "systemerror"})
    assert _outcome(stage, message_of(letter)) == UNKNOWN_CODE
    assert _outcome(stage, message_of(letter)) == "SYSTEMERROR"


def test_a_lost_reply_is_cut_before_its_first_byte_and_paid() -> None:
    stage = Stage()
    stage.fail({"fault": "lose_reply", "times": 1})
    answer = stage.say(normal())
    assert answer.cut == 0
    assert stage.payments("N1") == 1
    assert stage.last()[4:] == ("SUCCESS", "lose_reply", True)


def test_a_reply_is_cut_after_as_many_bytes_as_asked() -> None:
    stage = Stage()
    stage.fail({"fault": "cut_reply", "bytes": 123})
    answer = stage.say(normal())
    assert (answer.status, answer.cut) == (200, 123)
    assert stage.payments("N1") == 1


def test_a_garbled_reply_is_no_xml() -> None:
    stage = Stage()
    stage.fail({"fault": "garble_reply"})
    assert _outcome(stage, normal()) == "UntrustedReply"
    assert stage.payments("N1") == 1


def test_a_delayed_reply_is_whole_and_late() -> None:
    stage = Stage()
    stage.fail({"fault": "delay", "seconds": 2.5})
    answer = stage.say(normal())
    assert answer.delay_seconds == 2.5
    assert reply_of(answer)["result_code"] == "SUCCESS"


def test_processing_is_accepted_paid_and_sent_later() -> None:
    stage = Stage()
    stage.fail({"fault": "processing", "seconds": 600, "times": 1})
    assert _outcome(stage, normal()) == "PROCESSING"
    assert stage.last()[4:] == ("PROCESSING", "processing", True)
    assert stage.ask(Query("N1")).status is Status.SENDING
    stage.clock.advance(600)
    assert stage.ask(Query("N1")).status is Status.SENT
    assert _outcome(stage, normal()) == "SUCCESS"
    assert stage.payments("N1") == 1


def test_processing_may_end_in_failure() -> None:
    stage = Stage()
    stage.fail({"fault": "processing", "seconds": 600, "fails": True})
    assert _outcome(stage, normal()) == "PROCESSING"
    assert stage.payments("N1") == 0
    stage.clock.advance(600)
    assert stage.ask(Query("N1")).status is Status.FAILED
    check(stage.world)


def test_a_slow_sending_is_a_success_that_is_still_sending() -> None:
    stage = Stage()
    stage.fail({"fault": "slow_sending", "seconds": DAY})
    assert _outcome(stage, normal()) == "SUCCESS"
    assert stage.ask(Query("N1")).status is Status.SENDING
    stage.clock.advance(DAY)
    assert stage.ask(Query("N1")).status is Status.SENT


def test_a_preorder_is_never_answered_processing() -> None:
    """No source knows that: it takes the time, and pays."""
    stage = Stage()
    stage.fail({"fault": "processing", "seconds": 600, "fails": True})
    assert _outcome(stage, preorder()) == "SUCCESS"
    assert stage.ask(Query("H1")).status is Status.SENDING
    check(stage.world)


def test_what_would_be_refused_anyway_is_refused_under_a_fault_too() -> None:
    stage = Stage()
    stage.merchant.product_opened = False
    stage.fail({"fault": "processing"})
    assert stage.code(normal()) == "PRODUCT_AUTHORITY_UNOPEN"
    assert stage.last()[4:] == ("PRODUCT_AUTHORITY_UNOPEN", "processing", False)


def test_systemerror_twice_then_paid() -> None:
    """The script that stateless mocks cannot play."""
    stage = Stage()
    stage.fail(
        {"fault": "systemerror", "times": 1}, {"fault": "systemerror", "nth": 2, "after": True}
    )
    outcomes = [_outcome(stage, normal()) for _ in range(3)]
    assert outcomes == ["SYSTEMERROR", "SYSTEMERROR", "SUCCESS"]
    assert [entry.paid for entry in stage.app.journal] == [False, True, False]
    assert stage.payments("N1") == 1


def test_rules_count_the_requests_that_match_and_the_first_that_applies_wins() -> None:
    rules = (
        FaultRule(fault=Fault(kind=FaultKind.HANG), endpoint="gethbinfo"),
        FaultRule(fault=Fault(kind=FaultKind.DELAY), mch_billno="A", nth=2, times=2),
        FaultRule(fault=Fault(kind=FaultKind.SYSTEMERROR), nth=4),
    )
    faults = Faults(FaultPlan(rules=rules))
    asked = [
        ("sendredpack", "A"),
        ("sendredpack", "B"),
        ("gethbinfo", "A"),
        ("sendredpack", "A"),
        ("sendredpack", "A"),
    ]
    found = [faults.for_request(*request) for request in asked]
    kinds = [None if fault is None else fault.kind.value for fault in found]
    assert kinds == [None, None, "hang", "delay", "systemerror"]


def test_refused_connections_are_counted_apart_from_requests() -> None:
    stage = Stage()
    stage.fail({"fault": "refuse_connect", "nth": 2, "times": 2}, {"fault": "hang", "nth": 2})
    refused = [stage.app.refuses_connection() for _ in range(4)]
    assert refused == [False, True, True, False]
    assert not stage.say(normal()).hang
    assert stage.say(normal()).hang


def test_without_a_plan_nothing_goes_wrong() -> None:
    stage = Stage()
    assert not stage.app.refuses_connection()
    assert stage.app.faults.for_request("sendredpack", "N1") is None


_DRAWN = [kind for kind in FaultKind if kind not in OF_BILLS | {"refuse_connect", "answer"}]
_ODDS = {kind.value: 1 / (len(_DRAWN) + 2) for kind in _DRAWN}


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    """Whatever is asked: the fault of the nth request depends on the seed and n alone."""

    def run(seed: int, name: str) -> list[Fault | None]:
        faults = Faults(parse_plan({"seed": seed, "odds": _ODDS}))
        return [faults.for_request(name, str(number)) for number in range(300)]

    assert run(7, "sendredpack") == run(7, "gethbinfo")
    assert run(7, "sendredpack") != run(8, "sendredpack")


def test_seeded_faults_come_as_often_as_their_odds_say() -> None:
    faults = Faults(parse_plan({"seed": 1, "odds": {"lose_reply": 0.1, "hang": 0.3}}))
    found = Counter(
        "" if fault is None else fault.kind.value
        for fault in (faults.for_request("sendredpack", "") for _ in range(3000))
    )
    assert 240 < found["lose_reply"] < 360
    assert 800 < found["hang"] < 1000
    assert found[""] == 3000 - found["lose_reply"] - found["hang"]


def test_seeded_connections_are_refused_as_often_as_the_odds_say() -> None:
    faults = Faults(parse_plan({"seed": 1, "odds": {"refuse_connect": 0.5}}))
    assert 400 < sum(faults.for_connection() for _ in range(1000)) < 600
    assert faults.for_request("sendredpack", "") is None


@pytest.mark.parametrize("seed", range(20))
def test_under_seeded_faults_no_number_is_ever_paid_twice(seed: int) -> None:
    """Every send is repeated three times under all faults; the money still adds up."""
    stage = Stage(seed=seed)
    stage.fail(seed=seed, odds=_ODDS)
    for number in range(12):
        letter = "SGMHW"[number % 5]
        for _ in range(3):
            stage.say(message_of(letter, f"A{number}"))
            stage.clock.advance(1)
    check(stage.world)
    assert all(stage.payments(f"A{number}") <= 1 for number in range(12))
    assert any(entry.fault for entry in stage.app.journal)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ([], "faults"),
        ({"rule": []}, "faults.rule"),
        ({"rules": {}}, "rules"),
        ({"rules": ["hang"]}, "rules[0]"),
        ({"rules": [{}]}, "rules[0].fault"),
        ({"rules": [{"fault": "explode"}]}, "rules[0].fault"),
        ({"rules": [{"fault": []}]}, "rules[0].fault"),
        ({"rules": [{"fault": "hang"}, {"fault": "hang", "nth": 0}]}, "rules[1].nth"),
        ({"rules": [{"fault": "hang", "times": 0}]}, "rules[0].times"),
        ({"rules": [{"fault": "hang", "times": True}]}, "rules[0].times"),
        ({"rules": [{"fault": "hang", "times": 1.0}]}, "rules[0].times"),
        ({"rules": [{"fault": "hang", "endpoint": "pay"}]}, "rules[0].endpoint"),
        ({"rules": [{"fault": "hang", "mch_billno": 7}]}, "rules[0].mch_billno"),
        ({"rules": [{"fault": "hang", "seconds": 1}]}, "rules[0].seconds"),
        ({"rules": [{"fault": "delay", "seconds": -1}]}, "rules[0].seconds"),
        ({"rules": [{"fault": "delay", "seconds": float("nan")}]}, "rules[0].seconds"),
        ({"rules": [{"fault": "delay", "seconds": 10**400}]}, "rules[0].seconds"),
        ({"rules": [{"fault": "cut_reply", "bytes": -1}]}, "rules[0].bytes"),
        ({"rules": [{"fault": "delay", "bytes": 1}]}, "rules[0].bytes"),
        ({"rules": [{"fault": "delay", "after": True}]}, "rules[0].after"),
        ({"rules": [{"fault": "hang", "after": 1}]}, "rules[0].after"),
        ({"rules": [{"fault": "hang", "fails": True}]}, "rules[0].fails"),
        ({"rules": [{"fault": "refuse_connect", "endpoint": "gethbinfo"}]}, "rules[0]"),
        ({"rules": [{"fault": "hang"}] * (RULES_MAX + 1)}, "rules"),
        ({"seed": "7"}, "seed"),
        ({"odds": {"explode": 0.5}}, "odds.explode"),
        ({"odds": {"hang": 1.5}}, "odds.hang"),
        ({"odds": {"hang": 0.6, "delay": 0.6}}, "odds"),
    ],
)
def test_a_wrong_plan_names_the_field_that_is_wrong(said: object, field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_plan(said)
    assert caught.value.field == field


def test_a_plan_is_read_with_its_defaults() -> None:
    plan = parse_plan(
        {
            "rules": [
                {"fault": "hang"},
                {"fault": "hang", "nth": 3},
                {"fault": "hang", "nth": 3, "times": None},
                {"fault": "processing", "times": 2},
            ]
        }
    )
    assert [(rule.nth, rule.times) for rule in plan.rules] == [(1, None), (3, 1), (3, None), (1, 2)]
    assert plan.rules[3].fault.seconds == 1200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["rules", "fault", "odds", "seed", "nth", "hang"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_a_plan_or_an_invalid_request(said: object) -> None:
    try:
        plan = parse_plan(said)
    except InvalidRequest:
        return
    assert isinstance(plan, FaultPlan)
