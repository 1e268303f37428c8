"""A standing campaign: programs add payouts after its approval, each key once, within a mandate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desk import HOUR, UNLIMITED, accepted
from hongbao.errors import BudgetExceeded, IllegalTransition, KeyReused, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.intake.appending import Payment
from hongbao.ledger.model.campaign import CampaignState, DecisionKind, Entry, Plan
from hongbao.ledger.model.event import chain
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.replay import beyond_mandate
from hongbao.ledger.model.standing import Phase

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign
    from hongbao.ledger.model.payout import Payout

NUMBER = "1900012345"
MANDATE = Mandate(total=2_000, day_amount=1_000, day_count=5, largest=400)


def plan(desk: Desk, mandate: Mandate = MANDATE, *, name: str = "refunds") -> Plan:
    """What is said of a standing campaign."""
    return Plan(
        name=name, merchant_id=desk.merchant(NUMBER, UNLIMITED), profile="demo",
        budget=mandate.total, source="programs", source_digest=mandate.digest, mandate=mandate,
    )  # fmt: skip


def stand(desk: Desk, mandate: Mandate = MANDATE, *, name: str = "refunds") -> Campaign:
    """A standing campaign that is approved."""
    draft = desk.book.stand(plan(desk, mandate, name=name), by="anna")
    return desk.book.approve(name, digest=draft.digest, by="bert")


def payment(key: str, amount: int = 100, **facts: Any) -> Payment:
    """What a program asks for."""
    said: dict[str, Any] = {
        "key": key, "kind": "normal", "payee": f"oUSER{key:>020}", "amount": amount, "people": 1,
        "terms": {"wishing": "恭喜发财"}, "number": NUMBER, "profile": "demo",
    }  # fmt: skip
    return Payment(**(said | facts))


def append(desk: Desk, key: str, amount: int = 100, **facts: Any) -> Payout:
    """Ask for a payout."""
    return desk.book.append("refunds", payment(key, amount, **facts), by="shop")


def refused(desk: Desk, key: str, amount: int = 100, **facts: Any) -> LedgerError:
    """Why a payout is not stored; that nothing is, is looked at."""
    before = desk.book.standing("refunds"), len(list(desk.payouts())), desk.book.last_position()
    with pytest.raises(LedgerError) as caught:
        append(desk, key, amount, **facts)
    after = desk.book.standing("refunds"), len(list(desk.payouts())), desk.book.last_position()
    assert before == after
    return caught.value


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


def test_a_key_of_another_campaign_is_the_payout_that_is_there(desk: Desk) -> None:
    listed = desk.campaign(1, name="spring")
    stand(desk)
    payout = append(desk, "spring/0", payee="oUSER_spring_0")
    assert payout.campaign_id == listed.id
    assert desk.book.standing("refunds").rows == 0
    assert isinstance(refused(desk, "spring/0", 200, payee="oUSER_spring_0"), KeyReused)


@pytest.mark.parametrize(
    ("limit", "before", "amount"),
    [
        ("largest", [], 401),
        ("day_amount", [400, 400], 201),
        ("day_count", [10, 10, 10, 10, 10], 10),
    ],
)
def test_what_goes_beyond_the_mandate_is_refused_and_the_most_is_taken(
    desk: Desk, limit: str, before: list[int], amount: int
) -> None:
    stand(desk)
    for number, fen in enumerate(before):
        append(desk, f"before-{number}", fen)
    error = refused(desk, "one-more", amount)
    assert isinstance(error, BudgetExceeded)
    assert (error.campaign, error.limit) == ("refunds", limit)
    if limit != "day_count":
        append(desk, "one-more", amount - 1)
    if limit != "largest":
        desk.clock.pass_(24 * HOUR)
        append(desk, "the next day", 200)
    assert desk.book.audit().findings == ()


def test_the_budget_in_all_ends_it_on_whichever_day(desk: Desk) -> None:
    stand(desk, replace(MANDATE, total=1_100))
    for number in range(2):
        append(desk, f"monday-{number}", 400)
    desk.clock.pass_(24 * HOUR)
    error = refused(desk, "tuesday", 301)
    assert isinstance(error, BudgetExceeded)
    assert (error.limit, error.most, error.found) == ("total", 1_100, 1_101)
    append(desk, "tuesday", 300)


def test_a_clock_that_goes_back_a_day_gives_no_new_money(desk: Desk) -> None:
    stand(desk)
    append(desk, "a", 400)
    append(desk, "b", 400)
    desk.clock.pass_(24 * HOUR)
    append(desk, "c", 400)
    desk.clock.pass_(-24 * HOUR)
    assert isinstance(refused(desk, "d", 201), BudgetExceeded)
    append(desk, "d", 200)


@pytest.mark.parametrize("limit", ["total", "day_amount", "day_count"])
def test_programs_at_once_cannot_pass_the_mandate_together(
    desk: Desk, book_url: str, limit: str
) -> None:
    mandate = Mandate(total=1_300, day_amount=1_300, day_count=13, largest=100)
    most = {"total": 1_200, "day_amount": 1_200, "day_count": 12}
    if limit == "total":  # no day may have more than all days together
        stand(desk, replace(mandate, total=1_200, day_amount=1_200))
    else:
        stand(desk, replace(mandate, **{limit: most[limit]}))
    limits: set[str] = set()
    with ExitStack() as stack:
        books = [stack.enter_context(Book.open(book_url, clock=desk.clock)) for _ in range(6)]

        def ask(program: int) -> int:
            taken = 0
            for number in range(5):
                # Half of the keys are another program's too.
                key = f"{program // 2 if number % 2 else program}-{number}"
                try:
                    books[program].append("refunds", payment(key), by=f"shop-{program}")
                    taken += 1
                except BudgetExceeded as error:
                    limits.add(error.limit)
            return taken

        with ThreadPoolExecutor(6) as threads:
            assert sum(threads.map(ask, range(6))) >= 12
    assert limits == {limit}
    standing = desk.book.standing("refunds")
    assert (standing.rows, standing.planned) == (12, 1_200)
    assert len({payout.key for payout in desk.payouts()}) == 12
    assert desk.book.audit().findings == ()


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
    with pytest.raises(LedgerError, match="approved by now"):
        desk.book.stand(plan(desk, replace(MANDATE, largest=900)), by="mallory")


@pytest.mark.parametrize(
    "changes",
    [
        {"largest": 0}, {"largest": 1_001}, {"day_amount": 2_001}, {"day_count": 0},
        {"total": 999},
    ],
)  # fmt: skip
def test_a_mandate_that_makes_no_sense_is_refused(desk: Desk, changes: dict[str, int]) -> None:
    with pytest.raises(LedgerError, match="largest <= a day <= in all"):
        desk.book.stand(plan(desk, replace(MANDATE, **changes)), by="anna")


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
    [change] = desk.book.changes()
    assert (change.payout_id, change.kind) == (payout.id, "submitted")


@pytest.mark.parametrize(
    "change",
    [
        "rows = rows + 1",
        "day_amount = 5000",
        "day_count = 6",
        "budget = budget + 1",
        "amount_max = amount_max + 1",
        "day_amount_max = NULL",
        "day_count_max = 9",
    ],
)
def test_the_database_itself_keeps_to_what_was_approved(desk: Desk, change: str) -> None:
    stand(desk)
    append(desk, "order-1")
    if change.startswith("rows"):
        desk.book.end("refunds", by="anna", reason="moved")
    with pytest.raises(LedgerError, match="what was approved"), desk.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE campaign SET {change}")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"planned": 2_001}, "planned is 2001, and budget is 2000"),
        ({"planned": 501}, "amount is 401, and amount_max is 400"),
        ({"planned": 200, "day_amount": 1_001}, "day_amount is 1001"),
        ({"planned": 200, "day_count": 6}, "day_count is 6"),
        ({"planned": 200, "amount_max": None}, "to a list that is approved"),
        ({"planned": 200, "ended_at": 1}, "to a standing campaign that has ended"),
    ],
)
def test_an_audit_finds_what_no_mandate_allowed(
    desk: Desk, facts: dict[str, int | None], words: str
) -> None:
    stand(desk)
    append(desk, "order-1")
    decisions = desk.book.decisions("refunds")
    assert list(beyond_mandate(decisions)) == []
    last = decisions[-1]
    more = chain(
        last.hash, payout_id=last.payout_id, seq=last.seq + 1, at=last.at,
        kind=DecisionKind.EXTENDED, actor="mallory", facts=facts,
    )  # fmt: skip
    assert any(words in found for found in beyond_mandate([*decisions, more]))
