"""Transfers as a rail: what the engine knows of them, and what their codes mean in words."""

from __future__ import annotations

from hongbao.rails.port import Explanation, Locking, Rail
from hongbao.rails.transfer.kinds import KINDS
from hongbao.rails.transfer.reactions import (
    ALL_REACTIONS,
    CONFIRM_SECONDS,
    EXPECTED,
    RETRY,
)
from hongbao.state_words import Words
from hongbao.wire.transfer.codes import TRANSFER_HINTS, UNKNOWN_TRANSFER_CODE, look_up, rows_of
from hongbao.wire.transfer.fail_reasons import FAIL_REASONS
from hongbao.wire.transfer.state import TransferState

_SENDS_AND_QUERIES = "TQC"
_REOPEN = Words(
    " If it is still owed, reopen it: hongbao payout reopen KEY",
    "如仍需付款，可执行 hongbao payout reopen KEY。",
)
_QUERIED = Words(
    "Nothing: the engine queries the number until it is settled, and never changes it.",
    "无需处理：引擎会用原单号查询到有定论为止，不会更换单号。",
)
_SLOWER = Words(
    "Nothing: the engine slows down, and queries the number.",
    "无需处理：引擎会降低频率并查询该单号。",
)
_ADVICE = {
    "NOT_ENOUGH": Words("Top up the operating account.", "给运营账户充值。"),
    "ALREADY_EXISTS": _QUERIED,
    "NOT_FOUND": _QUERIED,
    "SYSTEM_ERROR": _QUERIED,
    "SERVICE_UNAVAILABLE": _QUERIED,
    "FREQUENCY_LIMITED": _SLOWER,
    "FREQUENCY_LIMIT_EXCEED": _SLOWER,
    "FREQUENCY_LIMIT": _SLOWER,
    "RATELIMIT_EXCEEDED": _SLOWER,
}
"""What a person who runs the engine should do, where that differs from what a program should."""

_STATES = {
    TransferState.ACCEPTED.value: Words("WeChat has taken it.", "微信已受理。"),
    TransferState.PROCESSING.value: Words("WeChat is locking its money.", "微信正在锁定资金。"),
    TransferState.CANCELLED.value: Words(
        "It was taken back, and its money is back.", "已撤销，资金已退回。"
    ),
}
_STATE_ADVICE = {
    TransferState.CANCELLED.value: _REOPEN,
}
_BALANCE = Words(
    "Nothing, if the operating account has enough money: the engine queries the number.",
    "运营账户余额充足时无需处理：引擎会查询该单号。",
)


def explain(code: str, kind: str | None, said: str) -> Explanation | None:
    """What a code means for transfers: WeChat's codes, reasons of failures, and states."""
    if kind is not None and kind not in KINDS:
        return None
    if code in FAIL_REASONS:
        reason = FAIL_REASONS[code]
        advice = reason.group.value
        zh = f"{advice.advice_zh}{_REOPEN.zh}"
        return Explanation(
            Words(reason.meaning, reason.meaning_zh), Words(advice.advice + _REOPEN.en, zh)
        )
    if code in _STATES:
        return Explanation(_STATES[code], _STATE_ADVICE.get(code, _BALANCE))
    if kind is None:
        row = next(iter(rows_of(code)), UNKNOWN_TRANSFER_CODE)
    else:
        rows = (look_up(letter, code) for letter in _SENDS_AND_QUERIES)
        row = next((it for it in rows if it is not UNKNOWN_TRANSFER_CODE), UNKNOWN_TRANSFER_CODE)
    if row is UNKNOWN_TRANSFER_CODE:
        if kind is None:
            return None
        advice_of = Words(row.advice, row.advice_zh)
        return Explanation(Words(row.meaning, row.meaning_zh), advice_of)
    hints = (Words(*hint[2:]) for hint in TRANSFER_HINTS if hint[0] == code and hint[1] in said)
    usual = _ADVICE.get(code, Words(row.advice, row.advice_zh))
    return Explanation(Words(row.meaning, row.meaning_zh), next(hints, usual))


def _may_have_been_locked(code: str | None) -> bool:
    """Whether a code is a reason or a state of a transfer; those of a refused call are no such."""
    return bool(code) and not rows_of(code or "")


TRANSFER_RAIL = Rail(
    name="transfer",
    provider="WeChat",
    kinds=KINDS,
    reactions=ALL_REACTIONS,
    suspicions={},
    retry=RETRY,
    explain=explain,
    claim_seconds=CONFIRM_SECONDS,
    expected=EXPECTED,
    # It is closed after 24 hours, seen up to an hour late (3).
    locking=Locking(may_follow=_may_have_been_locked, back_seconds=2 * CONFIRM_SECONDS),
)
