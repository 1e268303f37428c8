"""Finance closes days in a real browser, in both languages, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from billed_books import bill_all
from console_stage import PASSWORD
from hongbao import beijing
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chromium import Tab

    from console_stage import ConsoleStage

WORDS = {
    "en-GB": ("Look at these days", "Password", "Code of the authenticator", "Confirm"),
    "zh-CN": ("查看这些日期", "密码", "身份验证器", "确认"),
}


@pytest.mark.parametrize("locale", WORDS)
def test_finance_closes_days_shows_again_who_it_is_and_opens_them(
    console: ConsoleStage, open_tab: Callable[..., Tab], tmp_path: Path, locale: str
) -> None:
    look, password, code, confirm = WORDS[locale]
    day = beijing.date(beijing.day_of(console.book.now()))
    console.campaign("spring", 5)
    console.pay(5, claimed=3)
    bill_all(console.book, tmp_path)
    cookies = console.signed_in(Role.FINANCE)
    console.wall.pass_(301)
    tab = open_tab(console.url, cookies=cookies, locale=locale, script=locale == "en-GB")
    page = tab.go("/reconciliation/periods")
    page.locator("input[name=since]").fill(day)
    page.locator("input[name=until]").fill(day)
    page.get_by_role("button", name=look).click()
    expect(page.get_by_role("main")).to_contain_text("5.00")
    page.get_by_role("main").locator("form[method=post] button").click()
    page.get_by_label(password).fill(PASSWORD)
    page.get_by_label(code).fill(console.code())
    page.get_by_role("main").get_by_role("button", name=confirm).click()
    asked = f"merchant=demo&since={day}&until={day}&done=confirmed"
    expect(page).to_have_url(f"{console.url}/reconciliation/periods?{asked}")
    page.get_by_role("main").locator("form[method=post] button").click()
    expect(page).to_have_url(f"{console.url}/reconciliation/periods/1?done=period-closed")
    assert console.book.bills.period(1).stands
    page.locator("main input[name=reason]").fill("a bill comes late")
    page.get_by_role("main").locator("form[method=post] button").click()
    expect(page).to_have_url(f"{console.url}/reconciliation/periods/1?done=period-reopened")
    expect(page.get_by_role("main")).to_contain_text("a bill comes late")
    assert not console.book.bills.period(1).stands
