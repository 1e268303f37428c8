"""One person is taken out of a campaign, and stays out; a note changes nothing but the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import (
    accepted,
    confirming,
    doubtful,
    handed_over,
    held_back,
    last_event,
    not_stored,
    postponed,
    refused,
    sent,
    step,
)
from hongbao.errors import KeyReused, LedgerCode, LedgerError
from hongbao.ledger.model.campaign import DecisionKind, Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.operations.people import NOTE_MAX
from standing import append, stand

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.payout import Payout
    from hongbao.ledger.model.step import Step


def first(desk: Desk) -> Payout:
    return next(iter(desk.payouts()))


def sound(desk: Desk) -> bool:
    return not desk.book.audit().findings and desk.book.standing("spring").adds_up


@pytest.mark.parametrize("approved", [False, True])
def test_who_is_taken_out_is_not_paid_and_the_others_are(desk: Desk, approved: bool) -> None:  # noqa: FBT001
    desk.campaign(3) if approved else desk.draft(3)
    payout = first(desk)
    taken = desk.book.cancel_payout(payout.id, by="carol", reason="has left")
    assert (taken.state, taken.task) == (State.CANCELLED, None)
    assert last_event(desk, payout) == (
        EventKind.CANCELLED, "carol", {"reason": "has left", "state": "cancelled"},
    )  # fmt: skip
    assert sound(desk)
    if not approved:
        draft = desk.book.standing("spring").campaign
        desk.book.approve("spring", digest=draft.digest, by="bert")
    jobs = desk.jobs()
    assert [it.payout.key for it in jobs] == ["spring/1", "spring/2"]
    desk.record(*((job, accepted(job)) for job in jobs))
    standing = desk.book.standing("spring")
    assert (standing.paid, standing.cancelled) == (200, 100)
    assert sound(desk)


def test_a_campaign_of_which_each_was_taken_out_is_complete_and_once_more_if_extended(
    desk: Desk,
) -> None:
    campaign = desk.campaign(2)
    for payout in list(desk.payouts()):
        desk.book.cancel_payout(payout.id, by="anna", reason="left the company")
    desk.book.beat("worker-1")
    assert desk.book.decisions("spring")[-1].kind == DecisionKind.COMPLETED
    desk.book.withdraw_approval("spring", by="bert", reason="one is missing")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(
        campaign.id, [[Entry("spring/2", "normal", "oLATE", 100, 1, terms_id)]], by="anna"
    )
    digest = desk.book.standing("spring").campaign.digest
    desk.book.approve("spring", digest=digest, by="bert")
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    desk.clock.pass_(60)
    desk.book.beat("worker-1")
    assert [it.kind for it in desk.book.decisions("spring")].count(DecisionKind.COMPLETED) == 2
    assert sound(desk)


def test_what_was_put_back_without_a_call_that_left_may_be_taken_out(desk: Desk) -> None:
    payout = sent(
        desk, lambda job: step(job, EventKind.NOT_SENT, State.WAITING, task=Task.SEND, due_at=1)
    )
    assert desk.book.cancel_payout(payout.id, by="carol", reason="x").state is State.CANCELLED
    assert sound(desk)


def test_what_was_reopened_may_be_taken_out_again(desk: Desk) -> None:
    payout = sent(desk, not_stored)
    desk.book.reopen(payout.id, by="anna", reason="fixed")
    assert desk.book.cancel_payout(payout.id, by="anna", reason="not so").state is State.CANCELLED
    assert sound(desk)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (accepted, LedgerCode.WRONG_STATE), (refused, LedgerCode.WRONG_STATE),
        (doubtful, LedgerCode.WRONG_STATE), (confirming, LedgerCode.WRONG_STATE),
        (held_back, LedgerCode.NOT_PROVEN),
    ],
)  # fmt: skip
def test_what_is_paid_or_may_be_is_not_taken_out(
    desk: Desk, outcome: Callable[[Job], Step], code: LedgerCode
) -> None:
    payout = sent(desk, outcome)
    with pytest.raises(LedgerError) as caught:
        desk.book.cancel_payout(payout.id, by="carol", reason="x")
    assert caught.value.code is code
    assert desk.payout(payout.id) == payout


def test_one_that_a_worker_has_is_not_taken_out(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    with pytest.raises(LedgerError) as caught:
        desk.book.cancel_payout(job.payout.id, by="carol", reason="x")
    assert caught.value.code is LedgerCode.LEASED
    desk.record((job, postponed(job, after=0)))
    [again] = desk.jobs()
    with pytest.raises(LedgerError) as caught:
        desk.book.note(again.payout.id, by="carol", text="x")
    assert caught.value.code is LedgerCode.LEASED


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_wanted(desk: Desk, reason: str) -> None:
    desk.campaign()
    with pytest.raises(LedgerError, match="reason"):
        desk.book.cancel_payout(first(desk).id, by="carol", reason=reason)
    assert first(desk).state is State.WAITING


def test_a_program_that_asks_again_is_told_and_nobody_is_paid(desk: Desk) -> None:
    stand(desk)
    payout = append(desk, "order-1")
    desk.book.cancel_payout(payout.id, by="carol", reason="fraud")
    again = append(desk, "order-1")
    assert (again.id, again.state) == (payout.id, State.CANCELLED)
    with pytest.raises(KeyReused):
        append(desk, "order-1", 200)
    assert desk.jobs() == []
    assert not desk.book.audit().findings


def listed_again(desk: Desk) -> int:
    """How many rows of spring another list adds."""
    plan = Plan(
        name="summer", channel_id=desk.channel(), profile="demo", budget=None, source="b.csv",
        source_digest=bytes(32),
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="bert")
    old = [it for it in desk.payouts() if it.key.startswith("spring")]
    rows = [Entry(it.key, it.kind, it.payee, it.amount, it.people, it.terms_id) for it in old]
    return desk.book.submit(begun.id, [rows], by="bert").new


def test_a_list_that_has_the_person_again_pays_nobody(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.cancel_payout(first(desk).id, by="carol", reason="has left")
    assert listed_again(desk) == 0
    assert [it.free for page in desk.book.contents(1) for it in page] == [False, False]


def test_with_its_campaign_the_key_is_free_again(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.cancel_payout(first(desk).id, by="carol", reason="has left")
    desk.book.cancel("spring", by="carol", reason="wrong list")
    assert listed_again(desk) == 2
    assert not desk.book.audit().findings


def test_a_note_is_kept_and_changes_nothing(desk: Desk) -> None:
    desk.campaign()
    before = first(desk)
    after = desk.book.note(before.id, by="carol", text=" called on Monday ")
    assert last_event(desk, before) == (EventKind.REMARKED, "carol", {"note": "called on Monday"})
    assert (after.state, after.task, after.due_at, after.calls) == (
        before.state, before.task, before.due_at, before.calls,
    )  # fmt: skip
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    desk.book.note(before.id, by="carol", text="x" * NOTE_MAX)
    assert first(desk).state is State.SENT
    assert sound(desk)


def test_a_receiver_in_a_note_is_masked(desk: Desk) -> None:
    desk.campaign(payees=["oUSER_spring_0000000001"])
    desk.book.note(first(desk).id, by="carol", text="is OUSER_spring_0000000001 really")
    assert last_event(desk, first(desk))[2] == {"note": "is oUSE…0001 really"}


@pytest.mark.parametrize("text", ["", " \n", "x" * (NOTE_MAX + 1)])
def test_a_note_says_something_and_is_no_book(desk: Desk, text: str) -> None:
    desk.campaign()
    with pytest.raises(LedgerError) as caught:
        desk.book.note(first(desk).id, by="carol", text=text)
    assert caught.value.code is LedgerCode.INVALID
    assert first(desk).seq == 1


def test_a_note_takes_nothing_from_what_is_proven_of_a_refusal(desk: Desk) -> None:
    payout = sent(desk, refused)
    desk.book.note(payout.id, by="carol", text="she changed her account")
    assert desk.book.reopen(payout.id, by="anna", reason="fixed").attempt == 2
    assert sound(desk)


def test_a_note_leaves_what_waits_for_a_person_as_it_is(desk: Desk) -> None:
    payout = sent(desk, doubtful)
    desk.book.query_now(payout.id, by="anna")
    handed_over(desk)
    desk.book.note(payout.id, by="carol", text="asked WeChat")
    assert desk.book.standing("spring").handed_over == 1
    assert sound(desk)
