"""Payouts in the console: filtered, looked at, acted on, taken along; receivers masked."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from console_stage import send
from hongbao.billno import derive_billno
from hongbao.ledger.model.account import ActKind, Role
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.money import parse_yuan

if TYPE_CHECKING:
    from console_stage import ConsoleStage

RECEIVER = "oUSER_spring_0"
BILLNO = derive_billno("1900012345", "spring/0")


def test_filters_stand_in_the_address_and_are_taken_away_one_by_one(console: ConsoleStage) -> None:
    console.campaign("spring", 3)
    console.campaign("autumn", 2)
    page = console.client(Role.VIEWER).get("/payouts?campaign=autumn&state=waiting").text
    assert "2 payouts" in page
    assert BILLNO not in page
    assert 'href="/payouts?campaign=autumn"' in page
    assert 'href="/payouts?state=waiting"' in page


def test_pages_follow_each_other_until_each_payout_was_there_once(console: ConsoleStage) -> None:
    console.campaign("spring", 120)
    client = console.client(Role.VIEWER)
    seen, address = [], "/payouts.json?limit=50"
    while address:
        found = client.get(address).json()
        seen += [it["mch_billno"] for it in found["payouts"]]
        address = f"/payouts.json?limit=50&after={found['next']}" if found["next"] else ""
    assert len(seen) == len(set(seen)) == 120
    assert "Next page" in client.get("/payouts").text


@pytest.mark.parametrize(
    "asked", ["state=gone", "since=yesterday", "after=nonsense", "receiver_of=nobody"]
)
def test_what_cannot_be_asked_says_why(console: ConsoleStage, asked: str) -> None:
    console.campaign()
    answer = console.client(Role.VIEWER).get(f"/payouts?{asked}")
    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text


@pytest.mark.parametrize("limit", ["0", "2001", "²", "１０", "9" * 5_000, "ten", ""])
def test_a_limit_that_is_none_is_refused(console: ConsoleStage, limit: str) -> None:
    answer = console.client(Role.VIEWER).get("/payouts.json", params={"limit": limit})
    assert (answer.status_code, "limit" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "path",
    [
        "/payouts", "/payouts.csv", "/payouts.json", f"/payouts/{BILLNO}", "/in-doubt",
        f"/payouts?receiver_of={BILLNO}", f"/payouts/choose?what=note&pick-{BILLNO}=on",
    ],
)  # fmt: skip
def test_no_page_has_a_receiver_in_full(console: ConsoleStage, path: str) -> None:
    console.campaign()
    console.account("root", Role.ADMIN)
    answer = console.client(*Role).get(path)
    assert answer.status_code == 200
    assert RECEIVER not in answer.text


def test_a_receiver_is_shown_in_full_to_finance_and_that_is_recorded(console: ConsoleStage) -> None:
    console.campaign()
    client = console.client(Role.FINANCE)
    page = send(client, f"/payouts/{BILLNO}/receiver", on=f"/payouts/{BILLNO}")
    assert RECEIVER in page.text
    kinds = [it.kind for it in console.site.accounts.acts()]
    assert ActKind.LOOKED in kinds
    assert console.book.decisions("spring")[-1].actor == "finance"
    assert RECEIVER not in str(console.site.accounts.acts())


def test_csv_in_full_has_every_payout_to_the_fen_and_is_recorded(console: ConsoleStage) -> None:
    console.campaign("spring", 5)
    client = console.client(Role.FINANCE)
    answer = send(client, "/payouts/in-full", on="/payouts", campaign="spring")
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert (
        sum(parse_yuan(it["amount_yuan"]) for it in rows) == console.book.standing("spring").planned
    )
    assert {it["openid"] for it in rows} == {f"oUSER_spring_{row}" for row in range(5)}
    assert console.book.decisions("spring")[-1].kind == "disclosed"
    masked = client.get("/payouts.csv?campaign=spring")
    assert masked.headers["content-type"].startswith("text/csv")
    assert len(masked.text.splitlines()) == 6


def test_whoever_may_not_see_receivers_gets_none_in_full(console: ConsoleStage) -> None:
    console.campaign()
    client = console.client(Role.VIEWER, Role.MAKER)
    for path in ("/payouts/in-full", f"/payouts/{BILLNO}/receiver"):
        assert send(client, path, on="/payouts").status_code == 403
    assert "in full" not in client.get("/payouts").text


def test_a_note_and_a_cancellation_stand_in_the_history_of_one(console: ConsoleStage) -> None:
    console.campaign()
    client, on = console.client(Role.MAKER), f"/payouts/{BILLNO}"
    assert send(client, f"{on}/note", on=on, note=f"left, {RECEIVER}").status_code == 303
    assert send(client, f"{on}/cancel", on=on, reason="left the company").status_code == 303
    page = client.get(on).text
    assert "left the company" in page
    assert RECEIVER not in page
    assert "Cancel, if" not in page
    (payout,) = console.book.find(BILLNO)
    assert payout.state is State.CANCELLED
    assert [it.actor for it in console.book.history(payout.id)][-2:] == ["maker", "maker"]


def test_those_in_doubt_come_oldest_first_and_can_be_queried(console: ConsoleStage) -> None:
    console.campaign("spring", 3)
    console.pay(1, doubtful=2)
    client = console.client(Role.CHECKER)
    page = client.get("/in-doubt").text
    assert "2 payouts" in page
    oldest, newer = console.book.unknown(limit=9)
    assert page.index(oldest.billno) < page.index(newer.billno)
    on = f"/payouts/{oldest.billno}"
    assert "the reply was lost" in client.get(on).text
    assert send(client, f"{on}/query", on=on).status_code == 303
    assert "asked for by a person" in client.get(on).text


def test_what_was_never_sent_cannot_be_queried(console: ConsoleStage) -> None:
    console.campaign()
    client, on = console.client(Role.MAKER), f"/payouts/{BILLNO}"
    answer = send(client, f"{on}/query", on=on)
    assert answer.status_code == 409
    assert "never sent" in answer.text


def test_all_that_match_are_one_recorded_act_and_no_others(console: ConsoleStage) -> None:
    console.campaign("spring", 60)
    console.campaign("autumn", 2)
    client = console.client(Role.MAKER)
    on = "/payouts/choose?campaign=spring&what=cancel&scope=all"
    page = client.get(on).text
    assert "60 payouts" in page
    answer = send(
        client, "/payouts/act", on=on, text="wrong list", count="60", amount="6000",
        chosen="campaign=spring&what=cancel&scope=all",
    )  # fmt: skip
    assert "Done for 60 payouts." in answer.text
    waiting = console.book.payouts(PayoutFilter(states=frozenset({State.WAITING}))).items
    assert len(waiting) == 2
    recorded = [it for it in console.site.accounts.acts() if '"what":"cancel"' in it.body]
    assert len(recorded) == 1
    assert '"payouts":60' in recorded[0].body


def test_nothing_is_done_to_others_than_were_shown(console: ConsoleStage) -> None:
    console.campaign("spring", 4)
    client = console.client(Role.MAKER)
    answer = send(
        client, "/payouts/act", on="/payouts", text="why", count="3", amount="300",
        chosen="what=cancel&scope=all",
    )  # fmt: skip
    assert answer.status_code == 409
    assert len(console.book.payouts(PayoutFilter(states=frozenset({State.WAITING}))).items) == 4


def test_picked_ones_that_an_act_does_not_fit_are_left_alone(console: ConsoleStage) -> None:
    console.campaign("spring", 3)
    (payout,) = console.book.find(BILLNO)
    console.book.cancel_payout(payout.id, by="anna", reason="left")
    client = console.client(Role.CHECKER)
    other = derive_billno("1900012345", "spring/1")
    chosen = f"what=cancel&pick-{BILLNO}=on&pick-{other}=on"
    answer = send(
        client, "/payouts/act", on="/payouts", text="why", chosen=chosen, count="2", amount="200"
    )
    assert "Done for 1 payout." in answer.text
    assert "is cancelled" in answer.text


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        (RECEIVER, f"/payouts/{BILLNO}"),
        ("spring/0", f"/payouts/{BILLNO}"),
        (BILLNO, f"/payouts/{BILLNO}"),
    ],
)
def test_a_search_leads_to_the_one_that_is_meant(
    console: ConsoleStage, wanted: str, leads_to: str
) -> None:
    console.campaign()
    answer = send(console.client(Role.VIEWER), "/search", on="/search", q=wanted)
    assert answer.headers["location"] == leads_to


def test_a_search_that_finds_nothing_says_so(console: ConsoleStage) -> None:
    console.campaign()
    answer = send(console.client(Role.VIEWER), "/search", on="/search", q="oNOBODY")
    assert "The books have no payout" in answer.text
    assert "oNOBODY" not in answer.text


def test_outside_of_a_rehearsal_no_phone_is_offered(console: ConsoleStage) -> None:
    console.campaign()
    client = console.client(Role.FINANCE)
    assert "Open as this person" not in client.get(f"/payouts/{BILLNO}").text
    assert client.get(f"/payouts/{BILLNO}/phone").status_code == 404


@pytest.mark.parametrize("page", ["/payouts", "/payouts.json", "/payouts.csv"])
def test_what_is_wrong_with_a_filter_is_said_and_no_download_breaks_off(
    console: ConsoleStage, page: str
) -> None:
    console.campaign()
    answer = console.client(Role.VIEWER).get(f"{page}?campaign=none")
    assert answer.status_code == 404
    assert "content-disposition" not in answer.headers
