"""Published and own known-answer vectors: the third opinion between client and simulator."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest

from hongbao import RiskInfo, new_billno
from hongbao.wire import signature
from hongbao.wire.claim import claim_params, jump_hongbao_params
from hongbao.wire.codec import complete, encode
from hongbao.wire.document import decode
from payers import BILLNO, KEY, NONCE, OPENID, Payer
from samples import NORMAL

_PUBLISHED = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
_PUBLISHED_KEY = "192006250b4c09247ec02edce69f6a2d"


def test_md5_signs_the_published_example() -> None:
    signed = signature.sign_md5(_PUBLISHED, _PUBLISHED_KEY)
    assert signed == "9A0A8659F005D6984697E2CA0A9CF3B7"


def test_hmac_sha256_signs_the_published_example() -> None:
    signed = signature.sign_hmac_sha256(_PUBLISHED, _PUBLISHED_KEY)
    assert signed == "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"


def test_a_normal_packet_is_signed_as_computed_elsewhere() -> None:
    values = complete(NORMAL, Payer(), nonce=NONCE)
    assert signature.sign_md5(values, KEY) == "4251141BE5B1E415277FE9F93EC216BA"


@pytest.mark.parametrize("wishing", ["a]]>b", "]]>", "]]><total_amount>9</total_amount>", "]]>]]>"])
def test_no_value_ends_its_own_section_and_becomes_an_element(wishing: str) -> None:
    """Not on the way on which requests are sent, either; and what is signed is what is read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = replace(NORMAL, wishing=wishing)
    sent = encode(message, Payer(), nonce=NONCE)
    assert b"<total_amount>100</total_amount>" in sent, "numbers stand bare here too"
    read = decode(sent).fields
    expected = complete(message, Payer(), nonce=NONCE)
    assert read == expected | {"sign": signature.sign_md5(expected, KEY)}
    assert (read["wishing"], read["total_amount"]) == (wishing, "100")


def test_empty_values_are_not_signed_but_a_zero_is() -> None:
    values = complete(NORMAL, Payer(), nonce=NONCE)
    with_empty = values | {"scene_id": "", "risk_info": ""}
    assert signature.sign_md5(with_empty, KEY) == "4251141BE5B1E415277FE9F93EC216BA"
    assert signature.signing_string({"b": "0", "a": "", "c": "1"}) == "b=0&c=1"


def test_the_fund_flow_request_is_signed_with_hmac() -> None:
    fields = {
        "appid": "wx00aa11bb22cc33dd",
        "mch_id": "1900012345",
        "nonce_str": NONCE,
        "sign_type": "HMAC-SHA256",
        "bill_date": "20261122",
        "account_type": "Basic",
    }
    signed = signature.sign_hmac_sha256(fields, KEY)
    assert signed == "67E5D2B205A2637D4A0D3F11A2AA3BBF8CA9C0666D9A52FC67ADE94946E9D386"


def test_workwx_sign_covers_seven_fields_with_the_wecom_secret() -> None:
    fields = {
        "act_name": "autumn",
        "mch_billno": BILLNO,
        "mch_id": "1900012345",
        "nonce_str": NONCE,
        "re_openid": OPENID,
        "total_amount": "100",
        "wxappid": "ww00aa11bb22cc33dd",
        "wishing": "not among the seven",
    }
    signed = signature.workwx_sign(fields, "AppSecret_ForTest_0123456789abcdefghijklmno")
    assert signed == "59F29DFC824D161A1D0056581D70490B"


def test_the_claim_of_a_mini_program_packet_signs_four_fields_and_the_encoded_package() -> None:
    params = claim_params(
        "sendid=abc123&ver=8&sign=deadbeef&mchid=1900012345&appid=wx00aa11bb22cc33dd",
        app_id="wx00aa11bb22cc33dd",
        key=KEY,
        time_stamp=1795392000,
        nonce_str=NONCE,
    )
    assert params.as_dict() == {
        "timeStamp": "1795392000",
        "nonceStr": NONCE,
        "package": "sendid%3Dabc123%26ver%3D8%26sign%3Ddeadbeef"
        "%26mchid%3D1900012345%26appid%3Dwx00aa11bb22cc33dd",
        "signType": "MD5",
        "paySign": "416545877FE137E543B85F76995191CE",
    }


def test_the_draw_of_a_preordered_packet_is_signed_with_the_campaign_key() -> None:
    params = jump_hongbao_params(
        openid=OPENID, lottery_id="LOT123", noncestr=NONCE, key="LotteryKey_0123456789_abcdefghij"
    )
    assert params.sign == "15E603A0B39614CD25AF0F6C0B5444CB"


def test_an_order_number_is_the_same_for_ever() -> None:
    # These must never change: books that were written with one version are read by the next.
    assert new_billno("1900012345", "spring/1") == "aVzywVufKYIn7h0Ejd8iKHht61QB"
    assert new_billno("1900012345", "spring/1", 2) == "znN4PbEymc9LIjhR1ENj2i0i7Hb1"


def test_risk_info_is_encoded_once_as_in_the_official_example() -> None:
    told = RiskInfo(
        posttime=1795392000,
        mobile="86-13800000000",
        deviceid="dev01",
        clientversion="8.0.1",
    )
    assert told.encode() == (
        "posttime%3d1795392000%26mobile%3d86-13800000000%26deviceid%3ddev01%26clientversion%3d8.0.1"
    )


def test_the_sign_element_is_read_back_from_the_document() -> None:
    sent = decode(encode(NORMAL, Payer(), nonce=NONCE)).fields
    assert sent["sign"] == "4251141BE5B1E415277FE9F93EC216BA"
    assert "sign_type" not in sent


def test_fields_without_a_sign_are_not_signed() -> None:
    signed = dict(_PUBLISHED, sign=signature.sign_md5(_PUBLISHED, _PUBLISHED_KEY).lower())
    assert signature.verify_md5(signed, _PUBLISHED_KEY)
    assert not signature.verify_md5(_PUBLISHED, _PUBLISHED_KEY)
    assert not signature.verify_md5(signed, _PUBLISHED_KEY[::-1])
