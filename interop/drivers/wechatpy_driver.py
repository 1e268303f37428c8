"""Drives wechatpy, 1.8 and 2.0 alike: one JSON step a line in, one JSON outcome a line out."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import xmltodict
from wechatpy.exceptions import WeChatPayException
from wechatpy.pay import WeChatPay
from wechatpy.pay.utils import calculate_signature, calculate_signature_hmac


def _pay(step: dict[str, Any]) -> WeChatPay:
    payer, packet = step["payer"], step["packet"]
    pay = WeChatPay(
        payer["app_id"],
        payer["key"],
        payer["mch_id"],
        sub_mch_id=packet.get("sub_mch_id"),
        mch_cert=payer["cert_path"] or None,
        mch_key=payer["key_path"] or None,
    )
    pay.API_BASE_URL = payer["base_url"] + "/"
    return pay


def _call(step: dict[str, Any]) -> object:
    pay, packet = _pay(step), step["packet"]
    if step["call"] == "query":
        return pay.redpack.query(packet["mch_billno"])
    if "draw_seed" in step:
        random.seed(step["draw_seed"])
    said = {name: packet[name] for name in ("send_name", "act_name", "wishing", "remark")}
    send = pay.redpack.send if step["call"] == "normal" else pay.redpack.send_group
    return send(
        packet["re_openid"],
        int(packet["total_amount"]),
        total_num=int(packet["total_num"]),
        client_ip="127.0.0.1",  # left out, it asks the name service for WeChat's address
        out_trade_no=packet.get("mch_billno"),
        **said,
    )


def _outcome(step: dict[str, Any]) -> dict[str, Any]:
    if step["call"] == "sign":
        signers = {"MD5": calculate_signature, "HMAC-SHA256": calculate_signature_hmac}
        signer = signers.get(step["sign_type"])
        return {"value": signer and signer(step["fields"], step["key"])}
    if step["call"] == "read":
        return {"value": xmltodict.parse(step["document"])["xml"]}  # as it reads replies
    try:
        return {"kind": "result", "value": _call(step)}
    except WeChatPayException as error:
        kept = {"text": str(error)}
        return {"kind": "error", "type": "WeChatPayException", "code": error.errcode, "value": kept}
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is asked for
        return {"kind": "error", "type": type(error).__name__, "value": {"text": str(error)}}


for line in sys.stdin:
    print(json.dumps(_outcome(json.loads(line))), flush=True)
