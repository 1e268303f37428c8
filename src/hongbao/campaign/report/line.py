"""One line of a report: a payout as text, receivers masked unless they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.campaign.report.words import explain
from hongbao.ledger.model.campaign import mask, mask_key
from hongbao.money import format_yuan
from hongbao.state_words import state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.model.payout import Instant, Payout

COLUMNS = (
    "no", "key", "openid", "kind", "state", "状态", "billno", "send_listid", "amount_yuan",
    "claimed_yuan", "refunded_yuan", "people", "first_sent_at", "paid_at", "settled_at",
    "attempts", "calls", "code", "reason", "meaning", "含义", "advice", "建议",
)  # fmt: skip
"""The columns, in their order. Times are Beijing's."""

NUMBERS = frozenset(
    {"no", "amount_yuan", "claimed_yuan", "refunded_yuan", "people", "attempts", "calls"}
)
"""The columns that hold numbers."""

MONEY = frozenset({"amount_yuan", "claimed_yuan", "refunded_yuan"})
"""The columns that hold yuan."""


_OURS = frozenset(COLUMNS) - {
    "no", "key", "openid", "kind", "state", "amount_yuan", "people", "calls", "code", "reason",
}  # fmt: skip
_OURS_MIN = 2


def is_report(header: Sequence[str]) -> bool:
    """Whether a table has columns of a report that no list has, in whatever order and company."""
    return len(_OURS.intersection(name.strip().lower() for name in header)) >= _OURS_MIN


def line_of(number: int, payout: Payout, *, in_full: bool, now: Instant) -> tuple[str, ...]:
    """A payout, as ``COLUMNS`` has it.

    Args:
        number: its place in the campaign and its supplements, from 1.
        payout: what became of it.
        in_full: whether its receiver is shown in full.
        now: the books' time.
    """
    state, (meaning, advice) = state_of(payout, now).label, explain(payout)
    return (
        str(number),
        payout.key if in_full else mask_key(payout.key, payout.payee),
        payout.payee if in_full else mask(payout.payee),
        payout.kind,
        state.en,
        state.zh,
        payout.billno,
        payout.listid or "",
        format_yuan(payout.amount),
        format_yuan(payout.claimed),
        format_yuan(payout.refunded),
        str(payout.people),
        _beijing(payout.first_call_at),
        _beijing(payout.sent_at),
        _beijing(payout.settled_at),
        str(payout.attempt),
        str(payout.calls),
        payout.code or "",
        payout.reason or "",
        meaning.en,
        meaning.zh,
        advice.en,
        advice.zh,
    )


def _beijing(at: Instant | None) -> str:
    return "" if at is None else beijing.text(at)
