"""Asks the policy what follows, and reads what it says, each in a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hongbao.dispatch.policy import decide
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import Found
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.rails.redpack.translate import status_of
from policy_payouts import NOW, called

if TYPE_CHECKING:
    from hongbao import Disposition, Status
    from hongbao.dispatch.policy import Decision
    from hongbao.ledger.model.event import EventKind
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step
    from hongbao.rails.outcome import QueryOutcome, SendOutcome
    from hongbao.rails.port import Rail


def after_send(outcome: SendOutcome, of: Payout | None = None, now: int = NOW) -> Decision:
    """What follows from a send, by default of a first call."""
    return decide(called() if of is None else of, Task.SEND, outcome, now, RED_PACK)


def after_query(of: Payout, outcome: QueryOutcome, now: int = NOW) -> Decision:
    """What follows from a query, or from a look at what is sent."""
    task = Task.LOOK if of.state is State.SENT else Task.QUERY
    return decide(of, task, outcome, now, RED_PACK)


def found(status: Status | str, **changes: Any) -> Found:
    """A reply to a query: an order of 1000 fen, unclaimed, but for what is said.

    Its status is WeChat's, which people read in what the policy says; what it means is the
    translation's business.
    """
    said: dict[str, Any] = {
        "amount": 1000,
        "listid": "1000099",
        "reason": "",
        "claimed": 0,
        "refunded": 0,
    }
    said |= changes
    return Found(status=status_of(status, said["reason"]), said=str(status), **said)


def patient(**figures: Any) -> Rail:
    """Red packets with other figures."""
    return replace(RED_PACK, retry=replace(RED_PACK.retry, **figures))


def standing(step: Step) -> tuple[State, Task | None, int | None]:
    """Where the payout stands now."""
    return step.state, step.task, step.due_at


def told(step: Step) -> tuple[EventKind | None, bool, Disposition | None]:
    """What the history learns."""
    return step.kind, step.answered, step.doubt
