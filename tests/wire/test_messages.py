"""Messages check themselves: what the protocol forbids is refused before anything is sent."""

from __future__ import annotations

import warnings
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao import (
    Assumptions,
    ByteLengthWarning,
    GroupPacketWarning,
    InvalidRequest,
    Preorder,
    SendGroup,
    SendNormal,
    SendWork,
)
from hongbao.wire import codec, document, signature
from hongbao.wire.caution import noting
from hongbao.wire.codec import complete, encode
from hongbao.wire.endpoints import ENDPOINTS, GETHBINFO, SENDREDPACK, Need
from payers import BILLNO, NONCE, OPENID, Payer
from samples import GROUP, MESSAGES, MINI_PROGRAM, NORMAL, PERSON, PREORDER, QUERY, TEXTS, WORK

if TYPE_CHECKING:
    from hongbao import Message
    from hongbao.wire.messages import ToUser


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.ENDPOINT.name)
def test_a_call_sends_and_signs_exactly_the_fields_that_it_knows(message: Message[Any]) -> None:
    sent = document.decode(encode(message, Payer(), nonce=NONCE)).fields
    known = {field.name: field for field in message.ENDPOINT.known}
    assert sent.keys() <= known.keys()
    assert {*message.ENDPOINT.required, "sign"} <= sent.keys()
    assert all(known[name].problem(text) is None for name, text in sent.items())
    assert signature.verify_md5(sent, Payer().key)


HOSTILE = replace(NORMAL, wishing="x]]>y")  # written in another way than all others


@pytest.mark.parametrize("message", [*MESSAGES, HOSTILE])
def test_numbers_stand_bare_and_texts_as_cdata(message: Message[Any]) -> None:
    body = encode(message, Payer(), nonce=NONCE)
    for name, text in document.decode(body).fields.items():
        bare = name in message.ENDPOINT.numbers
        assert (f"<{name}>{text}</{name}>".encode() in body) is bare
        assert (f"<{name}><![CDATA[".encode() in body) is not bare


def test_what_calls_with_the_same_fields_have_in_common_is_worked_out_once() -> None:
    encode(NORMAL, Payer(), nonce=NONCE)
    given = tuple(complete(NORMAL, Payer(), nonce=NONCE))
    assert codec._layout(NORMAL, given) is codec._layout(NORMAL, given)


_OTHER: dict[str, Any] = {"mch_billno": "A2", "re_openid": OPENID[::-1], "total_amount": 301}


@pytest.mark.parametrize("packet", [NORMAL, MINI_PROGRAM, GROUP, WORK, HOSTILE])
def test_another_of_a_packet_is_as_if_it_were_made_anew(packet: ToUser[Any]) -> None:
    other = packet.another(mch_billno="A2", re_openid=OPENID[::-1], total_amount=301)
    with noting():
        made = replace(packet, **_OTHER)
    assert other == made
    assert encode(other, Payer(), nonce=NONCE) == encode(made, Payer(), nonce=NONCE)
    assert packet.mch_billno == packet.wire["mch_billno"] == BILLNO


