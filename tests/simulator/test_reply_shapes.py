"""What stands around a verdict: as public logs of real replies have it, and as a setting has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator.claims import claim_packet
from hongbao.simulator.merchant import FundAccount
from hongbao.simulator.settings import (
    ExpiredCertificate,
    NotFoundAs,
    RefusalShape,
)
from hongbao.wire import document, signature
from hongbao.wire.assumptions import TextLimits
from hongbao.wire.endpoints import GETHBINFO, SENDGROUPREDPACK, SENDMINIPROGRAMHB, SENDREDPACK
from hongbao.wire.messages import Query
from stage import (
    ALICE,
    DAY,
    KEY,
    MCH_ID,
    OFFICIAL,
    PAYER,
    Stage,
    code_answered,
    fields_of,
    group,
    mini,
    normal,
    reply_of,
    signed,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ECHOES = {
    "mch_billno": "N1",
    "mch_id": MCH_ID,
    "wxappid": OFFICIAL,
    "re_openid": ALICE,
    "total_amount": "100",
    "total_num": "1",
}
_WRONG_KEY = replace(PAYER, key="0" * 32)
_TELLING = ("return_code", "return_msg", "result_code", "err_code", "err_code_des")


def echoes(reply: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in reply.items() if name not in _TELLING}


def refused(stage: Stage, **changes: str) -> dict[str, str]:
    """The reply to a rightly signed normal packet with some fields changed."""
    said = {**fields_of(normal()), **changes}
    return reply_of(stage.post(SENDREDPACK.path, signed(said)))


def _broke(stage: Stage) -> dict[str, str]:
    stage.merchant.basic = FundAccount()
    return reply_of(stage.say(normal()))


def _not_opened(stage: Stage) -> dict[str, str]:
    stage.merchant.product_opened = False
    return reply_of(stage.say(normal()))


def _from_elsewhere(stage: Stage) -> dict[str, str]:
    stage.merchant.allowed_ips = frozenset({"198.51.100.1"})
    return reply_of(stage.say(normal()))


def _other_openid(stage: Stage) -> dict[str, str]:
    stage.say(normal(re_openid="oTEST_first_0000000000000001"))
    return reply_of(stage.say(normal()))


REFUSALS: list[tuple[str, str, Callable[[Stage], dict[str, str]]]] = [
    ("CA_ERROR", "证书已过期", lambda stage: reply_of(stage.say(normal(), expired=True))),
    ("SIGN_ERROR", "签名错误", lambda stage: reply_of(stage.say(normal(), _WRONG_KEY))),
    ("PRODUCT_AUTHORITY_UNOPEN", "商户未开通红包产品", _not_opened),
    ("NO_AUTH", "IP地址非你在商户平台设置的可用IP地址", _from_elsewhere),
    ("FATAL_ERROR", "更换了openid，但商户单号未更新", _other_openid),
    ("NOTENOUGH", "帐号余额不足，请到商户平台充值后再重试", _broke),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda it: it[0])
def test_a_refusal_says_success_of_the_call_and_repeats_what_the_request_said(
    refusal: tuple[str, str, Callable[[Stage], dict[str, str]]],
) -> None:
    """As a service provider's log of 2019 has all of these but NOTENOUGH."""
    err_code, text, provoke = refusal
    reply = provoke(Stage())
    assert [reply[name] for name in _TELLING] == ["SUCCESS", text, "FAIL", err_code, text]
    assert echoes(reply) == ECHOES


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda it: it[0])
@pytest.mark.parametrize(
    ("shape", "return_code", "echoed"),
    [
        (RefusalShape.SUCCESS, "SUCCESS", ECHOES),
        (RefusalShape.FAIL, "FAIL", ECHOES),
        (RefusalShape.BARE, "FAIL", {}),
        (RefusalShape.ZEROS, "FAIL", {"mch_id": "0", "total_amount": "0"}),
    ],
)
def test_each_shape_can_be_set_for_each_code(
    shape: RefusalShape,
    return_code: str,
    echoed: dict[str, str],
    refusal: tuple[str, str, Callable[[Stage], dict[str, str]]],
) -> None:
    err_code, text, provoke = refusal
    stage = Stage()
    stage.set(refusal_shapes={err_code: shape})
    reply = provoke(stage)
    assert (reply["return_code"], reply["err_code"], reply["err_code_des"]) == (
        return_code,
        err_code,
        text,
    )
    assert echoes(reply) == echoed


