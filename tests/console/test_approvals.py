"""What exactly is approved, by whom, and what is not: the queue, one approval, a rejection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console_stage import fields, send
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.draft_decisions import rejection

if TYPE_CHECKING:
    import httpx

    from console_stage import ConsoleStage

ON = "/approvals/spring"


def state(console: ConsoleStage, name: str = "spring") -> CampaignState:
    return console.book.standing(name).campaign.state


def digest(console: ConsoleStage) -> str:
    return console.book.standing("spring").campaign.digest.hex()


def approve(
    console: ConsoleStage, client: httpx.Client, total: str = "3.00", shown: str = ""
) -> httpx.Response:
    return send(client, f"{ON}/approve", on=ON, sum=total, digest=shown or digest(console))


def test_the_page_says_exactly_what_is_approved(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    campaign = console.book.standing("spring").campaign
    page = console.client(Role.CHECKER).get(ON).text
    for said in (
        "¥3.00", "叁元整", campaign.digest.hex(), campaign.source_digest.hex(), campaign.source,
        campaign.created_by, campaign.profile,
    ):  # fmt: skip
        assert said in page
    queue = console.client(Role.VIEWER).get("/approvals").text
    assert 'href="/approvals/spring"' in queue


def test_whoever_types_the_sum_approves_what_was_shown(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    done = approve(console, console.client(Role.CHECKER), total="￥3.00 ")
    assert done.headers["location"] == "/campaigns/spring?done=approved"
    campaign = console.book.standing("spring").campaign
    assert (campaign.state, campaign.approved_by) == (CampaignState.APPROVED, "checker")


def test_another_sum_or_another_list_approves_nothing(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    client = console.client(Role.CHECKER)
    for total, shown in (("3.01", ""), ("", ""), ("all", ""), ("3.00", "00" * 32)):
        answer = approve(console, client, total, shown)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert state(console) is CampaignState.DRAFT


def test_nobody_approves_their_own_whatever_the_settings_allow(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    anna = console.client(Role.MAKER, Role.CHECKER, name="anna")
    assert "another person has to approve it" in anna.get(ON).text
    assert f"{ON}/approve" not in anna.get(ON).text
    refused = approve(console, anna)
    assert refused.status_code == 403
    assert "has rows that anna has stored" in refused.text
    assert state(console) is CampaignState.DRAFT


def test_an_approval_needs_password_and_code_of_the_last_five_minutes(
    console: ConsoleStage,
) -> None:
    console.campaign(approved=False)
    client = console.client(Role.CHECKER)
    console.wall.pass_(301)
    assert f"{ON}/approve" not in client.get(ON).text
    assert f"/confirm?next={ON}" in client.get(ON).text
    answer = approve(console, client)
    assert answer.headers["location"] == "/confirm?next=/approvals/spring"
    assert state(console) is CampaignState.DRAFT


def test_a_form_that_is_sent_twice_approves_once(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    client = console.client(Role.CHECKER)
    said = fields(client.get(ON).text) | {"sum": "3.00", "digest": digest(console)}
    assert client.post(f"{ON}/approve", data=said).status_code == 303
    assert client.post(f"{ON}/approve", data=said).status_code == 409
    assert [it.kind for it in console.book.decisions("spring")].count("approved") == 1


def test_a_rejected_draft_is_back_with_its_maker(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    checker = console.client(Role.CHECKER)
    assert send(checker, f"{ON}/reject", on=ON, reason="wrong greeting").status_code == 303
    assert "wrong greeting" in checker.get("/approvals").text
    assert rejection(console.book.decisions("spring")) is not None
    assert f"{ON}/approve" not in checker.get(ON).text
    assert approve(console, checker).status_code == 409
    maker, on = console.client(Role.MAKER), "/campaigns/spring"
    assert "Rejected by checker" in maker.get(on).text
    assert send(maker, f"{on}/withdraw", on=on, reason="it is right").status_code == 303
    assert approve(console, checker).status_code == 303
    assert state(console) is CampaignState.APPROVED


def test_a_rejection_needs_a_reason(console: ConsoleStage) -> None:
    console.campaign(approved=False)
    assert send(console.client(Role.CHECKER), f"{ON}/reject", on=ON).status_code == 422
    assert rejection(console.book.decisions("spring")) is None


def test_what_is_approved_already_can_be_looked_at_and_not_approved_again(
    console: ConsoleStage,
) -> None:
    console.campaign()
    client = console.client(Role.CHECKER)
    page = client.get(ON).text
    assert "Nothing of it waits for an approval." in page
    assert f"{ON}/approve" not in page
    assert approve(console, client).status_code == 409
    assert client.get("/approvals/winter").status_code == 404
