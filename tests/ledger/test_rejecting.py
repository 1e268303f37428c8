"""An approver gives a draft back to its maker: it is approved only once something has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from desk import accepted
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy
from hongbao.ledger.model.campaign import CampaignState, Entry, Plan
from hongbao.ledger.model.draft_decisions import rejection
from hongbao.ledger.store.schema import CAMPAIGN

if TYPE_CHECKING:
    from desk import Desk


def draft(desk: Desk, *keys: str, by: str = "anna") -> None:
    """Begin or extend a draft with rows of 100 fen."""
    plan = Plan(
        name="spring", channel_id=desk.channel(), profile="demo", budget=None, source="list.csv",
        source_digest=bytes(32),
    )  # fmt: skip
    begun = desk.book.begin_import(plan, by=by)
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    entries = [Entry(key, "normal", f"oUSER{key}", 100, 1, terms_id) for key in keys]
    desk.book.submit(begun.id, [entries], by=by)
    desk.book.finish_import("spring", by=by)


def approve(desk: Desk, by: str, policy: ApprovalPolicy = ANYBODY) -> CampaignState:
    digest = desk.book.standing("spring").campaign.digest
    return desk.book.approve("spring", digest=digest, by=by, policy=policy).state


def test_a_rejected_draft_is_not_approved_by_anybody_as_it_is(desk: Desk) -> None:
    draft(desk, "k1")
    assert desk.book.reject("spring", by="bert", reason="wrong greeting").state == "draft"
    found = rejection(desk.book.decisions("spring"))
    assert found is not None
    assert found.actor == "bert"
    for by in ("anna", "bert", "carol"):
        with pytest.raises(LedgerError, match="was rejected by bert") as caught:
            approve(desk, by)
        assert caught.value.code is LedgerCode.WRONG_STATE
    assert desk.jobs() == []
    with pytest.raises(LedgerError, match="was rejected"):
        desk.book.reject("spring", by="carol", reason="once more")


def test_the_database_approves_nothing_that_is_rejected(desk: Desk) -> None:
    draft(desk, "k1")
    desk.book.reject("spring", by="bert", reason="x")
    campaign = desk.book.standing("spring").campaign
    forged = update(CAMPAIGN).values(
        state="approved", approved_at=desk.clock.now, approved_by="carol",
        approved_digest=campaign.digest,
    )  # fmt: skip
    with pytest.raises(LedgerError, match="it was rejected"), desk.transaction() as connection:
        connection.execute(forged)


def test_it_is_approved_once_its_list_is_another(desk: Desk) -> None:
    draft(desk, "k1")
    desk.book.reject("spring", by="bert", reason="one is missing")
    draft(desk, "k2")
    assert rejection(desk.book.decisions("spring")) is None
    assert approve(desk, "bert") is CampaignState.APPROVED
    assert not desk.book.audit().findings


def test_it_is_approved_once_the_rejection_is_withdrawn(desk: Desk) -> None:
    draft(desk, "k1")
    desk.book.reject("spring", by="bert", reason="not today")
    desk.book.withdraw_approval("spring", by="bert", reason="it is tomorrow")
    assert approve(desk, "bert") is CampaignState.APPROVED
    assert not desk.book.audit().findings


def test_there_must_be_a_draft_and_a_reason(desk: Desk) -> None:
    draft(desk, "k1")
    with pytest.raises(LedgerError, match="reason"):
        desk.book.reject("spring", by="bert", reason=" ")
    approve(desk, "bert")
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    with pytest.raises(LedgerError, match="cannot be rejected"):
        desk.book.reject("spring", by="bert", reason="too late")


def test_an_approval_by_one_of_two_is_void_after_a_rejection(desk: Desk) -> None:
    draft(desk, "k1")
    two = ApprovalPolicy(approvers=2)
    approve(desk, "bert", two)
    desk.book.reject("spring", by="carol", reason="not so")
    desk.book.withdraw_approval("spring", by="carol", reason="so after all")
    assert approve(desk, "dora", two) is CampaignState.DRAFT
    assert approve(desk, "bert", two) is CampaignState.APPROVED
