"""What each status of a packet means for the money, in English and Chinese. One table.

Source: https://pay.weixin.qq.com/doc/v2/partner/4011983160 (gethbinfo), and for SENDING what
WeChat's staff answer in the developers' forum.
"""

from __future__ import annotations

from typing import NamedTuple

from hongbao.wire.status import Status


class StatusWords(NamedTuple):
    """Each in English and Chinese."""

    meaning: tuple[str, str]
    money: tuple[str, str]
    todo: tuple[str, str]


_WAIT = ("Nothing: wait and query again.", "无需处理，稍后再查询。")
_NOTHING = ("Nothing.", "无需处理。")

STATUS_WORDS: dict[str, StatusWords] = {
    Status.SENDING: StatusWords(
        (
            "Being sent; or refused for balance, limit or risk, with a reason, and still alive.",
            "发放中；也可能因余额、限额或风控被拒（带原因），但订单仍然有效。",
        ),
        ("not confirmed either way", "尚不能确定"),
        (
            "With a reason: mend it, send the same mch_billno again. Else query again.",
            "有原因时，处理后用原单号重发；无原因时，稍后再查询。状态为 SENDING 时切勿更换单号。",
        ),
    ),
    Status.SENT: StatusWords(
        ("Delivered, waiting to be claimed; 24 hours.", "已发放待领取，24 小时内有效。"),
        ("yes: debited from the merchant", "已付款：已从商户账户扣除"),
        _WAIT,
    ),
    Status.FAILED: StatusWords(
        ("Sending failed; the number is dead.", "发放失败，该单号已作废。"),
        ("no: nothing was spent", "没有付款"),
        ("If it is still owed, send with a new mch_billno.", "如仍需发放，可用新单号。"),
    ),
    Status.RECEIVED: StatusWords(
        (
            "Claimed; a group packet perhaps only in part.",
            "已领取；裂变红包可能只领取了一部分。",
        ),
        ("yes: the user has it", "已付款：用户已收到"),
        _NOTHING,
    ),
    Status.RFUND_ING: StatusWords(
        (
            "What was not claimed is on its way back. The spelling is WeChat's.",
            "未领取的金额正在退回（RFUND 是微信的拼写）。",
        ),
        ("yes, and the unclaimed part is coming back", "曾付款，未领取部分正在退回"),
        _WAIT,
    ),
    Status.REFUND: StatusWords(
        (
            "What was not claimed is back with the merchant.",
            "未领取的金额已退回商户。",
        ),
        ("only what was claimed, if any; the rest came back", "仅已领取部分付款，其余已退回"),
        (
            "If it is still owed, send with a new mch_billno.",
            "如仍需发放，可用新单号。",
        ),
    ),
}
