"""What came back whole is paid again once, under a key of its own, once it is approved."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from desk import accepted, refused, step
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.ledger.model.campaign import CampaignState, Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step


def came_back(job: Job, refunded: int = 100) -> Step:
    return step(
        job, EventKind.FOUND, State.RETURNED, listid="1000041701201609263000000000",
        sent_at=job.at, settled_at=job.at, refunded=refunded, claimed=100 - refunded,
    )  # fmt: skip


def spring(desk: Desk) -> None:
    """Two came back, of one a part, one is paid, one refused."""
    desk.campaign(5)
    jobs = {job.payout.key: job for job in desk.jobs()}
    desk.record(
        (jobs["spring/0"], came_back(jobs["spring/0"])),
        (jobs["spring/1"], came_back(jobs["spring/1"])),
        (jobs["spring/2"], came_back(jobs["spring/2"], 60)),
        (jobs["spring/3"], accepted(jobs["spring/3"])),
        (jobs["spring/4"], refused(jobs["spring/4"])),
    )


def again(desk: Desk, count: int = 2, amount: int = 200, reason: str = "they asked") -> Campaign:
    return desk.book.retry_returned(
        "spring", expected=RefusedSum(count, amount), by="carol", reason=reason
    )


def test_what_came_back_whole_becomes_a_draft_with_keys_and_numbers_of_its_own(desk: Desk) -> None:
    spring(desk)
    plan = desk.book.returned_plan("spring")
    assert (plan.again, plan.partly, plan.done) == (
        RefusedSum(2, 200), RefusedSum(1, 100), RefusedSum()
    )  # fmt: skip
    draft = again(desk)
    assert (draft.name, draft.state, draft.rows) == ("spring+1", CampaignState.DRAFT, 2)
    own = {it.key: it for it in desk.payouts()}
    assert own["spring/0~2"].payee == own["spring/0"].payee
    assert own["spring/0~2"].billno != own["spring/0"].billno
    assert own["spring/0~2"].state is State.WAITING
    assert own["spring/0"].state is State.RETURNED
    desk.book.approve("spring+1", digest=draft.digest, by="bert")
    assert sorted(job.payout.key for job in desk.jobs()) == ["spring/0~2", "spring/1~2"]
    assert desk.book.audit().findings == ()


def test_each_is_paid_again_once_however_often_it_is_asked_for(desk: Desk) -> None:
    spring(desk)
    draft = again(desk)
    with pytest.raises(LedgerError, match="waits for a person"):
        again(desk, 0, 0)
    desk.book.approve("spring+1", digest=draft.digest, by="bert")
    plan = desk.book.returned_plan("spring")
    assert (plan.again, plan.done) == (RefusedSum(), RefusedSum(2, 200))
    with pytest.raises(LedgerError, match="no returned payout"):
        again(desk, 0, 0)


def test_what_comes_back_once_more_is_paid_a_third_time(desk: Desk) -> None:
    spring(desk)
    draft = again(desk)
    desk.book.approve("spring+1", digest=draft.digest, by="bert")
    one, _ = desk.jobs()
    desk.record((one, came_back(one)))
    assert again(desk, 1, 100).name == "spring+2"
    assert one.payout.key.endswith("~2")
    assert {it.key for it in desk.payouts()} >= {one.payout.key.replace("~2", "~3")}


def test_a_cancelled_supplement_leaves_them_to_be_paid_again(desk: Desk) -> None:
    spring(desk)
    again(desk)
    desk.book.cancel("spring+1", by="carol", reason="not yet")
    assert again(desk, reason="now").name == "spring+2"


class PowerCut(Exception):
    """Everything stops."""


def interrupted(desk: Desk) -> None:
    """All rows are stored, and it is no draft yet."""

    class Cut(type(desk.book)):  # type: ignore[misc]  # the books, whatever opened them
        def finish_import(self, name: str, *, by: str) -> Campaign:
            raise PowerCut

    with pytest.raises(PowerCut):
        desk.book.through(Cut).retry_returned(
            "spring", expected=RefusedSum(2, 200), by="carol", reason="they asked"
        )


def test_an_interrupted_one_goes_on(desk: Desk) -> None:
    spring(desk)
    interrupted(desk)
    assert again(desk).rows == 2


def test_an_interrupted_one_that_pays_more_than_is_confirmed_now_is_no_draft(desk: Desk) -> None:
    spring(desk)
    interrupted(desk)
    desk.draft(name="autumn", payees=["oUSER_spring_0"])
    with pytest.raises(
        LedgerError, match=r"has 2 payouts of 2\.00 yuan, not 1 of 1\.00 yuan"
    ) as caught:
        again(desk, 1, 100)
    assert caught.value.code is LedgerCode.CHANGED
    assert desk.book.standing("spring+1").campaign.state is CampaignState.IMPORTING
    desk.book.cancel("spring+1", by="carol", reason="one is paid by autumn")
    assert again(desk, 1, 100).rows == 1


@pytest.mark.parametrize("wrong", [(1, 100), (2, 100), (3, 200)])
def test_nothing_is_stored_if_it_is_another_count_or_sum(
    desk: Desk, wrong: tuple[int, int]
) -> None:
    spring(desk)
    with pytest.raises(LedgerError) as caught:
        again(desk, *wrong)
    assert caught.value.code is LedgerCode.CHANGED
    assert [it.campaign.name for it in desk.book.campaigns()] == ["spring"]


def test_whom_a_later_campaign_pays_the_same_is_left_out(desk: Desk) -> None:
    spring(desk)
    desk.draft(name="autumn", payees=["oUSER_spring_0"])
    plan = desk.book.returned_plan("spring")
    assert (plan.again, plan.paid_instead) == (RefusedSum(1, 100), RefusedSum(1, 100))


def test_it_needs_the_approval_that_any_list_needs(desk: Desk) -> None:
    spring(desk)
    draft = desk.book.retry_returned(
        "spring", expected=RefusedSum(2, 200), by="carol", reason="they asked",
        policy=ApprovalPolicy(approvers=2),
    )  # fmt: skip
    with pytest.raises(LedgerError) as caught:
        desk.book.approve("spring+1", digest=draft.digest, by="carol")
    assert caught.value.code is LedgerCode.SAME_PERSON


def listed(
    desk: Desk, *keys: str, name: str = "spring", parent: str | None = None, payee: str = "oUSER"
) -> Campaign:
    """A list of these keys, 100 fen each for one receiver, approved."""
    plan = Plan(
        name=name, channel_id=desk.channel(), profile="demo", budget=None, source="list.csv",
        source_digest=sha256(name.encode()).digest(), parent=parent,
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(
        begun.id, [[Entry(key, "normal", payee, 100, 1, terms_id) for key in keys]], by="anna"
    )
    draft = desk.book.finish_import(name, by="anna")
    return desk.book.approve(name, digest=draft.digest, by="bert")


def all_come_back(desk: Desk) -> set[str]:
    jobs = desk.jobs()
    desk.record(*((job, came_back(job)) for job in jobs))
    return {job.payout.key for job in jobs}


def paid_again(desk: Desk, count: int, reason: str = "they asked") -> set[str]:
    """Have it stored, approved and paid: the keys that were sent."""
    draft = again(desk, count, 100 * count, reason)
    assert draft.rows == count
    desk.book.approve(draft.name, digest=draft.digest, by="bert")
    return all_come_back(desk)


@pytest.mark.parametrize(
    "keys",
    [
        ("o~1", "o~2"),
        ("o~02", "o~2"),
        ("o", "o~2", "o~2~2", "o~3"),
        ("~", "~2", "~~2", "o~1", "o~1~2", "o~1~3", "o~", "o~x"),
    ],
)
def test_each_of_them_is_paid_again_once_a_round_whatever_its_key_ends_in(
    desk: Desk, keys: tuple[str, ...]
) -> None:
    listed(desk, *keys)
    sent = all_come_back(desk)
    assert sent == set(keys)
    for round_ in range(3):
        plan = desk.book.returned_plan("spring")
        assert (plan.again.payouts, plan.done.payouts) == (len(keys), round_ * len(keys))
        new = paid_again(desk, len(keys))
        assert len(new) == len(keys)
        assert not new & sent
        sent |= new
    assert desk.book.audit().findings == ()


def take_out(desk: Desk, key: str) -> None:
    out = next(it for it in desk.payouts() if it.key == key)
    desk.book.cancel_payout(out.id, by="carol", reason="has left")


@pytest.mark.parametrize("others", [1, 0])
def test_whom_somebody_took_out_of_the_supplement_stays_out_and_is_counted(
    desk: Desk, others: int
) -> None:
    listed(desk, *["u1", "u2"][: 1 + others])
    all_come_back(desk)
    draft = again(desk, 1 + others, 100 + 100 * others)
    take_out(desk, "u1~2")
    desk.book.approve(draft.name, digest=draft.digest, by="bert")
    assert len(all_come_back(desk)) == others
    plan = desk.book.returned_plan("spring")
    assert (plan.again.payouts, plan.done.payouts) == (others, others)
    assert plan.withdrawn == RefusedSum(1, 100)
    if others:
        assert paid_again(desk, 1) == {"u2~3"}
    with pytest.raises(LedgerError) as caught:
        again(desk, 1 + others, 100 + 100 * others)
    assert caught.value.code is LedgerCode.CHANGED
    assert all(it.campaign.rows for it in desk.book.campaigns())


def test_a_person_who_was_taken_out_of_a_supplement_that_was_cancelled_then_is_paid(
    desk: Desk,
) -> None:
    listed(desk, "u1", "u2")
    all_come_back(desk)
    again(desk)
    take_out(desk, "u1~2")
    desk.book.cancel("spring+1", by="carol", reason="all wrong")
    assert paid_again(desk, 2) == {"u1~2", "u2~2"}


def test_a_key_that_another_payment_has_is_passed_over(desk: Desk) -> None:
    listed(desk, "u1")
    listed(desk, "u1~2", name="autumn", payee="oOTHER")
    listed(desk, "u1~3", name="spring+1", parent="spring", payee="oOTHER")
    all_come_back(desk)
    assert {it.key for it in desk.book.returned_plan("spring").entries} == {"u1~4", "u1~3~2"}
    assert paid_again(desk, 2) == {"u1~4", "u1~3~2"}


def test_what_a_person_paid_again_by_a_list_under_that_key_is_not_paid_once_more(
    desk: Desk,
) -> None:
    listed(desk, "u1")
    all_come_back(desk)
    listed(desk, "u1~2", name="spring+1", parent="spring")
    plan = desk.book.returned_plan("spring")
    assert (plan.again, plan.paid_instead) == (RefusedSum(), RefusedSum(1, 100))
