"""Whoever reads or types stays where they are while pages change, without a mouse, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from chromium import Tab
    from playwright.sync_api import Page, Route

    from console_stage import ConsoleStage

FOCUSED = "document.activeElement"


def focused(page: Page, what: str = "id") -> object:
    return page.evaluate(f"{FOCUSED}.{what}")


def test_the_link_past_the_menu_loses_nothing_that_was_typed(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign()
    page = open_tab(console.url, cookies=console.signed_in(Role.MAKER)).go("/campaigns/spring")
    reason = page.get_by_label("Why it is paused")
    reason.fill("wrong greeting")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}/campaigns/spring#main")
    expect(reason).to_have_value("wrong greeting")
    assert focused(page) == "main"
    page.go_back()
    expect(page).to_have_url(f"{console.url}/campaigns/spring")
    expect(reason).to_have_value("wrong greeting")


def test_a_part_that_changes_leaves_the_keyboard_at_its_link(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign("spring")
    console.campaign("summer")
    page = open_tab(console.url, cookies=console.signed_in(Role.VIEWER)).go("/")
    for name in ("summer", "spring"):
        page.locator("[data-live]").get_by_role("link", name=name).last.focus()
        console.book.pause(name, by="bo", reason="lunch")
        expect(
            page.locator("[data-live] p", has_text="paused").filter(has_text=name)
        ).to_be_visible()
        assert str(focused(page, "href")).endswith(f"/campaigns/{name}")


def test_the_next_page_of_a_list_is_where_the_keyboard_goes_on(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    console.campaign("spring", 60)
    page = open_tab(console.url, cookies=console.signed_in(Role.VIEWER)).go("/payouts")
    page.get_by_role("link", name="Next page").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(10)
    assert focused(page) == "list"
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.getElementById('list').contains({FOCUSED})")


def test_a_page_whose_stream_was_refused_comes_back_by_itself(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    """As by a proxy while the console starts anew, or where too many watch."""
    console.campaign()
    tab = open_tab(console.url, cookies=console.signed_in(Role.VIEWER))
    tab.expect("503")
    asked: list[str] = []

    def refuse_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503)
        else:
            route.continue_()

    tab.page.route("**/live/**", refuse_once)
    tab.page.clock.install()
    page = tab.go("/campaigns/spring")
    expect(page.locator("#lost")).to_be_visible()
    console.book.pause("spring", by="bo", reason="lunch")
    page.clock.fast_forward(11_000)
    expect(page.locator(".phase")).to_contain_text("paused")
    expect(page.locator("#lost")).to_be_hidden()


def test_who_confirms_is_back_at_the_form_with_what_was_asked_for(
    console: ConsoleStage, open_tab: Callable[..., Tab]
) -> None:
    """The browser says on which page a form stood, by the policy of our own headers."""
    console.account("root", Role.ADMIN)
    cookies = console.signed_in(Role.ADMIN, name="root")
    console.wall.pass_(301)
    page = open_tab(console.url, cookies=cookies).go("/users?done=account")
    page.get_by_label("Name, as histories").fill("lin")
    page.get_by_label("finance").check()
    page.get_by_role("button", name="Add, and make").click()
    expect(page).to_have_url(f"{console.url}/confirm?next=/users")
