"""Drives pywe-pay: one JSON step a line in, one JSON outcome a line out."""

from __future__ import annotations

import json
import random
import sys
import warnings
from typing import Any

from pywe_exception import WeChatPayException
from pywe_pay import WeChatPay
from pywe_sign import calculate_signature
from pywe_xml import xml_to_dict

warnings.simplefilter("ignore")  # it verifies no certificate, and urllib3 complains each time


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
    pay.MCH_DOMAIN = payer["base_url"]
    return pay


def _call(step: dict[str, Any]) -> object:
    pay, packet, call = _pay(step), step["packet"], step["call"]
    if call == "query":
        return pay.redpack.query(packet["mch_billno"])
    if "draw_seed" in step:
        random.seed(step["draw_seed"])
    said = {name: packet[name] for name in ("send_name", "act_name", "wishing", "remark")}
    said |= {"miniprogram": True} if call == "mini" else {}
    send = pay.redpack.send_group if call == "group" else pay.redpack.send
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
        known = step["sign_type"] == "MD5"  # it has no other
        return {"value": calculate_signature(step["fields"], step["key"]) if known else None}
    if step["call"] == "read":
        return {"value": xml_to_dict(step["document"])}
    try:
        return {"kind": "result", "value": _call(step)}
    except WeChatPayException as error:
        told = error.args[0] if isinstance(error.args[0], dict) else {}
        code = told.get("err_code")
        return {"kind": "error", "type": "WeChatPayException", "code": code, "value": told}
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is asked for
        return {"kind": "error", "type": type(error).__name__, "value": {"text": str(error)}}


for line in sys.stdin:
    print(json.dumps(_outcome(json.loads(line))), flush=True)
