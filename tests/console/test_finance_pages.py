"""Finance and reconciliation in the console: every figure is the ledger's, to the fen."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from billed_books import bill_all
from console_stage import send
from hongbao import beijing
from hongbao.billno import derive_billno
from hongbao.console.pages.reconciliation import GROUPS
from hongbao.ledger.model.account import ActKind, Role
from hongbao.ledger.model.bill import NO_ROWS, BillKey, BreakKind, Difference
from hongbao.ledger.model.payout import State
from hongbao.ledger.read.figures import Span
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.money import parse_yuan

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from console_stage import ConsoleStage

BILLNO = derive_billno("1900012345", "spring/0")


def csv_rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def paid(console: ConsoleStage) -> ConsoleStage:
    """Two campaigns, of which seven payouts are paid and three of those are claimed."""
    console.campaign("spring", 5)
    console.campaign("autumn", 4)
    console.pay(7, claimed=3)
    return console


def test_the_figures_of_a_day_are_those_of_the_ledger_to_the_fen(paid: ConsoleStage) -> None:
    rows = csv_rows(paid.client(Role.FINANCE).get("/finance.csv?part=days"))
    since, until = 0, 2**52
    days = paid.book.figures(Span.DAY, since=since, until=until)
    assert [
        (it["day"], int(it["payouts"]), *(parse_yuan(it[name]) for name in ("paid", "claimed")))
        for it in rows
    ] == [
        (beijing.date(beijing.day_of(it.begin)), it.payouts, it.amount, it.claimed) for it in days
    ]
    assert sum(parse_yuan(it["paid"]) for it in rows) == 700


@pytest.mark.parametrize("part", ["campaigns", "merchants"])
def test_campaigns_and_merchants_come_to_what_their_totals_and_an_audit_say(
    paid: ConsoleStage, part: str
) -> None:
    rows = csv_rows(paid.client(Role.FINANCE).get(f"/finance.csv?part={part}"))
    report = paid.book.audit()
    assert not report.findings
    totals = report.totals
    paid_fen = sum(
        totals[it].amount for it in (State.SENT, State.RECEIVED, State.RETURNED) if it in totals
    )
    assert sum(parse_yuan(it["paid"]) for it in rows) == paid_fen == 700
    assert sum(parse_yuan(it["planned"]) for it in rows) == 900
    assert sum(parse_yuan(it["claimed"]) for it in rows) == 300
    for row in rows:
        fen = {name: parse_yuan(row[name]) for name in ("paid", "claimed", "refunded", "unclaimed")}
        assert fen["paid"] == fen["claimed"] + fen["refunded"] + fen["unclaimed"]


def test_the_page_says_whether_days_and_campaigns_tie(paid: ConsoleStage) -> None:
    page = paid.client(Role.VIEWER).get("/finance").text
    assert "to the fen" in page
    assert "¥7.00" in page
    assert "do not add up" not in page


def test_figures_are_narrowed_to_a_campaign_a_merchant_and_days(paid: ConsoleStage) -> None:
    client = paid.client(Role.FINANCE)
    rows = csv_rows(client.get("/finance.csv?part=campaigns&campaign=autumn"))
    assert [it["name"] for it in rows] == ["autumn"]
    assert csv_rows(client.get("/finance.csv?part=days&since=2001-01-01&until=2001-01-31")) == []
    for day in ("yesterday", "0001-01-01", "9999-12-31T23:59-12:00"):
        for end in ("since", "until"):
            assert client.get("/finance", params={end: day}).status_code == 422
    assert client.get("/finance?campaign=none").status_code == 404
    assert client.get("/finance.csv?part=all").status_code == 422


@pytest.fixture
def differing(paid: ConsoleStage) -> ConsoleStage:
    """A bill that says less than the books of one payout."""
    book = paid.book
    (payout,) = book.find(BILLNO)
    day = beijing.day_of(book.now())
    book.bills.store(
        BillKey(payout.merchant_id, "Basic", day), NO_ROWS, [b""], sha256=bytes(32),
        plain_bytes=0, source="=bill.csv", by="anna",
    )  # fmt: skip
    missing = Difference(
        kind=BreakKind.MISSING_IN_BILL, subject=BILLNO, payout_id=payout.id, bill_id=None,
        line=None, day=day, expected=100, found=0,
    )  # fmt: skip
    book.bills.compare(payout.merchant_id, [missing], payouts=[payout.id], by="reconcile")
    return paid


def test_every_kind_of_break_is_in_one_group() -> None:
    kinds = [kind for _, some in GROUPS.values() for kind in some]
    assert sorted(kinds) == sorted(BreakKind)


def test_a_break_leads_to_its_payout_and_is_closed_with_a_reason(differing: ConsoleStage) -> None:
    client = differing.client(Role.FINANCE)
    page = client.get("/reconciliation").text
    (address,) = re.findall(r'href="(/reconciliation/breaks/\d+)"', page)
    assert "1 break" in client.get("/reconciliation?group=ours").text
    assert address not in client.get("/reconciliation?group=theirs").text
    shown = client.get(address).text
    assert f'href="/payouts/{BILLNO}"' in shown
    assert "¥1.00" in shown
    done = send(client, f"{address}/close", on=address, reason="paid from the other account")
    assert done.status_code == 303
    assert "paid from the other account" in client.get(address).text
    assert address not in client.get("/reconciliation").text
    assert address in client.get("/reconciliation?closed=on").text
    assert send(client, f"{address}/close", on="/me", reason="again").status_code == 409


def test_a_break_is_closed_by_nobody_without_a_reason(differing: ConsoleStage) -> None:
    client = differing.client(Role.CHECKER)
    address = "/reconciliation/breaks/1"
    assert send(client, f"{address}/close", on=address, reason=" ").status_code in {409, 422}
    assert differing.book.bills.break_of(1).open


def test_finance_takes_the_breaks_along_as_csv_and_xlsx(differing: ConsoleStage) -> None:
    client = differing.client(Role.FINANCE)
    (row,) = csv_rows(client.get("/reconciliation.csv"))
    assert (row["what"].lstrip("'"), row["books_yuan"], row["bill_yuan"]) == (
        BILLNO, "1.00", "0.00",
    )  # fmt: skip
    book = load_workbook(BytesIO(client.get("/reconciliation.xlsx").content))
    assert book.sheetnames == ["days", "breaks"]
    assert [cell.value for cell in book["breaks"][2]][:3] == ["1", "demo", "missing_in_bill"]
    assert client.get("/reconciliation.csv?part=days").status_code == 200


@pytest.fixture
def closable(paid: ConsoleStage, tmp_path: Path) -> ConsoleStage:
    """The bill of the day has all that was paid; on the next nothing moved."""
    bill_all(paid.book, tmp_path)
    return paid


def test_finance_closes_days_sees_them_again_and_opens_them_with_a_reason(
    closable: ConsoleStage,
) -> None:
    client, day = closable.client(Role.FINANCE), beijing.date(beijing.day_of(closable.book.now()))
    asked: dict[str, Any] = {"merchant": "demo", "since": day, "until": day}
    looked = f"/reconciliation/periods?merchant=demo&since={day}&until={day}"
    page = client.get(looked).text
    assert "Close these days" in page
    assert "7.00" in page
    assert "Close these days" not in closable.client(Role.CHECKER).get(looked).text
    done = send(client, "/reconciliation/periods", on=looked, **asked)
    assert done.status_code == 303, done.text
    address = "/reconciliation/periods/1"
    assert "7.00" in client.get(address).text
    assert client.get("/reconciliation/periods").text.count(address) == 1
    (row,) = csv_rows(client.get(f"{address}/csv"))
    assert (row["own_out"], row["paid"], row["ties"]) == ("7.00", "7.00", "yes")
    book = load_workbook(BytesIO(client.get(f"{address}/xlsx").content))
    assert book.sheetnames == ["totals", "days"]
    assert send(client, "/reconciliation/periods", on=looked, **asked).status_code == 409
    again = send(client, f"{address}/reopen", on=address, reason="to look once more")
    assert again.status_code == 303
    assert "to look once more" in client.get(address).text
    bad = asked | {"merchant": "nobody"}
    assert client.get("/reconciliation/periods", params=bad).status_code == 422


def test_a_whole_bill_is_shown_line_by_line_and_leads_to_payouts(closable: ConsoleStage) -> None:
    client = closable.client(Role.VIEWER)
    listed = client.get("/reconciliation").text
    address = re.findall(r'href="(/reconciliation/bills/\d+)"', listed)[0]
    page = client.get(address).text
    assert page.count('href="/payouts/') >= 7
    assert "secret" not in page
    shown = client.get(f"{address}?line=5").text
    assert re.findall(r'class="number">(\d+)</td>', shown)[:1] == ["5"]
    assert client.get(f"{address}?only=bad").status_code == 200
    for wrong in ("at=1.1", "at=x", "line=x", "only=bad&after=-1"):
        assert client.get(f"{address}?{wrong}").status_code == 422
    assert client.get("/reconciliation/bills/99").status_code == 404
    rows = csv_rows(closable.client(Role.FINANCE).get(f"{address}/csv"))
    assert len(rows) == 7
    assert {it["收支金额(元)"] for it in rows} == {"1.00"}


def test_stopping_all_is_for_operators_and_resuming_for_checkers(console: ConsoleStage) -> None:
    console.campaign()
    maker, checker = console.client(Role.MAKER), console.client(Role.CHECKER)
    assert send(maker, "/workers/stop-all", on="/workers", reason="fire").status_code == 303
    assert all(it.stop is not None for it in console.book.channels())
    assert "fire" in maker.get("/workers").text
    assert send(maker, "/workers/resume-all", on="/workers").status_code == 403
    assert send(checker, "/workers/resume-all", on="/workers").status_code == 303
    assert all(it.stop is None for it in console.book.channels())


def test_the_record_of_acts_goes_back_page_by_page(console: ConsoleStage) -> None:
    console.account("root", Role.ADMIN)
    for place in range(120):
        console.site.accounts.record(
            ActKind.DID,
            by="anna",
            at=console.wall(),
            facts={"page": "/approvals/{name}/approve", "name": f"n{place}"},
        )
    client = console.client(Role.ADMIN)
    first = client.get("/audit").text
    assert "approved campaign n119<" in first
    assert "campaign n0<" not in first
    (before,) = re.findall(r"/audit\?before=(\d+)", first)
    assert "campaign n0<" in client.get(f"/audit?before={before}").text
    assert client.get("/audit?before=x").status_code == 422


def test_an_endpoint_is_disabled_replayed_and_enabled_by_an_admin(console: ConsoleStage) -> None:
    book = console.book.through(WebhookBook)
    book.add("crm", "https://crm.example/hook", by="anna")
    console.account("root", Role.ADMIN)
    client, on = console.client(Role.ADMIN), "/webhooks/crm"
    assert send(client, f"{on}/disable", on=on, reason="moves").status_code == 303
    assert "moves" in client.get(on).text
    assert "Enable" in client.get(on).text
    assert send(client, f"{on}/enable", on=on).status_code == 303
    assert send(client, f"{on}/replay", on=on, after="0").status_code == 303
    assert send(client, f"{on}/replay", on=on, after="-1").status_code == 422
    assert [it.kind for it in book.endpoint_history("crm")][1:] == [
        "disabled", "enabled", "replayed",
    ]  # fmt: skip
    console.campaign("spring", 2)
    book.exchange([], {book.endpoint("crm").id: 5}, lease_seconds=60, by="deliverer")
    waiting = book.waiting("crm")
    assert len(waiting) == book.endpoint("crm").waiting > 0
    assert waiting == sorted(waiting, key=lambda it: it.position)
    assert f"{waiting[0].about} {waiting[0].subject}: {waiting[0].kind}" in client.get(on).text
    viewer = console.client(Role.VIEWER)
    assert "Replay" not in viewer.get(on).text
    assert "crm" in viewer.get("/webhooks").text


def test_help_explains_codes_states_and_keys(console: ConsoleStage) -> None:
    client = console.client(Role.VIEWER)
    page = client.get("/help").text
    for words in ("NOTENOUGH", "OTHER_ORDER", "in doubt", "go to the search field"):
        assert words in page
    assert "OTHER_ORDER" not in client.get("/help?q=NOTENOUGH").text
