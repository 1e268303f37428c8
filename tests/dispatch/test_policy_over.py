"""What is over stays so, and whoever says otherwise is heard by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import Disposition, Status
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.rails.outcome import CallNotSent, NotFound, Unanswered, Unsendable
from policy_decisions import after_query, found, standing, told
from policy_payouts import DAY, NOW, payout

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import QueryOutcome

NO = Disposition.NO
SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, REFUND = Status.RECEIVED, Status.REFUND

OVER = [
    payout(
        state=state,
        task=Task.QUERY,
        calls=calls,
        answers=calls,
        first_call_at=first,
        tries=3,
        reason="before",
        **facts,
    )
    for state, calls, first, facts in (
        (State.RECEIVED, 1, NOW - DAY, {"claimed": 1000, "sent_at": NOW, "settled_at": NOW}),
        (State.RETURNED, 1, NOW - DAY, {"refunded": 1000, "sent_at": NOW, "settled_at": NOW}),
        (State.REFUSED, 1, NOW - DAY, {"doubt": NO}),
        (State.CANCELLED, 0, None, {}),
    )
]


@pytest.mark.parametrize("before", OVER, ids=lambda before: before.state)
def test_what_is_over_stays_so_whatever_a_person_asks(before: Payout) -> None:
    fits: list[QueryOutcome] = [NotFound(), Unanswered(code=None, why=""), CallNotSent(why="")]
    fits += [Unsendable(why="")]
    if before.state is State.RECEIVED:
        fits += [found(RECEIVED), found(RECEIVED, claimed=1000)]
    if before.state is State.RETURNED:
        fits += [found(REFUND), found(REFUND, refunded=1000)]
    if before.state is State.REFUSED:
        fits.remove(NotFound())
    for outcome in fits:
        step = after_query(before, outcome).step
        assert standing(step) == (before.state, None, None)
        assert told(step) == (None, False, before.doubt)
        assert (step.claimed, step.refunded) == (before.claimed, before.refunded)
        if not isinstance(outcome, Unanswered | CallNotSent | Unsendable):
            assert (step.tries, step.reason) == (3, "before")


@pytest.mark.parametrize(
    "before",
    [before for before in OVER if before.state is not State.REFUSED],
    ids=lambda before: before.state,
)
def test_what_is_over_and_is_said_to_be_otherwise_comes_to_a_person(before: Payout) -> None:
    otherwise = {
        State.RECEIVED: found(FAILED),
        State.RETURNED: found(SENT),
        State.CANCELLED: found(SENDING),
    }[before.state]
    step = after_query(before, otherwise).step
    assert standing(step) == (before.state, None, None)
    assert step.kind is EventKind.HANDED_OVER
    assert step.code == "MISFIT"
    if before.state is State.CANCELLED:
        said = f"WeChat says {otherwise.said} of a payout that is {before.state} in the books"
        assert step.reason == said
