"""Each err_code by the state that provokes it, and the order of precedence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator import checks as c
from hongbao.simulator.merchant import AppKind, FundAccount, MerchantLimits
from hongbao.simulator.money_audit import check as check_books
from hongbao.simulator.rules import ADMISSION, PAYMENT, REPEAT
from hongbao.simulator.settings import REFUSAL_SHAPES
from hongbao.wire import codes, document, endpoints
from provocations import NUMBER, PROVOCATIONS
from stage import (
    ALICE,
    BOB,
    HOUR,
    MCH_ID,
    OFFICIAL,
    PAYER,
    SUB,
    Stage,
    a_merchant,
    code_answered,
    fields_of,
    message_of,
    normal,
    reply_of,
    signed,
    work,
)

if TYPE_CHECKING:
    from hongbao.simulator.rules import Rule

TABLE = (*ADMISSION, *REPEAT, *PAYMENT)
ROWS = [(check, letter) for check in TABLE for letter in check.calls]
_IDS = [f"{letter}-{check.finds.__name__}" for check, letter in ROWS]

# Of a repeat, the order is there before the refusal.
FIRST_CALLS = [row for row in ROWS if row[0] not in REPEAT]


def test_every_check_of_the_table_has_a_state_that_provokes_it() -> None:
    assert set(PROVOCATIONS) == {check.finds for check in TABLE}


@pytest.mark.parametrize(("check", "letter"), ROWS, ids=_IDS)
def test_the_state_provokes_the_code(check: Rule, letter: str) -> None:
    """A row's code, with its text, is what the state it is about gives for each of its calls."""
    stage = Stage()
    reply = reply_of(PROVOCATIONS[check.finds](stage, letter))
    head, _, tail = check.text.partition("{}")
    assert reply["err_code"] == check.err_code
    assert reply["err_code_des"].startswith(head)
    assert reply["err_code_des"].endswith(tail)
    assert reply["return_msg"] == reply["err_code_des"]
    assert reply["result_code"] == "FAIL"
    expected = "FAIL" if check.err_code in REFUSAL_SHAPES else "SUCCESS"
    assert reply["return_code"] == expected
    check_books(stage.world)


@pytest.mark.parametrize(("check", "letter"), ROWS, ids=_IDS)
def test_each_code_is_documented_for_its_call(check: Rule, letter: str) -> None:
    """A client that knows the table knows every code that the simulator gives."""
    assert codes.look_up(letter, check.err_code) is not codes.UNKNOWN_CODE


@pytest.mark.parametrize(("check", "letter"), FIRST_CALLS)
def test_a_refusal_pays_nothing_and_leaves_an_order_only_where_the_row_says_so(
    check: Rule, letter: str
) -> None:
    stage = Stage()
    reply = reply_of(PROVOCATIONS[check.finds](stage, letter))
    assert stage.payments(NUMBER) == 0
    packet = stage.world.find(stage.merchant.mch_id, NUMBER)
    if check.leaves_order:
        assert packet is not None
        assert (packet.status, packet.reason) == ("SENDING", reply["err_code_des"])
    else:
        assert packet is None


def test_every_documented_code_of_the_seven_calls_can_be_provoked() -> None:
    """Only what the network alone produces, and PSYSTEMERROR's other spelling, is left out."""
    provoked = {(letter, check.err_code) for check, letter in ROWS}
    documented = {
        (letter, row.err_code)
        for row in codes.CODES
        for letter in row.endpoints
        if not row.err_code.startswith(("HTTP_", "TLS_"))
    }
    by_fault = {pair for pair in documented if pair[1] in ("SYSTEMERROR", "PSYSTEMERROR")}
    # A preorder has no receiver whose openid could be wrong.
    assert documented - by_fault - provoked == {("H", "OPENID_ERROR")}


def test_the_texts_of_no_auth_and_param_error_lead_to_the_right_advice() -> None:
    """A client refines its advice by words in WeChat's text."""
    by_check = {check.finds: check for check in TABLE}
    for finds, word in (
        (c.ip_not_allowed, "IP"),
        (c.call_forbidden, "权限"),
        (c.group_forbidden, "权限"),
        (c.api_switched_off, "权限"),
        (c.user_refused_by_risk_control, "异常"),
        (c.scene_not_opened, "场景"),
    ):
        row = by_check[finds]
        if finds is c.api_switched_off:
            row = next(r for r in TABLE if r.finds is finds and r.err_code == "NO_AUTH")
        known = codes.rows_of(row.err_code)[0]
        advice = next(hint[2] for hint in codes.HINTS if hint[:2] == (row.err_code, word))
        assert codes.advise(known, row.text) == advice


