"""One packet as WeChat answers for it: what its status means (in English and Chinese), its reply.

Source of the table: https://pay.weixin.qq.com/doc/v2/partner/4011983160, and for SENDING
what WeChat's staff answer in the developers' forum.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from hongbao.english import COLON
from hongbao.money import format_yuan
from hongbao.sentences import marked, said, say
from hongbao.state_words import Words
from hongbao.views.document import mask_openid, plain
from hongbao.wire.replies import Accepted, PacketInfo, Preordered
from hongbao.wire.status import Status


class StatusWords(NamedTuple):
    """The words of one status.

    Attributes:
        meaning: what happened.
        money: was it paid?
        todo: what to do.
    """

    meaning: Words
    money: Words
    todo: Words


_WAIT = Words("Nothing: wait and query again.", "无需处理，稍后再查询。")
_NOTHING = Words("Nothing.", "无需处理。")

STATUS_WORDS: dict[str, StatusWords] = {
    Status.SENDING: StatusWords(
        Words(
            "Being sent; or refused for balance, limit or risk, with a reason, and still alive.",
            "发放中；也可能因余额、限额或风控被拒（带原因），但订单仍然有效。",
        ),
        Words("not confirmed either way", "尚不能确定"),
        Words(
            "With a reason: fix it, then send the same mch_billno again. Else query again.",
            "有原因时，处理后用原单号重发；无原因时，稍后再查询。状态为 SENDING 时切勿更换单号。",
        ),
    ),
    Status.SENT: StatusWords(
        Words("Delivered, waiting to be claimed; 24 hours.", "已发放待领取，24 小时内有效。"),
        Words("yes: debited from the merchant", "已付款：已从商户账户扣除"),
        _WAIT,
    ),
    Status.FAILED: StatusWords(
        Words("Sending failed; the number is dead.", "发放失败，该单号已作废。"),
        Words("no: nothing was spent", "没有付款"),
        Words("If it is still owed, send with a new mch_billno.", "如仍需发放，可用新单号。"),
    ),
    Status.RECEIVED: StatusWords(
        Words(
            "Claimed; a group packet perhaps only in part.",
            "已领取；裂变红包可能只领取了一部分。",
        ),
        Words("yes: the user has it", "已付款：用户已收到"),
        _NOTHING,
    ),
    Status.RFUND_ING: StatusWords(
        Words(
            "What was not claimed is on its way back. The spelling is WeChat's.",
            "未领取的金额正在退回（RFUND 是微信的拼写）。",
        ),
        Words("yes, and the unclaimed part is coming back", "曾付款，未领取部分正在退回"),
        _WAIT,
    ),
    Status.REFUND: StatusWords(
        Words(
            "What was not claimed is back with the merchant.",
            "未领取的金额已退回商户。",
        ),
        Words(
            "only what was claimed, if any; the rest was refunded", "仅已领取部分付款，其余已退回"
        ),
        Words(
            "If it is still owed, send with a new mch_billno.",
            "如仍需发放，可用新单号。",
        ),
    ),
}

_ENVELOPE = frozenset(
    {"return_code", "return_msg", "result_code", "err_code", "err_code_des", "sign", "nonce_str"}
)
_OTHER_NAMES = frozenset({"openid", "amount", "rcv_time"})  # of a WeCom packet's claim


def reply_document(reply: Accepted | Preordered | PacketInfo) -> dict[str, object]:
    """The reply's values, and as ``extra`` the fields that hongbao does not know."""
    values = {
        field.name: getattr(reply, field.name)
        for field in dataclasses.fields(reply)
        if field.name != "fields"
    }
    known = values.keys() | _ENVELOPE | _OTHER_NAMES
    extra = {name: text for name, text in reply.fields.items() if name not in known}
    shown = plain({**values, "extra": extra})
    return shown if isinstance(shown, dict) else {}


def reply_lines(reply: Accepted | Preordered) -> list[str]:
    """One a line, without empty ones; packages and tickets are shown, for they are needed."""
    values = {name: value for name, value in reply_document(reply).items() if value}
    extra = values.pop("extra", {})
    more = extra if isinstance(extra, dict) else {}
    return [f"  {name}: {value}" for name, value in {**values, **more}.items()]


def packet_text(info: PacketInfo) -> str:
    """What a query says of a packet, in some lines."""
    words = STATUS_WORDS.get(info.status)
    meaning = words.meaning.said if words else say("not known here; query again later")
    total = said("total: {yuan} yuan", yuan=format_yuan(info.total_amount))
    if (info.total_num or 1) > 1:
        total = said("{total} among {people}", total=total, people=info.total_num)
    lines = [
        f"{info.mch_billno}: {info.status}",
        "  " + said("what it means: {meaning}", meaning=meaning),
        f"  {total}",
        "  " + said("claimed: {yuan} yuan", yuan=format_yuan(info.claimed_amount)),
        "  " + said("refunded: {yuan} yuan", yuan=format_yuan(info.refund_amount)),
    ]
    facts = (
        (marked("reason"), info.reason),
        (marked("sent"), info.send_time),
        (marked("refunded"), info.refund_time),
        (marked("WeChat's number"), info.detail_id),
    )
    lines += ["  " + said(COLON, one=said(name), two=value) for name, value in facts if value]
    for claim in info.claims:
        what = said(
            "{receiver} claimed {yuan} yuan",
            receiver=mask_openid(claim.openid),
            yuan=format_yuan(claim.amount),
        )
        if claim.rcv_time:
            what = said("{what} at {when}", what=what, when=claim.rcv_time)
        lines.append(f"  {what}")
    return "\n".join(lines)
