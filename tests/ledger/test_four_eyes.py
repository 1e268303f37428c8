"""Two people approve where they must, others than who stored it, and the database holds it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from desk import DAY, accepted
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.approval import ANYBODY, ApprovalPolicy, identity
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, Entry, Plan
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.store.decisions import campaign_with, decide
from hongbao.ledger.store.schema import CAMPAIGN
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign

TWO = ApprovalPolicy(approvers=2)
APART = ApprovalPolicy(apart=True)
FROM_300 = ApprovalPolicy(two_from=300)


def plan(desk: Desk, policy: ApprovalPolicy, **facts: Any) -> Plan:
    said = Plan(
        name="spring", channel_id=desk.channel(), profile="demo", budget=None, source="list.csv",
        source_digest=bytes(32), policy=policy,
    )  # fmt: skip
    return replace(said, **facts)


def draft(desk: Desk, policy: ApprovalPolicy, *, rows: int = 2, by: str = "anna@one") -> Campaign:
    """A draft of so many rows of 100 fen, stored by somebody."""
    begun = desk.book.begin_import(plan(desk, policy), by=by)
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    entries = [Entry(f"k{n}", "normal", f"oUSER{n}", 100, 1, terms_id) for n in range(rows)]
    desk.book.submit(begun.id, [entries], by=by)
    return desk.book.finish_import("spring", by=by)


def approve(desk: Desk, by: str, policy: ApprovalPolicy = ANYBODY) -> CampaignState:
    digest = desk.book.standing("spring").campaign.digest
    return desk.book.approve("spring", digest=digest, by=by, policy=policy).state


def refused(desk: Desk, by: str, policy: ApprovalPolicy = ANYBODY) -> LedgerCode:
    before = desk.book.decisions("spring")
    with pytest.raises(LedgerError) as caught:
        approve(desk, by, policy)
    assert desk.book.decisions("spring") == before
    return caught.value.code


def test_without_a_policy_one_person_approves_whoever_it_is(desk: Desk) -> None:
    draft(desk, ANYBODY)
    assert approve(desk, "anna@one") is CampaignState.APPROVED
    assert not desk.book.audit().findings


def test_two_people_approve_and_nothing_is_sent_before_the_second(desk: Desk) -> None:
    draft(desk, TWO)
    assert approve(desk, "bert") is CampaignState.DRAFT
    assert desk.jobs() == []
    assert refused(desk, "bert@elsewhere") is LedgerCode.SAME_PERSON
    assert refused(desk, "anna@two") is LedgerCode.SAME_PERSON, "who stored the rows"
    assert approve(desk, "carol") is CampaignState.APPROVED
    assert len(desk.jobs()) == 2
    kinds = desk.decisions(desk.book.standing("spring").campaign)[-3:]
    assert kinds[:2] == [(DecisionKind.ENDORSED, "bert"), (DecisionKind.APPROVED, "carol")]
    assert not desk.book.audit().findings


@pytest.mark.parametrize(("rows", "state"), [(2, "approved"), (3, "draft")])
def test_from_a_sum_on_it_must_be_two(desk: Desk, rows: int, state: str) -> None:
    draft(desk, FROM_300, rows=rows)
    assert approve(desk, "bert") == state


def test_nobody_approves_who_has_stored_or_extended_it(desk: Desk) -> None:
    draft(desk, APART)
    more = plan(desk, APART, adds=True)
    begun = desk.book.begin_import(more, by="bert")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    desk.book.submit(begun.id, [[Entry("more", "normal", "oMORE", 100, 1, terms_id)]], by="bert")
    desk.book.finish_import("spring", by="bert")
    for maker in ("anna@one", "anna", "bert"):
        assert refused(desk, maker) is LedgerCode.SAME_PERSON
    assert approve(desk, "carol") is CampaignState.APPROVED


def test_the_approvers_settings_may_want_more_and_never_less(desk: Desk) -> None:
    draft(desk, ANYBODY)
    assert refused(desk, "anna@one", APART) is LedgerCode.SAME_PERSON
    assert approve(desk, "bert", TWO) is CampaignState.DRAFT
    draft_of_two = desk.book.standing("spring").campaign
    assert draft_of_two.policy == ANYBODY
    assert approve(desk, "carol", TWO) is CampaignState.APPROVED


def test_who_goes_on_with_an_import_makes_its_policy_no_less(desk: Desk) -> None:
    draft(desk, TWO)
    again = desk.book.begin_import(plan(desk, FROM_300), by="anna")
    assert again.policy == ApprovalPolicy(approvers=2, two_from=300)
    desk.book.finish_import("spring", by="anna")
    assert approve(desk, "bert") is CampaignState.DRAFT
    assert not desk.book.audit().findings


def test_the_first_of_two_waits_a_day(desk: Desk) -> None:
    draft(desk, TWO)
    approve(desk, "bert")
    desk.clock.pass_(DAY)
    assert approve(desk, "carol") is CampaignState.DRAFT, "bert's has expired"
    assert approve(desk, "bert") is CampaignState.APPROVED


def test_what_is_stored_meanwhile_makes_the_first_void(desk: Desk) -> None:
    draft(desk, TWO)
    approve(desk, "bert")
    desk.book.begin_import(plan(desk, TWO, source="other name"), by="anna")
    desk.book.finish_import("spring", by="anna")
    assert approve(desk, "carol") is CampaignState.DRAFT


def test_an_approval_binds_what_was_seen(desk: Desk) -> None:
    made = draft(desk, TWO)
    approve(desk, "bert")
    [*_, endorsed] = desk.book.decisions("spring")
    assert json.loads(endorsed.body) == {
        "digest": made.digest.hex(), "source_digest": bytes(32).hex(), "rows": 2, "planned": 200,
        "profile": "demo", "channel_id": made.channel_id,
    }  # fmt: skip


def test_an_approval_is_withdrawn_while_nothing_is_sent(desk: Desk) -> None:
    draft(desk, TWO)
    approve(desk, "bert")
    desk.book.withdraw_approval("spring", by="bert", reason="not so")
    assert approve(desk, "carol") is CampaignState.DRAFT
    approve(desk, "bert")
    assert desk.book.withdraw_approval("spring", by="dora", reason="x").state == "draft"
    assert desk.jobs() == []
    assert desk.book.standing("spring").campaign.approved_by is None
    approve(desk, "bert")
    approve(desk, "carol")
    [job, _] = desk.jobs()
    desk.record((job, accepted(job)))
    desk.book.pause("spring", by="anna", reason="x")
    with pytest.raises(LedgerError, match="were sent"):
        desk.book.withdraw_approval("spring", by="bert", reason="too late")
    assert not desk.book.audit().findings


def test_there_must_be_an_approval_and_a_reason(desk: Desk) -> None:
    draft(desk, ANYBODY)
    with pytest.raises(LedgerError, match="is not approved"):
        desk.book.withdraw_approval("spring", by="bert", reason="x")
    approve(desk, "bert")
    with pytest.raises(LedgerError, match="reason"):
        desk.book.withdraw_approval("spring", by="bert", reason="")


def forge(desk: Desk, **values: object) -> None:
    """What a program would write that knows the database and not the rules."""
    with desk.transaction() as connection:
        connection.execute(update(CAMPAIGN).where(CAMPAIGN.c.name == "spring").values(**values))


def approved(desk: Desk, by: str) -> dict[str, object]:
    digest = desk.book.standing("spring").campaign.digest
    return {
        "state": "approved", "approved_at": desk.clock.now, "approved_by": by,
        "approved_digest": digest,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "endorsed", "by"),
    [
        (TWO, (), "bert"),
        (TWO, ("bert",), "bert@elsewhere"),
        (TWO, ("bert",), "anna"),
        (APART, (), "anna@three"),
        (FROM_300, (), "bert"),
    ],
)
def test_the_database_refuses_an_approval_of_too_few_or_of_who_stored_it(
    desk: Desk, policy: ApprovalPolicy, endorsed: tuple[str, ...], by: str
) -> None:
    draft(desk, policy, rows=3)
    for name in endorsed:
        approve(desk, name)
    with pytest.raises(LedgerError, match="another person has to approve it"):
        forge(desk, **approved(desk, by))
    desk.clock.pass_(1)
    if endorsed:
        desk.clock.pass_(DAY)
        with pytest.raises(LedgerError, match="another person has to approve it"):
            forge(desk, **approved(desk, "carol"))


@pytest.mark.parametrize("values", [{"approvers": 1}, {"two_from": 301}, {"two_from": None}])
def test_the_database_makes_no_policy_less(desk: Desk, values: dict[str, object]) -> None:
    draft(desk, ApprovalPolicy(approvers=2, two_from=300, apart=True))
    with pytest.raises(LedgerError, match="never made less"):
        forge(desk, **values)
    with pytest.raises(LedgerError, match="never made less"):
        forge(desk, apart=False)


def test_who_somebody_is_does_not_depend_on_the_machine() -> None:
    assert identity("anna@one") == identity("anna@two") == identity("anna") == "anna"
    assert identity("Ａnna＠one") == "anna"  # full-width letters, as an input method types them


def stand(desk: Desk, total: int) -> Campaign:
    mandate = Mandate(total=total, day_amount=100, day_count=5, largest=100)
    said = plan(desk, FROM_300, budget=total, source_digest=mandate.digest, mandate=mandate)
    return desk.book.stand(said, by="anna")


def test_of_a_standing_campaign_what_programs_may_add_counts(desk: Desk) -> None:
    stand(desk, 299)
    assert approve(desk, "anna") is CampaignState.APPROVED


def test_a_standing_campaign_of_much_money_is_approved_by_two(desk: Desk) -> None:
    stand(desk, 300)
    assert refused(desk, "anna") is LedgerCode.SAME_PERSON
    assert approve(desk, "bert") is CampaignState.DRAFT
    with pytest.raises(LedgerError, match="another person has to approve it"):
        forge(desk, **approved(desk, "bert"))
    assert approve(desk, "carol") is CampaignState.APPROVED
    with pytest.raises(LedgerError, match="were sent, or may be"):
        desk.book.withdraw_approval("spring", by="bert", reason="x")
    assert not desk.book.audit().findings


def test_a_campaign_with_a_supplement_stays_approved(desk: Desk) -> None:
    draft(desk, ANYBODY)
    approve(desk, "bert")
    begun = desk.book.begin_import(plan(desk, ANYBODY, name="spring+1", parent="spring"), by="anna")
    with pytest.raises(LedgerError, match="has supplements"):
        desk.book.withdraw_approval("spring", by="bert", reason="x")
    desk.book.cancel(begun.name, by="anna", reason="x")
    assert desk.book.withdraw_approval("spring", by="bert", reason="x").state == "draft"


def test_no_worker_looks_at_what_was_withdrawn_until_it_is_approved_again(desk: Desk) -> None:
    campaign = desk.campaign(1)
    desk.book.withdraw_approval("spring", by="bert", reason="wrong amount")
    assert desk.jobs() == []
    assert not desk.book.audit().findings
    desk.book.approve("spring", digest=campaign.digest, by="bert")
    assert len(desk.jobs()) == 1
    assert not desk.book.audit().findings


def test_one_person_in_another_letter_case_or_at_another_machine_is_no_second_one(
    desk: Desk,
) -> None:
    draft(desk, TWO, by="Li@one")
    for by in ("li", "LI@two", "li@console"):
        assert refused(desk, by) is LedgerCode.SAME_PERSON
    assert approve(desk, "Wang") is CampaignState.DRAFT
    assert refused(desk, "wang@two") is LedgerCode.SAME_PERSON
    assert approve(desk, "zhao") is CampaignState.APPROVED
    assert not desk.book.audit().findings


@pytest.mark.parametrize(
    ("by", "after", "words"),
    [
        ("ANNA@two", 0, "approves rows that ANNA@two has stored"),
        ("bert", 0, "is the approval of one of two people alone"),
        ("carl", DAY, "is the approval of one of two people alone"),
    ],
)
def test_the_audit_finds_an_approval_that_the_database_should_not_have_taken(
    desk: Desk, by: str, after: int, words: str
) -> None:
    campaign = draft(desk, TWO)
    approve(desk, "bert")
    desk.clock.pass_(after)
    now = desk.clock.now
    with desk.transaction() as connection, disarmed(connection):
        decide(
            connection, campaign_with(connection, campaign.id), DecisionKind.APPROVED, actor=by,
            now=now, changes={
                "state": CampaignState.APPROVED, "approved_at": now, "approved_by": by,
                "approved_digest": campaign.digest, "open": True,
            },
        )  # fmt: skip
    assert any(words in it.words for it in desk.book.audit().findings)
