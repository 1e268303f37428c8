"""A list under the name of another one of which nothing was ever sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from desk import HOUR, accepted, refused
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, Plan
from hongbao.ledger.model.payout import SECOND, State

if TYPE_CHECKING:
    from desk import Desk

PLAN = Plan(
    name="spring", channel_id=1, profile="demo", budget=None, source="right.csv",
    source_digest=b"2" * 32, adds=False,
)  # fmt: skip


def test_a_draft_is_replaced_and_keeps_its_history_under_another_name(desk: Desk) -> None:
    old = desk.draft(3)
    new = desk.book.replace(PLAN, by="anna", reason="wrong amounts")
    assert (new.name, new.state, new.rows, new.source) == ("spring", "importing", 0, "right.csv")
    assert new.id != old.id
    was = desk.book.standing("spring~1")
    assert (was.campaign.id, was.campaign.state) == (old.id, CampaignState.CANCELLED)
    assert [it.state for it in desk.book.payouts_of("spring~1")] == [State.CANCELLED] * 3
    assert [kind for kind, _ in desk.decisions(old)][-2:] == [
        DecisionKind.CANCELLED, DecisionKind.REPLACED,
    ]  # fmt: skip
    assert desk.book.audit().findings == ()


def test_the_keys_of_a_replaced_list_are_free(desk: Desk) -> None:
    desk.draft(3)
    desk.book.replace(PLAN, by="anna", reason="wrong amounts")
    before = [it.billno for it in desk.book.payouts_of("spring~1")]
    again = desk.draft(amounts=[5, 6, 7])
    assert [it.billno for it in desk.book.payouts_of("spring")] == before
    desk.book.approve("spring", digest=again.digest, by="bert")
    desk.record(*((job, accepted(job)) for job in desk.jobs()))
    assert desk.book.standing("spring").paid == 18
    assert desk.book.audit().findings == ()


def test_a_list_that_replaces_a_scheduled_one_waits_for_the_same_time(desk: Desk) -> None:
    desk.draft(3)
    desk.book.schedule("spring", at=desk.clock.now + HOUR * SECOND, by="carol")
    desk.book.replace(PLAN, by="anna", reason="wrong amounts")
    again = desk.draft(amounts=[5, 6, 7])
    desk.book.approve("spring", digest=again.digest, by="bert")
    assert desk.jobs() == []
    desk.clock.pass_(HOUR)
    desk.book.beat("worker-1")
    assert len(desk.jobs()) == 3
    assert desk.book.audit().findings == ()


def test_a_list_is_replaced_as_often_as_needed(desk: Desk) -> None:
    for amount in (1, 2, 3):
        desk.draft(amounts=[amount])
        desk.book.replace(PLAN, by="anna", reason="again")
    names = [it.campaign.name for it in desk.book.campaigns()]
    assert names == ["spring~1", "spring~2", "spring~3", "spring"]


def test_a_campaign_that_was_cancelled_before_anything_was_sent_is_replaced(desk: Desk) -> None:
    desk.campaign(2)
    desk.book.cancel("spring", by="anna", reason="typo")
    assert desk.book.replace(PLAN, by="anna", reason="typo").state == "importing"


def test_a_replace_that_was_cut_short_is_gone_on_with(desk: Desk) -> None:
    desk.draft(2)
    desk.book.cancel("spring", by="anna", reason="what a replace does first")
    assert desk.book.replace(PLAN, by="anna", reason="typo").rows == 0
    # Once the new list has begun, that is gone on with, as any import.
    assert desk.book.begin_import(PLAN, by="anna").name == "spring"


def test_what_is_approved_is_not_replaced(desk: Desk) -> None:
    campaign = desk.campaign(2)
    with pytest.raises(LedgerError, match="spring is approved: its list is not replaced"):
        desk.book.replace(PLAN, by="anna", reason="typo")
    assert desk.book.standing("spring").campaign == campaign
    assert len(desk.jobs()) == 2


@pytest.mark.parametrize("outcome", [accepted, refused])
def test_what_was_ever_called_is_not_replaced(desk: Desk, outcome: object) -> None:
    desk.campaign(2)
    [job] = desk.jobs(1)
    desk.record((job, outcome(job)))  # type: ignore[operator] # one of those above
    desk.book.cancel("spring", by="anna", reason="enough")
    with pytest.raises(LedgerError, match="1 payout that were sent or may be sent"):
        desk.book.replace(PLAN, by="anna", reason="typo")


def test_a_replace_needs_a_reason_and_a_campaign(desk: Desk) -> None:
    desk.draft(1)
    with pytest.raises(LedgerError, match="reason"):
        desk.book.replace(PLAN, by="anna", reason=" ")
    with pytest.raises(LedgerError, match="'summer'"):
        desk.book.replace(replace(PLAN, name="summer"), by="anna", reason="typo")


def test_two_lists_under_one_name_at_once_are_told_the_truth(desk: Desk) -> None:
    one = replace(PLAN, channel_id=desk.channel())
    other = replace(one, source="b.csv", source_digest=b"3" * 32)
    first = desk.book.begin_import(one, by="anna")
    desk.book.begin_import(other, by="bert")
    [terms_id] = desk.book.terms([{}])
    assert terms_id
    with pytest.raises(LedgerError, match=r"another list \(b.csv\) as campaign spring meanwhile"):
        desk.book.submit(first.id, [[]], by="anna", source_digest=one.source_digest)
    desk.draft(1)  # somebody stores rows of a third list
    with pytest.raises(LedgerError, match=r"rows of another list \(list.csv\) as campaign spring"):
        desk.book.begin_import(other, by="bert")