@pytest.mark.parametrize(
    ("field", "value"),
    [("mch_billno", "A 2"), ("re_openid", ""), ("total_amount", 0), ("total_amount", 1.0)],
)
def test_another_of_a_packet_is_checked_where_it_differs(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        NORMAL.another(**{**_OTHER, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_no_call_knows_the_fields_that_break_signatures_elsewhere(endpoint: Any) -> None:
    known = {field.name for field in endpoint.known}
    assert known.isdisjoint({"sign_type", "sub_appid", "nick_name", "min_value", "max_value"})
    assert ("wxappid" in known) is (endpoint.appid_field == "wxappid")
    assert len(known) == len(endpoint.known)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mch_billno": ""}, "mch_billno"),
        ({"mch_billno": "1" * 29}, "mch_billno"),
        ({"mch_billno": "a-b"}, "mch_billno"),
        ({"mch_billno": "１２３"}, "mch_billno"),
        ({"mch_billno": 42}, "mch_billno"),
        ({"re_openid": "o" * 33}, "re_openid"),
        ({"re_openid": "o x"}, "re_openid"),
        ({"total_amount": 100.0}, "total_amount"),
        ({"total_amount": "100"}, "total_amount"),
        ({"total_amount": True}, "total_amount"),
        ({"total_amount": 0}, "total_amount"),
        ({"total_amount": 499_901}, "total_amount"),
        ({"send_name": "名" * 33}, "send_name"),
        ({"wishing": ""}, "wishing"),
        ({"wishing": "x" * 129}, "wishing"),
        ({"wishing": "a\x00b"}, "wishing"),
        ({"wishing": "a\rb"}, "wishing"),
        ({"wishing": "a\ud800b"}, "wishing"),
        ({"wishing": "a\uffffb"}, "wishing"),
        ({"wishing": None}, "wishing"),
        ({"act_name": "x" * 33}, "act_name"),
        ({"remark": "x" * 257}, "remark"),
        ({"client_ip": "256.1.1.1"}, "client_ip"),
        ({"client_ip": "::1"}, "client_ip"),
        ({"scene_id": "PRODUCT_9"}, "scene_id"),
        ({"risk_info": "mobile=1"}, "risk_info"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        replace(NORMAL, **changes)
    assert caught.value.field == field
    assert caught.value.rule
    assert caught.value.mch_billno in {BILLNO, changes.get("mch_billno"), None}


def test_an_error_shows_the_shape_of_a_value_and_not_the_value() -> None:
    with pytest.raises(InvalidRequest) as caught:
        replace(NORMAL, re_openid="oSecretOpenid_oSecretOpenid_oSecret")
    assert "oSecretOpenid" not in str(caught.value)
    assert "35 characters" in str(caught.value)


def test_an_openid_is_in_no_repr() -> None:
    assert all(OPENID not in repr(message) for message in MESSAGES)


@pytest.mark.parametrize("amount", [1, 99, 20_001])
def test_an_amount_outside_1_to_200_yuan_wants_a_scene(amount: int) -> None:
    message = replace(NORMAL, total_amount=amount)
    with pytest.raises(InvalidRequest, match="scene_id"):
        encode(message, Payer(), nonce=NONCE)
    encode(replace(message, scene_id="PRODUCT_2"), Payer(), nonce=NONCE)
    relaxed = Payer(assumptions=Assumptions(amount_min=1, amount_max=499_900))
    encode(message, relaxed, nonce=NONCE)


def test_no_scene_is_ever_added() -> None:
    assert "scene_id" not in complete(NORMAL, Payer(), nonce=NONCE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"total_num": 2}, "total_num"),
        ({"total_num": 21, "total_amount": 2100}, "total_num"),
        ({"total_amount": 299}, "total_amount"),
        ({"total_amount": 60_001}, "total_amount"),
        ({"total_num": 20, "total_amount": 100_001}, "total_amount"),
    ],
)
def test_a_group_is_3_to_20_people_with_1_to_200_yuan_each(
    changes: dict[str, int], field: str
) -> None:
    warnings.simplefilter("ignore", GroupPacketWarning)
    with pytest.raises(InvalidRequest) as caught:
        encode(SendGroup(**{**_arguments(GROUP), **changes}), Payer(), nonce=NONCE)
    assert caught.value.field == field


def test_a_group_packet_warns_that_wechat_has_switched_it_off() -> None:
    with pytest.warns(GroupPacketWarning, match="2024-06-05"):
        SendGroup(**_arguments(GROUP))


def test_a_text_that_is_long_in_bytes_warns() -> None:
    with pytest.warns(ByteLengthWarning, match="33 bytes"):
        replace(NORMAL, act_name="秋" * 11)


def test_a_wecom_packet_has_a_sender_or_an_agent_and_not_both() -> None:
    for changes in ({"sender_name": None}, {"agentid": 1}):
        with pytest.raises(InvalidRequest, match="agentid"):
            replace(WORK, **changes)
    by_agent = SendWork(**PERSON, agentid=1000002)
    assert complete(by_agent, Payer(), nonce=NONCE)["agentid"] == "1000002"


def test_a_wecom_packet_wants_the_wecom_side_of_the_merchant() -> None:
    with pytest.raises(InvalidRequest, match="work"):
        encode(WORK, Payer(corp_id=None, work_secret=None), nonce=NONCE)


def test_a_wecom_packet_is_signed_inside_and_outside_with_one_nonce() -> None:
    sent = document.decode(encode(WORK, Payer(), nonce=NONCE)).fields
    inner = signature.workwx_sign(sent, "AppSecret_ForTest_0123456789abcdefghijklmno")
    assert sent["workwx_sign"] == inner
    assert sent["wxappid"] == "ww00aa11bb22cc33dd"
    assert sent.keys().isdisjoint({"client_ip", "total_num", "send_name"})


def test_a_preorder_has_shorter_texts_and_wechats_constants() -> None:
    for changes in ({"wishing": "x" * 17}, {"remark": "x" * 33}, {"total_amount": 99}):
        with pytest.raises(InvalidRequest):
            replace(PREORDER, **changes)
    sent = complete(PREORDER, Payer(), nonce=NONCE)
    assert sent["auth_mchid"] == "1000052601"
    assert sent["auth_appid"] == "wxbf42bd79c4391863"


def test_a_preorder_is_for_one_or_for_a_group() -> None:
    with pytest.raises(InvalidRequest, match="total_num"):
        replace(PREORDER, total_num=3)
    group = Preorder(
        mch_billno=BILLNO,
        total_amount=600,
        send_name="a",
        hb_type="GROUP",
        total_num=3,
        **TEXTS,
    )
    assert complete(group, Payer(), nonce=NONCE)["total_num"] == "3"


def test_client_ip_comes_from_the_merchant_and_is_required() -> None:
    assert complete(NORMAL, Payer(), nonce=NONCE)["client_ip"] == "203.0.113.7"
    own = replace(NORMAL, client_ip="198.51.100.1")
    assert complete(own, Payer(), nonce=NONCE)["client_ip"] == "198.51.100.1"
    with pytest.raises(InvalidRequest, match="client_ip"):
        encode(NORMAL, Payer(client_ip=None), nonce=NONCE)


def test_a_provider_names_the_sub_merchant_and_msgappid_together() -> None:
    shop = Payer(provider_mode=True, sub_mch_id="1900000999", msgappid="wxsub")
    sent = complete(NORMAL, shop, nonce=NONCE)
    assert (sent["sub_mch_id"], sent["msgappid"]) == ("1900000999", "wxsub")
    for incomplete in (Payer(provider_mode=True), Payer(provider_mode=True, sub_mch_id="1")):
        with pytest.raises(InvalidRequest, match="sub_merchant"):
            encode(NORMAL, incomplete, nonce=NONCE)


def test_a_provider_asks_without_its_sub_merchant_and_never_pays_wecom_itself() -> None:
    shop = Payer(provider_mode=True, sub_mch_id="1900000999", msgappid="wxsub")
    assert "sub_mch_id" not in complete(QUERY, shop, nonce=NONCE)
    for message in (WORK, PREORDER):
        with pytest.raises(InvalidRequest, match="sub_mch_id"):
            encode(message, shop, nonce=NONCE)


def test_an_ordinary_merchant_never_sends_msgappid() -> None:
    sent = complete(NORMAL, Payer(), nonce=NONCE)
    assert sent.keys().isdisjoint({"msgappid", "sub_mch_id"})


def test_a_query_spells_the_appid_otherwise_than_a_send() -> None:
    assert SENDREDPACK.need("appid") is None
    assert GETHBINFO.need("appid") is Need.REQUIRED
    assert complete(QUERY, Payer(), nonce=NONCE)["bill_type"] == "MCHT"


@given(
    billno=st.from_regex(r"[0-9A-Za-z]{1,28}", fullmatch=True),
    amount=st.integers(100, 20_000),
    text=st.text(
        st.characters(exclude_categories=["Cc", "Co", "Cs", "Cn"], exclude_characters="\ufffd"),
        min_size=1,
        max_size=32,
    ),
)
def test_every_valid_packet_survives_the_wire(billno: str, amount: int, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ByteLengthWarning)
        message = SendNormal(
            mch_billno=billno,
            re_openid=OPENID,
            total_amount=amount,
            send_name=text,
            wishing=text,
            act_name=text,
            remark=text,
        )
    sent = document.decode(encode(message, Payer(), nonce=NONCE)).fields
    assert signature.verify_md5(sent, Payer().key)
    assert (sent["mch_billno"], sent["total_amount"]) == (billno, str(amount))
    assert sent["wishing"] == sent["remark"] == text


def _arguments(message: Message[Any]) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in fields(message) if field.init}


_CHOSEN = "chosen with .sub_merchant(sub_mch_id, msgappid=)"


@pytest.mark.parametrize(
    ("message", "payer", "field", "rule"),
    [
        (NORMAL, Payer(provider_mode=True), "sub_mch_id", _CHOSEN),
        (NORMAL, Payer(provider_mode=True, sub_mch_id="1900000109"), "msgappid", _CHOSEN),
        (WORK, Payer(provider_mode=True), "sub_mch_id",
         "left to other calls: sendworkwxredpack has none"),
        (WORK, Payer(corp_id=None), "work", "set for the merchant: WorkWx(corp_id=, secret=)"),
        (WORK, Payer(work_secret=None), "work", "set for the merchant: WorkWx(corp_id=, secret=)"),
        (NORMAL, Payer(client_ip=None), "client_ip", "given with the call or set for the merchant"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_the_packet_and_the_place_where_it_is_given(
    message: Message[Any], payer: Payer, field: str, rule: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        encode(message, payer, nonce=NONCE)
    told = caught.value
    assert (told.field, told.rule, told.found, told.mch_billno) == (field, rule, "nothing", BILLNO)
