"""What is done next about a payout: a pure function of what it was, what a call brought, and when.

The laws that it keeps: a number is dead only if a query says so after the last call: FAILED, or not
known although no call of these books can have left an order. What is unknown ends with a query or
with a person; a number is sent again, never replaced. It says nothing of lanes: a look at a packet
that is sent waits by itself while calls are short, since the books claim looks last, and
``schedule.next_look`` then leaves out what it missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from hongbao.dispatch import after_query, after_send
from hongbao.dispatch.case import Case, Decision, handed_over, harmless
from hongbao.dispatch.schedule import after
from hongbao.ledger.model.payout import State, Task, check_step
from hongbao.rails.outcome import (
    CallNotSent,
    Found,
    NotFound,
    Refusal,
    SendAccepted,
    Unanswered,
    Unknown,
    Unsendable,
)

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import Outcome
    from hongbao.rails.port import Rail
    from hongbao.rails.retry import RetryPolicy

__all__ = ["Decision", "decide"]


def decide(
    payout: Payout,
    task: Task,
    outcome: Outcome,
    now: Instant,
    rail: Rail,
    *,
    submitted_at: Instant | None = None,
) -> Decision:
    """What follows from an outcome.

    Args:
        payout: as it was claimed. Of a claimed send the state is IN_DOUBT and the call is counted.
        task: what was done about it.
        outcome: what came of it.
        now: the books' time.
        rail: which pays it: what its codes ask for, and how patient the engine is with it.
        submitted_at: when the payout was put into the books, the earliest that its number can have
            been sent; where that is not known, a number that the provider does not know proves
            nothing.

    Raises:
        IllegalTransition: if the outcome is of another task, so that no step of the table follows.
    """
    decision = _follows(Case(payout, task, now, rail, submitted_at), outcome)
    step = _within_horizon(decision.step, now, rail.retry)
    check_step(payout.state, step.state, billno=payout.billno)
    return decision if step is decision.step else decision._replace(step=step)


def _follows(case: Case, outcome: Outcome) -> Decision:  # noqa: PLR0911  # one for each outcome
    match outcome:
        case SendAccepted():
            return after_send.accepted(case, outcome)
        case Refusal():
            return after_send.refused(case, outcome)
        case Unknown():
            return after_send.unknown(case, outcome)
        case Found():
            return after_query.found(case, outcome)
        case NotFound():
            return after_query.not_found(case)
        case Unanswered():
            return after_query.unanswered(case, outcome)
        case CallNotSent():
            sent = case.task is Task.SEND
            return (after_send.not_sent if sent else after_query.not_asked)(case, outcome)
        case Unsendable():
            sent = case.task is Task.SEND
            return (after_send.not_sendable if sent else after_query.not_askable)(case, outcome)
        case _:
            assert_never(outcome)


def _within_horizon(step: Step, now: Instant, retry: RetryPolicy) -> Step:
    """Let what has no end come to a person while the provider still answers queries about it."""
    payout = step.payout
    first = payout.first_call_at
    never_ordered = step.state is State.WAITING and harmless(step.doubt)
    if step.due_at is None or first is None or never_ordered:
        return step
    end = after(first, retry.horizon_seconds)
    if step.due_at <= end:
        return step
    return step._replace(due_at=end) if now < end else handed_over(step)
