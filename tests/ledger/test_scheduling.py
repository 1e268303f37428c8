"""A campaign that is scheduled waits for its time, and goes on then by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import HOUR, accepted
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.campaign import (
    CampaignState,
    DecisionKind,
    Entry,
    Plan,
)
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.model.step import ALL_STOPPED, SCHEDULED
from hongbao.ledger.model.wait import Cause

if TYPE_CHECKING:
    from desk import Desk


def in_an_hour(desk: Desk) -> int:
    return desk.clock.now + HOUR * SECOND


def test_what_is_approved_waits_until_then_and_goes_on_with_the_next_heartbeat(desk: Desk) -> None:
    spring = desk.campaign(2)
    at = in_an_hour(desk)
    assert desk.book.schedule("spring", at=at, by="carol").state is CampaignState.PAUSED
    assert desk.book.wait(spring.id) == (Cause.SCHEDULE, at, None)
    assert not desk.book.standing("spring").needs_attention
    desk.clock.pass_(HOUR - 1)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.clock.pass_(1)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 2
    last = desk.book.decisions("spring")[-1]
    assert (last.kind, last.actor) == (DecisionKind.RESUMED, "worker-1")
    assert not desk.book.audit().findings


def test_a_draft_is_scheduled_before_its_approval_and_is_not_sent_without_it(desk: Desk) -> None:
    draft = desk.draft(2)
    at = in_an_hour(desk)
    assert desk.book.schedule("spring", at=at, by="carol").state is CampaignState.DRAFT
    desk.clock.pass_(2 * HOUR)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    approved = desk.book.approve("spring", digest=draft.digest, by="bert")
    assert (approved.state, approved.stop and approved.stop.code) == (
        CampaignState.PAUSED, SCHEDULED,
    )  # fmt: skip
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 2
    assert not desk.book.audit().findings


def test_an_approval_after_the_time_sends_at_once(desk: Desk) -> None:
    draft = desk.draft(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.clock.pass_(2 * HOUR)
    desk.book.approve("spring", digest=draft.digest, by="bert")
    assert len(desk.jobs()) == 1


def test_another_time_counts_from_then_on(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.schedule("spring", at=desk.clock.now + 3 * HOUR * SECOND, by="dora")
    desk.clock.pass_(2 * HOUR)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 1


def test_who_resumes_it_sends_it_before(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 1
    desk.clock.pass_(2 * HOUR)
    desk.book.beat("worker-1")
    assert desk.book.decisions("spring")[-1].actor != "carol"


def test_what_somebody_pauses_meanwhile_does_not_go_on_by_itself(desk: Desk) -> None:
    desk.campaign(1)
    at = in_an_hour(desk)
    desk.book.schedule("spring", at=at, by="carol")
    desk.book.resume("spring", by="anna")
    desk.book.pause("spring", by="anna", reason="lunch")
    with pytest.raises(LedgerError) as caught:
        desk.book.schedule("spring", at=at, by="carol")
    assert caught.value.code is LedgerCode.WRONG_STATE
    desk.clock.pass_(2 * HOUR)
    desk.book.beat("worker-1")
    assert desk.book.standing("spring").campaign.state is CampaignState.PAUSED


def test_what_is_paused_before_its_time_does_not_go_on_by_itself(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    paused = desk.book.pause("spring", by="dora", reason="wrong list")
    assert paused.stop is not None
    assert paused.stop.reason == "dora: wrong list"
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.book.resume("spring", by="dora")
    assert len(desk.jobs()) == 1
    assert not desk.book.audit().findings


def supplement(desk: Desk) -> bytes:
    plan = Plan(
        name="spring+1", channel_id=desk.channel(), profile="demo", budget=None,
        source="late.csv", source_digest=bytes(32), parent="spring",
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(begun.id, [[Entry("late", "normal", "oLATE", 100, 1, terms_id)]], by="anna")
    return desk.book.finish_import("spring+1", by="anna").digest


def test_a_supplement_waits_with_its_campaign(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.approve("spring+1", digest=supplement(desk), by="bert")
    assert desk.jobs() == []
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 2
    assert not desk.book.audit().findings


def test_a_supplement_that_waits_is_paused_with_its_campaign(desk: Desk) -> None:
    desk.campaign(1)
    digest = supplement(desk)
    desk.book.approve("spring+1", digest=digest, by="bert")
    at = in_an_hour(desk)
    desk.book.schedule("spring", at=at, by="carol")
    desk.book.pause("spring", by="dora", reason="wrong list")
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    assert not desk.book.audit().findings


def test_a_supplement_of_a_draft_that_has_its_time_waits_for_it(desk: Desk) -> None:
    desk.draft(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.approve("spring+1", digest=supplement(desk), by="bert")
    assert desk.jobs() == []
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert [job.payout.key for job in desk.jobs()] == ["late"]
    assert not desk.book.audit().findings


def test_a_time_that_has_passed_and_a_cancelled_campaign_are_refused(desk: Desk) -> None:
    desk.campaign(1)
    with pytest.raises(LedgerError) as caught:
        desk.book.schedule("spring", at=desk.clock.now, by="carol")
    assert caught.value.code is LedgerCode.INVALID
    desk.book.cancel("spring", by="anna", reason="enough")
    with pytest.raises(LedgerError) as caught:
        desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    assert caught.value.code is LedgerCode.WRONG_STATE


def test_what_is_complete_is_not_scheduled_any_more(desk: Desk) -> None:
    spring = desk.campaign(1)
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    with pytest.raises(LedgerError, match="spring is complete: nothing of it") as caught:
        desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    assert caught.value.code is LedgerCode.WRONG_STATE
    assert desk.book.wait(spring.id) is None


def test_stop_all_holds_what_is_due_by_then(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.stop_all(by="anna", reason="x")
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert desk.jobs() == []
    desk.book.resume_all(by="anna")
    assert len(desk.jobs()) == 1


def test_programs_hear_that_it_is_paused_that_it_starts_and_that_it_goes_on(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 1
    types = [it.type for it in desk.book.events().events if it.type.startswith("campaign.")]
    assert types == [
        "campaign.approved", "campaign.paused", "campaign.started", "campaign.resumed",
    ]  # fmt: skip


def test_while_all_are_stopped_that_is_said_of_what_is_scheduled_too(desk: Desk) -> None:
    spring = desk.campaign(1)
    desk.book.schedule("spring", at=in_an_hour(desk), by="carol")
    desk.book.stop_all(by="dora", reason="wrong amounts")
    assert desk.book.wait(spring.id) == (Cause.PAUSE, None, ALL_STOPPED)
    desk.book.resume_all(by="dora")
    assert desk.book.wait(spring.id) == (Cause.SCHEDULE, in_an_hour(desk), None)
