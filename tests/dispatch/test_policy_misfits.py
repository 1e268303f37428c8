"""A reply that cannot be true changes nothing and comes to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hongbao import Status
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.outgoing import RETURNING
from hongbao.ledger.model.payout import SECOND, State, Task
from policy_decisions import after_query, found
from policy_payouts import NOW, doubted, held, sent

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import Found

SENDING, SENT, FAILED = Status.SENDING, Status.SENT, Status.FAILED
RECEIVED, RFUND_ING, REFUND = Status.RECEIVED, Status.RFUND_ING, Status.REFUND

MORE = "that more was claimed and returned than was sent"
SOME = "and that some of it was claimed or returned"
LESS = "that less is claimed or returned than it said before"


@pytest.mark.parametrize(
    ("before", "outcome", "words"),
    [
        (doubted(), found(SENT, amount=999), "999 fen, which are 1000 in the books"),
        (doubted(), found(FAILED, amount=1001), "1001 fen, which are 1000 in the books"),
        (doubted(people=3), found(SENT, claimed=600, refunded=401), MORE),
        (doubted(), found("NEW", claimed=1001), MORE),
        (doubted(), found(RECEIVED, refunded=1), MORE),
        (doubted(), found(FAILED, claimed=1), f"FAILED, {SOME}"),
        (doubted(), found(FAILED, refunded=1), f"FAILED, {SOME}"),
        (doubted(), found(SENDING, claimed=1), f"SENDING, {SOME}"),
        (held(), found(SENDING, claimed=1), f"SENDING, {SOME}"),
        (sent(people=3, claimed=300), found(RECEIVED, claimed=299), LESS),
        (sent(people=3, refunded=300), found(REFUND, refunded=299), LESS),
        (sent(), found(FAILED), "FAILED of a packet that it had accepted"),
    ],
)
def test_a_reply_that_cannot_be_true_changes_nothing_and_comes_to_a_person(
    before: Payout, outcome: Found, words: str
) -> None:
    task = Task.LOOK if before.state is State.SENT else Task.QUERY
    waits = []
    for tries in range(5):
        again = before if not tries else replace(before, tries=tries, code="MISFIT")
        decision = after_query(again, outcome)
        step = decision.step
        assert (decision.stop, decision.slow, step.state) == (None, False, before.state)
        identity = tries == 4 and "in the books" in words
        assert (step.tries, step.code) == (tries + 1, "OTHER_ORDER" if identity else "MISFIT")
        assert step.reason == f"WeChat says {words}"
        assert (step.claimed, step.refunded) == (before.claimed, before.refunded)
        if tries == 4:
            assert (step.task, step.due_at, step.kind) == (None, None, EventKind.HANDED_OVER)
            assert (step.answered, step.doubt) == (True, before.doubt)
        else:
            assert (step.task, step.kind, step.answered) == (task, None, False)
            assert step.due_at is not None
            waits.append((step.due_at - NOW) // SECOND)
    assert waits == [2, 4, 8, 16]


def test_figures_that_stay_as_they_were_fit() -> None:
    before = sent(people=3, claimed=300, refunded=100, code="MISFIT", tries=4)
    step = after_query(before, found(RECEIVED, claimed=300, refunded=100)).step
    assert (step.code, step.kind, step.tries) == (None, None, 0)
    later = after_query(before, found(RFUND_ING, claimed=300, refunded=0)).step
    assert (later.code, later.kind, later.refunded) == (RETURNING, None, 100)
