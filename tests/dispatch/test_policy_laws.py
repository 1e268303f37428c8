"""The laws hold for every payout and every outcome, and what is decided leads to an end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from hongbao import Disposition
from hongbao.dispatch.breaker import suspicions
from hongbao.dispatch.policy import decide
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import PAID, SECOND, STEPS, State, Task, worst
from hongbao.rails.outcome import (
    CallNotSent,
    Found,
    NotFound,
    OrderStatus,
    Refusal,
    SendAccepted,
    Unanswered,
    Unknown,
    Unsendable,
)
from hongbao.rails.redpack.kinds import KINDS
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.wire.codes import CODES
from policy_payouts import DAY, NOW, payout
from policy_play import play

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from hongbao.ledger.model.payout import Payout
    from hongbao.rails.outcome import Outcome, QueryOutcome, SendOutcome

NO, UNKNOWN = Disposition.NO, Disposition.UNKNOWN
OVER = frozenset({State.RECEIVED, State.RETURNED, State.REFUSED, State.CANCELLED})

texts = st.sampled_from(["", "文字"])
codes = st.sampled_from([*RED_PACK.reactions, "268458547"])
known = st.none() | codes | st.sampled_from(["NOT_SENT", "NOT_FOUND", "MISFIT", "UNSENDABLE"])
ages = st.integers(0, 35 * DAY)
moments = ages.map(lambda age: NOW - age)


send_outcomes: SearchStrategy[SendOutcome] = (
    st.builds(SendAccepted, listid=texts, voucher=st.none() | texts)
    | st.builds(
        Refusal,
        disposition=st.sampled_from([NO, Disposition.OPEN]),
        code=codes,
        text=texts,
    )
    | st.builds(Unknown, code=st.none() | codes, why=texts)
    | st.builds(CallNotSent, why=texts)
    | st.builds(Unsendable, why=texts, settings=st.booleans())
)


def found(figures: tuple[int, int, int], **said: Any) -> Found:
    amount, claimed, refunded = figures
    return Found(amount=amount, claimed=claimed, refunded=refunded, **said)


figures = st.sampled_from(
    [(1000, 0, 0), (1000, 300, 0), (1000, 1000, 0), (1000, 0, 1000), (1000, 300, 700), (999, 0, 0)]
)
query_outcomes: SearchStrategy[QueryOutcome] = (
    st.builds(
        found,
        figures,
        status=st.sampled_from(OrderStatus),
        said=texts,
        listid=texts,
        reason=texts,
        sent_at=st.none() | moments,
        settled_at=st.none() | moments,
        receivers=st.sampled_from([(), (payout().payee,), ("oANOTHER_000000000000000000001",)]),
    )
    | st.just(NotFound())
    | st.builds(Unanswered, code=st.none() | codes, why=texts)
    | st.builds(CallNotSent, why=texts)
    | st.builds(Unsendable, why=texts, settings=st.booleans())
)


HISTORY: dict[str, SearchStrategy[Any]] = {
    "doubt": st.sampled_from([None, *Disposition]),
    "first_call_at": moments,
    "resend_until": st.none() | moments.map(lambda at: at + DAY),
    "tries": st.integers(0, 60),
    "code": known,
    "kind": st.sampled_from([*KINDS, "another"]),
    "people": st.sampled_from([1, 1, 3]),
}
NEVER_CALLED: dict[str, Any] = {"calls": 0, "answers": 0, "doubt": None, "first_call_at": None}


def with_calls(*, fewer: int, **facts: SearchStrategy[Any]) -> SearchStrategy[Payout]:
    """Payouts with calls, of which at least so many fewer are accounted for."""
    calls = st.sampled_from([(c, a) for c in range(1, 5) for a in range(c + 1 - fewer)])
    made = st.fixed_dictionaries(HISTORY | facts | {"_": calls})
    return made.map(lambda it: payout(calls=it["_"][0], answers=it.pop("_")[1], **it))


claimed_sends = with_calls(fewer=1, state=st.just(State.IN_DOUBT), task=st.just(Task.QUERY))
doubted_or_held = with_calls(
    fewer=0,
    state=st.sampled_from([State.WAITING, State.IN_DOUBT, State.IN_DOUBT, State.REFUSED]),
    task=st.just(Task.QUERY),
)
claimed_looks = with_calls(
    fewer=0,
    state=st.just(State.SENT),
    task=st.just(Task.LOOK),
    doubt=st.none(),
    claimed=st.sampled_from([0, 300]),
    sent_at=moments,
)
claimed_queries = (
    doubted_or_held
    | doubted_or_held.map(lambda it: replace(it, state=State.WAITING, **NEVER_CALLED))
    | doubted_or_held.map(lambda it: replace(it, state=State.CANCELLED, **NEVER_CALLED))
    | claimed_looks.map(lambda it: replace(it, state=State.RECEIVED, claimed=1000, settled_at=NOW))
    | claimed_looks.map(
        lambda it: replace(it, state=State.RETURNED, refunded=1000 - it.claimed, settled_at=NOW)
    )
)

Asked = tuple["Payout", Task, "Outcome"]
sends: SearchStrategy[Asked] = st.tuples(claimed_sends, st.just(Task.SEND), send_outcomes)
queries: SearchStrategy[Asked] = st.tuples(
    claimed_queries, st.just(Task.QUERY), query_outcomes
) | st.tuples(claimed_looks, st.just(Task.LOOK), query_outcomes)


def earlier_calls(claimed: Payout, task: Task) -> Disposition | None:
    """The worst of all calls but the one whose outcome is decided about."""
    begun = claimed.calls - (task is Task.SEND)
    return UNKNOWN if claimed.answers < begun else claimed.doubt


@given(sends | queries)
def test_a_step_is_legal_and_its_task_is_to_come(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    assert step.payout is claimed, "no other number, and no other payout"
    assert step.state is claimed.state or step.state in STEPS[claimed.state]
    assert (step.task is None) == (step.due_at is None)
    assert step.due_at is None or step.due_at > NOW
    if step.task is Task.SEND:
        assert step.due_at is not None
        assert step.due_at >= NOW + SECOND, "the official page's least time between two calls"
    assert (step.task is Task.LOOK) <= (step.state is State.SENT)
    assert (step.task is Task.SEND) <= (step.state in {State.WAITING, State.IN_DOUBT})


@given(sends | queries, st.none() | moments)
def test_nothing_is_refused_that_may_be_paid(asked: Asked, submitted_at: int | None) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK, submitted_at=submitted_at).step
    proven = step.kind is EventKind.PROVEN_DEAD
    if proven or (step.state is State.REFUSED and claimed.state is not State.REFUSED):
        assert proven
        assert task is not Task.SEND, "no send proves a number dead"
        failed = isinstance(outcome, Found) and outcome.status is OrderStatus.FAILED
        harmless = earlier_calls(claimed, task) in {None, NO}
        young = submitted_at is not None and submitted_at + 29 * DAY > NOW
        assert failed or (harmless and young and isinstance(outcome, NotFound))
        assert step.proof is (Proof.FAILED if failed else Proof.NOT_FOUND)


@given(queries)
def test_whatever_wechat_has_alive_is_not_refused_in_the_books(asked: Asked) -> None:
    claimed, task, outcome = asked
    if isinstance(outcome, Found) and outcome.status is not OrderStatus.FAILED:
        assert decide(claimed, task, outcome, NOW, RED_PACK).step.state is not State.REFUSED


@given(sends | queries, st.sampled_from(["FATAL_ERROR", "OTHER_ORDER"]))
def test_what_wechat_has_with_other_content_is_not_called_paid(asked: Asked, code: str) -> None:
    claimed, task, outcome = asked
    step = decide(replace(claimed, code=code), task, outcome, NOW, RED_PACK).step
    if step.state in PAID and claimed.state not in PAID and not isinstance(outcome, SendAccepted):
        assert isinstance(outcome, Found)
        ours = claimed.people == 1 and outcome.receivers == (claimed.payee,)
        made_by_us = claimed.calls > 1 and outcome.sent_at is not None
        assert ours or made_by_us or (step.refunded == claimed.amount and not step.claimed)


@given(sends | queries)
def test_nothing_is_paid_without_being_accepted_or_found(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    if step.state in PAID and claimed.state not in PAID:
        paid = {
            OrderStatus.WAITING_FOR_USER,
            OrderStatus.COLLECTED,
            OrderStatus.RETURNING,
            OrderStatus.RETURNED,
        }
        found = isinstance(outcome, Found) and outcome.status in paid and outcome.amount == 1000
        assert isinstance(outcome, SendAccepted) or found


@given(claimed_sends, st.none() | codes)
def test_what_is_unknown_ends_with_a_query_or_with_a_person(
    claimed: Payout, code: str | None
) -> None:
    step = decide(claimed, Task.SEND, Unknown(code=code, why=""), NOW, RED_PACK).step
    assert (step.state, step.doubt) == (State.IN_DOUBT, UNKNOWN)
    assert step.task is Task.QUERY or step.kind is EventKind.HANDED_OVER


@given(sends | queries)
def test_what_has_no_end_and_no_task_was_handed_to_a_person(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    if step.task is None and step.state not in OVER:
        assert step.kind is EventKind.HANDED_OVER


@given(sends | queries)
def test_a_step_without_an_event_changes_no_fact(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    if step.kind is not None:
        return
    assert task is not Task.SEND
    assert not step.answered
    assert step.mark is step.proof is None
    free = {"payout", "kind", "task", "due_at", "answered", "tries", "code", "reason", "mark"}
    for fact in set(step._fields) - free - {"proof"}:
        assert getattr(step, fact) == getattr(claimed, fact), fact


@given(sends | queries)
def test_the_doubt_says_what_the_state_says(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    if step.kind is None or task is not Task.SEND:
        return
    assert step.answered
    if step.state is State.IN_DOUBT:
        assert step.doubt is (NO if step.kind is EventKind.REFUSED else UNKNOWN)
    if step.state is State.WAITING:
        assert step.doubt is not UNKNOWN
        assert worst(earlier_calls(claimed, task), step.doubt) == step.doubt
    if step.state is State.SENT:
        assert step.doubt is None


@given(sends | queries)
def test_a_number_that_may_have_an_order_is_not_sent_for_ever_without_asking(
    asked: Asked,
) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    if step.task is Task.SEND and step.doubt not in {None, NO} and step.kind is not None:
        assert step.resend_until is not None
        first = claimed.first_call_at
        latest = NOW + DAY + 10 * 60 * SECOND
        assert claimed.resend_until == step.resend_until or step.resend_until <= latest
        assert first is not None or claimed.calls == 0


@given(sends | queries)
def test_money_adds_up_and_never_comes_back_from_its_receiver(asked: Asked) -> None:
    claimed, task, outcome = asked
    step = decide(claimed, task, outcome, NOW, RED_PACK).step
    assert claimed.claimed <= step.claimed
    assert claimed.refunded <= step.refunded
    assert step.claimed + step.refunded <= claimed.amount
    whole = step.claimed + step.refunded == claimed.amount
    assert whole is (step.state in {State.RECEIVED, State.RETURNED})
    assert (step.settled_at is not None) is whole
    assert (step.sent_at is not None) is (step.state in PAID)


@given(sends | queries)
def test_a_mark_is_one_that_the_breaker_knows(asked: Asked) -> None:
    step = decide(*asked, NOW, RED_PACK).step
    assert step.mark is None or step.mark in suspicions(RED_PACK)


@given(sends | queries)
def test_no_step_and_no_stop_shows_whom_it_is_about(asked: Asked) -> None:
    decision = decide(*asked, NOW, RED_PACK)
    assert asked[0].payee not in repr(decision)


# Where it leads ----------------------------------------------------------------------------------

refusals = [row.err_code for row in CODES if set(row.endpoints) & set("SGMHW")]
troubles = st.sampled_from(
    [
        "lose the request",
        "lose the reply",
        "not sent",
        "die before",
        "die after",
        "late",
        "query fails",
        "refuse the repeat of a paid number",
        *refusals,
    ]
)


@given(
    st.lists(troubles, max_size=14),
    st.sampled_from([*KINDS]),
    st.sampled_from(["claimed", "returned", "shared"]),
)
def test_every_payout_comes_to_its_end_or_to_a_person(
    script: list[str], kind: str, receiver: str
) -> None:
    """However the first calls go: once WeChat answers as it should, it is settled, and rightly."""
    end = play(script, kind=kind, receiver=receiver)
    state, order = end.payout.state, end.order
    if end.handed_over:
        assert state in {State.WAITING, State.IN_DOUBT, State.SENT}
        assert (state in PAID) <= order.paid
        assert (state is State.WAITING) <= (not order.paid)
    else:
        assert state in {State.RECEIVED, State.RETURNED, State.REFUSED}
        assert (state in PAID) is order.paid
        if order.paid:
            assert (end.payout.claimed, end.payout.refunded) == (order.claimed, order.refunded)


@given(st.lists(st.sampled_from(["lose the request", "lose the reply", "late"]), max_size=8))
def test_losses_alone_leave_nobody_unpaid_and_nothing_to_a_person(script: list[str]) -> None:
    end = play(script, kind="normal", receiver="claimed")
    assert end.payout.state is State.RECEIVED
    assert not end.handed_over
    assert end.order.paid


def test_a_packet_whose_reply_was_lost_reaches_its_receiver_with_its_voucher() -> None:
    end = play(["lose the reply"], kind="mini_program", receiver="claimed")
    assert end.payout.voucher is not None
    again = play(
        ["lose the reply", "refuse the repeat of a paid number"],
        kind="mini_program",
        receiver="claimed",
    )
    assert again.payout.state is State.RECEIVED
