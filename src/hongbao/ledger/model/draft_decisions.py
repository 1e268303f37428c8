"""What approvers have decided about a draft so far: who has approved it, who rejected it. Pure.

A rejected draft waits for its maker. In: ``reject``, with a reason. Out: another list, or more rows
(``replace``, ``extend``); a person who takes the rejection back (``withdraw_approval``); or
``cancel``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.approval import ENDORSED_FOR
from hongbao.ledger.model.campaign import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        elif decision.kind == DecisionKind.ENDORSED and decision.at > now - ENDORSED_FOR:
            found.append(decision)
    return found
