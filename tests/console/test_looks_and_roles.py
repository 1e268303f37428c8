"""Every page, by every role that may see it, in every look: usable, and within its width.

All of it is the whole product; without ``PROOF_LIVES=all`` each page is tried once, every role,
look and language among them.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from kinds import ALL

from full_stage import BILLNO, PLACES
from hongbao.console.routes import ROUTES
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from chromium import Tab

    from console_stage import ConsoleStage

LOOKS = {
    "light": ("light", 1_280),
    "dark": ("dark", 1_280),
    "zoomed": ("light", 640),  # a desk at 200 %
    "phone": ("light", 390),
    "dark phone": ("dark", 390),
    "narrow": ("dark", 320),  # a desk at 400 %, or a small phone
}
"""The theme, and how wide the window is in CSS pixels."""
LOCALES = ("en-GB", "zh-CN")
_NOT_PAGES = {"/payouts/{billno}/phone", "/lists/{upload}", "/lists/template"}
_ASKED = {
    "/payouts/choose": f"?what=cancel&pick-{BILLNO}=on",
    "/payouts": f"?state=sent,in_doubt&campaign={PLACES['name']}",
    "/reconciliation/periods": "?merchant=demo&since=2026-11-22&until=2026-11-23",
    "/lists/new": f"?purpose=extend&name={PLACES['name']}",
}
_MORE = {
    Role.VIEWER: ["/campaigns/winter", "/approvals/autumn", "/reconciliation?closed=on"],
    Role.CHECKER: ["/approvals/autumn", "/approvals/winter", "/payouts?state=waiting"],
}


def pages_of(role: Role) -> list[str]:
    """The addresses of all pages that a role may see."""
    return [
        it.path.format(**PLACES) + _ASKED.get(it.path, "")
        for it in ROUTES
        if it.method == "GET" and it.roles is not None and role in it.roles
        if "." not in it.path and not it.path.endswith(("/csv", "/xlsx"))
        if it.path not in _NOT_PAGES
    ] + _MORE.get(role, [])  # fmt: skip


PRODUCT = [
    (look, locale, role, path)
    for role in Role
    for path, locale, look in product(pages_of(role), LOCALES, LOOKS)
]


def _once_each() -> list[tuple[str, str, Role, str]]:
    by_page: dict[str, list[tuple[str, str, Role, str]]] = {}
    for it in PRODUCT:
        by_page.setdefault(it[3], []).append(it)
    looks = len(LOOKS) * len(LOCALES)
    # The next look for each page, and another role that may see it.
    return [some[(looks * turn + turn) % len(some)] for turn, some in enumerate(by_page.values())]


TRIED = PRODUCT if ALL else _once_each()


def test_what_is_tried_has_every_look_language_role_and_page() -> None:
    for place in range(4):
        assert {it[place] for it in TRIED} == {it[place] for it in PRODUCT}, place


@pytest.mark.parametrize("look", LOOKS)
def test_every_role_can_use_every_page_that_it_may_see(
    full_console: ConsoleStage, open_tab: Callable[..., Tab], look: str
) -> None:
    theme, width = LOOKS[look]
    tabs: dict[tuple[str, Role], Tab] = {}
    wrong = []
    for its_look, locale, role, path in TRIED:
        if its_look != look:
            continue
        if (locale, role) not in tabs:
            tabs[locale, role] = open_tab(
                full_console.url, cookies=full_console.signed_in(role), locale=locale,
                theme=theme, window={"width": width, "height": 800},
            )  # fmt: skip
        tab = tabs[locale, role]
        page = tab.go(path)
        wrong += [(path, role, locale, it) for it in tab.violations()]
        if not tab.is_within_the_width():
            wrong.append((path, role, locale, "too wide"))
        tag = page.locator("html").get_attribute("lang")
        assert tag == ("zh-Hans-CN" if locale == "zh-CN" else "en")
        assert page.locator(".ribbon.sandbox").is_visible()
    assert wrong == []