def test_what_is_wrong_is_reported_in_the_order_of_the_tables() -> None:
    """Everything is wrong at once; fixing it one by one tells the codes in order of precedence."""
    stage, request = _everything_wrong()
    targets = {"": request, "merchant": stage.merchant, "limits": stage.merchant.limits}
    for expected, what, fixed in _FIXES:
        answer = stage.post(
            endpoints.SENDREDPACK.path,
            request.body,
            certificate=request.certificate,
            expired=request.expired,
        )
        assert reply_of(answer)["err_code"] == expected, what
        owner, _, name = what.rpartition(".")
        setattr(targets[owner], name, fixed)
    assert stage.code(replace(_MESSAGE, re_openid=BOB)) == "SUCCESS"
    assert stage.payments(NUMBER) == 1


_MESSAGE = normal(NUMBER, total_amount=99, scene_id="PRODUCT_1")
_FIELDS = fields_of(_MESSAGE)
_BAD_REMARK = {**_FIELDS, "remark": ""}

# What is code_answered, and what is then put right.
_FIXES: list[tuple[str, str, object]] = [
    ("XML_ERROR", "body", signed({**_BAD_REMARK, "mch_id": "1900099999"}, key="0" * 32)),
    ("PARAM_ERROR", "body", signed(_BAD_REMARK, key="0" * 32)),  # it was mch_id
    ("PARAM_ERROR", "body", signed(_FIELDS, key="0" * 32)),  # it was remark
    ("CA_ERROR", "certificate", MCH_ID),
    ("CA_ERROR", "expired", False),
    ("SIGN_ERROR", "body", signed(_FIELDS)),
    ("FREQ_LIMIT", "limits.calls_per_second", None),
    ("PARAM_ERROR", "merchant.appids", {OFFICIAL: AppKind.MINI_PROGRAM}),
    ("ILLEGAL_APPID", "merchant.appids", {OFFICIAL: AppKind.OFFICIAL_ACCOUNT}),
    ("PRODUCT_AUTHORITY_UNOPEN", "merchant.product_opened", True),
    ("NO_AUTH", "merchant.allowed_ips", frozenset[str]()),
    ("NO_AUTH", "merchant.forbidden_calls", frozenset[str]()),
    ("API_METHOD_CLOSED", "merchant.api_method_on", True),
    ("OPENID_ERROR", "body", signed(fields_of(replace(_MESSAGE, re_openid=BOB)))),
    ("PARAM_ERROR", "merchant.scenes", {"PRODUCT_1": (100, 200)}),
    ("MONEY_LIMIT", "merchant.scenes", {"PRODUCT_1": (1, 200)}),
    ("TIME_LIMITED", "limits.night_rule", False),
    ("DAY_OVER_LIMITED", "limits.packets_per_day", None),
    ("PAYER_ACCOUNT_ABNORMAL", "merchant.frozen", False),
    ("NO_AUTH", "merchant.anti_abuse_level", 0),
    ("SENDNUM_LIMIT", "limits.user_packets_per_day", None),
    ("RCVDAMOUNT_LIMIT", "limits.user_amount_per_day", None),
    ("SENDAMOUNT_LIMIT", "limits.amount_per_day", None),
    ("NOTENOUGH", "merchant.basic", FundAccount.holding(99)),
]


def _everything_wrong() -> tuple[Stage, SimpleNamespace]:
    """A request that is wrong in every way, and a world that would refuse the best one."""
    limits = MerchantLimits(
        calls_per_second=0,
        packets_per_day=0,
        amount_per_day=0,
        user_packets_per_day=0,
        user_amount_per_day=0,
        night_rule=True,
    )
    merchant = a_merchant(
        limits=limits,
        appids={},
        basic=FundAccount(),
        product_opened=False,
        api_method_on=False,
        frozen=True,
        allowed_ips=frozenset({"198.51.100.1"}),
        forbidden_calls=frozenset({"sendredpack"}),
        risky_openids={ALICE: 1, BOB: 1},
    )
    stage = Stage(merchant=merchant)
    stage.clock.advance(15 * HOUR)  # 3:00
    stage.set(strict_openids=True)
    stage.world.register(BOB, OFFICIAL)
    return stage, SimpleNamespace(body=b"<xml", certificate=SUB, expired=True)


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_each_required_field_is_named_when_it_is_missing(letter: str) -> None:
    stage = Stage()
    message = message_of(letter, NUMBER)
    for name in message.ENDPOINT.required:
        said = fields_of(message)
        del said[name]
        answer = stage.post(message.ENDPOINT.path, signed(said))
        reply = reply_of(answer)
        assert reply["err_code"] == "PARAM_ERROR"
        official = {"mch_id": "输入的商户号有误", "mch_billno": "订单号字段必填"}
        assert official.get(name, name) in reply["err_code_des"]


@pytest.mark.parametrize("letter", "SGMHWQV")
def test_a_field_that_the_call_does_not_know_breaks_the_signature_if_it_was_signed(
    letter: str,
) -> None:
    stage = Stage()
    message = message_of(letter, NUMBER)
    foreign = next(
        name for name in ("sub_appid", "sign_type") if message.ENDPOINT.need(name) is None
    )
    said = fields_of(message)
    assert code_answered(stage, message.ENDPOINT, signed({**said, foreign: "x"})) == "SIGN_ERROR"


