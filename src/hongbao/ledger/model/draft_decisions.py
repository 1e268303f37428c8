"""What approvers have decided about a draft so far: who has approved it, who rejected it. Pure.

A rejected draft waits for its maker. In: ``reject``, with a reason. Out: another list, or more rows
(``replace``, ``extend``); a person who takes the rejection back (``withdraw_approval``); or
``cancel``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hongbao.ledger.model.approval import APPROVED_FOR, ApprovalPolicy, identity
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hongbao.ledger.model.event import Event
    from hongbao.ledger.model.payout import Instant

MADE = frozenset({DecisionKind.BEGUN, DecisionKind.EXTENDED, DecisionKind.IMPORTED})
"""The decisions of those who have made a draft what it is."""
_VOID = MADE | {DecisionKind.WITHDRAWN, DecisionKind.REJECTED}
"""After these, earlier approvals of a draft do not count, nor earlier rejections."""


def rejection(decisions: Iterable[Event]) -> Event | None:
    """The rejection under which a draft is; None if it may be approved.

    Args:
        decisions: about it, in their order.
    """
    last = None
    for decision in decisions:
        if decision.kind in _VOID:
            last = decision
    return last if last is not None and last.kind == DecisionKind.REJECTED else None


def endorsements(decisions: Iterable[Event], *, now: Instant) -> list[Event]:
    """The approvals of a draft as it is now that still wait for another person's.

    Args:
        decisions: about it, in their order.
        now: when.
    """
    found: list[Event] = []
    for decision in decisions:
        if decision.kind in _VOID:
            found.clear()
        elif decision.kind == DecisionKind.ENDORSED and decision.at > now - APPROVED_FOR:
            found.append(decision)
    return found


def wrong_approvals(decisions: Sequence[Event]) -> Iterator[str]:
    """Approvals that the campaign's own policy did not allow then, in words.

    Args:
        decisions: all about a campaign, in their order.
    """
    facts: dict[str, Any] = {}
    for place, decision in enumerate(decisions):
        facts.update(json.loads(decision.body))
        if decision.kind != DecisionKind.APPROVED:
            continue
        policy = ApprovalPolicy(
            approvers=facts.get("approvers", 1), two_from=facts.get("two_from"),
            apart=facts.get("apart", False),
        )  # fmt: skip
        amount = facts.get("planned" if facts.get("amount_max") is None else "budget") or 0
        if not policy.parts(amount):
            continue
        earlier = decisions[:place]
        makers = {identity(it.actor) for it in earlier if it.kind in MADE}
        others = {identity(it.actor) for it in endorsements(earlier, now=decision.at)} - makers
        approver = identity(decision.actor)
        if approver in makers:
            yield say(
                "decision {number} approves rows that {actor} has stored",
                number=decision.seq,
                actor=decision.actor,
            )
        elif len(others - {approver}) + 1 < policy.needed(amount):
            yield say(
                "decision {number} is the approval of one of two people alone", number=decision.seq
            )
