"""Refused payouts of a campaign are sent again by one decision, each only if its number is dead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from desk import accepted, not_stored, refused, refused_unproven
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import DecisionKind, Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.retry import RefusedSum
from hongbao.ledger.operations import retrying

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.retry import RetryPlan
    from hongbao.ledger.model.step import Step


def with_code(outcome: Step, code: str) -> Step:
    return outcome._replace(code=code)


def by_outcome(desk: Desk) -> dict[str, Payout]:
    """Spring: one of each end, by its name."""
    desk.campaign(5)
    jobs = {job.payout.key: job for job in desk.jobs()}
    steps = {
        "spring/0": refused, "spring/1": not_stored, "spring/2": refused_unproven,
        "spring/3": accepted,
    }  # fmt: skip
    desk.record(*((jobs[key], how(jobs[key])) for key, how in steps.items()))
    desk.record((jobs["spring/4"], with_code(not_stored(jobs["spring/4"]), "NO_AUTH")))
    return {it.key: it for it in desk.payouts()}


def retried(desk: Desk, count: int, amount: int, *codes: str) -> RetryPlan:
    return desk.book.retry(
        "spring", codes=codes, expected=RefusedSum(count, amount), by="carol", reason="fixed"
    )


def supplement(desk: Desk) -> Campaign:
    plan = Plan(
        name="spring+1", channel_id=desk.channel(), profile="demo", budget=None,
        source="late.csv", source_digest=bytes(32), parent="spring",
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(begun.id, [[Entry("late", "normal", "oLATE", 100, 1, terms_id)]], by="anna")
    return desk.book.finish_import("spring+1", by="anna")


def states(desk: Desk) -> dict[str, tuple[State, int]]:
    return {it.key: (it.state, it.attempt) for it in desk.payouts()}


def test_what_is_proven_is_sent_again_and_nothing_else_is(desk: Desk) -> None:
    before = by_outcome(desk)
    plan = desk.book.retry_plan("spring")
    assert plan == (
        RefusedSum(3, 300), 1, RefusedSum(1, 100), RefusedSum(), False,
        {"MONEY_LIMIT": 2, "NO_AUTH": 1},
    )  # fmt: skip
    assert {it.key: it for it in desk.payouts()} == before, "a plan changes nothing"
    assert retried(desk, 3, 300) == plan
    assert states(desk) == {
        "spring/0": (State.WAITING, 2), "spring/1": (State.WAITING, 1),
        "spring/2": (State.REFUSED, 1), "spring/3": (State.SENT, 1),
        "spring/4": (State.WAITING, 1),
    }  # fmt: skip
    assert desk.book.standing("spring").adds_up
    assert not desk.book.audit().findings
    jobs = desk.jobs()
    assert {(job.task, job.payout.key) for job in jobs} == {
        (Task.SEND, key) for key in ("spring/0", "spring/1", "spring/4")
    }
    assert {job.payout.billno for job in jobs} & {it.billno for it in before.values()} == {
        before["spring/1"].billno, before["spring/4"].billno,
    }  # fmt: skip
    desk.record(*((job, accepted(job)) for job in jobs))
    assert desk.book.standing("spring").paid == 400
    assert not desk.book.audit().findings


def test_it_is_one_decision_and_an_event_of_each(desk: Desk) -> None:
    before = by_outcome(desk)
    retried(desk, 3, 300)
    [*_, decision] = desk.book.decisions("spring")
    assert (decision.kind, decision.actor) == (DecisionKind.RETRIED, "carol")
    assert json.loads(decision.body) == {
        "again": 3, "codes": {"MONEY_LIMIT": 2, "NO_AUTH": 1}, "fen": 300, "new_numbers": 1,
        "reason": "fixed",
    }  # fmt: skip
    for key in ("spring/0", "spring/1", "spring/4"):
        event = desk.book.history(before[key].id)[-1]
        assert (event.kind, event.actor) == (EventKind.REOPENED, "carol")


def test_a_supplement_is_complete_once_more_and_its_campaign_is_not(desk: Desk) -> None:
    desk.campaign(1)
    late = supplement(desk)
    desk.book.approve("spring+1", digest=late.digest, by="bert")
    paid, dead = sorted(desk.jobs(), key=lambda job: job.payout.campaign_id == late.id)
    desk.record((paid, accepted(paid)), (dead, not_stored(dead)))
    desk.book.beat("worker-1")
    retried(desk, 1, 100)
    again = next(job for job in desk.jobs() if job.task is Task.SEND)
    desk.record((again, accepted(again)))
    desk.clock.pass_(60)
    desk.book.beat("worker-1")
    told = {name: [it.kind for it in desk.book.decisions(name)] for name in ("spring", "spring+1")}
    assert told["spring"].count(DecisionKind.COMPLETED) == 1
    assert DecisionKind.RETRIED not in told["spring"]
    assert told["spring+1"][-3:] == [
        DecisionKind.COMPLETED, DecisionKind.RETRIED, DecisionKind.COMPLETED,
    ]  # fmt: skip
    assert not desk.book.audit().findings


def test_only_those_with_a_code_are_sent_again_if_one_is_said(desk: Desk) -> None:
    by_outcome(desk)
    assert desk.book.retry_plan("spring", codes=["NO_AUTH"]).again == (1, 100)
    retried(desk, 1, 100, "NO_AUTH")
    assert {key for key, (state, _) in states(desk).items() if state is State.WAITING} == {
        "spring/4"
    }


@pytest.mark.parametrize(("count", "amount"), [(2, 300), (3, 299), (4, 400), (0, 0)])
def test_if_they_are_others_than_was_confirmed_nothing_is_changed(
    desk: Desk, count: int, amount: int
) -> None:
    by_outcome(desk)
    before, decisions = states(desk), desk.book.decisions("spring")
    with pytest.raises(LedgerError) as caught:
        retried(desk, count, amount)
    assert caught.value.code is LedgerCode.CHANGED
    assert states(desk) == before
    assert desk.book.decisions("spring") == decisions


def test_twice_is_once(desk: Desk) -> None:
    by_outcome(desk)
    retried(desk, 3, 300)
    with pytest.raises(LedgerError) as caught:
        retried(desk, 3, 300)
    assert caught.value.code is LedgerCode.CHANGED
    with pytest.raises(LedgerError, match="no refused payout"):
        retried(desk, 0, 0)


def test_whom_a_later_campaign_pays_is_left_out(desk: Desk) -> None:
    desk.campaign(payees=["oUSER_1", "oUSER_2", "oUSER_3"])
    desk.record(*((job, not_stored(job)) for job in desk.jobs()))
    desk.campaign(name="other", payees=["oUSER_1", "oUSER_2"], amounts=[100, 101])
    plan = desk.book.retry_plan("spring")
    assert (plan.again, plan.paid_instead) == (RefusedSum(2, 200), RefusedSum(1, 100))
    desk.book.cancel("other", by="anna", reason="a mistake")
    assert desk.book.retry_plan("spring").again == (3, 300)


def test_one_that_a_worker_asks_about_is_not_touched(desk: Desk) -> None:
    payouts = by_outcome(desk)
    desk.book.query_now(payouts["spring/1"].id, by="anna")
    [job] = desk.jobs()
    assert desk.book.retry_plan("spring").again == (2, 200)
    retried(desk, 2, 200)
    assert not desk.record((job, not_stored(job)))
    assert not desk.book.audit().findings


def test_of_a_cancelled_campaign_nothing_is_sent_again(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, not_stored(job)))
    desk.book.cancel("spring", by="anna", reason="enough")
    with pytest.raises(LedgerError) as planned:
        desk.book.retry_plan("spring")
    with pytest.raises(LedgerError) as done:
        retried(desk, 1, 100)
    assert [planned.value.code, done.value.code] == [LedgerCode.WRONG_STATE] * 2


def test_one_decision_takes_so_many_and_says_that_there_are_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "MOST", 2)
    monkeypatch.setattr(retrying, "_AT_ONCE", 2)
    desk.campaign(5)
    desk.record(*((job, not_stored(job)) for job in desk.jobs()))
    assert (desk.book.retry_plan("spring").again, desk.book.retry_plan("spring").more) == (
        (2, 200), True,
    )  # fmt: skip
    retried(desk, 2, 200)
    assert retried(desk, 2, 200).more
    assert not retried(desk, 1, 100).more
    assert desk.book.standing("spring").total(State.WAITING).payouts == 5


def test_no_more_are_looked_at_than_a_transaction_may_take(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_outcome(desk)
    monkeypatch.setattr(retrying, "_SEEN_MAX", 1)
    plan = desk.book.retry_plan("spring")
    assert (plan.again, plan.more) == (RefusedSum(1, 100), True)


def test_without_a_campaign_or_a_reason_nothing_is_decided(desk: Desk) -> None:
    by_outcome(desk)
    with pytest.raises(LedgerError):
        desk.book.retry_plan("summer")
    with pytest.raises(LedgerError, match="reason"):
        desk.book.retry("spring", expected=RefusedSum(3, 300), by="carol", reason=" ")