def test_what_was_sent_empty_is_repeated_empty_and_what_was_not_sent_is_not_repeated() -> None:
    reply = refused(Stage(), mch_billno="")
    assert (reply["err_code"], reply["return_code"]) == ("PARAM_ERROR", "SUCCESS")
    assert echoes(reply) == {**ECHOES, "mch_billno": ""}
    said = fields_of(normal())
    del said["total_num"]
    reply = reply_of(Stage().post(SENDREDPACK.path, signed(said)))
    assert echoes(reply) == {name: ECHOES[name] for name in ECHOES if name != "total_num"}


@pytest.mark.parametrize("amount", ["<b>1</b>", "a]]>b", "1.5", ""])
def test_whatever_stood_in_place_of_a_number_is_repeated_as_it_was(amount: str) -> None:
    reply = refused(Stage(), total_amount=amount)
    assert (reply["err_code"], reply["total_amount"]) == ("PARAM_ERROR", amount)


def test_what_could_not_be_read_is_answered_with_zeros() -> None:
    reply = reply_of(Stage().post(SENDREDPACK.path, b"<xml><mch_id>1</mch_id>"))
    assert (reply["return_code"], reply["err_code"]) == ("FAIL", "XML_ERROR")
    assert echoes(reply) == {"mch_id": "0", "total_amount": "0"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"total_num": "2"}, "total_num必须等于1"),
        ({"act_name": "x" * 32}, "act_name字段必填,并且少于32个字符."),
        ({"act_name": ""}, "act_name字段必填,并且少于32个字符."),
        ({"re_openid": "o!"}, "re_openid字段不正确,请检查是否合法"),
        ({"client_ip": "localhost"}, "client_ip必须是合法的IP字符串"),
        ({"mch_billno": "A-1"}, "订单号字段必填,最长为28个字符"),
        ({"mch_id": "1900099999"}, "输入的商户号有误"),
    ],
)
def test_a_wrong_field_is_named_in_wechats_words(changes: dict[str, str], text: str) -> None:
    reply = refused(Stage(), **changes)
    assert (reply["err_code"], reply["err_code_des"]) == ("PARAM_ERROR", f"参数错误:{text}")


@pytest.mark.parametrize("people", ["2", "21"])
def test_a_group_has_3_to_20_people(people: str) -> None:
    said = {**fields_of(group()), "total_num": people, "total_amount": "2100"}
    reply = reply_of(Stage().post(SENDGROUPREDPACK.path, signed(said)))
    assert reply["err_code_des"] == "参数错误:total_num必须介于(包括)3到20之间."


def test_an_expired_certificate_is_refused_in_xml_or_by_nginxs_page() -> None:
    """And what the request says is looked at first, as in the log of 2019."""
    stage = Stage()
    assert reply_of(stage.say(normal(), expired=True))["err_code_des"] == "证书已过期"
    wrong = signed({**fields_of(normal()), "total_num": "2"})
    reply = reply_of(stage.post(SENDREDPACK.path, wrong, expired=True))
    assert reply["err_code_des"] == "参数错误:total_num必须等于1"
    stage.set(expired_certificate=ExpiredCertificate.PAGE)
    answer = stage.say(normal(), expired=True)
    assert (answer.status, b"The SSL certificate error" in answer.body) == (400, True)
    assert stage.last().verdict == "HTTP 400"
    assert stage.payments("N1") == 0


@pytest.mark.parametrize(("known", "verdict"), [(True, "SUCCESS"), (False, "SIGN_ERROR")])
def test_a_mini_programs_client_ip_may_be_signed_if_the_setting_says_so(
    known: bool,  # noqa: FBT001  # a parameter of the test
    verdict: str,
) -> None:
    stage = Stage()
    stage.set(mini_program_client_ip=known)
    said = {**fields_of(mini()), "client_ip": "203.0.113.7"}
    assert code_answered(stage, SENDMINIPROGRAMHB, signed(said)) == verdict
    assert stage.code(mini("M2")) == "SUCCESS", "without one it is right either way"


