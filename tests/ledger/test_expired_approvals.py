"""What was approved and not begun within a day needs another approval; what has begun does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import HOUR
from hongbao.ledger.model.campaign import CampaignState, DecisionKind
from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from desk import Desk

DAY = 24 * HOUR


def state(desk: Desk) -> CampaignState:
    return desk.book.standing("spring").campaign.state


def test_what_no_worker_begins_within_a_day_is_a_draft_again_and_can_be_approved_anew(
    desk: Desk,
) -> None:
    digest = desk.campaign(2).digest
    desk.clock.pass_(DAY)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.DRAFT
    assert desk.jobs() == []
    last = desk.book.decisions("spring")[-1]
    assert (last.kind, last.actor) == (DecisionKind.WITHDRAWN, "worker-1")
    desk.book.approve("spring", digest=digest, by="bert")
    assert len(desk.jobs()) == 2
    assert not desk.book.audit().findings


def test_no_claim_begins_it_even_before_a_worker_has_looked(desk: Desk) -> None:
    desk.campaign(2)
    desk.clock.pass_(DAY)
    assert desk.jobs() == []
    assert state(desk) is CampaignState.APPROVED
    assert not desk.book.audit().findings


def test_within_the_day_it_begins(desk: Desk) -> None:
    desk.campaign(2)
    desk.clock.pass_(DAY - 1)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 2


def test_what_has_begun_goes_on_however_old_its_approval_is(desk: Desk) -> None:
    desk.campaign(3)
    desk.jobs(limit=1)
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 3
    desk.book.pause("spring", by="carol", reason="a question")
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert desk.book.resume("spring", by="carol").state is CampaignState.RUNNING


def test_what_a_person_has_paused_waits_for_that_person(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.pause("spring", by="carol", reason="a question")
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.PAUSED
    desk.book.resume("spring", by="carol")
    assert len(desk.jobs()) == 1


def test_the_day_of_what_is_scheduled_begins_with_its_time(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=desk.clock.now + 3 * DAY * SECOND, by="carol")
    desk.clock.pass_(4 * DAY - 1)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.RUNNING


def test_what_was_scheduled_and_nobody_has_begun_for_a_day_is_a_draft_again(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.schedule("spring", at=desk.clock.now + 3 * DAY * SECOND, by="carol")
    desk.clock.pass_(4 * DAY)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.DRAFT
    assert desk.jobs() == []
    assert not desk.book.audit().findings


def gone_on(desk: Desk) -> None:
    """A scheduled list, which some worker let go on when its time had come: none has begun it."""
    desk.campaign(2)
    desk.book.schedule("spring", at=desk.clock.now + 3 * DAY * SECOND, by="carol")
    desk.clock.pass_(3 * DAY + HOUR)
    desk.book.beat("worker of another merchant")
    assert state(desk) is CampaignState.RUNNING


def test_what_went_on_at_its_time_and_nobody_has_begun_for_a_day_is_a_draft_again(
    desk: Desk,
) -> None:
    gone_on(desk)
    desk.clock.pass_(23 * HOUR - 1)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.RUNNING
    desk.clock.pass_(1)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.DRAFT
    assert desk.jobs() == []
    desk.book.approve("spring", digest=desk.book.standing("spring").campaign.digest, by="bert")
    assert len(desk.jobs()) == 2
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.RUNNING
    assert not desk.book.audit().findings


def test_no_claim_begins_what_went_on_a_day_ago_even_before_a_worker_has_looked(
    desk: Desk,
) -> None:
    gone_on(desk)
    desk.clock.pass_(23 * HOUR)
    assert desk.jobs() == []
    assert state(desk) is CampaignState.RUNNING
    assert not desk.book.audit().findings


def test_what_a_person_has_resumed_since_waits_however_long_nobody_begins_it(desk: Desk) -> None:
    gone_on(desk)
    desk.book.pause("spring", by="carol", reason="a question")
    desk.book.resume("spring", by="carol")
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 2


def test_what_everybody_was_taken_out_of_is_complete_and_needs_no_other_approval(
    desk: Desk,
) -> None:
    desk.campaign(1)
    [payout] = desk.payouts()
    desk.book.cancel_payout(payout.id, by="carol", reason="left the company")
    desk.clock.pass_(3 * DAY)
    desk.book.beat("worker-1")
    assert state(desk) is CampaignState.APPROVED
    assert desk.book.decisions("spring")[-1].kind == DecisionKind.COMPLETED
    assert desk.jobs() == []
    assert not desk.book.audit().findings
