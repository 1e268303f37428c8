"""One valid message of every call, and a reply that accepts it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from hongbao import GroupPacketWarning
from hongbao.wire import document, messages
from payers import BILLNO, OPENID, Payer

if TYPE_CHECKING:
    from hongbao.wire.messages import Message

TEXTS: dict[str, Any] = {"wishing": "谢谢参与", "act_name": "秋季抽奖", "remark": "一等奖"}
PERSON: dict[str, Any] = {"mch_billno": BILLNO, "re_openid": OPENID, "total_amount": 100, **TEXTS}


def _group() -> messages.SendGroup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        return messages.SendGroup(
            **{**PERSON, "total_amount": 300}, send_name="测试商户", total_num=3
        )


NORMAL = messages.SendNormal(**PERSON, send_name="测试商户")
MINI_PROGRAM = messages.SendMiniProgram(**PERSON, send_name="测试商户")
GROUP = _group()
PREORDER = messages.Preorder(mch_billno=BILLNO, total_amount=200, send_name="测试商户", **TEXTS)
WORK = messages.SendWork(**PERSON, sender_name="张三")
QUERY = messages.Query(BILLNO)
QUERY_WORK = messages.QueryWork(BILLNO)

MESSAGES: tuple[Message[Any], ...] = (
    NORMAL,
    MINI_PROGRAM,
    GROUP,
    PREORDER,
    WORK,
    QUERY,
    QUERY_WORK,
)

SUCCESS = {
    "return_code": "SUCCESS",
    "return_msg": "OK",
    "result_code": "SUCCESS",
    "err_code": "SUCCESS",
    "err_code_des": "OK",
}
_MORE: dict[str, dict[str, str]] = {
    "S": {"send_listid": "1000041701202611230000000000001"},
    "G": {"send_listid": "1000041701202611230000000000001", "total_num": "3"},
    "M": {
        "send_listid": "1000041701202611230000000000001",
        "package": "sendid=abc123&ver=8&sign=deadbeef&mchid=1900012345&appid=wx00aa11bb22cc33dd",
    },
    "H": {"sp_ticket": "v1|abc+/=", "detail_id": "1000041701", "send_time": "20261123100000"},
    "W": {"send_listid": "1000041701202611230000000000001", "sender_name": "张三"},
    "Q": {
        "status": "SENT",
        "detail_id": "1000041701202611230000000000001",
        "send_type": "API",
        "hb_type": "NORMAL",
        "total_num": "1",
        "total_amount": "100",
        "send_time": "2026-11-23 10:00:00",
    },
    "V": {"status": "SENT", "total_amount": "100", "send_time": "2026-11-23 10:00:00"},
}


OF_AN_ORDER = ("send_listid", "detail_id", "status", "sp_ticket", "package")


def accepted_fields(asked: Message[Any]) -> dict[str, str]:
    """What WeChat answers when it accepts a message."""
    endpoint, payer = asked.ENDPOINT, Payer()
    known = {
        "mch_billno": asked.mch_billno,
        "mch_id": payer.mch_id,
        "wxappid": (payer.corp_id or "") if endpoint.of_wecom else payer.app_id,
        "re_openid": getattr(asked, "re_openid", ""),
        "total_amount": str(getattr(asked, "total_amount", "")),
    }
    echoed = {name: known[name] for name in endpoint.echoed}
    return SUCCESS | echoed | _MORE[endpoint.letter]


def reply(asked: Message[Any], **changes: str | None) -> bytes:
    """An accepting reply as bytes, with fields changed, or left out where None.

    One that is to fail names no order, unless that is said.
    """
    fails = "FAIL" in {changes.get("return_code"), changes.get("result_code")}
    order: dict[str, str | None] = dict.fromkeys(OF_AN_ORDER) if fails else {}
    fields = accepted_fields(asked) | order | changes
    return document.encode([(name, value) for name, value in fields.items() if value is not None])
