"""What is known of V3 transfers' codes, reasons of failures and states, in English and Chinese."""

from __future__ import annotations

from hongbao.errors import Disposition
from hongbao.state_words import MONEY, Words
from hongbao.views.code_explanation import CodeExplanation
from hongbao.wire.codes import Code
from hongbao.wire.transfer.codes import TRANSFER_CODES, TRANSFER_HINTS, rows_of
from hongbao.wire.transfer.endpoints import TRANSFER_ENDPOINTS
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS, FailReason
from hongbao.wire.transfer.state import MoneyStatus, TransferState, money_of

_CALLS = ("query", "query_by_wechats_number")
_MONEY = {
    MoneyStatus.YES: Words("yes: it is paid", "是：已付款"),
    MoneyStatus.NO: MONEY[Disposition.NO],
    MoneyStatus.OPEN: Words("not yet, but it may still be paid", "尚未，但仍可能付款"),
}
_ASK = Words("Query it again; never make a new number.", "再次查询；切勿更换单号。")
_OVER = Words("Nothing. It is final.", "无需处理，已是终态。")
_NEW = Words(
    "If it is still owed, another number is safe once a query says this.",
    "如仍需付款，查询确认此状态后可使用新单号。",
)
_STATES = {
    TransferState.ACCEPTED: (Words("WeChat has taken it.", "微信已受理。"), _ASK),
    TransferState.PROCESSING: (
        Words(
            "Its money is being locked; with too low a balance it stays so for 24 hours.",
            "正在锁定资金；余额不足时会停留在此状态 24 小时。",
        ),
        Words("Top up the operating account if it is empty.", "如运营账户余额不足，请充值。"),
    ),
    TransferState.WAIT_USER_CONFIRM: (
        Words(
            "Its money is locked; the user has 24 hours to confirm.",
            "资金已锁定；用户须在 24 小时内确认收款。",
        ),
        Words("Have the user open the page, or cancel it.", "请用户打开确认页面，或撤销。"),
    ),
    TransferState.TRANSFERING: (
        Words("The user has confirmed; it is being paid.", "用户已确认，正在付款。"),
        _ASK,
    ),
    TransferState.CANCELING: (
        Words(
            "It is being taken back; the user may have been faster.",
            "正在撤销；用户可能已先确认。",
        ),
        _ASK,
    ),
    TransferState.SUCCESS: (Words("Paid.", "已付款。"), _OVER),
    TransferState.FAIL: (
        Words("Not paid; the reason stands beside it.", "未付款；原因见 fail_reason。"),
        _NEW,
    ),
    TransferState.CANCELLED: (Words("Taken back.", "已撤销。"), _NEW),
}


def transfer_entries() -> list[CodeExplanation]:
    """All codes, then all reasons, then all states."""
    return [
        *map(_of_code, TRANSFER_CODES),
        *map(_of_reason, FAIL_REASONS.values()),
        *map(_of_state, TransferState),
    ]


def look_up_transfers(word: str) -> list[CodeExplanation]:
    """The entries of a code, a reason or a state; none if it is no word of transfers."""
    said = word.strip().upper()
    found = [_of_code(row) for row in rows_of(said)]
    if said in FAIL_REASONS:
        found.append(_of_reason(FAIL_REASONS[said]))
    if said in set(TransferState):
        found.append(_of_state(TransferState(said)))
    return found


def _of_code(row: Code) -> CodeExplanation:
    calls = tuple(it.name for it in TRANSFER_ENDPOINTS if it.letter in row.endpoints)
    return CodeExplanation(
        code=row.err_code,
        kind="transfer_code",
        calls=calls,
        disposition=row.disposition.value,
        meaning=Words(row.meaning, row.meaning_zh),
        money=MONEY[row.disposition],
        todo=Words(row.advice, row.advice_zh),
        hints=tuple(hint[1:] for hint in TRANSFER_HINTS if hint[0] == row.err_code),
    )


def _of_reason(reason: FailReason) -> CodeExplanation:
    advice = reason.group.value
    return CodeExplanation(
        code=reason.name,
        kind="fail_reason",
        calls=_CALLS,
        disposition=Disposition.NO.value,
        meaning=Words(reason.meaning, reason.meaning_zh),
        money=MONEY[Disposition.NO],
        todo=Words(advice.advice, advice.advice_zh),
    )


def _of_state(state: TransferState) -> CodeExplanation:
    meaning, todo = _STATES[state]
    return CodeExplanation(
        code=state.value,
        kind="transfer_state",
        calls=_CALLS,
        disposition=None,
        meaning=meaning,
        money=_MONEY[money_of(state)],
        todo=todo,
    )
