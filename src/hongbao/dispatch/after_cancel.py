"""What follows from the outcome of a cancel: a query, since only that says who was faster.

A cancel that was refused, or whose outcome is unknown, may have been taken all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.dispatch.decision import Decision
from hongbao.dispatch.schedule import after, growing
from hongbao.dispatch.stops import of_code, unsendable
from hongbao.ledger.model.payout import TAKING_BACK, Task

if TYPE_CHECKING:
    from hongbao.dispatch.decision import DecisionContext
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import CallNotSent, CancelBegun, Unanswered, Unsendable


def begun(context: DecisionContext, outcome: CancelBegun) -> Decision:
    """The payer has taken the cancel."""
    return Decision(step=_then(context, Task.LOOK, outcome.said))


def unanswered(context: DecisionContext, outcome: Unanswered) -> Decision:
    """The cancel was refused, or may have been taken."""
    slow = context.rail.reaction(outcome.code).slow
    stop = of_code(context, outcome.code, outcome.why)
    return Decision(step=_then(context, Task.LOOK, outcome.why), stop=stop, slow=slow)


def not_asked(context: DecisionContext, outcome: CallNotSent) -> Decision:
    """No byte of it left."""
    return Decision(step=_then(context, Task.CANCEL, outcome.why))


def not_askable(context: DecisionContext, outcome: Unsendable) -> Decision:
    """It cannot be made before something is fixed."""
    stop = unsendable(outcome.why) if outcome.settings else None
    return Decision(step=_then(context, Task.CANCEL, outcome.why), stop=stop)


def _then(context: DecisionContext, task: Task, reason: str) -> Step:
    retry, tries = context.retry, context.again(TAKING_BACK)
    return context.stays()._replace(
        task=task,
        due_at=after(context.now, growing(retry.query_seconds, retry.query_seconds_max, tries)),
        tries=tries,
        code=TAKING_BACK,
        reason=reason,
    )
