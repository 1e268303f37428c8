"""Fixed inputs: the bytes of our calls, to be read and signed by others as by us."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from hongbao.wire import document, signature
from hongbao.wire.assumptions import Assumptions
from hongbao.wire.caution import GroupPacketWarning
from hongbao.wire.codec import encode
from hongbao.wire.endpoints import SENDWORKWXREDPACK
from hongbao.wire.messages import (
    Preorder,
    Query,
    QueryWork,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.wire.messages import Message

KEY = "SimulatorOnlyKey0NeverInRealUse0"
WORK_SECRET = "SimulatorOnlySecret0NeverInRealUse000000000"
_NONCE = "n0nceABCDEF1234567890"
_NUMBER = "1999000001202611230000000042"
_TEXTS: dict[str, Any] = {
    "wishing": "恭喜 & <发财> \"'",
    "act_name": "秋季=抽奖",
    "remark": "第一 ]]> 等",
}
_TO_ONE: dict[str, Any] = {"mch_billno": _NUMBER, "re_openid": "oINTEROP_made_up_00000000042"}


class Input(NamedTuple):
    """One thing that is signed.

    Attributes:
        fields: what is signed.
        sign_type: how.
        ours: how we sign it.
        key: with what.
        document: the bytes that our client sends, if it sends this.
    """

    fields: dict[str, str]
    sign_type: str
    ours: str
    key: str
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Payer:
    """Who pays, as far as the wire asks."""

    mch_id: str = "1999000001"
    app_id: str = "wx0000000000de0001"
    key: str = KEY
    client_ip: str | None = "203.0.113.7"
    provider_mode: bool = False
    sub_mch_id: str | None = None
    msgappid: str | None = None
    corp_id: str | None = "ww0000000000de0003"
    work_secret: str | None = WORK_SECRET
    assumptions: Assumptions = field(default_factory=Assumptions)


def inputs() -> dict[str, Input]:
    """Every input by its name. The fields are read off the bytes that our client sends."""
    payer = _Payer()
    found = {message.ENDPOINT.name: _input(message, payer) for message in _messages()}
    provider = replace(payer, provider_mode=True, sub_mch_id="1999000077", msgappid="wx77")
    found["sendredpack of a provider"] = _input(_normal(), provider)
    bill = {
        "appid": payer.app_id,
        "mch_id": payer.mch_id,
        "nonce_str": _NONCE,
        "sign_type": "HMAC-SHA256",
        "bill_date": "20261122",
        "account_type": "Basic",
    }
    signed = signature.sign_hmac_sha256(bill, KEY)
    found["downloadfundflow"] = Input(bill, "HMAC-SHA256", signed, KEY)
    found["workwx_sign"] = _work_sign(found[SENDWORKWXREDPACK.name].fields)
    found["wx.sendBizRedPacket"] = _pay_sign()
    return found


def _work_sign(fields: dict[str, str]) -> Input:
    seven = {name: fields[name] for name in signature.WORKWX_SIGNED}
    return Input(seven, "WORKWX", signature.workwx_sign(seven, WORK_SECRET), WORK_SECRET)


def _pay_sign() -> Input:
    package, stamp = quote("sendid=abc123&ver=8&appid=wx0000000000de0002", safe=""), "1795392000"
    app_id = "wx0000000000de0002"
    ours = signature.pay_sign(
        app_id=app_id, nonce_str=_NONCE, package=package, time_stamp=stamp, key=KEY
    )
    fields = {"appId": app_id, "nonceStr": _NONCE, "package": package, "timeStamp": stamp}
    return Input(fields, "MD5", ours, KEY)


def _input(message: Message[Any], payer: _Payer) -> Input:
    sent = encode(message, payer, nonce=_NONCE)
    fields = document.decode(sent).fields
    return Input(fields, "MD5", fields.pop("sign"), KEY, sent.decode())


def _messages() -> Iterator[Message[Any]]:
    said = {**_TO_ONE, **_TEXTS}
    yield _normal()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        yield SendGroup(**said, send_name="测试商户", total_amount=1000, total_num=5)
    yield SendMiniProgram(**said, send_name="测试商户", total_amount=100)
    yield SendWork(**said, sender_name="小王", total_amount=100)
    said = {**_TEXTS, "wishing": "恭喜&<发>"}  # its limit is 16, perhaps of bytes
    yield Preorder(mch_billno=_NUMBER, **said, send_name="测试商户", total_amount=200)
    yield Query(_NUMBER)
    yield QueryWork(_NUMBER)


def _normal() -> SendNormal:
    return SendNormal(**_TO_ONE, **_TEXTS, send_name="测试商户", total_amount=100)
