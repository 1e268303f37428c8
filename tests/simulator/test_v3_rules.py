"""V3 requests are judged over the bytes that came, in an order, and refused in words that help."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from transfer_samples import JUST_WITHIN_LIMITS, NOW, PLATFORM, PUBLIC, VECTORS, getter

from hongbao.simulator.money_audit import check
from hongbao.simulator.settings import NameCompared, NoCertificates
from hongbao.wire.transfer.authorizations import (
    AskAuthorization,
    CloseAuthorization,
    QueryAuthorization,
    TransferUnderAuthorization,
)
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer
from hongbao.wire.transfer.preparing import authorization_of, prepare
from hongbao.wire.transfer.wechat_keys import Provenance, WechatKeys
from v3_stage import BOB, NONCE, NUMBER, V3Stage, a_transfer, said

PATH = "/v3/fund-app/mch-transfer/transfer-bills"
_CANCEL = f"{PATH}/out-bill-no/{NUMBER}/cancel"


@pytest.fixture
def stage() -> V3Stage:
    return V3Stage()


def body_of(stage: V3Stage, **changes: Any) -> bytes:
    return stage.prepared(a_transfer(**changes)).body


def test_a_reply_is_signed_by_the_key_that_was_asked_for(stage: V3Stage) -> None:
    for serial in (PUBLIC.serial, PLATFORM.serial, PLATFORM.serial.lower()):
        answer = stage.say("POST", PATH, body_of(stage), wechatpay_serial=serial)
        finding = stage.payer.wechat_keys.judge(
            getter(dict(answer.headers)), answer.body, now=stage.clock.now()
        )
        assert finding.provenance is Provenance.SIGNED
        assert finding.serial.lower() == serial.lower()
        assert dict(answer.headers)["Request-ID"]


@pytest.mark.parametrize(
    ("how", "issue"),
    [
        ({"signed_body": b"{}"}, "sign not match"),
        ({"at": NOW + 10**6}, "timestamp expired"),
        ({"authorization": None}, "mchid not found"),
        ({"authorization": "Bearer x"}, "mchid not found"),
    ],
)
def test_a_wrong_signature_says_what_was_signed_and_what_was_expected(
    stage: V3Stage, how: dict[str, Any], issue: str
) -> None:
    body = body_of(stage)
    answer = stage.say("POST", PATH, body, **how)
    told = said(answer)
    assert (answer.status, told["code"]) == (401, "SIGN_ERROR")
    assert told["detail"]["issue"] == issue
    information = told["detail"]["sign_information"]
    assert (information["method"], information["url"]) == ("POST", PATH)
    if issue != "mchid not found":
        assert information["truncated_sign_message"].startswith(f"POST\n{PATH}\n")
        assert information["sign_message_length"] > len(body)
    assert "Wechatpay-Signature" not in dict(answer.headers), "WeChat's 401 is usually unsigned"


@pytest.mark.parametrize("off", [-301, -300, -299, 299, 300, 301])
def test_a_clock_may_be_five_minutes_off_both_ways(stage: V3Stage, off: int) -> None:
    answer = stage.say("POST", PATH, body_of(stage), at=stage.clock.now() + off)
    assert answer.status == (200 if abs(off) <= 300 else 401)


@pytest.mark.parametrize("timestamp", ["", "²", "-5", "1e9", "9" * 5000, "1 795406400"])
def test_a_time_that_is_none_is_a_signature_that_is_wrong(stage: V3Stage, timestamp: str) -> None:
    head = (
        f'WECHATPAY2-SHA256-RSA2048 mchid="{stage.merchant.mch_id}",nonce_str="{NONCE}",'
        f'timestamp="{timestamp}",serial_no="{VECTORS["serial_no"]}",signature="QUJD"'
    )
    answer = stage.say("POST", PATH, body_of(stage), authorization=head)
    assert (answer.status, said(answer)["detail"]["issue"]) == (401, "timestamp expired")


def test_a_signature_without_the_query_is_of_another_request(stage: V3Stage) -> None:
    path = "/v3/bill/fundflowbill"
    now = int(stage.clock.now())
    short = authorization_of("GET", path, b"", stage.payer, nonce=NONCE, timestamp=now)
    answer = stage.say("GET", f"{path}?bill_date=2026-11-22", authorization=short)
    detail = said(answer)["detail"]
    assert (answer.status, detail["issue"]) == (401, "sign not match")
    assert (
        f"GET\n{path}?bill_date=2026-11-22\n"
        in (detail["sign_information"]["truncated_sign_message"])
    )


def test_a_number_beyond_all_numbers_is_no_json_and_the_refusal_is(stage: V3Stage) -> None:
    answer = stage.say("POST", PATH, b'{"transfer_amount":1e999}')
    told = json.loads(answer.body, parse_constant=pytest.fail)
    assert (answer.status, told["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize("changes", JUST_WITHIN_LIMITS, ids=str)
def test_what_is_just_within_a_limit_is_taken(stage: V3Stage, changes: dict[str, Any]) -> None:
    stage.v3.scenes["1000"] = 200_000
    assert stage.code(a_transfer(**changes)) == "WAIT_USER_CONFIRM"


def test_a_401_is_signed_if_the_setting_says_so(stage: V3Stage) -> None:
    stage.set(transfer_401_signed=True)
    answer = stage.say("POST", PATH, body_of(stage), signed_body=b"")
    assert "Wechatpay-Signature" in dict(answer.headers)


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"accept": None}, "Accept"),
        ({"user_agent": None}, "User-Agent"),
        ({"content_type": "text/plain"}, "Content-Type"),
        ({"wechatpay_serial": "4A1F00"}, "Wechatpay-Serial"),
    ],
)
def test_headers_that_wechat_wants_are_wanted(
    stage: V3Stage, headers: dict[str, Any], word: str
) -> None:
    told = said(stage.say("POST", PATH, body_of(stage), **headers))
    assert told["code"] == "PARAM_ERROR"
    assert word in told["message"]


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "SUCCESS"), (b"{}", "SUCCESS"), (b"null", "PARAM_ERROR")]
)
def test_each_empty_body_of_an_sdk_is_reported_truthfully(
    stage: V3Stage, body: bytes, code: str
) -> None:
    stage.ask(a_transfer())
    told = said(stage.say("POST", _CANCEL, body))
    assert told.get("code", "SUCCESS") == code


def test_null_is_no_body_if_the_setting_says_so(stage: V3Stage) -> None:
    stage.set(transfer_null_body=True)
    stage.ask(a_transfer())
    assert said(stage.say("POST", _CANCEL, b"null"))["state"] == "CANCELING"


def test_a_number_in_other_capitals_is_another_number(stage: V3Stage) -> None:
    stage.ask(a_transfer())
    told = stage.say("GET", f"{PATH}/out-bill-no/{NUMBER.lower()}")
    assert (told.status, said(told)["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"extra": 1}, "/extra"),
        ({"notify_url": None}, "/notify_url"),
        ({"transfer_amount": "100"}, "/transfer_amount"),
        ({"transfer_amount": 9}, "/transfer_amount"),
        ({"openid": ""}, "/openid"),
        ({"user_name": "测试甲"}, "/user_name"),
        ({"user_name": "QUJD"}, "/user_name"),
        ({"transfer_amount": 200_000}, "/user_name"),
        ({"transfer_scene_report_infos": []}, "/transfer_scene_report_infos"),
        (
            {"transfer_scene_report_infos": [{"info_type": "活动名称", "info_content": "a"}]},
            "/transfer_scene_report_infos",
        ),
        (
            {"user_recv_style": {"type": "RED_PACKET"}, "transfer_amount": 20_001},
            "/transfer_amount",
        ),
    ],
)
def test_a_parameter_that_is_wrong_is_pointed_at(
    stage: V3Stage, changes: dict[str, Any], pointer: str
) -> None:
    document = json.loads(body_of(stage)) | changes
    answer = stage.say("POST", PATH, json.dumps(document).encode())
    told = said(answer)
    assert (answer.status, told["code"], told["detail"]["field"]) == (400, "PARAM_ERROR", pointer)
    assert stage.world.transfers.find(stage.merchant.mch_id, NUMBER) is None


def _forbid(stage: V3Stage) -> None:
    stage.merchant.allowed_ips = frozenset({"203.0.113.7"})


@pytest.mark.parametrize(
    ("arrange", "changes", "word"),
    [
        (_forbid, {}, "此IP地址不允许调用该接口\t"),
        (lambda it: it.v3.scenes.pop("1000"), {}, "你尚未获取该转账场景"),
        (lambda it: it.v3.scenes.update({"1000": 99}), {}, "单笔"),
        (lambda it: setattr(it.v3, "day_max", 99), {}, "超出商户单日转账额度"),
        (lambda it: setattr(it.v3, "user_day_max", 99), {}, "单日收款"),
        (lambda it: None, {"user_recv_perception": "货款"}, "收款感知"),
        (lambda it: None, {"appid": "wxother"}, "appid不匹配"),
        (lambda it: None, {"openid": "oFOREIGN_1"}, "openid与appid不匹配"),
        (
            lambda it: setattr(it.v3, "red_packet_scenes", frozenset()),
            {"user_recv_style": "RED_PACKET"},
            "红包样式",
        ),
    ],
    ids=["IP", "scene", "single", "day", "user", "perception", "appid", "openid", "style"],
)
def test_one_code_stands_for_many_refusals(
    stage: V3Stage, arrange: Any, changes: dict[str, Any], word: str
) -> None:
    arrange(stage)
    asked = stage.prepared(a_transfer(**changes))
    told = said(stage.say("POST", asked.path, asked.body))
    assert told["code"] == "INVALID_REQUEST"
    assert word in told["message"]
    assert stage.merchant.basic.balance == 1_000_000


def test_what_is_not_opened_is_refused_with_no_auth(stage: V3Stage) -> None:
    stage.v3.product_opened = False
    assert stage.code(a_transfer()) == "NO_AUTH"
    stage.v3.product_opened, stage.v3.authorizations_opened = True, False
    assert stage.code(QueryAuthorization("AUTH1")) == "NO_AUTH"
    stage.merchant.forbidden_calls = frozenset({"cancel"})
    assert stage.code(CancelTransfer(NUMBER)) == "NO_AUTH"


def test_each_call_has_a_rate_of_its_own(stage: V3Stage) -> None:
    stage.merchant.limits.calls_per_second = 30
    found = [stage.code(CancelTransfer(NUMBER)) for _ in range(21)]
    assert found.count("FREQUENCY_LIMITED") == 1
    assert [stage.code(QueryTransfer(NUMBER)) for _ in range(101)].count("FREQUENCY_LIMITED") == 1
    stage.clock.advance(1)
    assert stage.code(CancelTransfer(NUMBER)) == "INVALID_REQUEST"


def test_a_path_that_is_no_calls_is_reported_by_a_signed_404(stage: V3Stage) -> None:
    answer = stage.say("GET", "/v3/nothing")
    assert answer.status == 404
    assert "Wechatpay-Signature" in dict(answer.headers)


@pytest.mark.parametrize("compared", NameCompared)
def test_a_name_that_is_sealed_anew_is_other_content_or_not(
    stage: V3Stage, compared: NameCompared
) -> None:
    stage.set(transfer_name_compared=compared)
    message = a_transfer(user_name="测试甲")
    first = stage.prepared(message)
    assert stage.send(first).state == stage.send(first).state == "WAIT_USER_CONFIRM"
    again = stage.code(message)
    expected = "INVALID_REQUEST" if compared is NameCompared.SEALED else "WAIT_USER_CONFIRM"
    assert again == expected
    assert stage.transfer().payments == 1


def test_a_repeat_gives_the_package_again_and_locks_nothing_more(stage: V3Stage) -> None:
    first, second = stage.ask(a_transfer()), stage.ask(a_transfer())
    assert first.package_info == second.package_info
    assert stage.merchant.basic.balance == 1_000_000 - 100
    assert [entry.paid for entry in stage.app.journal] == [True, False]
    assert stage.code(a_transfer(transfer_amount=101)) == "INVALID_REQUEST"
    stage.clock.advance(86_400)
    assert stage.code(a_transfer()) == "INVALID_REQUEST", "its period is over"
    check(stage.world)


@pytest.mark.parametrize("empty", NoCertificates)
def test_a_merchant_moves_from_certificates_to_the_public_key(
    stage: V3Stage, empty: NoCertificates
) -> None:
    stage.set(transfer_no_certificates=empty)
    found = said(stage.say("GET", "/v3/certificates"))["data"]
    assert [row["serial_no"] for row in found] == [PLATFORM.serial]
    stage.v3.platform_in_use = False
    answer = stage.say("GET", "/v3/certificates")
    assert answer.status == (200 if empty is NoCertificates.EMPTY else 404)
    old = stage.say("GET", f"{PATH}/out-bill-no/{NUMBER}", wechatpay_serial=PLATFORM.serial)
    assert said(old)["code"] == "PARAM_ERROR"
    stage.v3.platform_in_use, stage.v3.public_key_in_use = True, False
    answer = stage.say("GET", f"{PATH}/out-bill-no/{NUMBER}", wechatpay_serial=None)
    assert dict(answer.headers)["Wechatpay-Serial"] == PLATFORM.serial


def _ask(number: str = "AUTH20261123001", **changes: Any) -> AskAuthorization:
    told: dict[str, Any] = {
        "openid": BOB,
        "transfer_scene_id": "1005",
        "user_display_name": "骑手甲",
        "authorization_notify_url": "https://pay.example.test/auth",
    }
    return AskAuthorization(out_authorization_no=number, **(told | changes))


def _under(**changes: Any) -> TransferUnderAuthorization:
    return TransferUnderAuthorization(
        out_bill_no="HB20261123B001",
        transfer_scene_id="1005",
        transfer_amount=5000,
        transfer_remark="报酬",
        transfer_scene_report_infos={"岗位类型": "外卖员", "报酬说明": "十一月"},
        **changes,
    )


def test_a_user_who_agreed_once_is_paid_without_confirming(stage: V3Stage) -> None:
    asked = stage.ask(_ask())
    assert stage.ask(_ask()).package_info == asked.package_info
    assert stage.code(_ask(user_display_name="乙")) == "INVALID_REQUEST"
    number = asked.out_authorization_no
    assert stage.code(_under(out_authorization_no=number)) == "INVALID_REQUEST"
    found = stage.world.transfers.find_authorization(stage.merchant.mch_id, number)
    assert found is not None
    stage.world.transfers.agree(found)
    info = stage.ask(QueryAuthorization(number, with_package=True))
    assert info.is_in_effect
    assert info.package_info
    paid = stage.ask(_under(authorization_id=info.authorization_id))
    assert paid.state == "SUCCESS"
    assert stage.world.wallet(BOB) == 5000
    assert stage.ask(CloseAuthorization(number)).state == "CLOSED"
    assert stage.ask(QueryAuthorization(number)).close_reason == "CLOSE_VIA_MCH_API"
    check(stage.world)


def test_a_user_has_at_most_five_authorisations(stage: V3Stage) -> None:
    codes = [stage.code(_ask(f"AUTH2026112300{index}")) for index in range(6)]
    assert codes == ["WAIT_USER_CONFIRM"] * 5 + ["INVALID_REQUEST"]


def test_a_merchant_that_has_nothing_of_v3_is_not_found(stage: V3Stage) -> None:
    stage.merchant.v3 = None
    assert stage.say("GET", "/v3/certificates").status == 401


def test_a_client_without_the_right_keys_believes_nothing(stage: V3Stage) -> None:
    lone = replace(stage.payer, wechat_keys=WechatKeys([PLATFORM]))
    asked = prepare(QueryTransfer(NUMBER), lone, now=stage.clock.now())
    answer = stage.say("GET", asked.path)  # signed by the public key
    finding = lone.wechat_keys.judge(
        getter(dict(answer.headers)), answer.body, now=stage.clock.now()
    )
    assert finding.provenance is Provenance.BAD
