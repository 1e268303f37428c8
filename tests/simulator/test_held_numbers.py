"""What is settled of a number that was called again too soon, or refused and held all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.errors import InvalidRequest
from hongbao.simulator.control.json_in import JsonFields
from hongbao.simulator.control.json_out import shown_plan
from hongbao.simulator.control.state import change_settings, show_settings
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.settings import FOREIGN_PREFIX, Settings
from hongbao.wire.endpoints import SENDREDPACK
from hongbao.wire.messages import Query
from hongbao.wire.status import Status
from stage import ALICE, DAY, SENDS, Stage, fields_of, message_of, normal, reply_of, signed

if TYPE_CHECKING:
    from hongbao.simulator.simulation import Simulation

STRANGER = f"{FOREIGN_PREFIX}_1"
HELD = {"fault": "refused_but_held"}


@pytest.mark.parametrize("letter", SENDS)
def test_a_second_must_pass_between_two_sends_of_one_number(letter: str) -> None:
    stage = Stage()
    stage.set(same_number_seconds=1.0)
    told = []
    for seconds in (0.0, 0.9, 0.1, 0.5, 0.5):
        stage.clock.advance(seconds)
        told.append(stage.code(message_of(letter)))
    assert told == ["SUCCESS", "FREQ_LIMIT", "SUCCESS", "FREQ_LIMIT", "SUCCESS"]
    assert stage.payments("A1") == 1


def test_by_default_it_is_the_second_of_the_official_page() -> None:
    assert Settings().same_number_seconds == 1.0


def test_what_comes_too_soon_is_not_looked_at_and_other_numbers_and_queries_are() -> None:
    stage = Stage()
    stage.set(same_number_seconds=1.0)
    stage.ask(normal("N1"))
    assert stage.code(normal("N1", total_amount=200)) == "FREQ_LIMIT"
    assert stage.code(normal("N2")) == "SUCCESS"
    assert stage.ask(Query("N1")).total_amount == 100


@pytest.mark.parametrize(("after", "paid"), [(False, 0), (True, 1)])
def test_the_fault_says_so_whatever_time_has_passed(
    after: bool,  # noqa: FBT001  # a parameter of the test
    paid: int,
) -> None:
    """With ``after`` as if the request had come twice, and the second answer had arrived."""
    stage = Stage()
    stage.fail({"fault": "too_soon", "after": after, "times": 1})
    assert stage.code(normal()) == "FREQ_LIMIT"
    assert stage.payments("N1") == paid
    assert stage.code(normal()) == "SUCCESS"
    assert stage.payments("N1") == 1


def test_a_refusal_holds_a_number_if_the_setting_says_so() -> None:
    stage = Stage()
    assert stage.code(normal("N1", re_openid=STRANGER)) == "OPENID_ERROR"
    assert stage.code(Query("N1")) == "NOT_FOUND"
    stage.set(refusals_held={"OPENID_ERROR": True})
    assert stage.code(normal("N1", re_openid=STRANGER)) == "OPENID_ERROR"
    held = stage.ask(Query("N1"))
    assert (held.status, held.reason) == (Status.SENDING, "openid与appid不匹配")
    stage.world.register(STRANGER, stage.packet("N1").terms.wxappid)
    assert stage.code(normal("N1", re_openid=STRANGER)) == "SUCCESS"
    assert stage.payments("N1") == 1


def test_a_refusal_holds_none_if_the_setting_says_so() -> None:
    stage = Stage()
    stage.set(refusals_held={"NOTENOUGH": False})
    stage.merchant.basic.top_up(-stage.merchant.basic.balance)
    assert stage.code(normal()) == "NOTENOUGH"
    assert stage.code(Query("N1")) == "NOT_FOUND"


def test_a_number_that_is_held_and_never_paid_fails_when_its_time_is_up() -> None:
    stage = Stage()
    stage.set(refusals_held={"FREQ_LIMIT": True})
    stage.merchant.limits.calls_per_second = 1
    stage.say(normal("N0"))
    assert stage.code(normal("N1")) == "FREQ_LIMIT"
    stage.clock.advance(DAY)
    assert stage.ask(Query("N1")).status is Status.FAILED
    stage.clock.advance(1)
    assert stage.code(normal("N1")) == "SEND_FAILED"


@pytest.mark.parametrize(
    ("changes", "err_code"),
    [({"total_num": "2"}, "PARAM_ERROR"), ({"act_name": "x" * 99}, "PARAM_ERROR")],
)
def test_what_is_refused_before_it_is_clear_who_asks_is_never_held(
    changes: dict[str, str], err_code: str
) -> None:
    stage = Stage()
    stage.set(refusals_held=dict.fromkeys(("PARAM_ERROR", "SIGN_ERROR", "SYSTEMERROR"), True))
    body = signed({**fields_of(normal()), **changes})
    assert reply_of(stage.post(SENDREDPACK.path, body))["err_code"] == err_code
    wrong = signed(fields_of(normal()), key="0" * 32)
    assert reply_of(stage.post(SENDREDPACK.path, wrong))["err_code"] == "SIGN_ERROR"
    assert stage.code(Query("N1")) == "NOT_FOUND"
    stage.set(packets_max=0)
    assert stage.code(normal()) == "SYSTEMERROR"
    assert stage.world.packets_held == 0


def test_an_order_that_is_known_is_not_changed_by_a_later_refusal() -> None:
    stage = Stage()
    stage.set(refusals_held={"PRODUCT_AUTHORITY_UNOPEN": True})
    stage.merchant.delivery = Delivery(seconds=60, told=True)
    stage.say(normal())
    stage.merchant.product_opened = False
    assert stage.code(normal()) == "PRODUCT_AUTHORITY_UNOPEN"
    assert stage.packet("N1").reason == ""
    stage.clock.advance(60)
    assert stage.packet("N1").status is Status.SENT


@pytest.mark.parametrize("letter", SENDS)
def test_the_fault_refuses_and_holds_a_number_that_could_be_paid(letter: str) -> None:
    stage = Stage()
    stage.fail({**HELD, "times": 1, "err_code": "SENDAMOUNT_LIMIT", "text": "商户今日已达上限"})
    assert reply_of(stage.say(message_of(letter)))["err_code"] == "SENDAMOUNT_LIMIT"
    held = stage.packet("A1")
    assert (held.status, held.reason) == (Status.SENDING, "商户今日已达上限")
    assert stage.payments("A1") == 0
    assert stage.code(message_of(letter)) == "SUCCESS"
    assert stage.payments("A1") == 1


def test_the_fault_leaves_queries_and_what_may_not_be_asked_as_they_are() -> None:
    stage = Stage()
    stage.ask(normal("N1"))
    stage.fail(HELD)
    assert stage.ask(Query("N1")).status is Status.SENT
    assert stage.code(normal("N1")) == "OPENID_ERROR"
    assert stage.packet("N1").status is Status.SENT
    stage.merchant.product_opened = False
    assert stage.code(normal("N2")) == "PRODUCT_AUTHORITY_UNOPEN"
    assert stage.code(Query("N2")) == "NOT_FOUND"


@pytest.mark.parametrize(("said", "shape"), [({}, "SUCCESS"), ({"return_code": "FAIL"}, "FAIL")])
def test_the_fault_says_what_the_script_says(said: dict[str, str], shape: str) -> None:
    stage = Stage()
    stage.fail({**HELD, **said})
    reply = reply_of(stage.say(normal()))
    assert (reply["return_code"], reply["err_code"]) == (shape, "OPENID_ERROR")
    assert reply["re_openid"] == ALICE


def test_both_faults_can_come_by_seed_and_are_shown_as_they_were_said() -> None:
    stage = Stage()
    stage.fail(odds={"refused_but_held": 1.0})
    assert stage.code(normal()) == "OPENID_ERROR"
    assert stage.packet("N1").status is Status.SENDING
    stage.fail(odds={"too_soon": 1.0})
    assert stage.code(normal("N2")) == "FREQ_LIMIT"
    plan = parse_plan({"rules": [{**HELD, "err_code": "A"}, {"fault": "too_soon", "after": True}]})
    assert parse_plan(shown_plan(plan)) == plan


def _changed(simulation: Simulation, **said: Any) -> dict[str, Any]:
    change_settings(simulation, JsonFields(said))
    return show_settings(simulation, JsonFields({}))


def test_the_control_port_sets_which_refusals_hold(wechat_in_memory: Any) -> None:
    simulation: Simulation = wechat_in_memory.simulation
    held = {"OPENID_ERROR": True, "NOTENOUGH": False}
    assert _changed(simulation, refusals_held=held)["refusals_held"] == held
    assert _changed(simulation, same_number_seconds=2)["refusals_held"] == held
    for wrong in ({"NO_SUCH": True}, {"NOTENOUGH": "yes"}):
        with pytest.raises(InvalidRequest, match=f"refusals_held.{next(iter(wrong))}"):
            _changed(simulation, refusals_held=wrong)
    assert _changed(simulation)["refusals_held"] == held
