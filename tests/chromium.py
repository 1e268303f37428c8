"""A real Chromium for tests of pages: a pytest plugin that every folder of tests can use.

It is the system's own (Debian's package), driven by Playwright. Where there is none the tests are
skipped; with ``HONGBAO_TEST_CHROMIUM=required`` they fail. Whatever a page writes to the browser's
console as an error or a warning fails its test: a violation of the content security policy, too.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUIRED = os.environ.get("HONGBAO_TEST_CHROMIUM") == "required"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_WITHIN = """document.documentElement.scrollWidth <= innerWidth && (innerWidth > 640 ||
[...document.querySelectorAll(".wide")].every(it => it.scrollWidth <= it.clientWidth))"""


class Tab:
    """A tab of a browser that notes what goes wrong in it.

    Args:
        page: Playwright's.
        base_url: what paths are relative to.

    Attributes:
        page: as given.
        faults: errors and warnings in its console, and exceptions of its scripts.
    """

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self._base_url = base_url
        self._expected: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def expect(self, text: str) -> None:
        """Let messages with this text be no faults, such as the ``403`` that a test provokes."""
        self._expected.append(text)

    def go(self, path: str) -> Page:
        """Open an address of the app."""
        self.page.goto(f"{self._base_url}{path}")
        return self.page

    def axe(self) -> None:
        """Look for what people with disabilities cannot use; what is found fails the test."""
        assert self.violations() == []

    def violations(self) -> list[str]:
        """What people with disabilities cannot use."""
        found = Axe().run(self.page, options={"runOnly": _RULES}).response["violations"]
        return [
            f"{it['id']}: {it['help']}: {[node['html'][:200] for node in it['nodes'][:3]]}"
            for it in found
        ]

    def is_within_the_width(self) -> bool:
        """Whether nothing of the page is wider than the window, and on a phone no table scrolls."""
        return bool(self.page.evaluate(_WITHIN))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            it in message.text for it in self._expected
        ):
            self.faults.append(message.text)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Playwright's loop runs in this thread meanwhile: asyncio.run would refuse."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        if REQUIRED:
            pytest.fail("HONGBAO_TEST_CHROMIUM=required, and no Chromium is installed")
        pytest.skip("no Chromium is installed: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens tabs, each in a profile of its own, and fails over what went wrong in them."""
    tabs: list[Tab] = []
    contexts = []

    def open_it(
        base_url: str,
        *,
        cookies: dict[str, str] | None = None,
        locale: str = "en-GB",
        theme: Literal["light", "dark"] = "light",
        window: dict[str, int] = DESK,
        script: bool = True,
    ) -> Tab:
        options: dict[str, Any] = {"viewport": window, "java_script_enabled": script}
        context = chromium.new_context(
            locale=locale, timezone_id="America/New_York", color_scheme=theme, **options
        )
        context.set_default_timeout(15_000)
        context.add_cookies(
            [{"name": name, "value": it, "url": base_url} for name, it in (cookies or {}).items()]
        )
        contexts.append(context)
        tabs.append(Tab(context.new_page(), base_url))
        return tabs[-1]

    yield open_it
    for context in contexts:
        context.close()
    assert [fault for tab in tabs for fault in tab.faults] == []
