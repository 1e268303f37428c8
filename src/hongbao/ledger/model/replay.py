"""Replays histories: checks that a chain is intact, and computes the state that its events say."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import beijing
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.death import DECLARED_DEAD
from hongbao.ledger.model.event import GENESIS, EventKind, digest
from hongbao.ledger.model.payout import STEPS, State
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.ledger.model.event import Event

BEGINNING: dict[str, Any] = {
    "state": None, "attempt": None, "billno": None, "calls": 0, "answers": 0, "doubt": None,
    "first_call_at": None, "resend_until": None, "listid": None, "sent_at": None,
    "settled_at": None, "claimed": 0, "refunded": 0, "day": None, "voucher": None,
}  # fmt: skip
"""The facts of a payout before its first event."""

_REOPENED = EventKind.REOPENED.value
_NOT_OF_A_CALL = frozenset(
    map(
        str,
        (
            EventKind.CALLED, EventKind.DECLARED_DEAD, EventKind.REMARKED, EventKind.REOPENED,
            EventKind.REQUESTED,
            EventKind.CANCELLED,
        ),
    )
)  # fmt: skip
"""The events that say no result of a call."""

# Bodies are written without blanks around them, which ``decode`` would look for twice.
_decode = json.JSONDecoder().raw_decode
_STEPS: dict[str | None, frozenset[str]] = {
    None: frozenset({str(State.WAITING)}),
    **{str(state): frozenset(map(str, later)) for state, later in STEPS.items()},
}


def broken(
    events: Iterable[tuple[Any, ...]], last: bytes = GENESIS, *, begun: int = 0
) -> str | None:
    """Where a chain of events is broken, in words; None if it is intact.

    Args:
        events: the events of one payout, or the decisions about one campaign, in order.
        last: the hash of the event before them.
        begun: how many events are before them.
    """
    for place, (payout_id, seq, at, kind, actor, body, stored) in enumerate(events, begun + 1):
        if seq != place:
            return say("event {place} is missing", place=place)
        last = digest(last, payout_id, seq, at, kind, actor, body)
        if last != stored:
            return say(
                "event {place} ({kind}) is not what was written, or one before it is not",
                place=place,
                kind=kind,
            )
    return None


class LastOutcome(NamedTuple):
    """A payout's last outcome, which is stored besides its state, for people and for retries.

    Attributes:
        code: see ``Payout``.
        reason: see ``Payout``.
        tries: see ``Payout``.
        known: False after an event of an earlier version, whose history left out calls that changed
            nothing.
    """

    code: str | None = None
    reason: str | None = None
    tries: int = 0
    known: bool = True


NO_OUTCOME = LastOutcome()
"""The outcome of a payout that was never sent."""


class Replayed(NamedTuple):
    """The result of replaying events.

    Attributes:
        facts: the facts of the payout or the campaign.
        problem: the first event that is not allowed, in words; None if all are.
        outcome: the payout's last outcome.
        vouched: whether the events have a hash of each voucher: older versions left it out.
    """

    facts: dict[str, Any]
    problem: str | None
    outcome: LastOutcome = NO_OUTCOME
    vouched: bool = True


def replay(events: Iterable[tuple[Any, ...]], begun: Mapping[str, Any] = BEGINNING) -> Replayed:
    """Compute a payout's facts from its events; each event has every fact that it changed.

    Args:
        events: the events, in order.
        begun: what is known of it before them, which are then not its first.
    """
    facts = dict(begun)
    state, problem = facts["state"], None
    outcome, vouched = NO_OUTCOME, True
    for _, seq, _, kind, _, body, _ in events:
        changes = _decoded(body)
        if changes is None:
            return Replayed(facts, say("event {seq} cannot be read", seq=seq), outcome, vouched)
        facts.update(changes)
        if state is not None:
            outcome = _outcome_after(kind, changes, outcome)
            vouched = (vouched and outcome.known) or kind == _REOPENED
        after = facts["state"]
        if after != state:
            if problem is None and after not in _STEPS.get(state, ()):
                problem = say(
                    "event {seq} takes it from {state} to {after}",
                    seq=seq,
                    state=state or say("nothing"),
                    after=after,
                )
            state = after
    return Replayed(facts, problem, outcome, vouched)


def _outcome_after(kind: str, changes: dict[str, Any], before: LastOutcome) -> LastOutcome:
    """The outcome after an event. In events of people, ``reason`` is why they acted."""
    if kind not in _NOT_OF_A_CALL:
        known = "tries" in changes
        return LastOutcome(
            changes.get("code"), changes.get("reason"), changes.get("tries", 0), known
        )
    match kind:
        case EventKind.CALLED:
            return before if "tries" in changes else before._replace(known=False)
        case EventKind.REMARKED:
            return before
        case EventKind.DECLARED_DEAD:
            return before._replace(code=DECLARED_DEAD, reason=changes.get("reason"))
        case EventKind.REOPENED:
            return NO_OUTCOME
        case _:
            return before._replace(tries=0)


def replay_decisions(decisions: Sequence[Event]) -> Replayed:
    """Compute a campaign's facts from the decisions about it."""
    facts: dict[str, Any] = {}
    for decision in decisions:
        changes = _decoded(decision.body)
        if changes is None:
            return Replayed(facts, say("decision {seq} cannot be read", seq=decision.seq))
        facts.update(changes)
    return Replayed(facts, None)


