"""Histories told again: whether a chain is whole, and where its events say that all stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.ledger.event import GENESIS, digest
from hongbao.ledger.payout import STEPS, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.ledger.event import Event

BEGINNING: dict[str, Any] = {
    "state": None, "attempt": None, "billno": None, "calls": 0, "answers": 0, "doubt": None,
    "first_call_at": None, "resend_until": None, "listid": None, "sent_at": None,
    "settled_at": None, "claimed": 0, "refunded": 0, "day": None,
}  # fmt: skip
"""The facts of a payout of which nothing was told yet."""

_decode = json.JSONDecoder().decode
_STEPS: dict[str | None, frozenset[str]] = {
    None: frozenset({str(State.WAITING)}),
    **{str(state): frozenset(map(str, later)) for state, later in STEPS.items()},
}


def broken(events: Sequence[Event]) -> str | None:
    """Where a chain of events does not hold, in words; None if it is whole.

    Args:
        events: of one payout, or the decisions about one campaign, in order.
    """
    last = GENESIS
    for place, event in enumerate(events, 1):
        payout_id, seq, at, kind, actor, body, stored = event
        if seq != place:
            return f"event {place} is missing"
        last = digest(last, payout_id, seq, at, kind, actor, body)
        if last != stored:
            return f"event {place} ({kind}) is not what was written, or one before it is not"
    return None


class Replayed(NamedTuple):
    """What events tell by themselves.

    Attributes:
        facts: where the payout, or the campaign, stands.
        problem: the first event that cannot be, in words; None if all can.
    """

    facts: dict[str, Any]
    problem: str | None


def replay(events: Sequence[Event]) -> Replayed:
    """Where a payout stands by its events alone: each repeats every fact that it changed."""
    facts = dict(BEGINNING)
    state, problem = None, None
    for event in events:
        told = _told(event)
        if told is None:
            return Replayed(facts, f"event {event.seq} cannot be read")
        facts.update(told)
        after = facts["state"]
        legal = after in _STEPS.get(state, ()) or after == state
        if problem is None and not legal:
            problem = f"event {event.seq} takes it from {state or 'nothing'} to {after}"
        state = after
    return Replayed(facts, problem)


def replay_decisions(decisions: Sequence[Event]) -> Replayed:
    """Where a campaign stands by the decisions about it alone."""
    facts: dict[str, Any] = {}
    for decision in decisions:
        told = _told(decision)
        if told is None:
            return Replayed(facts, f"decision {decision.seq} cannot be read")
        facts.update(told)
    return Replayed(facts, None)


def _told(event: Event) -> dict[str, Any] | None:
    try:
        told = _decode(event.body)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