@pytest.mark.parametrize(("required", "verdict"), [(True, "PARAM_ERROR"), (False, "SUCCESS")])
def test_a_client_ip_may_be_left_out_if_the_setting_says_so(
    required: bool,  # noqa: FBT001  # a parameter of the test
    verdict: str,
) -> None:
    stage = Stage()
    stage.set(client_ip_required=required)
    said = fields_of(normal())
    del said["client_ip"]
    assert code_answered(stage, SENDREDPACK, signed(said)) == verdict
    wrong = {**fields_of(normal("N2")), "client_ip": "localhost"}
    assert code_answered(stage, SENDREDPACK, signed(wrong)) == "PARAM_ERROR"


@pytest.mark.parametrize(
    ("as_what", "return_code"),
    [(NotFoundAs.NOT_FOUND, "SUCCESS"), (NotFoundAs.SYSTEMERROR, "FAIL")],
)
def test_a_number_that_does_not_exist_is_reported_in_either_of_wechats_ways(
    as_what: NotFoundAs, return_code: str
) -> None:
    stage = Stage()
    stage.set(not_found_as=as_what)
    reply = reply_of(stage.say(Query("N1")))
    text = "指定单号数据不存在"
    assert [reply[name] for name in _TELLING] == [return_code, text, "FAIL", as_what.value, text]
    assert echoes(reply) == {"mch_billno": "N1", "mch_id": MCH_ID}


def test_a_packet_that_nobody_took_is_reported_of_without_its_texts() -> None:
    stage = Stage()
    stage.ask(normal("N1"))
    stage.ask(normal("N2"))
    claim_packet(stage.world, mch_id=MCH_ID, mch_billno="N2", openid=ALICE)
    texts = ("wishing", "remark", "act_name")
    assert [reply_of(stage.say(Query("N1"))).get(name) for name in texts] == [None] * 3
    taken = reply_of(stage.say(Query("N2")))
    assert [taken[name] for name in texts] == ["谢谢参与", "一等奖", "秋季抽奖"]
    stage.clock.advance(DAY + 900)
    returned = reply_of(stage.say(Query("N1")))
    assert (returned["status"], returned["refund_time"]) == ("REFUND", "2026-11-24 12:15:00")
    assert not {*texts, "hblist"} & returned.keys()


LIMITS = {"send_name": 31, "act_name": 31, "wishing": 127, "remark": 255}


@pytest.mark.parametrize("name", LIMITS)
def test_lengths_count_bytes_unless_the_setting_says_characters(name: str) -> None:
    most = LIMITS[name]
    chinese = "中" * (most // 3)
    for text, verdict in (
        ("x" * most, "SUCCESS"),
        ("x" * (most + 1), "PARAM_ERROR"),
        (chinese, "SUCCESS"),
        (chinese + "中", "PARAM_ERROR"),
    ):
        assert refused(Stage(), **{name: text})["err_code"] == verdict, text
    stage = Stage()
    stage.set(text_limits=TextLimits.CHARACTERS)
    longest = most if most == 31 else most + 1
    assert refused(stage, mch_billno="N2", **{name: "中" * longest})["err_code"] == "SUCCESS"
    assert (
        refused(stage, mch_billno="N3", **{name: "中" * (longest + 1)})["err_code"] == "PARAM_ERROR"
    )


def test_a_refusal_is_signed_only_where_it_is_clear_who_asked() -> None:
    stage = Stage()
    stage.merchant.wecom_competence = False
    known = reply_of(stage.say(work()))
    assert signature.verify_md5(known, KEY)
    for wrong in (
        stage.say(work(), _WRONG_KEY),
        stage.say(work(), replace(PAYER, mch_id="1900099999"), certificate="1900099999"),
        stage.say(work(), expired=True),
        stage.post("/mmpaymkttransfers/sendworkwxredpack", b""),
    ):
        assert "sign" not in reply_of(wrong)


def test_a_query_repeats_number_and_merchant_alone() -> None:
    said = {**fields_of(Query("Q1")), "re_openid": ALICE, "total_num": "1"}
    body = document.encode({**said, "sign": "0" * 32}.items())
    assert echoes(reply_of(Stage().post(GETHBINFO.path, body))) == {
        "mch_billno": "Q1",
        "mch_id": MCH_ID,
    }
