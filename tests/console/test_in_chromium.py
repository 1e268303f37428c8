"""The console in a real browser: nothing is refused, nothing is out of reach, and it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp
from chromium import PHONE
from playwright.sync_api import expect

from console_stage import PASSWORD, SECRET
from hongbao.console.signing_in.inviting import invite
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from chromium import Tab

    from console_stage import ConsoleStage


def test_one_click_leads_from_a_browser_s_dark_theme_to_the_light_one(
    still_console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    page = open_tab(still_console.url, theme="dark").go("/sign-in")
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_a_person_signs_in_and_out(console: ConsoleStage, open_tab: Callable[..., Tab]) -> None:
    console.account("anna", Role.ADMIN)
    tab = open_tab(console.url)
    tab.expect("403")
    page = tab.go("/campaigns")
    tab.axe()
    for password in ("wrong password", PASSWORD):
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(password)
        page.get_by_label("Code of the authenticator").fill(console.code())
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        if password != PASSWORD:
            expect(page.get_by_role("alert")).to_have_text("Name, password or code is wrong.")
    expect(page).to_have_url(f"{console.url}/campaigns")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    assert SECRET not in page.content()


def test_a_campaign_is_seen_to_change_without_loading_the_page_again(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign()
    tab = open_tab(console.url, cookies=console.signed_in(Role.VIEWER))
    page = tab.go("/campaigns/spring")
    expect(page.locator(".phase")).to_contain_text("approved")
    console.book.pause("spring", by="bo", reason="lunch")
    expect(page.locator(".phase")).to_contain_text("paused")


def test_a_person_pauses_a_campaign_and_another_one_lets_it_go_on(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign()
    maker = open_tab(console.url, cookies=console.signed_in(Role.MAKER)).go("/campaigns/spring")
    maker.get_by_label("Why it is paused").fill("wrong greeting")
    maker.get_by_role("button", name="Pause").click()
    expect(maker.get_by_role("status")).to_contain_text("Paused.")
    assert maker.get_by_role("button", name="Resume").count() == 0
    checker = open_tab(console.url, cookies=console.signed_in(Role.CHECKER), locale="zh-CN")
    page = checker.go("/campaigns/spring")
    page.get_by_role("button", name="恢复发放").click()
    expect(page.get_by_role("status")).to_contain_text("已恢复")
    assert console.book.standing("spring").campaign.stop is None


def test_without_scripts_pages_say_the_same_and_forms_do_the_same(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign()
    tab = open_tab(console.url, cookies=console.signed_in(Role.MAKER), script=False)
    page = tab.go("/campaigns")
    page.get_by_role("link", name="spring").click()
    page.get_by_label("Why it is paused").fill("lunch")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".phase")).to_contain_text("paused")


def test_language_and_theme_are_chosen_and_kept(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    tab = open_tab(console.url)
    page = tab.go("/sign-in")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("登录")
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    tab.axe()


def test_a_list_is_filtered_without_loading_the_page_again_and_the_address_says_how(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign("spring")
    console.campaign("autumn", approved=False)
    tab = open_tab(console.url, cookies=console.signed_in(Role.VIEWER))
    page = tab.go("/campaigns")
    page.keyboard.press("/")
    page.keyboard.type("spr")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.url.endswith("/campaigns?q=spr&phase=")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_first_load_weighs_little(console: ConsoleStage, open_tab: Callable[..., Tab]) -> None:
    console.campaign()
    tab = open_tab(console.url, cookies=console.signed_in(*Role))
    session = tab.page.context.new_cdp_session(tab.page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda it: sizes.append(it["encodedDataLength"]))
    tab.go("/campaigns/spring").wait_for_load_state("load")
    assert 3 <= len(sizes) <= 6
    assert sum(sizes) <= 60_000


def test_the_first_admin_sets_up_an_account_and_signs_in(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    link = invite(console.site.accounts, None, by="test", at=console.wall())
    tab = open_tab(console.url, window=PHONE)
    page = tab.go(link)
    tab.axe()
    assert tab.is_within_the_width()
    expect(page.locator("svg.qr")).to_be_visible()
    secret = page.locator("#key").inner_text()
    page.get_by_label("Name, as histories").fill("anna")
    page.get_by_label("A new password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    code = pyotp.TOTP(secret).at(console.wall() // 1_000_000)
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Your recovery codes")
    tab.axe()
    recovery = page.locator("#codes code").first.inner_text()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code of the authenticator").fill(recovery)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{console.url}/")
