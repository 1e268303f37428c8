"""What went wrong with payouts, by code: how many, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hongbao.campaign.explanations import explain
from hongbao.english import THEN, counted, said_together
from hongbao.ledger.model.payout import State
from hongbao.sentences import said
from hongbao.views.columns import in_columns
from hongbao.views.kept import kept

if TYPE_CHECKING:  # SQLAlchemy takes 0.2 s
    from hongbao.ledger.read.figures import CodeCount

_TROUBLED = frozenset({State.WAITING, State.IN_DOUBT, State.REFUSED})


def troubles(codes: Iterable[CodeCount]) -> list[CodeCount]:
    """The codes of payouts that wait, are in doubt or were refused, by their examples."""
    return [it for it in codes if it.example.state in _TROUBLED]


def code_text(codes: Sequence[CodeCount]) -> str:
    """A line a code; empty if there is none."""
    if not codes:
        return ""
    rows = []
    for it in codes:
        meaning, advice = explain(it.example)
        text = said_together((meaning.said, advice.said), THEN)
        text = text or kept(it.example.reason or "")
        rows.append((it.code, said(counted(it.payouts, "payout")), text))
    return f"  {said('last answers')}\n" + in_columns(rows, right={1}, indent="    ")


def code_document(code: CodeCount) -> dict[str, object]:
    """A code for a program; ``example`` is the order number of one such payout."""
    meaning, advice = explain(code.example)
    return {
        "code": code.code,
        "payouts": code.payouts,
        "example": code.example.billno,
        "reason": code.example.reason,
        "meaning": meaning._asdict(),
        "advice": advice._asdict(),
    }