def rows_after(decision: Event, before: int) -> int:
    """How many rows a campaign has after a decision about it."""
    rows = (_decoded(decision.body) or {}).get("rows", before)
    return rows if isinstance(rows, int) else before


def beyond_mandate(decisions: Sequence[Event]) -> Iterator[str]:
    """Rows that were added to a campaign after its approval and that nobody had approved, in words.

    What programs add to a standing campaign is approved as far as it is within the mandate. What
    they added on each day is summed up here by the times of the decisions, whatever those say of
    it, and then held against what they say.
    """
    facts: dict[str, Any] = {}
    amounts: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    for decision in decisions:
        before = dict(facts)
        facts.update(_decoded(decision.body) or {})
        if decision.kind != DecisionKind.EXTENDED or before.get("approved_at") is None:
            continue
        seq = decision.seq
        place = say("decision {seq} adds rows", seq=seq)
        if facts.get("amount_max") is None:
            yield say("decision {seq} adds rows to a list that is approved", seq=seq)
        elif facts.get("ended_at") is not None:
            yield say("decision {seq} adds rows to a standing campaign that has ended", seq=seq)
        else:
            day, amount = beijing.day_of(decision.at), _grown("planned", before, facts)
            amounts[day] += amount
            counts[day] += _grown("rows", before, facts)
            for name, found, limit in (
                ("planned", facts.get("planned"), "budget"),
                (say("the sum of its day"), amounts[day], "day_amount_max"),
                (say("the count of its day"), counts[day], "day_count_max"),
                ("amount", amount, "amount_max"),
            ):
                if (found or 0) > (facts.get(limit) or 0):
                    yield say(
                        "{place}: {name} is {found}, and {limit} is {most}",
                        place=place,
                        name=name,
                        found=found,
                        limit=limit,
                        most=facts.get(limit),
                    )
            last = facts.get("day", day)
            for name, summed in (("day_amount", amounts[last]), ("day_count", counts[last])):
                if facts.get(name) != summed:
                    yield say(
                        "{place}: {name} is {found}, and was {was}",
                        place=place,
                        name=name,
                        found=facts.get(name),
                        was=summed,
                    )


def _grown(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    return int(after.get(name) or 0) - int(before.get(name) or 0)


def _decoded(body: str) -> dict[str, Any] | None:
    try:
        changes, end = _decode(body)
    except ValueError:
        return None
    return changes if isinstance(changes, dict) and end == len(body) else None
