"""One line of a report: a payout as text, receivers masked unless they are asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.campaign.explanations import explain
from hongbao.ledger.model.campaign import mask, mask_key
from hongbao.money import format_yuan
from hongbao.state_words import state_of

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout


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
        _yuan(payout.amount),
        _yuan(payout.claimed),
        _yuan(payout.refunded),
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


_yuan = lru_cache(1_000)(format_yuan)
# Thousands are sent in the same second, and begun in the same moment.
_second = lru_cache(10_000)(beijing.text)


def _beijing(at: Instant | None) -> str:
    return "" if at is None else _second(at - at % beijing.SECOND)
