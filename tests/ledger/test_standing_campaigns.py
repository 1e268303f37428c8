"""A standing campaign: programs add payouts after its approval, each key once, within a mandate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desk import accepted, not_stored, unknown
from hongbao.errors import IllegalTransition, InvalidRequest, KeyReused, LedgerCode, LedgerError
from hongbao.ledger.model.campaign import CampaignState, Entry
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.standing import Phase
from standing import MANDATE, append, payment, plan, refused, stand

if TYPE_CHECKING:
    from desk import Desk


def test_a_payout_that_a_program_adds_is_claimed_at_once(desk: Desk) -> None:
    stand(desk)
    assert desk.claim().next_at is None
    payout = append(desk, "order-1", 300)
    assert (payout.state, payout.amount, payout.row) == (State.WAITING, 300, 1)
    [job] = desk.jobs()
    assert job.payout.id == payout.id
    desk.record((job, accepted(job)))
    again = append(desk, "order-2")
    assert [job.payout.id for job in desk.jobs()] == [again.id], "also when all before are done"
    assert desk.book.audit().findings == ()


def test_the_same_key_with_the_same_content_is_the_same_payout(desk: Desk) -> None:
    stand(desk)
    first = append(desk, "order-1")
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    again = append(desk, "order-1")
    assert (again.id, again.billno, again.state) == (first.id, first.billno, State.SENT)
    assert desk.book.standing("refunds").rows == 1


def test_the_same_key_with_other_content_is_refused_with_the_difference(desk: Desk) -> None:
    stand(desk)
    append(desk, "order-1")
    for facts, name in (
        ({"amount": 200}, "amount"),
        ({"payee": "oSOMEBODY_ELSE_000000"}, "payee"),
        ({"kind": "group", "people": 3}, "kind"),
        ({"terms": {"wishing": "祝好"}}, "wishing"),
    ):
        error = refused(desk, "order-1", **facts)
        assert isinstance(error, KeyReused)
        assert error.differences[0][0] == name
    assert "oSOMEBODY" not in str(refused(desk, "order-1", payee="oSOMEBODY_ELSE_000000"))


def test_who_asks_again_is_held_to_what_it_says_itself(desk: Desk) -> None:
    stand(desk)
    terms = {"wishing": "恭喜发财", "remark": "spring", "profile": "demo"}
    first = append(desk, "order-1", terms=terms)
    later = {"wishing": "恭喜发财", "remark": "autumn", "profile": "demo", "sub_mch_id": "19"}
    assert append(desk, "order-1", terms=later, said={"wishing"}, profile="other").id == first.id
    assert append(desk, "order-1", terms=later, said=()).id == first.id
    asked = payment("order-1", terms={"wishing": "恭喜发财"}, said={"wishing"}, profile="other")
    assert desk.book.appended("refunds", asked) == first
    assert desk.book.appended("refunds", payment("order-2")) is None
    for said in ({"remark"}, None):
        error = refused(desk, "order-1", terms=later, said=said)
        assert isinstance(error, KeyReused)
        assert ("remark", "spring", "autumn") in error.differences
        assert "second time" in str(error)
    with pytest.raises(KeyReused):
        desk.book.appended("refunds", payment("order-1", 200, said=()))
    assert desk.book.terms_body(first.terms_id) == terms


class Word(str):
    """A text that is more than one."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", True), ("amount", 100.0), ("amount", "100"), ("people", True), ("people", 1.0),
        ("people", None), ("key", 5), ("key", b"k"), ("payee", 5), ("payee", None), ("kind", 5),
        ("kind", Word("normal")), ("payee", Word("oUSER")),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_or_a_text_does_not_get_into_the_books(
    desk: Desk, name: str, value: Any
) -> None:
    stand(desk)
    with pytest.raises(InvalidRequest) as caught:
        desk.book.append("refunds", replace(payment("order-1"), **{name: value}), by="shop")
    assert caught.value.field == name
    entry = payment("row-1").entry(desk.book.terms([{}])[0])._replace(**{name: value})
    listed = desk.book.begin_import(replace(plan(desk, name="list"), mandate=None), by="anna")
    with pytest.raises(InvalidRequest) as caught:
        desk.book.submit(listed.id, [[entry]], by="anna")
    assert caught.value.field == name
    assert list(desk.payouts()) == []
    append(desk, "order-1")
    assert desk.book.audit().findings == ()


def test_who_adds_payouts_has_a_name(desk: Desk) -> None:
    stand(desk)
    for name in (5, None, b"shop", " "):
        with pytest.raises(LedgerError, match="cannot be the name of a person"):
            desk.book.append("refunds", payment("order-1"), by=name)  # type: ignore[arg-type]
    with pytest.raises(LedgerError, match="needs a reason"):
        desk.book.end("refunds", by="anna", reason=5)  # type: ignore[arg-type]


