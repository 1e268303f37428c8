"""What came back whole is paid again once, under a key of its own, once it is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import accepted, refused, step
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ApprovalPolicy
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.retry import RefusedSum
from hongbao.ledger.operations.returned import key_again

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
    assert {it.key for it in desk.payouts()} >= {key_again(one.payout.key)}
    assert one.payout.key.endswith("~2")


def test_a_cancelled_supplement_leaves_them_to_be_paid_again(desk: Desk) -> None:
    spring(desk)
    again(desk)
    desk.book.cancel("spring+1", by="carol", reason="not yet")
    assert again(desk, reason="now").name == "spring+2"


def test_an_interrupted_one_goes_on(desk: Desk) -> None:
    spring(desk)

    class PowerCut(Exception):
        """Everything stops."""

    class Cut(type(desk.book)):  # type: ignore[misc]  # the books, whatever opened them
        def finish_import(self, name: str, *, by: str) -> Campaign:
            raise PowerCut

    with pytest.raises(PowerCut):
        desk.book.through(Cut).retry_returned(
            "spring", expected=RefusedSum(2, 200), by="carol", reason="they asked"
        )
    assert again(desk).rows == 2


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


@pytest.mark.parametrize(
    ("key", "next_"), [("u1", "u1~2"), ("u1~2", "u1~3"), ("~", "~~2"), ("a~x", "a~x~2")]
)
def test_a_key_is_derived_from_the_one_before(key: str, next_: str) -> None:
    assert key_again(key) == next_
