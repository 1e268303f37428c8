"""What was decided about a campaign: in words, and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
            told = "; ".join(_told(json.loads(event.body), DecisionKind(kind)))
            rows.append((beijing.text(event.at), name, what, actor, told))
    return in_columns([_HEAD, *rows])


def _alike(decision: tuple[str, Event]) -> tuple[str, str, str]:
    name, event = decision
    return name, event.kind, event.actor


def _told(facts: dict[str, Any], kind: DecisionKind) -> Iterator[str]:
    """What the facts of a decision say to a person."""
    if kind is DecisionKind.EXTENDED:
        yield f"{counted(facts['rows'], 'payout')}, {format_yuan(facts['planned'])} yuan by now"
    if kind is DecisionKind.APPROVED:
        yield f"SHA-256 {facts['approved_digest'][:16]}…"
    if kind is DecisionKind.DISCLOSED:
        yield f"{counted(facts['shown'], 'receiver')} in {facts['what']}"
    if kind is DecisionKind.BEGUN and facts.get("budget") is not None:
        yield f"budget {format_yuan(facts['budget'])} yuan"
    if kind is DecisionKind.BUDGET_LOW:
        yield f"{format_yuan(facts['left_fen'])} yuan left"
    if kind is DecisionKind.COMPLETED:
        yield f"{format_yuan(facts['paid_fen'])} yuan paid"
    if facts.get("lifted"):
        yield f"lifted {facts['lifted']}"
    if kind is DecisionKind.PAUSED and facts.get("stop_reason"):
        yield facts["stop_reason"]
    elif facts.get("stop_code"):
        yield f"{facts['stop_code']}: {facts['stop_reason']}"
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
