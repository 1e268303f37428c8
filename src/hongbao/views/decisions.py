"""What was decided about a campaign: in words, and as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from hongbao import beijing
from hongbao.english import COLON, SEMICOLON, counted, joined
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import Event
from hongbao.money import format_yuan
from hongbao.sentences import marked, said
from hongbao.state_words import DECISIONS
from hongbao.views.columns import in_columns
from hongbao.views.kept import kept, who_and_why

_HEAD = (marked("when"), marked("campaign"), marked("decision"), marked("by"), "")


def text(decisions: Sequence[tuple[str, Event]]) -> str:
    """A line a decision; rows that one person or program added one after the other share a line.

    Args:
        decisions: each with the name of the campaign or supplement that it is about.
    """
    rows = []
    for (name, kind, actor), same in groupby(decisions, _alike):
        some = [event for _, event in same]
        for event in some[-1:] if kind == DecisionKind.EXTENDED else some:
            what = DECISIONS[DecisionKind(kind)].said
            if len(some) > 1 and event.kind == DecisionKind.EXTENDED:
                what = said("{what}, {count} times", what=what, count=len(some))
            details = said(joined(_details(json.loads(event.body), DecisionKind(kind)), SEMICOLON))
            rows.append((beijing.text(event.at), name, what, actor, details))
    return in_columns([tuple(map(said, _HEAD)), *rows])


def _alike(decision: tuple[str, Event]) -> tuple[str, str, str]:
    name, event = decision
    return name, event.kind, event.actor


def keeps_sealed(columns: Sequence[str]) -> str:
    """Which columns of a list are kept sealed, in words."""
    return said("keeps sealed: {columns}", columns=joined(columns))


_SAID: dict[DecisionKind, Callable[[dict[str, Any]], str]] = {
    DecisionKind.EXTENDED: lambda it: said(
        "{payouts}, {yuan} yuan by now",
        payouts=counted(it["rows"], "payout"),
        yuan=format_yuan(it["planned"]),
    ),
    DecisionKind.APPROVED: lambda it: f"SHA-256 {it['approved_digest'][:16]}…",
    DecisionKind.ENDORSED: lambda it: f"SHA-256 {it['digest'][:16]}…",
    DecisionKind.DISCLOSED: lambda it: said(
        "{receivers} in {what}", receivers=counted(it["shown"], "receiver"), what=it["what"]
    ),
    DecisionKind.BEGUN: lambda it: (
        said("budget {yuan} yuan", yuan=format_yuan(it["budget"]))
        if it.get("budget") is not None
        else ""
    ),
    DecisionKind.BUDGET_LOW: lambda it: said("{yuan} yuan left", yuan=format_yuan(it["left_fen"])),
    DecisionKind.COMPLETED: lambda it: said("{yuan} yuan paid", yuan=format_yuan(it["paid_fen"])),
    DecisionKind.RETRIED: lambda it: said(
        "{payouts}, {yuan} yuan",
        payouts=counted(it["again"], "payout"),
        yuan=format_yuan(it["fen"]),
    ),
    DecisionKind.SCHEDULED: lambda it: said(
        "nothing is sent before {time}", time=beijing.text(it["starts_at"])
    ),
    DecisionKind.PAUSED: lambda it: who_and_why(it.get("stop_reason") or ""),
}
"""What the facts of a decision say to a person, beside why."""


def _details(facts: dict[str, Any], kind: DecisionKind) -> Iterator[str]:
    if kind in _SAID and (details := _SAID[kind](facts)):
        yield details
    elif facts.get("stop_code"):
        yield said(COLON, one=facts["stop_code"], two=kept(facts["stop_reason"]))
    if "kept" in facts:
        yield keeps_sealed(facts["kept"]["columns"])
    if facts.get("lifted"):
        yield said("lifted {code}", code=facts["lifted"])
    reasons = (facts, facts.get("pays_again") or {})
    yield from (kept(it["reason"]) for it in reasons if it.get("reason"))


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
