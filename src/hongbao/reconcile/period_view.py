"""How days that are closed, or could be, look: as a document in fen, and as a table in yuan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao import beijing
from hongbao.money import format_yuan
from hongbao.sentences import said
from hongbao.views.columns import in_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.model.period import AccountTotals, Period, PeriodFacts
    from hongbao.money import Fen

SUMMED = ("own_out", "paid", "unpaid_out", "own_in", "others_out", "others_in")
"""The amounts of accounts that are added up."""


def facts_document(facts: PeriodFacts) -> dict[str, object]:
    """What some days come to, for a program; amounts in fen."""
    return {
        "first_day": beijing.date(facts.first_day),
        "last_day": beijing.date(facts.last_day),
        "accounts": [
            {**it._asdict(), "differs": it.differs, "ties": it.ties} for it in facts.accounts
        ],
        "bills": list(facts.bills),
        "left_open": list(facts.breaks),
    }


def period_document(it: Period, merchant: str) -> dict[str, object]:
    """A period that was closed, for a program."""
    return {
        "period": it.id,
        "merchant": merchant,
        **facts_document(it.facts),
        "closed_at": beijing.iso(it.closed_at),
        "closed_by": it.closed_by,
        "reopened_at": None if it.reopened_at is None else beijing.iso(it.reopened_at),
        "reopened_by": it.reopened_by,
        "reason": it.reason,
    }


def facts_text(facts: PeriodFacts) -> str:
    """What some days come to, for people; amounts in yuan."""
    head = (
        said("account"), said("opening"), said("ours out"), said("paid, by the books"),
        said("not paid"), said("ours in"), said("others out"), said("others in"), said("closing"),
        said("ties"),
    )  # fmt: skip
    sums = [sum(getattr(it, name) for it in facts.accounts) for name in SUMMED]
    last = (said("all"), "", *map(_yuan, sums), "", "")
    return in_columns([head, *map(_cells, facts.accounts), last], right=range(1, len(head) - 1))


def periods_text(periods: Sequence[tuple[str, Period]]) -> str:
    """A line a period, with the merchant's name."""
    head = (
        said("period"), said("merchant"), said("first day"), said("last day"), said("ours out"),
        said("ours in"), said("state"), said("by"),
    )  # fmt: skip
    return in_columns([head, *(_line(name, it) for name, it in periods)], right=(0, 4, 5))


def _line(name: str, it: Period) -> tuple[str, ...]:
    accounts = it.facts.accounts
    return (
        str(it.id), name, beijing.date(it.facts.first_day), beijing.date(it.facts.last_day),
        _yuan(sum(one.own_out for one in accounts)), _yuan(sum(one.own_in for one in accounts)),
        said("closed") if it.stands else said("opened again"), it.reopened_by or it.closed_by,
    )  # fmt: skip


def _cells(it: AccountTotals) -> tuple[str, ...]:
    sums = (getattr(it, name) for name in SUMMED)
    return (
        it.account, _balance(it.opening), *map(_yuan, sums), _balance(it.closing),
        said("yes") if it.ties else said("no"),
    )  # fmt: skip


def _balance(amount: Fen | None) -> str:
    return "" if amount is None else _yuan(amount)


def _yuan(amount: Fen) -> str:
    return f"-{format_yuan(-amount)}" if amount < 0 else format_yuan(amount)