def test_a_key_of_another_campaign_is_the_payout_that_is_there(desk: Desk) -> None:
    listed = desk.campaign(1, name="spring")
    stand(desk)
    payout = append(desk, "spring/0", payee="oUSER_spring_0")
    assert payout.campaign_id == listed.id
    assert desk.book.standing("refunds").rows == 0
    assert isinstance(refused(desk, "spring/0", 200, payee="oUSER_spring_0"), KeyReused)


def test_nothing_is_added_before_the_approval(desk: Desk) -> None:
    draft = desk.book.stand(plan(desk), by="anna")
    assert (draft.state, draft.rows, draft.mandate) == (CampaignState.DRAFT, 0, MANDATE)
    assert "not approved" in str(refused(desk, "order-1"))


def test_what_is_approved_is_the_mandate_that_was_shown(desk: Desk) -> None:
    shown = desk.book.stand(plan(desk), by="anna")
    desk.book.stand(plan(desk, replace(MANDATE, largest=900)), by="mallory")
    with pytest.raises(LedgerError, match="look at it again"):
        desk.book.approve("refunds", digest=shown.digest, by="bert")
    desk.book.stand(plan(desk), by="anna")
    approved = desk.book.approve("refunds", digest=shown.digest, by="bert")
    assert (approved.state, approved.mandate) == (CampaignState.APPROVED, MANDATE)
    with pytest.raises(LedgerError, match="approved by now: its mandate does not") as caught:
        desk.book.stand(plan(desk, replace(MANDATE, largest=900)), by="mallory")
    assert caught.value.remedy == "Begin another standing campaign, under another name."


def test_paused_it_takes_payouts_and_sends_none_until_it_is_resumed(desk: Desk) -> None:
    stand(desk)
    desk.book.pause("refunds", by="anna", reason="look")
    append(desk, "order-1")
    assert desk.jobs() == []
    assert desk.book.standing("refunds").phase is Phase.PAUSED
    desk.book.resume("refunds", by="anna")
    assert len(desk.jobs()) == 1


def test_ended_it_takes_no_more_and_pays_what_it_has(desk: Desk) -> None:
    stand(desk)
    payout = append(desk, "order-1")
    assert desk.book.standing("refunds").phase is Phase.APPROVED
    desk.book.end("refunds", by="anna", reason="moved")
    ended = desk.book.end("refunds", by="anna", reason="moved")
    assert ended.seq == desk.book.standing("refunds").campaign.seq, "once"
    assert "ended" in str(refused(desk, "order-2"))
    assert append(desk, "order-1").id == payout.id, "what is there is said all the same"
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    assert desk.book.standing("refunds").phase is Phase.COMPLETE
    assert desk.book.audit().findings == ()


def test_with_everything_paid_it_still_stands_and_may_be_cancelled(desk: Desk) -> None:
    stand(desk)
    append(desk, "order-1")
    [job] = desk.jobs()
    desk.record((job, accepted(job)))
    assert desk.book.standing("refunds").phase is Phase.RUNNING
    assert desk.book.cancel("refunds", by="anna", reason="no").state is CampaignState.CANCELLED
    assert "cancelled" in str(refused(desk, "order-2"))


def test_a_key_that_was_cancelled_unsent_is_free_for_another_campaign(desk: Desk) -> None:
    stand(desk, name="old")
    first = desk.book.append("old", payment("order-1"), by="shop")
    desk.book.cancel("old", by="anna", reason="no")
    stand(desk)
    again = append(desk, "order-1", 200)
    assert again.id != first.id
    assert (again.billno, again.amount) == (first.billno, 200)
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("state", ["draft", "importing"])
def test_a_key_of_a_list_that_nobody_has_approved_is_not_called_stored(
    desk: Desk, state: str
) -> None:
    stand(desk)
    payee = "oUSER_spring_0"
    desk.draft(1, name="spring")
    if state == "importing":
        with desk.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE campaign SET state = 'importing' WHERE name = 'spring'"
            )
    error = refused(desk, "spring/0", payee=payee)
    with pytest.raises(LedgerError, match="nobody has approved"):
        desk.book.appended("refunds", payment("spring/0", payee=payee))
    assert error.code is LedgerCode.WRONG_STATE
    assert "campaign spring has the payout 'spring/0', and nobody has approved" in error.problem
    assert ("Finish its import." in error.remedy) == (state == "importing")
    assert "hongbao campaign approve spring" in error.remedy
    assert "hongbao campaign cancel spring" in error.remedy
    desk.book.cancel("spring", by="anna", reason="wrong list")
    taken = append(desk, "spring/0", payee=payee)
    assert (taken.state, taken.row) == (State.WAITING, 1)
    [job] = desk.jobs()
    assert job.payout.id == taken.id
    desk.record((job, accepted(job)))
    assert desk.book.audit().findings == ()


