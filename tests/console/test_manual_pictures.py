"""The pictures of the manual: small, and made of the pages themselves by a test."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console_stage import CHEAP, ConsoleStage, Wall, configured
from hongbao.billno import derive_billno
from hongbao.console.serving import serving
from hongbao.console.site import ConsoleSite
from hongbao.engine import Ledger
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Tab

PICTURES = Path(__file__).parents[2] / "docs" / "images"
WRITES = os.environ.get("HONGBAO_TEST_SCREENSHOTS") == "write"
BYTES_MAX = 140_000
WINDOW = {"width": 1100, "height": 760}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
BILLNO = derive_billno("1900012345", "spring/0")
TEXTS = {
    "en": "send_name=Teahouse&wishing=Happy+New+Year&act_name=Spring&remark=First+draw",
    "zh": "send_name=天虹茶馆&wishing=恭喜发财，大吉大利&act_name=新春活动&remark=第一批",
}
PAGES = {
    "maker": "/lists/new?name=new-year&unit=yuan&budget=5000.00&{texts}",
    "checker": "/approvals/autumn",
    "finance": "/finance",
    "service": f"/payouts/{BILLNO}",
    "admin": "/users",
}
ROLES = {
    "maker": Role.MAKER, "checker": Role.CHECKER, "finance": Role.FINANCE, "service": Role.VIEWER,
    "admin": Role.ADMIN,
}  # fmt: skip


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[ConsoleStage]:
    """Books that have paid something on each of twelve days, a draft, and some people."""
    configuration = configured(str(tmp_path / "books.db"), tmp_path, {"port": 0})
    wall = Wall()
    wall.pass_(-12 * 86_400)
    with Ledger.open(configuration.database_url(), clock=wall) as book:
        site = ConsoleSite(book=book, configuration=configuration, clock=wall, passwords=CHEAP)
        with serving(site) as url:
            stage = ConsoleStage(site, url, wall)
            stage.account("root", Role.ADMIN)
            for name, role in (("mei", Role.MAKER), ("chen", Role.CHECKER)):
                stage.account(name, role)
            stage.campaign("spring", 60)
            for paid in (9, 4, 3, 6, 2, 0, 5, 4, 7, 1, 3, 4):
                stage.pay(paid, claimed=paid - 1)
                wall.pass_(86_400)
            stage.campaign("autumn", 12, approved=False)
            yield stage
            stage.close()


@pytest.mark.skipif(not WRITES, reason="HONGBAO_TEST_SCREENSHOTS=write makes them anew")
@pytest.mark.parametrize("language", LOCALES)
def test_the_pictures_are_made_of_the_pages(
    shown: ConsoleStage, open_tab: Callable[..., Tab], language: str
) -> None:
    for name, path in PAGES.items():
        tab = open_tab(
            shown.url, cookies=shown.signed_in(ROLES[name]), locale=LOCALES[language],
            window=WINDOW,
        )  # fmt: skip
        page = tab.go(path.format(texts=TEXTS[language]))
        page.screenshot(path=PICTURES / f"console-{name}-{language}.png")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_is_there_and_small(name: str, language: str) -> None:
    picture = (PICTURES / f"console-{name}-{language}.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) <= BYTES_MAX
