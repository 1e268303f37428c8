"""Drives wechatpayv3's own functions: one JSON step a line in, one JSON outcome a line out."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from wechatpayv3 import WeChatPay, WeChatPayType, utils

if TYPE_CHECKING:
    from collections.abc import Callable


def _life(step: dict[str, Any]) -> list[int]:
    """The statuses of a transfer, its query and its cancel; it raises if a reply is not signed."""
    payer, transfer = step["payer"], step["transfer"]
    pay = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=payer["mch_id"],
        private_key=step["private_key"],
        cert_serial_no=payer["serial_no"],
        apiv3_key=payer["api_v3_key"],
        appid=payer["app_id"],
        notify_url=transfer["notify_url"],
        public_key=step["public_key"],
        public_key_id=payer["public_key_id"],
        proxy={"https": step["proxy_url"]},  # it calls WeChat's own host alone
        timeout=(5, 10),
    )
    number = {"out_bill_no": transfer["out_bill_no"]}
    replies = (
        pay.mch_transfer_bills(**transfer),
        pay.mch_transfer_bills_query(**number),
        pay.mch_transfer_bills_cancel(**number),
    )
    return [status for status, _ in replies]


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
    "life": _life,
}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"value": _CALLS[asked["call"]](asked)}), flush=True)
