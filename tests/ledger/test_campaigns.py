"""Campaigns in the books: begun once, approved as shown, paused, resumed, cancelled."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from desk import MERCHANT_STOP, postponed, refused, unknown
from hongbao.errors import IllegalTransition, LedgerError
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, Entry, Plan
from hongbao.ledger.model.payout import Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.model.step import Scope, Stop
from hongbao.ledger.store.database import is_postgresql

if TYPE_CHECKING:
    from desk import Desk

STOP = Stop(scope=Scope.CAMPAIGN, code="OPENID_ERROR", reason="all refused", advice="Fix it.")


def plan(channel_id: int, **changes: object) -> Plan:
    """A plan for a list."""
    made = Plan(
        name="spring",
        channel_id=channel_id,
        profile="demo",
        budget=None,
        source="list.csv",
        source_digest=sha256(b"").digest(),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # by name, as a test says it


def test_a_campaign_begins_as_importing(desk: Desk) -> None:
    merchant = desk.channel()
    begun = desk.book.begin_import(plan(merchant, budget=500), by="anna")
    assert (begun.state, begun.rows, begun.planned, begun.budget) == ("importing", 0, 0, 500)
    assert (begun.created_by, begun.created_at) == ("anna", desk.clock.now)
    assert (begun.open, begun.approved_by, begun.stop) == (False, None, None)
    assert desk.decisions(begun) == [(DecisionKind.BEGUN, "anna")]


def test_beginning_again_goes_on_with_the_same_campaign(desk: Desk) -> None:
    merchant = desk.channel()
    begun = desk.book.begin_import(plan(merchant), by="anna")
    assert desk.book.begin_import(plan(merchant), by="bert") == begun


def test_whoever_goes_on_with_an_import_for_another_reason_says_so(desk: Desk) -> None:
    merchant = desk.channel()
    begun = desk.book.begin_import(plan(merchant), by="anna")
    why = {"pays_again": {"rows": 2, "amount": 200, "places": ["in qixi (draft)"]}}
    desk.book.begin_import(plan(merchant, why=why), by="bert")
    again = desk.book.begin_import(plan(merchant, why=why), by="carl")
    assert desk.decisions(begun) == [(DecisionKind.BEGUN, "anna"), (DecisionKind.BEGUN, "bert")]
    assert json.loads(desk.book.decisions("spring")[-1].body) == why
    assert again.seq == 2
    desk.book.begin_import(plan(merchant), by="anna")
    assert json.loads(desk.book.decisions("spring")[-1].body) == {}
    assert desk.book.audit().findings == ()


def test_a_draft_takes_rows_again_from_another_list_with_another_budget(desk: Desk) -> None:
    draft = desk.draft(2)
    again = desk.book.begin_import(
        plan(draft.channel_id, budget=1000, source="more.csv", source_digest=b"2" * 32), by="bert"
    )
    assert (again.id, again.state, again.rows) == (draft.id, CampaignState.IMPORTING, 2)
    assert (again.budget, again.source, again.source_digest) == (1000, "more.csv", b"2" * 32)
    assert desk.decisions(draft)[-1] == (DecisionKind.BEGUN, "bert")


def test_a_budget_below_what_is_there_already_is_refused(desk: Desk) -> None:
    draft = desk.draft(2)
    with pytest.raises(LedgerError, match="200 fen"):
        desk.book.begin_import(plan(draft.channel_id, budget=199), by="anna")
    assert desk.book.standing("spring").campaign == draft


@pytest.mark.parametrize("end", ["approved", "cancelled"])
def test_what_is_past_its_draft_takes_no_more_rows(desk: Desk, end: str) -> None:
    draft = desk.draft()
    if end == "approved":
        desk.book.approve("spring", digest=draft.digest, by="bert")
    else:
        desk.book.cancel("spring", by="bert", reason="wrong list")
    with pytest.raises(LedgerError, match=end):
        desk.book.begin_import(plan(draft.channel_id), by="anna")


def test_a_name_belongs_to_one_merchant_and_one_set_of_settings(desk: Desk) -> None:
    draft = desk.draft()
    other = desk.channel("1900099999")
    for wrong in (plan(other), plan(draft.channel_id, profile="other")):
        with pytest.raises(LedgerError, match="another name"):
            desk.book.begin_import(wrong, by="anna")


def test_a_campaign_of_nobody_is_refused(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="no channel with the id 77"):
        desk.book.begin_import(plan(77), by="anna")
    with pytest.raises(LedgerError, match="'nowhere'"):
        desk.book.finish_import("nowhere", by="anna")


def test_two_who_begin_the_same_at_once_get_one_campaign(desk: Desk) -> None:
    wanted = plan(desk.channel())
    with ThreadPoolExecutor(4) as threads:
        begun = list(
            threads.map(lambda by: desk.book.begin_import(wanted, by=by), ("a", "b", "c", "d"))
        )
    assert len({campaign.id for campaign in begun}) == 1
    assert len(desk.decisions(begun[0])) == 1


def test_an_import_is_finished_once(desk: Desk) -> None:
    draft = desk.draft()
    assert desk.book.finish_import("spring", by="bert") == draft
    approved = desk.book.approve("spring", digest=draft.digest, by="bert")
    assert desk.book.finish_import("spring", by="anna") == approved


def test_an_approval_binds_the_approver_and_the_digest(desk: Desk) -> None:
    draft = desk.draft(3)
    desk.clock.pass_(60)
    approved = desk.book.approve("spring", digest=draft.digest, by="bert")
    assert (approved.state, approved.open) == (CampaignState.APPROVED, True)
    assert (approved.approved_by, approved.approved_at) == ("bert", desk.clock.now)
    assert approved.approved_digest == draft.digest
    assert len(desk.jobs()) == 3


def test_nothing_of_a_draft_is_claimed(desk: Desk) -> None:
    desk.draft(3)
    assert desk.jobs() == []
    assert desk.book.standing("spring").phase is Phase.DRAFT


def test_rows_that_come_between_showing_and_approving_stop_the_approval(desk: Desk) -> None:
    shown = desk.draft(2)
    desk.book.begin_import(plan(shown.channel_id), by="eve")
    [terms_id] = desk.book.terms([{"wishing": "x"}])
    desk.book.submit(shown.id, [[Entry("late", "normal", "oEVE", 9999, 1, terms_id)]], by="eve")
    now = desk.book.finish_import("spring", by="eve")
    with pytest.raises(LedgerError, match="changed the list") as refusal:
        desk.book.approve("spring", digest=shown.digest, by="bert")
    assert refusal.value.code == "changed"
    assert desk.jobs() == []
    desk.book.approve("spring", digest=now.digest, by="bert")
    assert len(desk.jobs()) == 3


def test_approving_and_adding_rows_at_once_never_approves_unseen_rows(desk: Desk) -> None:
    shown = desk.draft(50)
    [terms_id] = desk.book.terms([{"wishing": "x"}])
    late = [Entry(f"late/{row}", "normal", f"oEVE{row}", 9, 1, terms_id) for row in range(50)]

    def approve() -> bool:
        try:
            desk.book.approve("spring", digest=shown.digest, by="bert")
        except LedgerError:
            return False
        return True

    def add() -> bool:
        try:
            desk.book.submit(shown.id, [late], by="eve")
        except LedgerError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        approving, adding = threads.submit(approve), threads.submit(add)
    assert approving.result() != adding.result()
    sent = {job.payout.key for job in desk.jobs()}
    assert len(sent) == (50 if approving.result() else 0)
    assert not any(key.startswith("late") for key in sent)


def test_rows_that_were_changed_behind_the_books_back_stop_the_approval(desk: Desk) -> None:
    draft = desk.draft(2)
    with desk.transaction() as connection:
        drop = "DROP TRIGGER payout_content"
        connection.exec_driver_sql(drop + (" ON payout" if is_postgresql(connection) else ""))
        connection.exec_driver_sql("UPDATE payout SET amount = 150 WHERE row = 1")
        connection.exec_driver_sql("UPDATE payout SET amount = 50 WHERE row = 2")
    with pytest.raises(LedgerError, match="its rows are"):
        desk.book.approve("spring", digest=draft.digest, by="bert")


def test_only_a_draft_with_rows_is_approved(desk: Desk) -> None:
    empty = desk.book.begin_import(plan(desk.channel(), name="empty"), by="anna")
    with pytest.raises(IllegalTransition):
        desk.book.approve("empty", digest=empty.digest, by="bert")
    desk.book.finish_import("empty", by="anna")
    with pytest.raises(LedgerError, match="no rows"):
        desk.book.approve("empty", digest=empty.digest, by="bert")
    draft = desk.draft()
    desk.book.approve("spring", digest=draft.digest, by="bert")
    with pytest.raises(IllegalTransition):
        desk.book.approve("spring", digest=draft.digest, by="bert")


def test_a_paused_campaign_sends_nothing_and_asks_on(desk: Desk) -> None:
    desk.campaign(3)
    [job] = desk.jobs(1)
    desk.record((job, unknown(job, after=5)))
    paused = desk.book.pause("spring", by="anna", reason="the boss called")
    assert paused.state is CampaignState.PAUSED
    assert paused.stop is not None
    assert paused.stop.reason == "anna: the boss called"
    desk.clock.pass_(10)
    assert [job.task for job in desk.jobs()] == [Task.QUERY]
    assert desk.book.pause("spring", by="bert", reason="again") == paused


def test_who_stops_a_campaign_says_why(desk: Desk) -> None:
    desk.campaign(1)
    for stop in (desk.book.pause, desk.book.cancel):
        with pytest.raises(LedgerError, match="needs a reason"):
            stop("spring", by="anna", reason=" ")
    assert desk.book.standing("spring").campaign.state is CampaignState.APPROVED


def test_what_is_paused_goes_on_with_the_same_numbers(desk: Desk) -> None:
    desk.campaign(3)
    before = [payout.billno for payout in desk.payouts()]
    desk.book.pause("spring", by="anna", reason="lunch")
    assert desk.jobs() == []
    resumed = desk.book.resume("spring", by="bert")
    assert (resumed.state, resumed.stop) == (CampaignState.RUNNING, None)
    assert [job.payout.billno for job in desk.jobs()] == before


def test_what_a_worker_stopped_is_resumed_and_counted_anew(desk: Desk) -> None:
    campaign = desk.campaign(3)
    [job] = desk.jobs(1)
    desk.book.record("w", [(job, refused(job, "OPENID_ERROR"))], stops=[(campaign.id, STOP)])
    stopped = desk.book.standing("spring").campaign
    assert (stopped.state, stopped.stop) == (CampaignState.PAUSED, STOP)
    assert desk.jobs() == []
    assert desk.book.causes(campaign.id).refused == {"OPENID_ERROR": 1}
    desk.book.resume("spring", by="anna")
    assert desk.book.causes(campaign.id).refused == {}
    assert len(desk.jobs()) == 2
    kinds = [kind for kind, _ in desk.decisions(campaign)]
    assert kinds[-3:] == [DecisionKind.STARTED, DecisionKind.STOPPED, DecisionKind.RESUMED]


def test_resuming_lifts_what_stops_the_merchant_too(desk: Desk) -> None:
    campaign = desk.campaign(3)
    [job] = desk.jobs(1)
    result = postponed(job, after=1)
    desk.book.record("w", [(job, result)], stops=[(campaign.id, MERCHANT_STOP)])
    desk.clock.pass_(5)
    assert desk.book.standing("spring").merchant_stop == MERCHANT_STOP
    assert desk.jobs() == []
    resumed = desk.book.resume("spring", by="anna")
    assert resumed.state is CampaignState.RUNNING
    assert desk.book.standing("spring").merchant_stop is None
    assert len(desk.jobs()) == 3
    assert desk.decisions(campaign)[-1] == (DecisionKind.RESUMED, "anna")


def test_resuming_what_runs_changes_nothing(desk: Desk) -> None:
    campaign = desk.campaign(3)
    assert desk.book.resume("spring", by="anna") == campaign


def test_what_nobody_approved_or_is_cancelled_cannot_be_paused_or_resumed(desk: Desk) -> None:
    desk.draft(name="draft")
    desk.campaign(name="gone")
    desk.book.cancel("gone", by="anna", reason="no")
    for name in ("draft", "gone"):
        with pytest.raises(IllegalTransition):
            desk.book.resume(name, by="anna")
        with pytest.raises(IllegalTransition):
            desk.book.pause(name, by="anna", reason="no")


def test_a_decision_that_is_done_twice_stands_once(desk: Desk) -> None:
    campaign = desk.campaign(2)
    for _ in range(2):
        desk.book.pause("spring", by="anna", reason="no")
    for _ in range(2):
        desk.book.resume("spring", by="anna")
    for _ in range(2):
        desk.book.cancel("spring", by="anna", reason="no")
    kinds = [kind for kind, _ in desk.decisions(campaign)]
    assert kinds == [
        "begun", "extended", "imported", "approved", "paused", "started", "resumed", "cancelled",
    ]  # fmt: skip