@pytest.mark.parametrize("letter", "SGMHW")
def test_a_field_that_the_call_does_not_know_is_ignored_if_it_was_not_signed(letter: str) -> None:
    stage = Stage()
    message = message_of(letter, NUMBER)
    body = signed(fields_of(message)).replace(b"</xml>", b"<sub_appid>x</sub_appid></xml>")
    assert code_answered(stage, message.ENDPOINT, body) == "SUCCESS"


def test_the_known_traps_of_signed_extra_fields_are_all_there() -> None:
    """What made users of other SDKs despair: each of these was reported to give SIGN_ERROR."""
    for letter, name in (
        ("S", "appid"),
        ("G", "client_ip"),
        ("W", "total_num"),
        ("Q", "sub_mch_id"),
    ):
        stage = Stage()
        message = message_of(letter, NUMBER)
        said = {**fields_of(message), name: "1"}
        assert code_answered(stage, message.ENDPOINT, signed(said)) == "SIGN_ERROR", name


def test_an_empty_field_counts_as_absent_and_is_not_signed() -> None:
    stage = Stage()
    body = signed({**fields_of(normal()), "scene_id": ""})
    assert code_answered(stage, endpoints.SENDREDPACK, body) == "SUCCESS"


def test_a_request_is_flat() -> None:
    stage = Stage()
    nested = signed(fields_of(normal())).replace(b"</xml>", b"<a><b><c>1</c></b></a></xml>")
    assert code_answered(stage, endpoints.SENDREDPACK, nested) == "XML_ERROR"


def test_under_another_root_there_are_no_fields() -> None:
    """Https://github.com/silenceper/wechat/pull/277: WeChat then says that mch_id is wrong."""
    stage = Stage()
    body = signed(fields_of(normal())).replace(b"<xml>", b"<request>")
    body = body.replace(b"</xml>", b"</request>")
    reply = reply_of(stage.post(endpoints.SENDREDPACK.path, body))
    assert (reply["err_code"], reply["err_code_des"]) == (
        "PARAM_ERROR",
        "参数错误:输入的商户号有误",
    )
    assert code_answered(stage, endpoints.SENDREDPACK, body[:-1]) == "XML_ERROR"


def test_a_signature_in_lower_case_is_as_good() -> None:
    stage = Stage()
    said = fields_of(normal())
    body = signed(said)
    sign = document.decode(body).fields["sign"].encode()
    lower = body.replace(sign, sign.lower())
    assert code_answered(stage, endpoints.SENDREDPACK, lower) == "SUCCESS"


def test_a_wecom_packet_needs_both_signatures() -> None:
    """The inner one by the application's secret, the outer one by the APIv2 key over all."""
    stage = Stage()
    assert stage.code(work()) == "SUCCESS"
    wrong_secret = replace(PAYER, work_secret="another")
    assert stage.code(work("W2"), wrong_secret) == "WORKWX_SIGN_ERROR"
    said = fields_of(work("W3"))
    said["act_name"] = "别的"  # under both signatures; only the outer one is made again
    assert code_answered(stage, endpoints.SENDWORKWXREDPACK, signed(said)) == "WORKWX_SIGN_ERROR"
    body = signed(said, key="0" * 32)
    assert code_answered(stage, endpoints.SENDWORKWXREDPACK, body) == "SIGN_ERROR"


def test_a_group_must_give_each_a_legal_average() -> None:
    stage = Stage()
    path = endpoints.SENDGROUPREDPACK.path
    for total, expected in (("499", "MONEY_LIMIT"), ("500", "SUCCESS"), ("100000", "SUCCESS")):
        said = fields_of(message_of("G", f"G{total}"))
        said["total_amount"] = total
        assert reply_of(stage.post(path, signed(said)))["err_code"] == expected
    said = {**fields_of(message_of("G", "Gmore")), "total_amount": "100100"}
    reply = reply_of(stage.post(path, signed(said)))
    assert reply["err_code"] == "MONEY_LIMIT"
    assert "每个红包的平均金额必须在1.00元到200.00元之间" in reply["err_code_des"]


def test_a_scene_brings_its_own_amounts() -> None:
    stage = Stage()
    stage.merchant.scenes["PRODUCT_2"] = (1, 50_000)
    assert stage.code(normal("N1", total_amount=1, scene_id="PRODUCT_2")) == "SUCCESS"
    assert stage.code(normal("N2", total_amount=50_000, scene_id="PRODUCT_2")) == "SUCCESS"
    assert stage.code(normal("N3", total_amount=50_001, scene_id="PRODUCT_2")) == "MONEY_LIMIT"
    assert stage.code(normal("N4", total_amount=1)) == "MONEY_LIMIT"
    assert stage.code(normal("N5", total_amount=20_001)) == "MONEY_LIMIT"
