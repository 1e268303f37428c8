"""Supplements: rows that come later, approved by themselves, and one campaign all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import MERCHANT_STOP, accepted, refused, unknown
from hongbao.errors import IllegalTransition, LedgerError
from hongbao.ledger.model.campaign import CampaignState, Entry, Plan
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.model.step import Scope, Stop

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign

STOP = Stop(scope=Scope.CAMPAIGN, code="WRONG_KEY", reason="no", advice="Look.")


def supplement(desk: Desk, name: str = "spring+1", count: int = 2) -> Campaign:
    """A draft of further rows of spring."""
    plan = Plan(
        name=name, channel_id=desk.channel(), profile="demo", budget=None, source="late.csv",
        source_digest=bytes(32), parent="spring",
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by="anna")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    rows = [Entry(f"{name}/{n}", "normal", f"oLATE_{n}", 100, 1, terms_id) for n in range(count)]
    desk.book.submit(begun.id, [rows], by="anna")
    return desk.book.finish_import(name, by="anna")


def approve(desk: Desk, draft: Campaign) -> Campaign:
    return desk.book.approve(draft.name, digest=draft.digest, by="bert")


def pay_all(desk: Desk) -> None:
    desk.record(*((job, accepted(job)) for job in desk.jobs()))


def test_rows_of_a_supplement_that_nobody_approved_are_never_claimed(desk: Desk) -> None:
    desk.campaign(3)
    supplement(desk)
    jobs = desk.jobs()
    assert len(jobs) == 3
    desk.record(*((job, accepted(job)) for job in jobs))
    desk.clock.pass_(3600)
    assert {job.payout.campaign_id for job in desk.jobs()} == {jobs[0].payout.campaign_id}
    found = desk.book.standing("spring")
    assert (found.phase, found.rows, found.planned) == (Phase.COMPLETE, 5, 500)
    assert (found.paid, found.waiting) == (300, 200)
    assert found.adds_up


def test_a_complete_campaign_runs_again_once_its_supplement_is_approved(desk: Desk) -> None:
    desk.campaign(2)
    pay_all(desk)
    draft = supplement(desk)
    approved = approve(desk, draft)
    assert (approved.approved_by, approved.approved_digest) == ("bert", draft.digest)
    assert desk.book.standing("spring").phase is Phase.APPROVED
    pay_all(desk)
    found = desk.book.standing("spring")
    assert (found.phase, found.paid, found.rows) == (Phase.COMPLETE, 400, 4)
    assert [it.phase for it in found.supplements] == [Phase.COMPLETE]
    assert [it.key for it in desk.book.payouts_of("spring")] == [
        "spring/0", "spring/1", "spring+1/0", "spring+1/1",
    ]  # fmt: skip
    assert desk.book.audit().findings == ()


def test_each_supplement_has_its_own_digest_and_its_own_approval(desk: Desk) -> None:
    first = desk.campaign(2)
    one, two = supplement(desk), supplement(desk, "spring+2")
    assert len({first.digest, one.digest, two.digest}) == 3
    with pytest.raises(LedgerError, match="Somebody changed the list"):
        desk.book.approve(two.name, digest=one.digest, by="bert")
    approve(desk, two)
    assert {job.payout.key for job in desk.jobs()} == {
        "spring/0", "spring/1", "spring+2/0", "spring+2/1",
    }  # fmt: skip
    assert desk.book.standing("spring").campaign.digest == first.digest
    assert desk.book.audit().findings == ()


def test_a_supplement_of_a_paused_campaign_waits_with_it_and_goes_on_with_it(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.pause("spring", by="anna", reason="to look")
    approved = approve(desk, supplement(desk))
    assert (approved.state, approved.stop and approved.stop.code) == ("paused", "PAUSED_BY_PERSON")
    assert desk.jobs() == []
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 4
    assert desk.book.audit().findings == ()


def test_a_pause_holds_a_campaign_and_its_supplements(desk: Desk) -> None:
    desk.campaign(1)
    approve(desk, supplement(desk))
    draft = supplement(desk, "spring+2")
    desk.book.pause("spring", by="anna", reason="to look")
    assert desk.jobs() == []
    found = desk.book.standing("spring")
    assert (found.phase, found.sends) == (Phase.PAUSED, False)
    assert len(found.stops) == 1
    assert [it.state for it in found.campaigns] == ["paused", "paused", "draft"]
    assert desk.book.pause("spring", by="anna", reason="again").state == "paused"
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 3
    assert desk.book.standing("spring+2").campaign == draft


def test_a_supplement_that_a_worker_stopped_is_resumed_by_the_campaigns_name(desk: Desk) -> None:
    desk.campaign(1)
    pay_all(desk)
    late = approve(desk, supplement(desk))
    desk.book.record("worker-1", [], stops=[(late.id, STOP)])
    found = desk.book.standing("spring")
    assert (found.phase, found.stops) == (Phase.PAUSED, [STOP])
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 2
    assert desk.decisions(found.campaign)[-1][0] == "started"


def test_a_merchants_stop_is_lifted_by_a_resume_of_a_campaign_with_a_supplement(desk: Desk) -> None:
    campaign = desk.campaign(2)
    approve(desk, supplement(desk))
    desk.book.record("worker-1", [], stops=[(campaign.id, MERCHANT_STOP)])
    assert desk.jobs() == []
    desk.book.resume("spring", by="anna")
    assert len(desk.jobs()) == 4


def test_a_cancel_takes_back_a_campaign_with_all_its_supplements(desk: Desk) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, accepted(job)))
    approve(desk, supplement(desk))
    supplement(desk, "spring+2")
    desk.book.cancel("spring", by="anna", reason="enough")
    found = desk.book.standing("spring")
    assert [it.state for it in found.campaigns] == [CampaignState.CANCELLED] * 3
    assert (found.paid, found.cancelled, found.waiting) == (100, 500, 0)
    assert found.phase is Phase.CANCELLED
    assert desk.book.audit().findings == ()


def test_of_a_complete_campaign_a_cancel_takes_back_what_is_left_of_its_supplements(
    desk: Desk,
) -> None:
    desk.campaign(2)
    pay_all(desk)
    approve(desk, supplement(desk))
    desk.book.cancel("spring", by="anna", reason="enough")
    found = desk.book.standing("spring")
    assert [it.state for it in found.campaigns] == ["running", "cancelled"]
    assert found.phase is Phase.COMPLETE_WITH_REFUSALS
    with pytest.raises(LedgerError, match="complete: nothing of it is left"):
        desk.book.cancel("spring", by="anna", reason="enough")


def test_a_supplement_is_cancelled_by_itself_and_the_campaign_goes_on(desk: Desk) -> None:
    desk.campaign(2)
    approve(desk, supplement(desk))
    desk.book.cancel("spring+1", by="anna", reason="wrong people")
    assert len(desk.jobs()) == 2
    assert desk.book.standing("spring").campaign.state == "running"


def test_a_cancelled_campaign_takes_no_supplement_and_approves_none(desk: Desk) -> None:
    desk.campaign(1)
    desk.book.cancel("spring", by="anna", reason="enough")
    with pytest.raises(LedgerError, match="cancelled: it takes no supplement"):
        supplement(desk)
    assert [it.campaign.name for it in desk.book.campaigns()] == ["spring"]


def test_a_draft_of_a_supplement_whose_campaign_was_cancelled_is_not_approved(desk: Desk) -> None:
    desk.campaign(1)
    draft = supplement(desk)
    with desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE campaign SET state = 'cancelled' WHERE name = 'spring'")
    with pytest.raises(LedgerError, match="spring is cancelled"):
        approve(desk, draft)


def test_a_supplement_has_no_supplement(desk: Desk) -> None:
    desk.campaign(1)
    supplement(desk)
    plan = Plan(name="x", channel_id=desk.channel(), profile="demo", budget=None, source="",
                source_digest=b"", parent="spring+1")  # fmt: skip
    with pytest.raises(LedgerError, match="a supplement itself"):
        desk.book.begin_import(plan, by="anna")


@pytest.mark.parametrize(
    ("outcome", "phase"), [(refused, Phase.COMPLETE_WITH_REFUSALS), (unknown, Phase.IN_DOUBT)]
)
def test_the_phase_of_a_campaign_counts_what_became_of_its_supplements(
    desk: Desk, outcome: object, phase: Phase
) -> None:
    desk.campaign(1)
    pay_all(desk)
    approve(desk, supplement(desk, count=1))
    [job] = [job for job in desk.jobs() if job.payout.state is State.IN_DOUBT]
    desk.record((job, outcome(job)))  # type: ignore[operator] # one of those above
    assert desk.book.standing("spring").phase is phase


def test_nothing_that_is_paused_or_draft_with_its_supplement_can_be_paused(desk: Desk) -> None:
    desk.draft(1)
    with pytest.raises(IllegalTransition):
        desk.book.pause("spring", by="anna", reason="so")
    with pytest.raises(IllegalTransition):
        desk.book.resume("spring", by="anna")


def test_an_audit_sees_a_supplement_that_was_given_to_another_campaign(desk: Desk) -> None:
    desk.campaign(1)
    supplement(desk)
    with desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE campaign SET parent_id = 77 WHERE name = 'spring+1'")
    [found] = desk.book.audit().findings
    assert (found.code, found.subject) == ("decision", "campaign spring+1")
    assert "parent_id is 77" in found.words


def test_an_audit_sees_changed_rows_of_a_supplement(desk: Desk) -> None:
    desk.campaign(1)
    approve(desk, supplement(desk))
    with desk.transaction() as connection:
        if desk.database.is_postgresql:
            connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER payout_content")
        connection.exec_driver_sql("UPDATE payout SET people = 2 WHERE key = 'spring+1/1'")
    codes = {(it.code, it.subject) for it in desk.book.audit().findings}
    assert ("digest", "campaign spring+1") in codes
