"""What was decided about a campaign: in words, and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from hongbao import beijing
from hongbao.english import counted
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import Event
from hongbao.money import format_yuan
from hongbao.state_words import DECISIONS
from hongbao.views.columns import in_columns

_HEAD = ("when", "campaign", "decision", "by", "")


def text(decisions: Sequence[tuple[str, Event]]) -> str:
    """A line a decision; rows that one person or program added one after the other share a line.

    Args:
        decisions: each with the name of the campaign or supplement that it is about.
    """
    rows = []
    for (name, kind, actor), same in groupby(decisions, _alike):
        some = [event for _, event in same]
        for event in some[-1:] if kind == DecisionKind.EXTENDED else some:
            times = f", {len(some)} times" if event.kind == DecisionKind.EXTENDED else ""
            what = DECISIONS[DecisionKind(kind)].en + (times if len(some) > 1 else "")
            details = "; ".join(_details(json.loads(event.body), DecisionKind(kind)))
            rows.append((beijing.text(event.at), name, what, actor, details))
    return in_columns([_HEAD, *rows])


def _alike(decision: tuple[str, Event]) -> tuple[str, str, str]:
    name, event = decision
    return name, event.kind, event.actor


_SAID: dict[DecisionKind, Callable[[dict[str, Any]], str]] = {
    DecisionKind.EXTENDED: lambda it: (
        f"{counted(it['rows'], 'payout')}, {format_yuan(it['planned'])} yuan by now"
    ),
    DecisionKind.APPROVED: lambda it: f"SHA-256 {it['approved_digest'][:16]}…",
    DecisionKind.ENDORSED: lambda it: f"SHA-256 {it['digest'][:16]}…",
    DecisionKind.DISCLOSED: lambda it: f"{counted(it['shown'], 'receiver')} in {it['what']}",
    DecisionKind.BEGUN: lambda it: (
        f"budget {format_yuan(it['budget'])} yuan" if it.get("budget") is not None else ""
    ),
    DecisionKind.BUDGET_LOW: lambda it: f"{format_yuan(it['left_fen'])} yuan left",
    DecisionKind.COMPLETED: lambda it: f"{format_yuan(it['paid_fen'])} yuan paid",
    DecisionKind.RETRIED: lambda it: (
        f"{counted(it['again'], 'payout')}, {format_yuan(it['fen'])} yuan"
    ),
    DecisionKind.PAUSED: lambda it: it.get("stop_reason") or "",
}
"""What the facts of a decision say to a person, beside why."""


def _details(facts: dict[str, Any], kind: DecisionKind) -> Iterator[str]:
    if kind in _SAID and (said := _SAID[kind](facts)):
        yield said
    elif facts.get("stop_code"):
        yield f"{facts['stop_code']}: {facts['stop_reason']}"
    if facts.get("lifted"):
        yield f"lifted {facts['lifted']}"
    reasons = (facts, facts.get("pays_again") or {})
    yield from (it["reason"] for it in reasons if it.get("reason"))


def document(campaign: str, decision: Event) -> dict[str, object]:
    """A decision for a program.

    Args:
        campaign: the name of the campaign or supplement that it is about.
        decision: which.
    """
    return {
        "campaign": campaign,
        "seq": decision.seq,
        "at": beijing.iso(decision.at),
        "kind": decision.kind,
        "by": decision.actor,
        "facts": json.loads(decision.body),
        "sha256": decision.hash.hex(),
    }
