"""V3 requests check themselves, are encoded as WeChat's pages have them, and keep their bytes."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from transfer_samples import (
    ASK,
    AUTHORIZATION,
    JUST_WITHIN_LIMITS,
    NOW,
    NUMBER,
    OPENID,
    PAYER,
    PUBLIC,
    TRANSFER,
    TRANSFER_FIELDS,
    TRANSFER_MESSAGES,
    WECHAT_KEY,
    good,
    name_of,
    prepared,
)

from hongbao import ConfigurationError, InvalidRequest
from hongbao.wire.transfer import endpoints
from hongbao.wire.transfer import messages as m
from hongbao.wire.transfer.assumptions import TransferAssumptions
from hongbao.wire.transfer.authorizations import TransferUnderAuthorization
from hongbao.wire.transfer.fields import breach
from hongbao.wire.transfer.preparing import authorization, prepare, restore
from hongbao.wire.transfer.scenes import SCENES
from hongbao.wire.transfer.signing import unseal
from hongbao.wire.transfer.wechat_keys import WechatKeys

_WITH_BODY = [it for it in TRANSFER_MESSAGES if it.ENDPOINT.parts]
_TRANSFERS = [it for it in TRANSFER_MESSAGES if it.ENDPOINT.pays]


@pytest.mark.parametrize("message", TRANSFER_MESSAGES, ids=name_of)
def test_a_request_goes_where_its_row_says_and_is_found_there(
    message: m.TransferMessage[Any],
) -> None:
    asked = prepared(message)
    path = asked.path.partition("?")[0]
    found = endpoints.find(asked.endpoint.method, path)
    assert found is not None
    assert found[0] is message.ENDPOINT
    assert set(found[1]) == set(message.ENDPOINT.gaps)
    assert OPENID not in repr(asked)
    assert asked.mch_billno == message.number


@pytest.mark.parametrize("message", _WITH_BODY, ids=name_of)
def test_a_body_has_what_its_row_says_and_no_more(message: m.TransferMessage[Any]) -> None:
    body = json.loads(prepared(message).body)
    assert breach(body, message.ENDPOINT.parts) is None
    unknown = breach(body | {"extra": 1}, message.ENDPOINT.parts)
    assert unknown is not None
    assert (unknown.pointer, unknown.unknown) == ("/extra", True)
    for name in body:
        nulled = breach(body | {name: None}, message.ENDPOINT.parts)
        assert nulled is not None
        assert nulled.pointer == f"/{name}"


def test_a_transfer_is_encoded_in_the_order_of_wechats_page_without_blanks() -> None:
    style = replace(TRANSFER, user_recv_style="RED_PACKET", notify_url="https://a.example.test/n")
    body = prepared(style).body.decode()
    assert body == (
        '{"appid":"wx00aa11bb22cc33dd","out_bill_no":"HB20261129A000000000000000001",'
        '"transfer_scene_id":"1000","openid":"oTEST_openid_0000000000000001",'
        '"transfer_amount":8800,"transfer_remark":"秋季抽奖",'
        '"notify_url":"https://a.example.test/n","transfer_scene_report_infos":['
        '{"info_type":"活动名称","info_content":"秋季抽奖"},'
        '{"info_type":"奖励说明","info_content":"抽奖一等奖"}],'
        '"user_recv_style":{"type":"RED_PACKET"}}'
    )


@pytest.mark.parametrize("message", _TRANSFERS, ids=name_of)
def test_a_transfer_that_was_kept_is_the_same_transfer(message: m.AnyTransfer[Any]) -> None:
    asked = prepared(replace(message, user_name="测试甲"))
    kept = restore(asked.endpoint.name, asked.body, asked.wechatpay_serial)
    assert kept == asked
    assert dict(kept.expected) == dict(asked.expected)
    assert kept.reader(good(message)) == asked.reader(good(message))
    value = json.loads(asked.body)["user_name"]
    assert "测试甲" not in asked.body.decode()
    assert unseal(WECHAT_KEY, b64decode(value)) == "测试甲"


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("cancel", b"{}"),
        ("transfer", b"{}"),
        ("transfer", b"no"),
        ("transfer", prepared(ASK).body),
        ("transfer_under_authorization", prepared(TRANSFER).body),
    ],
)
def test_what_was_not_prepared_as_a_transfer_is_not_restored(call: str, body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="Nothing was sent"):
        restore(call, body, PUBLIC.serial)


def test_a_signature_is_made_anew_and_the_bytes_are_not() -> None:
    asked = prepared(TRANSFER)
    first = authorization(asked, PAYER, nonce="A", timestamp=NOW)
    later = authorization(asked, PAYER, nonce="B", timestamp=NOW + 1)
    assert first != later
    assert first.startswith('WECHATPAY2-SHA256-RSA2048 mchid="1900012345",nonce_str="A",')


def test_a_query_string_is_part_of_the_path() -> None:
    assert prepared(AUTHORIZATION).path.endswith("?is_display_authorization=false")
    shown = replace(AUTHORIZATION, with_package=True)
    assert prepared(shown).path.endswith("?is_display_authorization=true")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"out_bill_no": "HB-1"}, "out_bill_no"),
        ({"out_bill_no": "x" * 33}, "out_bill_no"),
        ({"out_bill_no": 7}, "out_bill_no"),
        ({"openid": ""}, "openid"),
        ({"transfer_amount": 0}, "transfer_amount"),
        ({"transfer_amount": 100.0}, "transfer_amount"),
        ({"transfer_amount": True}, "transfer_amount"),
        ({"transfer_remark": "x" * 33}, "transfer_remark"),
        ({"transfer_remark": "谢谢🎁"}, "transfer_remark"),
        ({"notify_url": "http://a.example.test/"}, "notify_url"),
        ({"notify_url": "https://a.example.test/?a=1"}, "notify_url"),
        ({"transfer_scene_report_infos": [("活动名称", "a")]}, "transfer_scene_report_infos"),
        ({"transfer_scene_report_infos": {}}, "transfer_scene_report_infos"),
        ({"transfer_scene_report_infos": {"活动名称": ""}}, "0/info_content"),
        ({"user_recv_style": "FUNNY"}, "user_recv_style/type"),
        ({"user_name": ""}, "user_name"),
        ({"appid": "wx 1"}, "appid"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_and_not_quoted(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest, match="Nothing was sent") as caught:
        m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **changes})
    assert caught.value.field.endswith(field)
    assert OPENID not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"out_bill_no": "HB12"}, "out_bill_no"),
        ({"transfer_amount": 9}, "transfer_amount"),
        ({"transfer_amount": 200_000}, "user_name"),
        ({"transfer_amount": 29, "user_name": "测试甲"}, "user_name"),
        ({"transfer_scene_report_infos": {"活动名称": "a"}}, "transfer_scene_report_infos"),
        ({"user_recv_perception": "货款"}, "user_recv_perception"),
        ({"user_recv_style": "RED_PACKET", "transfer_amount": 20_001}, "transfer_amount"),
        (
            {
                "user_recv_style": "RED_PACKET",
                "transfer_scene_id": "1011",
                "transfer_scene_report_infos": {"赔付原因": "a"},
            },
            "transfer_scene_id",
        ),
        ({"user_recv_style": "RED_PACKET", "transfer_scene_id": "1999"}, "transfer_scene_id"),
    ],
)
def test_what_is_assumed_of_wechat_is_held_before_anything_is_sent(
    changes: dict[str, Any], field: str
) -> None:
    message = m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **changes})
    with pytest.raises(InvalidRequest) as caught:
        prepare(message, PAYER, now=NOW)
    assert caught.value.field == field
    assert caught.value.mch_billno == message.out_bill_no


@pytest.mark.parametrize("changes", JUST_WITHIN_LIMITS, ids=str)
def test_what_is_just_within_a_limit_is_sent(changes: dict[str, Any]) -> None:
    message = m.Transfer(**{**TRANSFER_FIELDS, "openid": OPENID, **changes})
    body = json.loads(prepare(message, PAYER, now=NOW).body)
    assert body["transfer_amount"] == changes["transfer_amount"]


def test_each_assumption_can_be_changed() -> None:
    relaxed = replace(
        PAYER,
        assumptions=TransferAssumptions(
            amount_min=1,
            name_required_from=10**9,
            name_refused_below=1,
            number_length_min=1,
            red_packet_max=10**9,
            red_packet_unsure_scenes=True,
            scenes={},
        ),
    )
    message = m.Transfer(
        **{**TRANSFER_FIELDS, "out_bill_no": "1", "transfer_scene_id": "1011"},
        openid=OPENID,
        user_recv_style="RED_PACKET",
        user_recv_perception="退款",
    )
    for amount in (1, 200_001):
        assert prepare(replace(message, transfer_amount=amount), relaxed, now=NOW).body
    least = replace(PAYER, assumptions=TransferAssumptions(amount_max=100))
    with pytest.raises(InvalidRequest, match="from 10 to 100 fen"):
        prepare(TRANSFER, least, now=NOW)


def test_a_transfer_under_an_authorisation_names_it_in_exactly_one_way() -> None:
    both: dict[str, Any] = {"authorization_id": "A1", "out_authorization_no": "AUTH1"}
    ways: list[dict[str, Any]] = [{}, both]
    for names in ways:
        with pytest.raises(InvalidRequest, match="not both"):
            TransferUnderAuthorization(**TRANSFER_FIELDS, **names)
    for name, value in both.items():
        one: dict[str, Any] = {name: value}
        body = json.loads(prepared(TransferUnderAuthorization(**TRANSFER_FIELDS, **one)).body)
        assert body[name] == value
        assert ({"openid", *both} - {name}).isdisjoint(body)


@pytest.mark.parametrize(
    "message", [it for it in TRANSFER_MESSAGES if it.ENDPOINT.of_authorizations], ids=name_of
)
def test_what_wechat_opens_by_a_white_list_is_behind_a_switch(
    message: m.TransferMessage[Any],
) -> None:
    with pytest.raises(InvalidRequest, match="authorizations must be set"):
        prepare(message, replace(PAYER, assumptions=TransferAssumptions()), now=NOW)


def test_without_a_key_of_wechats_that_holds_nothing_is_sent() -> None:
    with pytest.raises(ConfigurationError, match="public_key_id"):
        prepare(TRANSFER, replace(PAYER, wechat_keys=WechatKeys([])), now=NOW)


@pytest.mark.parametrize("scene", SCENES.values(), ids=lambda scene: scene.scene_id)
def test_each_scene_is_sent_with_what_it_wants(scene: Any) -> None:
    infos = dict.fromkeys(scene.report_infos, "说明")
    for perception in (None, *scene.perceptions):
        message = m.Transfer(
            **{
                **TRANSFER_FIELDS,
                "transfer_scene_id": scene.scene_id,
                "transfer_scene_report_infos": infos,
            },
            openid=OPENID,
            user_recv_perception=perception,
        )
        assert prepare(message, PAYER, now=NOW).number == NUMBER
