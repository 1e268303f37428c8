"""Drives wechatpayv3's own functions: one JSON step a line in, one JSON outcome a line out."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from wechatpayv3 import WeChatPay, WeChatPayType, utils

if TYPE_CHECKING:
    from collections.abc import Callable


def _pay(step: dict[str, Any]) -> WeChatPay:
    payer = step["payer"]
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=payer["mch_id"],
        private_key=step["private_key"],
        cert_serial_no=payer["serial_no"],
        apiv3_key=payer["api_v3_key"],
        appid=payer["app_id"],
        notify_url=step["transfer"]["notify_url"],
        public_key=step["public_key"],
        public_key_id=payer["public_key_id"],
        proxy={"https": step["proxy_url"]},  # it calls WeChat's own host alone
        timeout=(5, 10),
    )


def _called(step: dict[str, Any]) -> dict[str, Any]:
    """What the caller gets: WeChat's word, or an exception where its signature is not right."""
    transfer = {name: value for name, value in step["transfer"].items() if name != "appid"}
    number = {"out_bill_no": transfer["out_bill_no"]}
    try:
        pay = _pay(step)
        if step["call"] == "transfer":
            status, text = pay.mch_transfer_bills(**transfer)
        elif step["call"] == "query":
            status, text = pay.mch_transfer_bills_query(**number)
        else:
            status, text = pay.mch_transfer_bills_cancel(**number)
    except Exception as error:  # noqa: BLE001  # it raises nothing more exact
        return {"kind": "error", "value": f"{type(error).__name__}: {error}"}
    try:
        said = json.loads(text)
    except ValueError:
        return {"kind": "refused", "code": str(status)}
    if status != HTTPStatus.OK:
        return {"kind": "refused", "code": said.get("code", str(status))}
    return {"kind": "result", "state": said["state"]}


def _sign(step: dict[str, Any]) -> str:
    utils.time = SimpleNamespace(time=lambda: step["timestamp"])  # it asks the clock
    header: str = utils.build_authorization(
        step["path"],
        step["method"],
        step["mch_id"],
        step["serial_no"],
        utils.load_private_key(step["private_key"]),
        step["body"],
        step["nonce"],
    )
    return header.partition('signature="')[2].partition('"')[0]


def _verify(step: dict[str, Any]) -> object:
    when, public = str(step["timestamp"]), utils.load_public_key(step["public_key"])
    return utils.rsa_verify(when, step["nonce"], step["body"], step["signature"], public)


def _open(step: dict[str, Any]) -> object:
    it = step["resource"]
    key = step["api_v3_key"]
    return utils.aes_decrypt(it["nonce"], it["ciphertext"], it["associated_data"], key)


def _seal(step: dict[str, Any]) -> object:
    return utils.rsa_encrypt(step["text"], utils.load_public_key(step["public_key"]))


def _unseal(step: dict[str, Any]) -> object:
    return utils.rsa_decrypt(step["sealed"], utils.load_private_key(step["private_key"]))


_CALLS: dict[str, Callable[[dict[str, Any]], object]] = {
    "sign": _sign,
    "verify": _verify,
    "open": _open,
    "seal": _seal,
    "unseal": _unseal,
}

for line in sys.stdin:
    asked = json.loads(line)
    does = _CALLS.get(asked["call"])
    print(json.dumps(_called(asked) if does is None else {"value": does(asked)}), flush=True)
