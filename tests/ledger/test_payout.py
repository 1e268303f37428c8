"""A payout's states, its steps, and the join of what its calls may have done."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import pytest

from desk import step
from hongbao import Disposition
from hongbao.errors import IllegalTransition
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.job import Job
from hongbao.ledger.model.payout import PAID, SECOND, STEPS, Payout, State, Task, check_step, worst

NO, OPEN, UNKNOWN = Disposition.NO, Disposition.OPEN, Disposition.UNKNOWN


def payout(**changes: Any) -> Payout:
    facts: dict[str, Any] = dict.fromkeys(Payout.__slots__)
    facts |= {"payee": "oPAYEE_of_the_tests", "voucher": "sendid=1", "amount": 1000}
    facts |= {"claimed": 0, "refunded": 0, "state": State.WAITING}
    return Payout(**(facts | changes))


LEGAL = {
    (State.WAITING, State.IN_DOUBT),
    (State.WAITING, State.REFUSED),
    (State.WAITING, State.CANCELLED),
    (State.IN_DOUBT, State.WAITING),
    (State.IN_DOUBT, State.AWAITING_USER),
    (State.AWAITING_USER, State.RECEIVED),
    (State.AWAITING_USER, State.REFUSED),
    (State.IN_DOUBT, State.SENT),
    (State.IN_DOUBT, State.RECEIVED),
    (State.IN_DOUBT, State.RETURNED),
    (State.IN_DOUBT, State.REFUSED),
    (State.SENT, State.RECEIVED),
    (State.SENT, State.RETURNED),
    (State.REFUSED, State.WAITING),
    (State.REFUSED, State.IN_DOUBT),
}
"""Written down once more, by hand."""


@pytest.mark.parametrize(("earlier", "later"), list(product(State, State)))
def test_a_payout_takes_the_steps_of_the_table_and_no_other(earlier: State, later: State) -> None:
    if earlier is later or (earlier, later) in LEGAL:
        check_step(earlier, later, billno="Seven")
        return
    with pytest.raises(IllegalTransition) as caught:
        check_step(earlier, later, billno="Seven")
    error = caught.value
    assert (error.billno, error.earlier, error.later) == ("Seven", earlier, later)


@pytest.mark.parametrize(
    ("changes", "confirming"),
    [
        ({"doubt": NO}, True),
        ({"doubt": None}, True),
        ({"doubt": OPEN}, False),
        ({"doubt": UNKNOWN}, False),
        ({"doubt": NO, "answers": 1}, False),
        ({"doubt": NO, "state": State.WAITING}, False),
        ({"doubt": NO, "state": State.REFUSED}, False),
    ],
)
def test_a_refusal_is_being_confirmed_while_every_call_was_refused(
    changes: dict[str, Any], *, confirming: bool
) -> None:
    facts = {"state": State.IN_DOUBT, "calls": 2, "answers": 2} | changes
    assert payout(**facts).confirming is confirming


def test_every_state_has_its_steps() -> None:
    assert set(STEPS) == set(State)


def test_money_that_left_comes_back_by_no_step_of_ours() -> None:
    for state in PAID:
        assert STEPS[state] <= PAID


def test_queries_go_before_sends_and_looks_and_cancels_go_last() -> None:
    assert sorted(Task) == [Task.QUERY, Task.SEND, Task.LOOK, Task.CANCEL]


def test_a_second_is_a_million_microseconds() -> None:
    assert SECOND == 1_000_000


def test_the_worst_of_two_calls_stands() -> None:
    table = {
        (None, None): None,
        (None, NO): NO,
        (None, OPEN): OPEN,
        (None, UNKNOWN): UNKNOWN,
        (NO, NO): NO,
        (NO, OPEN): OPEN,
        (NO, UNKNOWN): UNKNOWN,
        (OPEN, OPEN): OPEN,
        (OPEN, UNKNOWN): UNKNOWN,
        (UNKNOWN, UNKNOWN): UNKNOWN,
    }
    for (first, second), joined in table.items():
        assert worst(first, second) is joined
        assert worst(second, first) is joined


def test_the_order_of_calls_does_not_matter() -> None:
    for calls in product((None, *Disposition), repeat=3):
        joined = {
            worst(worst(first, second), third) for first, second, third in permutations(calls)
        }
        assert len(joined) == 1


@pytest.mark.parametrize("state", State)
def test_only_of_paid_money_can_something_be_unclaimed(state: State) -> None:
    standing = payout(state=state, claimed=300, refunded=200)
    assert standing.unclaimed == (500 if state in PAID else 0)


def test_paid_are_what_is_sent_received_and_returned() -> None:
    assert {State.SENT, State.RECEIVED, State.RETURNED} == PAID


def test_no_repr_shows_whom_or_the_voucher() -> None:
    assert "oPAYEE" not in repr(payout(key="spring/oPAYEE_of_the_tests"))
    assert "sendid" not in repr(payout())
    told = step(Job(payout(), 1, Task.LOOK, 0, 0, b""), EventKind.FOUND, State.RECEIVED)
    assert told.voucher
    assert "oPAYEE" not in repr(told)
    assert "sendid" not in repr(told)
