"""Decides when a refused number may have a successor, by its history or a person's word. Pure.

People are paid twice if a second number is used while the first can still pay. A number that the
payer does not know is not dead: it may be on its way, and it is paid if it comes again, for example
from an older copy of these books. A number that the payer refuses is not dead either: what these
books remember is not what the payer remembers.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hongbao.english import span
from hongbao.errors import LedgerCode
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import SECOND, UNSETTLED, State
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant, Payout

DECLARED_DEAD = "DECLARED_DEAD"
"""The code of a payout that a person has declared dead."""

NOT_FOUND = "NOT_FOUND"
"""The code of a query that does not know the number, whatever kind of event it is in."""

OTHER_ORDER = "OTHER_ORDER"
"""The code of a payout whose number the payer has used for another receiver, amount or text."""

_OF_QUERIES = frozenset({EventKind.FOUND, EventKind.NOT_FOUND, EventKind.HANDED_OVER})


class ProofWindows(NamedTuple):
    """How long a payer may still pay after a send, and how long it answers. Each payer has its own.

    Attributes:
        resend_seconds: how long after a send the number may be sent again.
        grace_seconds: how long after that a number that the payer does not know might still appear.
        answers_seconds: how long after a send the payer answers queries; later nothing more can be
            found out.
    """

    resend_seconds: int
    grace_seconds: int
    answers_seconds: int


class Proof(StrEnum):
    """A query's answer about a refused number that allows to reopen its payout."""

    FAILED = "FAILED"
    """The payer has its order and will never pay it: another number is safe."""
    NOT_FOUND = "NOT_FOUND"
    """The payer has no order for it, and pays it if it comes again: it needs no successor."""


WindowsOf: TypeAlias = "Callable[[str], ProofWindows | None]"
"""Returns the windows of a kind of payout; None if the kind is unknown."""


class Missing(NamedTuple):
    """Why a payout must not be declared dead, and what to do."""

    problem: str
    remedy: str
    code: LedgerCode = LedgerCode.NOT_PROVEN


def missing_proof(
    payout: Payout, events: Sequence[Event], now: Instant, windows: ProofWindows
) -> Missing | None:
    """What is missing before a person may declare a payout dead; None if nothing is.

    After a query that says FAILED no person is needed: the payout is refused then.

    Args:
        payout: the payout.
        events: its whole history.
        now: the books' time.
        windows: the payer's windows for such a payout.
    """
    if payout.state not in UNSETTLED:
        return Missing(
            say("is {state}", state=payout.state.in_words),
            say("Only what may still be paid is declared dead."),
            LedgerCode.WRONG_STATE,
        )
    if payout.confirming or _is_of_another(payout, events):
        asked = payout.task is None
        return None if asked else Missing(say("is still being asked about"), _WAIT)
    if payout.state is State.WAITING and payout.never_ordered:
        return Missing(
            say("has no order with the payer that could be dead"),
            say("Let it be sent, or cancel its campaign."),
        )
    sent_at = max(event.at for event in events if event.kind == EventKind.CALLED)
    if now >= sent_at + windows.answers_seconds * SECOND:
        return None
    return _of_a_young_one(payout, events, sent_at, now, windows)


def _of_a_young_one(
    payout: Payout, events: Sequence[Event], sent_at: Instant, now: Instant, windows: ProofWindows
) -> Missing | None:
    if payout.state is State.AWAITING_USER:
        return Missing(
            say("has an order that its receiver may still confirm"), say("Ask about it.")
        )
    over = max(sent_at + windows.resend_seconds * SECOND, payout.resend_until or 0)
    gone = over + windows.grace_seconds * SECOND
    if now < gone:
        return Missing(
            say(
                "was sent {past} ago, and its number may still be paid for {left} more",
                past=span((now - sent_at) / SECOND),
                left=span((gone - now) / SECOND, at_least=True),
            ),
            say("Ask about it until then."),
        )
    said = [event for event in events if event.kind in _OF_QUERIES]
    if not said or said[-1].at <= over or not _not_found(said[-1]):
        return Missing(say("has no late query that did not find it"), say("Ask about it now."))
    if payout.task is not None:
        return Missing(say("is still being asked about"), _WAIT)
    return None


_WAIT = say("Wait until it is handed over to you.")


SAYS_NOTHING = frozenset({EventKind.REQUESTED, EventKind.NOTED, EventKind.REMARKED})
"""What happens to a payout without a word of the payer about its number."""


def proof_of_death(events: Sequence[Event]) -> Proof | None:
    """What a query after the last refusal proves about a payout's number; None if nothing.

    Neither a refused send nor a person's word proves anything by itself, and a later answer of the
    payer that does not fit invalidates the proof.

    Args:
        events: the whole history of a refused payout.
    """
    for event in reversed(events):
        if event.kind in SAYS_NOTHING:
            continue
        facts = json.loads(event.body)
        if event.kind == EventKind.PROVEN_DEAD:
            # Without a proof, the number is assumed to be one that still pays.
            return Proof(facts.get("proof", Proof.NOT_FOUND))
        # Older versions recorded a query's FAILED like this.
        failed = event.kind == EventKind.FOUND and facts.get("state") == State.REFUSED
        return Proof.FAILED if failed else None
    return None


def _is_of_another(payout: Payout, events: Sequence[Event]) -> bool:
    """Whether it was handed to a person because the payer's order is for another payment."""
    if payout.state is not State.IN_DOUBT:
        return False
    said = [event for event in events if event.kind in _OF_QUERIES]
    if not said or said[-1].kind != EventKind.HANDED_OVER:
        return False
    return bool(json.loads(said[-1].body).get("code") == OTHER_ORDER)


def _not_found(event: Event) -> bool:
    return event.kind == EventKind.NOT_FOUND or (
        event.kind == EventKind.HANDED_OVER and json.loads(event.body).get("code") == NOT_FOUND
    )