def test_a_key_of_a_list_that_is_approved_meanwhile_is_the_payout_that_is_there(
    desk: Desk,
) -> None:
    stand(desk)
    desk.draft(1, name="spring")
    refused(desk, "spring/0", payee="oUSER_spring_0")
    shown = desk.book.standing("spring").campaign
    desk.book.approve("spring", digest=shown.digest, by="bert")
    assert append(desk, "spring/0", payee="oUSER_spring_0").campaign_id == shown.id


def test_a_key_that_is_being_cancelled_is_free_only_when_that_is_done(desk: Desk) -> None:
    stand(desk)
    desk.campaign(1, name="spring")
    with desk.transaction() as connection:  # as a cancellation that broke off leaves it
        connection.exec_driver_sql("UPDATE campaign SET state = 'cancelled' WHERE name = 'spring'")
    error = refused(desk, "spring/0", payee="oUSER_spring_0")
    assert "is being cancelled" in error.problem
    assert "hongbao campaign cancel spring" in error.remedy


def test_a_key_that_a_cancelled_campaign_pays_nobody_of_is_not_called_stored(desk: Desk) -> None:
    stand(desk, name="old")
    stand(desk)
    for key in ("dead", "unsent"):
        desk.book.append("old", payment(key), by="shop")
    jobs = {job.payout.key: job for job in desk.jobs()}
    for job in jobs.values():
        desk.record((job, not_stored(job)))
    assert append(desk, "dead").state is State.REFUSED, "somebody may reopen it there"
    again = desk.book.reopen(jobs["unsent"].payout.id, by="anna", reason="again")
    desk.book.cancel("old", by="anna", reason="no")
    assert desk.payout(again.id).state is State.CANCELLED
    error = refused(desk, "dead")
    assert "it is refused there; that campaign is cancelled" in error.problem
    assert "hongbao payout reopen dead" in error.remedy
    assert "give it another key" in refused(desk, "unsent").remedy


def test_a_payout_in_doubt_of_a_cancelled_campaign_is_the_payout_that_is_there(
    desk: Desk,
) -> None:
    stand(desk, name="old")
    stand(desk)
    desk.book.append("old", payment("order-1"), by="shop")
    [job] = desk.jobs()
    desk.record((job, unknown(job)))
    desk.book.cancel("old", by="anna", reason="no")
    assert append(desk, "order-1").state is State.IN_DOUBT


def test_a_list_is_no_standing_campaign_and_the_other_way_round(desk: Desk) -> None:
    desk.campaign(1, name="spring")
    with pytest.raises(LedgerError, match="spring is a list"):
        desk.book.append("spring", payment("order-1"), by="shop")
    with pytest.raises(LedgerError, match="spring is a list"):
        desk.book.end("spring", by="anna", reason="done")
    desk.book.stand(plan(desk), by="anna")
    with pytest.raises(LedgerError, match="refunds is a standing campaign"):
        desk.draft(1, name="refunds")
    with pytest.raises(LedgerError, match="refunds is a standing campaign"):
        desk.book.begin_import(
            replace(plan(desk, name="more"), mandate=None, parent="refunds"), by="anna"
        )
    with pytest.raises(LedgerError, match="refunds is a standing campaign"):
        desk.book.replace(replace(plan(desk), mandate=None), by="anna", reason="no")
    number, [terms_id] = desk.book.standing("refunds").campaign.id, desk.book.terms([{}])
    with pytest.raises(LedgerError, match="takes no more rows"):
        desk.book.submit(number, [[Entry("k", "normal", "oUSER", 1, 1, terms_id)]], by="anna")


def test_a_draft_is_not_ended_and_an_ended_one_not_approved_again(desk: Desk) -> None:
    desk.book.stand(plan(desk), by="anna")
    with pytest.raises(LedgerError, match="refunds is draft"):
        desk.book.end("refunds", by="anna", reason="no")
    shown = desk.book.standing("refunds").campaign
    desk.book.approve("refunds", digest=shown.digest, by="bert")
    desk.book.end("refunds", by="anna", reason="no")
    with pytest.raises(IllegalTransition):
        desk.book.approve("refunds", digest=shown.digest, by="bert")


def test_another_merchant_or_other_settings_do_not_pay_it(desk: Desk) -> None:
    stand(desk)
    assert "is paid by 'demo' (1900012345)" in str(refused(desk, "a", number="1900012346"))
    assert "is paid by 'demo'" in str(refused(desk, "a", profile="other"))


def test_each_payout_and_each_decision_stands_in_the_chained_history(desk: Desk) -> None:
    campaign = stand(desk)
    payout = append(desk, "order-1")
    desk.book.end("refunds", by="anna", reason="moved")
    assert desk.decisions(campaign) == [
        ("begun", "anna"), ("imported", "anna"), ("approved", "bert"), ("extended", "shop"),
        ("ended", "anna"),
    ]  # fmt: skip
    assert [it.actor for it in desk.book.history(payout.id)] == ["shop"]
    assert [(it.about, it.subject, it.kind) for it in desk.book.changes()] == [
        ("campaign", campaign.id, "approved"), ("payout", payout.id, "submitted"),
    ]  # fmt: skip
