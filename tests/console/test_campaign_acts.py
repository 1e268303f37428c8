"""What people do about a campaign on its page, by the same verbs as elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console_stage import send
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from console_stage import ConsoleStage

ON = "/campaigns/spring"


def test_the_rest_of_a_campaign_is_cancelled_with_a_reason(console: ConsoleStage) -> None:
    console.campaign()
    maker = console.client(Role.MAKER)
    assert send(maker, f"{ON}/cancel", on=ON).status_code == 422
    assert send(maker, f"{ON}/cancel", on=ON, reason="wrong list").status_code == 303
    assert console.book.standing("spring").campaign.state is CampaignState.CANCELLED
    page = maker.get(ON).text
    assert "wrong list" in page
    assert f"{ON}/cancel" not in page


def test_a_maker_withdraws_a_draft(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    maker = console.client(Role.MAKER)
    assert "Withdraw this draft" in maker.get(ON).text
    assert send(maker, f"{ON}/cancel", on=ON, reason="not now").status_code == 303
    assert 'href="/approvals/spring"' not in maker.get("/approvals").text


def test_a_campaign_is_scheduled_in_beijing_time(console: ConsoleStage) -> None:
    console.campaign()
    maker = console.client(Role.MAKER)
    assert send(maker, f"{ON}/schedule", on=ON, at="soon").status_code == 422
    assert send(maker, f"{ON}/schedule", on=ON, at="2999-01-01T08:00").status_code == 303
    stop = console.book.standing("spring").campaign.stop
    assert stop is not None
    assert "2999-01-01 08:00" in stop.reason


def test_an_approval_is_withdrawn_while_nothing_is_sent(console: ConsoleStage) -> None:
    console.campaign()
    checker = console.client(Role.CHECKER)
    assert send(checker, f"{ON}/withdraw", on=ON, reason="wrong sum").status_code == 303
    assert console.book.standing("spring").campaign.state is CampaignState.DRAFT


def test_what_would_be_sent_again_is_shown_before(console: ConsoleStage) -> None:
    console.campaign()
    checker = console.client(Role.CHECKER)
    page = checker.get(f"{ON}/retry")
    assert page.status_code == 200
    assert 'name="count"' not in page.text
    again = send(checker, f"{ON}/retry", on="/me", count="1", fen="100", reason="x")
    assert again.status_code == 409
    again = send(checker, f"{ON}/retry", on="/me", count="one", fen="100", reason="x")
    assert again.status_code == 422


def test_a_campaign_says_what_is_sent_before_it_how_long_that_takes_and_that_nobody_works(
    console: ConsoleStage,
) -> None:
    console.campaign("spring", 300)
    console.campaign("autumn", 60)
    console.book.set_channel("1900012345", "redpack", PayerLimits(rate=2), by="anna")
    page = console.client(Role.VIEWER).get("/campaigns/autumn").text
    for said in (
        "60 payouts are to be sent", "300 of other campaigns", "2 calls a second",
        "in about 3 minutes", "No worker is alive",
    ):  # fmt: skip
        assert said in page
    console.book.beat("worker-1")
    assert "No worker is alive" not in console.client(Role.VIEWER).get("/campaigns/autumn").text
    console.book.pause("autumn", by="bo", reason="lunch")
    assert "are to be sent" not in console.client(Role.VIEWER).get("/campaigns/autumn").text
