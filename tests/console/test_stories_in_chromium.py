"""What operators and finance do in a real browser, in both languages, and that all can use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hongbao.billno import derive_billno
from hongbao.ledger.model.account import Role
from hongbao.ledger.model.payout import State
from hongbao.ledger.webhook_book import WebhookBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from chromium import Tab

    from console_stage import ConsoleStage

BILLNO = derive_billno("1900012345", "spring/0")


@pytest.fixture
def busy(console: ConsoleStage) -> ConsoleStage:
    """Books in which something has happened."""
    console.account("root", Role.ADMIN)
    console.campaign("spring", 8)
    console.pay(4, claimed=2, doubtful=2)
    hooks = console.book.through(WebhookBook)
    hooks.add("crm", "https://crm.example/hook", by="anna")
    return console


OPERATOR = {
    "en-GB": ("Filter", "Write a note", "Back to the list", "Query now", "A worker asks WeChat"),
    "zh-CN": ("筛选", "写备注", "返回列表", "立即查询", "工作进程将"),
}


@pytest.mark.parametrize("locale", OPERATOR)
def test_an_operator_finds_what_is_in_doubt_notes_it_and_asks_about_one(
    busy: ConsoleStage, open_tab: Callable[..., Tab], locale: str
) -> None:
    filter_, note, back, query, asked = OPERATOR[locale]
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.MAKER), locale=locale)
    page = tab.go("/payouts")
    page.locator("select[name=state]").select_option("in_doubt")
    page.get_by_role("button", name=filter_).click()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert "state=in_doubt" in page.url
    page.locator("input[name=scope][value=all]").check()
    page.get_by_role("button", name=note).click()
    expect(page.locator(".phase")).to_contain_text("2")
    page.locator("input[name=text]").fill("asked the shop")
    page.get_by_role("button", name=note).click()
    expect(page.get_by_role("status")).to_contain_text("2")
    page.get_by_role("link", name=back).click()
    page.locator("tbody tr").first.get_by_role("link").first.click()
    expect(page.locator(".timeline")).to_contain_text("maker")
    page.get_by_role("button", name=query).click()
    expect(page.get_by_role("status")).to_contain_text(asked)


def test_a_filter_is_taken_away_without_loading_the_page_again(
    busy: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.VIEWER))
    page = tab.go("/payouts?state=in_doubt&campaign=spring")
    page.get_by_role("link", name="Take away the filter State").click()
    expect(page.locator("tbody tr")).to_have_count(8)
    assert page.url.endswith("/payouts?campaign=spring")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_an_operator_cancels_one_that_was_picked_without_scripts(
    busy: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.CHECKER), script=False)
    page = tab.go("/payouts?state=waiting")
    billno = page.locator("tbody tr").first.get_by_role("link").first.inner_text()
    page.get_by_label(billno, exact=True).check()
    page.get_by_role("button", name="Cancel, if it is not paid yet").click()
    page.locator("input[name=text]").fill("left the company")
    page.get_by_role("button", name="Cancel, if it is not paid yet").click()
    expect(page.get_by_role("status")).to_contain_text("Done for 1 payout.")
    (payout,) = busy.book.find(billno)
    assert payout.state is State.CANCELLED


FINANCE = {"en-GB": ("Show in full", "to the fen"), "zh-CN": ("显示完整 openid", "精确到分")}


@pytest.mark.parametrize("locale", FINANCE)
def test_finance_reads_the_figures_takes_them_along_and_sees_one_receiver(
    busy: ConsoleStage, open_tab: Callable[..., Tab], locale: str
) -> None:
    in_full, ties = FINANCE[locale]
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.FINANCE), locale=locale)
    page = tab.go("/finance")
    expect(page.locator(".notice")).to_contain_text(ties)
    expect(page.locator(".notice")).to_contain_text("¥4.00")
    with page.expect_download() as download:
        page.locator("a[href^='/finance.csv?part=days']").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert re.search(r"^\d{4}-\d\d-\d\d,4,4\.00,2\.00,0\.00$", text, re.MULTILINE)
    page = tab.go(f"/payouts/{BILLNO}")
    assert "oUSER_spring_0" not in page.content()
    page.get_by_role("button", name=in_full).click()
    expect(page.locator("dl.facts").first).to_contain_text("oUSER_spring_0")
    assert busy.book.decisions("spring")[-1].kind == "disclosed"


VIEWER = {"en-GB": "Search", "zh-CN": "搜索"}


@pytest.mark.parametrize("locale", VIEWER)
def test_a_viewer_finds_a_payout_and_can_change_nothing(
    busy: ConsoleStage, open_tab: Callable[..., Tab], locale: str
) -> None:
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.VIEWER), locale=locale)
    page = tab.go("/search")
    page.get_by_role("main").get_by_role("searchbox").fill(BILLNO)
    page.get_by_role("main").get_by_role("button", name=VIEWER[locale]).click()
    expect(page.get_by_role("main")).to_contain_text(BILLNO)
    for path in (f"/payouts/{BILLNO}", "/campaigns/spring", "/workers", "/webhooks/crm"):
        page = tab.go(path)
        assert page.locator("main form[method=post]").count() == 0, path
        assert "oUSER_spring_0" not in page.content()


ADMIN = {
    "en-GB": (
        "Name, as histories",
        "finance",
        "Add, and make",
        "Disable",
        "Audit the",
        "every fen",
    ),
    "zh-CN": ("名称，将记入", "财务", "新增，并", "停用", "立即审计", "每一分钱"),
}


@pytest.mark.parametrize("locale", ADMIN)
def test_an_admin_adds_a_person_disables_another_and_audits_the_books(
    busy: ConsoleStage, open_tab: Callable[..., Tab], locale: str
) -> None:
    name, finance, add, disable, audit, agrees = ADMIN[locale]
    busy.account("mei", Role.MAKER)
    tab = open_tab(busy.url, cookies=busy.signed_in(Role.ADMIN), locale=locale)
    page = tab.go("/users")
    page.get_by_label(name).fill("lin")
    page.get_by_label(finance).check()
    page.get_by_role("button", name=add).click()
    expect(page.locator("#link")).to_contain_text("/setup")
    assert busy.site.accounts.get("lin").roles == {Role.FINANCE}
    tab.go("/users/mei").get_by_role("button", name=disable).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert busy.site.accounts.get("mei").disabled
    page = tab.go("/audit")
    page.get_by_role("button", name=audit).click()
    tab.axe()
    expect(page.locator("[data-live] .notice")).to_contain_text(agrees)
