"""Decides what happens next to a payout: a pure function of its state, an outcome and the time.

It keeps these laws. A number is dead only if a query says so after the last call: FAILED, or not
known although no call of these books can have left an order. An unknown outcome ends with a query
or with a person; a number is sent again, never replaced. Polling for collection needs no rule here:
when calls are short the books claim those tasks last, and ``schedule.next_look`` skips the missed
ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from hongbao.dispatch import after_cancel, after_query, after_send
from hongbao.dispatch.decision import Decision, DecisionContext, handed_over, harmless
from hongbao.dispatch.schedule import after
from hongbao.ledger.model.payout import State, Task, check_step
from hongbao.rails.outcome import (
    CallNotSent,
    CancelBegun,
    Found,
    NotFound,
    Refusal,
    SendAccepted,
    SendTaken,
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

_NOT_SENT: dict[Task, Callable[[DecisionContext, CallNotSent], Decision]] = {
    Task.SEND: after_send.not_sent,
    Task.QUERY: after_query.not_asked,
    Task.LOOK: after_query.not_asked,
    Task.CANCEL: after_cancel.not_asked,
}
_NOT_SENDABLE: dict[Task, Callable[[DecisionContext, Unsendable], Decision]] = {
    Task.SEND: after_send.not_sendable,
    Task.QUERY: after_query.not_askable,
    Task.LOOK: after_query.not_askable,
    Task.CANCEL: after_cancel.not_askable,
}


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
    decision = _follows(DecisionContext(payout, task, now, rail, submitted_at), outcome)
    step = _within_horizon(decision.step, now, rail.retry)
    check_step(payout.state, step.state, billno=payout.billno)
    return decision if step is decision.step else decision._replace(step=step)


def _follows(context: DecisionContext, outcome: Outcome) -> Decision:  # noqa: C901, PLR0911  # one for each outcome
    match outcome:
        case SendAccepted():
            return after_send.accepted(context, outcome)
        case SendTaken():
            return after_send.taken(context, outcome)
        case Refusal():
            return after_send.refused(context, outcome)
        case Unknown():
            return after_send.unknown(context, outcome)
        case Found():
            return after_query.found(context, outcome)
        case NotFound():
            return after_query.not_found(context)
        case CancelBegun():
            return after_cancel.begun(context, outcome)
        case Unanswered():
            cancel = context.task is Task.CANCEL
            return (after_cancel.unanswered if cancel else after_query.unanswered)(context, outcome)
        case CallNotSent():
            return _NOT_SENT[context.task](context, outcome)
        case Unsendable():
            return _NOT_SENDABLE[context.task](context, outcome)
        case _:
            assert_never(outcome)


def _within_horizon(step: Step, now: Instant, retry: RetryPolicy) -> Step:
    """Let what has no end come to a person while the provider still answers queries about it."""
    payout = step.payout
    first = payout.first_call_at
    if step.due_at is None or first is None:
        return step
    end = after(first, retry.horizon_seconds)
    if step.due_at <= end or (step.state is State.WAITING and harmless(step.doubt)):
        return step
    return step._replace(due_at=end) if now < end else handed_over(step)
