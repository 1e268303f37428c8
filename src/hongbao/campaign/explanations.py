"""What the code of a payout means, and what to do: WeChat's by its rail, ours by a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import State
from hongbao.rails.known import RAILS
from hongbao.rails.port import Explanation
from hongbao.state_words import NOTHING, Words

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout

OURS: dict[str, Explanation] = {
    "NOT_SENT": Explanation(
        Words("Nothing left this machine.", "请求未发出。"),
        Words(
            "It goes on by itself. Look at the network.",
            "会自动重试；请检查网络。",
        ),
    ),
    "UNSENDABLE": Explanation(
        Words("The request cannot be made.", "无法生成请求。"),
        Words("Fix the settings that the reason names, then resume.", "按原因修改配置后恢复。"),
    ),
    "MISFIT": Explanation(
        Words("WeChat's answer does not fit the payout.", "微信的回复与该笔红包不符。"),
        Words("Have a person compare it with the merchant platform.", "请人工与商户平台核对。"),
    ),
    "OTHER_ORDER": Explanation(
        Words(
            "WeChat has this number with another receiver, amount or text.",
            "微信侧该单号对应的是另一收款人、金额或文字。",
        ),
        Words(
            "Look in the merchant platform whom it paid; `hongbao payout show` says what to do.",
            "请在商户平台核对实际收款人；处理办法见 hongbao payout show。",
        ),
    ),
    "TAKING_BACK": Explanation(
        Words(
            "It is being taken back; its receiver may be faster.",
            "正在撤回；收款人可能已先确认。",
        ),
        Words(
            "Nothing: the engine asks WeChat who was faster.",
            "无需处理：引擎会向微信查询结果。",
        ),
    ),
    "FAILED": Explanation(
        Words("Sending failed; the number is dead.", "发放失败，该单号已作废。"),
        Words(
            "If it is still owed, reopen it: hongbao payout reopen KEY",
            "如仍需发放，可执行 hongbao payout reopen KEY。",
        ),
    ),
}
"""Codes that are not WeChat's error codes: what happened, and what to do."""

_SILENCE = Explanation(NOTHING, NOTHING)
_SETTLED = frozenset({State.RECEIVED, State.RETURNED, State.CANCELLED})


def explain(payout: Payout) -> Explanation:
    """What the code of a payout means, and what to do; nothing where nothing is left to do."""
    if payout.code is None or payout.state in _SETTLED:
        return _SILENCE
    if payout.code in OURS:
        return OURS[payout.code]
    return RAILS.explain(payout.kind, payout.code, payout.reason or "") or _SILENCE
