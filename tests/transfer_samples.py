"""A payer with throw-away keys, valid messages of every call, and replies that WeChat signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hongbao.wire.transfer import authorizations as a
from hongbao.wire.transfer import certificates, json_body, signing
from hongbao.wire.transfer import messages as m
from hongbao.wire.transfer.assumptions import TransferAssumptions
from hongbao.wire.transfer.preparing import prepare
from hongbao.wire.transfer.wechat_keys import WechatKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.wire.transfer.preparing import Prepared

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("transfer_vectors.json").read_text(encoding="utf-8")
)
NOW: int = VECTORS["now"]
NUMBER = "HB20261129A000000000000000001"
WECHATS_NUMBER = "1330000012345292611290000000000001"
OPENID = "oTEST_openid_0000000000000001"


def key_of(name: str) -> RSAPrivateKey:
    return cast("RSAPrivateKey", load_pem_private_key(VECTORS[name].encode(), None))


MERCHANT_KEY = key_of("merchant_key")
WECHAT_KEY = key_of("wechat_private_key")
PLATFORM_KEY = key_of("platform_private_key")
PUBLIC = certificates.read_public_key(
    VECTORS["wechat_public_key"].encode(), VECTORS["public_key_id"]
)
PLATFORM = certificates.read_certificate(VECTORS["platform_certificate"].encode())


_OPEN_TO_ALL = TransferAssumptions(authorizations=True)


@dataclass(frozen=True)
class TransferringPayer:
    mch_id: str = VECTORS["mch_id"]
    app_id: str = "wx00aa11bb22cc33dd"
    serial_no: str = VECTORS["serial_no"]
    private_key: RSAPrivateKey = MERCHANT_KEY
    wechat_keys: WechatKeys = field(default_factory=lambda: WechatKeys([PUBLIC, PLATFORM]))
    assumptions: TransferAssumptions = _OPEN_TO_ALL


PAYER = TransferringPayer()

TRANSFER_FIELDS: dict[str, Any] = {
    "out_bill_no": NUMBER,
    "transfer_scene_id": "1000",
    "transfer_amount": 8800,
    "transfer_remark": "秋季抽奖",
    "transfer_scene_report_infos": {"活动名称": "秋季抽奖", "奖励说明": "抽奖一等奖"},
}
JUST_WITHIN_LIMITS: list[dict[str, Any]] = [
    {"transfer_amount": 10},
    {"transfer_amount": 29},
    {"transfer_amount": 30, "user_name": "测试甲"},
    {"transfer_amount": 199_999},
    {"transfer_amount": 200_000, "user_name": "测试甲"},
    {"transfer_amount": 20_000, "user_recv_style": "RED_PACKET"},
]
"""What may differ in ``TRANSFER_FIELDS``; a fen more or less, or no name, is refused."""
TRANSFER = m.Transfer(**TRANSFER_FIELDS, openid=OPENID)
ASKING = a.TransferAskingAuthorization(
    **TRANSFER_FIELDS,
    openid=OPENID,
    user_display_name="骑手甲",
    out_authorization_no="AUTH202611290001",
    authorization_notify_url="https://pay.example.test/notify/auth",
)
UNDER = a.TransferUnderAuthorization(**TRANSFER_FIELDS, authorization_id="1330000012345AUTH0001")
QUERY = m.QueryTransfer(NUMBER)
BY_WECHATS_NUMBER = m.QueryTransferByWechatsNumber(WECHATS_NUMBER)
CANCEL = m.CancelTransfer(NUMBER)
APPLY = m.ApplyReceipt(NUMBER)
RECEIPT = m.QueryReceipt(NUMBER)
ASK = a.AskAuthorization(
    out_authorization_no="AUTH202611290001",
    openid=OPENID,
    transfer_scene_id="1005",
    user_display_name="骑手甲",
    authorization_notify_url="https://pay.example.test/notify/auth",
    client_ip="203.0.113.7",
    device_type="ANDROID",
)
AUTHORIZATION = a.QueryAuthorization("AUTH202611290001")
CLOSE = a.CloseAuthorization("AUTH202611290001")

TRANSFER_MESSAGES: tuple[m.TransferMessage[Any], ...] = (
    *(TRANSFER, ASKING, UNDER, QUERY, BY_WECHATS_NUMBER, CANCEL),
    *(APPLY, RECEIPT, ASK, AUTHORIZATION, CLOSE),
)
PAYING_MESSAGES = [it for it in TRANSFER_MESSAGES if it.ENDPOINT.pays]
OTHER_MESSAGES = [it for it in TRANSFER_MESSAGES if not it.ENDPOINT.pays]

_TAKEN = {
    "create_time": "2026-11-29T08:00:00+08:00",
    "out_bill_no": NUMBER,
    "package_info": "ABB0aHJvdy1hd2F5+/==",
    "state": "WAIT_USER_CONFIRM",
    "transfer_bill_no": WECHATS_NUMBER,
}
_INFO = {
    "appid": PAYER.app_id,
    "create_time": "2026-11-29T08:00:00+08:00",
    "mch_id": PAYER.mch_id,
    "openid": OPENID,
    "out_bill_no": NUMBER,
    "state": "SUCCESS",
    "transfer_amount": 8800,
    "transfer_bill_no": WECHATS_NUMBER,
    "transfer_remark": "秋季抽奖",
    "update_time": "2026-11-29T08:00:04+08:00",
}
_RECEIPT = {
    "state": "FINISHED",
    "create_time": "2026-11-29T10:00:00+08:00",
    "hash_type": "SHA256",
    "hash_value": "9f" * 32,
    "download_url": "https://api.mch.weixin.qq.com/v3/transferbilldownload/elecvoucherfile?token=A",
}
_AUTHORIZATION = {
    "out_authorization_no": "AUTH202611290001",
    "state": "WAIT_USER_CONFIRM",
    "create_time": "2026-11-29T08:00:01+08:00",
    "package_info": "0002-affffddafdfafddffda==",
}
_GOOD: dict[str, dict[str, Any]] = {
    "transfer": _TAKEN,
    "transfer_asking_authorization": _TAKEN,
    "transfer_under_authorization": {
        "mch_id": PAYER.mch_id,
        "out_bill_no": NUMBER,
        "transfer_bill_no": WECHATS_NUMBER,
        "state": "SUCCESS",
        "create_time": "2026-11-29T08:05:00+08:00",
    },
    "query": _INFO,
    "query_by_wechats_number": _INFO,
    "cancel": {
        "out_bill_no": NUMBER,
        "transfer_bill_no": WECHATS_NUMBER,
        "state": "CANCELING",
        "update_time": "2026-11-29T09:00:00+08:00",
    },
    "apply_receipt": {"state": "GENERATING", "create_time": "2026-11-29T10:00:00+08:00"},
    "query_receipt": _RECEIPT,
    "ask_authorization": _AUTHORIZATION,
    "query_authorization": {
        **_AUTHORIZATION,
        "state": "CLOSED",
        "close_info": {"close_time": "2026-11-30T08:00:01+08:00", "close_reason": "USER_CLOSE"},
    },
    "close_authorization": {"out_authorization_no": "AUTH202611290001", "state": "CLOSED"},
}


def name_of(value: object) -> str:
    return value.ENDPOINT.name if isinstance(value, m.TransferMessage) else str(value)


def good(message: m.TransferMessage[Any], **changes: object) -> dict[str, Any]:
    """What WeChat answers, with members changed, or left out where None."""
    said = _GOOD[message.ENDPOINT.name] | changes
    return {name: value for name, value in said.items() if value is not None}


def prepared(message: m.TransferMessage[Any]) -> Prepared[Any]:
    return prepare(message, PAYER, now=NOW)


def signed_headers(
    body: bytes, *, at: int = NOW, key: RSAPrivateKey = WECHAT_KEY, serial: str = PUBLIC.serial
) -> dict[str, str]:
    """The headers of what WeChat signs."""
    return {
        "Wechatpay-Timestamp": str(at),
        "Wechatpay-Nonce": "FACAD27A2A8508B2C9736C18D0E0D859",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": signing.sign(
            key, signing.reply_text(str(at), "FACAD27A2A8508B2C9736C18D0E0D859", body)
        ),
    }


def getter(headers: Mapping[str, str]) -> Callable[[str], str | None]:
    """Headers by their names in any case."""
    by_name = {name.lower(): value for name, value in headers.items()}
    return lambda name: by_name.get(name.lower())


def encoded(document: Mapping[str, object]) -> bytes:
    return json_body.encode(document)
