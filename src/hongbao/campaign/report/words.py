"""What states, phases and codes are called in a report, in English and Chinese. One table each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.rails.redpack.kinds import KINDS
from hongbao.wire.codes import HINTS, UNKNOWN_CODE, advise, look_up

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout


class Words(NamedTuple):
    """The same in two languages."""

    en: str
    zh: str


NOTHING = Words("", "")

STATES: dict[State, Words] = {
    State.WAITING: Words("waiting to be sent", "待发送"),
    State.IN_DOUBT: Words("in doubt: may or may not be paid", "结果未知：可能已付款"),
    State.SENT: Words("paid, not claimed yet", "已发放，待领取"),
    State.RECEIVED: Words("paid and claimed", "已领取"),
    State.RETURNED: Words("paid, and what was not claimed came back", "未领取部分已退回"),
    State.REFUSED: Words("refused: not paid", "被拒绝：未付款"),
    State.CANCELLED: Words("cancelled: not paid", "已取消：未付款"),
}
_ON_ITS_WAY = Words("on its way: a worker is sending it", "发放中：正在等待结果")
_CONFIRMING = Words("refused, being confirmed by a query", "被拒绝，正在查询确认")
_FOR_A_PERSON = Words("in doubt, and a person must look", "结果未知，需要人工处理")

PHASES: dict[Phase, Words] = {
    Phase.IMPORTING: Words("importing", "导入中"),
    Phase.DRAFT: Words("draft", "草稿"),
    Phase.APPROVED: Words("approved", "已批准"),
    Phase.RUNNING: Words("running", "发放中"),
    Phase.PAUSED: Words("paused", "已暂停"),
    Phase.CANCELLED: Words("cancelled", "已取消"),
    Phase.COMPLETE: Words("complete", "已完成"),
    Phase.COMPLETE_WITH_REFUSALS: Words("complete with refusals", "已完成，部分被拒绝"),
    Phase.IN_DOUBT: Words("in doubt", "有结果未知的红包"),
}

_OURS: dict[str, tuple[Words, Words]] = {
    "NOT_SENT": (
        Words("Nothing left this machine.", "请求未发出。"),
        Words(
            "It goes on by itself. Look at the network.",
            "会自动重试；请检查网络。",
        ),
    ),
    "UNSENDABLE": (
        Words("The request cannot be made.", "无法生成请求。"),
        Words("Mend the settings that the reason names, then resume.", "按原因修改配置后恢复。"),
    ),
    "MISFIT": (
        Words("WeChat's answer does not fit the payout.", "微信的回复与该笔红包不符。"),
        Words("Have a person compare it with the merchant platform.", "请人工与商户平台核对。"),
    ),
    "OTHER_ORDER": (
        Words(
            "WeChat has this number with another receiver, amount or text.",
            "微信侧该单号对应的是另一收款人、金额或文字。",
        ),
        Words(
            "Look in the merchant platform whom it paid; `hongbao payout show` says what to do.",
            "请在商户平台核对实际收款人；处理办法见 hongbao payout show。",
        ),
    ),
    "FAILED": (
        Words("Sending failed; the number is dead.", "发放失败，该单号已作废。"),
        Words(
            "If it is still owed, reopen it: hongbao payout reopen KEY",
            "如仍需发放，可执行 hongbao payout reopen KEY。",
        ),
    ),
}
"""Codes that are not WeChat's error codes: what happened, and what to do."""

_SETTLED = frozenset({State.RECEIVED, State.RETURNED, State.CANCELLED})


def state_of(payout: Payout, now: Instant) -> Words:
    """Where a payout stands.

    Args:
        payout: which.
        now: the books' time.
    """
    if payout.on_its_way(now):
        return _ON_ITS_WAY
    if payout.state is State.IN_DOUBT and payout.task is None:
        return _FOR_A_PERSON
    if payout.confirming:
        return _CONFIRMING
    return STATES[payout.state]


def explain(payout: Payout) -> tuple[Words, Words]:
    """What the code of a payout means, and what to do; nothing where nothing is left to do."""
    if payout.code is None or payout.state in _SETTLED:
        return NOTHING, NOTHING
    return _explained(payout.kind, payout.code, payout.reason or "")


def _explained(kind: str, code: str, said: str) -> tuple[Words, Words]:
    if code in _OURS:
        return _OURS[code]
    calls = KINDS.get(kind)
    if calls is None:
        return NOTHING, NOTHING
    row = look_up(calls.message.ENDPOINT.letter, code)
    if row is UNKNOWN_CODE:
        row = look_up(calls.query.ENDPOINT.letter, code)
    hints = (zh for hinted, word, _, zh in HINTS if hinted == row.err_code and word in said)
    meaning = Words(row.meaning, row.meaning_zh)
    return meaning, Words(advise(row, said), next(hints, row.advice_zh))
