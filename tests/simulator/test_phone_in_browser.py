"""The phone view in a real browser: a person opens, shares, confirms, and comes too late."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest
from chromium import DESK, PHONE, Tab

from phone_stage import ALICE, BOB, PhoneStage

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from hongbao.simulator.simulator import Simulator

pytestmark = pytest.mark.browser

NUMBER = "HB20261123A001"
PICTURES = Path(__file__).parents[2] / "docs" / "images"
WRITES_PICTURES = os.environ.get("HONGBAO_TEST_SCREENSHOTS") == "write"
PICTURE_BYTES_MAX = 80_000


class Look(NamedTuple):
    """How a person looks at it.

    Attributes:
        locale: the browser's.
        theme: of the machine.
        window: its size.
        open: the words on the coin, and so on.
    """

    locale: str
    theme: Literal["light", "dark"]
    window: dict[str, int]
    open: str
    saved: str
    best: str
    old: str
    confirm: str
    received: str


ZH = Look(
    "zh-CN",
    "light",
    DESK,
    "開",
    "已存入零钱",
    "手气最佳",
    "该红包已超过24小时",
    "确认收款",
    "已收款",
)
EN = Look(
    "en-GB",
    "dark",
    PHONE,
    "Open",
    "Saved to balance",
    "Best luck",
    "This packet is over 24 hours old",
    "Accept the money",
    "Received",
)
both = pytest.mark.parametrize("look", [ZH, EN], ids=["zh-light-desk", "en-dark-phone"])


@pytest.fixture
def phone(simulator: Simulator) -> PhoneStage:
    return PhoneStage(simulator=simulator)


class Hand:
    """A person with a browser; looks at each page with axe, too."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page: Page = tab.page

    def go(self, path: str = "") -> None:
        """Open a page, and check it."""
        self.tab.go(f"/phone{path}")
        self.check()

    def check(self) -> None:
        """Nothing is wider than the window, and nobody is shut out."""
        assert self.tab.is_within_the_width()
        self.tab.axe()

    def sees(self, *texts: str) -> None:
        """Wait until these are on the phone."""
        for text in texts:
            self.page.locator("#phone").get_by_text(text).first.wait_for()

    def press(self, name: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def hand(phone: PhoneStage, open_tab: Callable[..., Tab]) -> Callable[..., Hand]:
    def take(look: Look, **more: Any) -> Hand:
        base_url = phone.simulator.phone_url.removesuffix("/phone")
        options = {"locale": look.locale, "theme": look.theme, "window": look.window, **more}
        return Hand(open_tab(base_url, **options))

    return take


@both
def test_a_person_finds_a_packet_and_opens_it(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look
) -> None:
    phone.send("A1")
    person = hand(look)
    person.go()
    person.page.locator("#phone .rows a").click()
    person.check()
    person.page.locator("#phone .rows a").click()
    person.check()
    person.page.locator("#phone .bubble").click()
    person.check()
    person.press(look.open)
    person.sees("12.34", look.saved)
    person.check()
    person.page.go_back()
    person.page.go_back()
    person.page.locator("#phone .bubble.pale").wait_for()
    person.check()
    assert phone.packet("A1").claimed == 1234
    phone.audit()


@both
def test_two_presses_and_two_tabs_open_a_packet_once(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look
) -> None:
    phone.send("A1")
    first, second = hand(look), hand(look)
    for person in (first, second):
        person.tab.go(f"/phone/{ALICE}/packet/A1")
    first.page.get_by_role("button", name=look.open, exact=True).dblclick()
    first.sees(look.saved)
    second.press(look.open)
    second.sees(look.saved)
    assert len(phone.packet("A1").claims) == 1
    phone.audit()


@both
def test_a_group_shares_a_packet_and_one_is_the_luckiest(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look
) -> None:
    phone.send_group("G1")
    phone.send("B1", BOB)
    person = hand(look)
    person.go(f"/{ALICE}/packet/G1")
    person.press(look.open)
    person.sees(look.saved)
    person.check()
    late = hand(look)
    phone.press("/do/open-all", mch_id="1999000001", mch_billno="G1", back="/phone")
    person.sees(look.best)  # without a reload
    person.check()
    late.go("/oLATE/packet/G1")
    late.page.locator(".luck").click()
    late.sees(look.best)
    late.check()
    phone.audit()


@both
def test_a_person_comes_too_late_for_a_packet(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look
) -> None:
    phone.send("A1")
    person = hand(look)
    person.go(f"/{ALICE}/packet/A1")
    person.page.locator("button[value=day]").click()
    person.sees(look.old)
    person.check()
    assert phone.packet("A1").claimed == 0


@both
@pytest.mark.parametrize("style", [None, "RED_PACKET"])
def test_a_person_confirms_a_transfer(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look, style: str | None
) -> None:
    phone.transfer(NUMBER, **({"user_recv_style": style} if style else {}))
    person = hand(look)
    person.go(f"/{ALICE}/chat/transfers")
    person.page.locator("#phone .bubble").click()
    person.check()
    person.press(look.open if style else look.confirm)
    person.sees(look.received, "88.00")
    person.check()
    phone.audit()


def test_a_packet_appears_while_a_person_looks(
    phone: PhoneStage, hand: Callable[..., Hand]
) -> None:
    phone.send("A1")
    person = hand(ZH)
    person.go(f"/{ALICE}")
    phone.send("A2", amount=100)
    person.sees("2 个待领取")
    phone.press("/do/clock", move="hour", back="/phone")
    person.page.locator("[data-live=clock]").get_by_text(":00:00").wait_for()


def test_everything_works_without_scripts(phone: PhoneStage, hand: Callable[..., Hand]) -> None:
    phone.send("A1")
    phone.transfer(NUMBER)
    person = hand(ZH, script=False)
    person.tab.go(f"/phone/{ALICE}/packet/A1")
    person.press("English")
    person.sees("sent you a red packet")
    person.press("Open")
    person.sees("12.34", "Saved to balance")
    person.tab.go(f"/phone/{ALICE}/transfer/{NUMBER}")
    person.press("Accept the money")
    person.sees("Received")
    person.press("Unfollow")
    person.tab.go(f"/phone/{ALICE}")
    person.sees("Service messages")
    person.page.locator("select[name=fault]").select_option("lose_reply")
    person.press("Inject fault")
    assert phone.simulator.simulation.app.faults.plan.rules
    person.press("End all faults")
    assert not phone.simulator.simulation.app.faults.plan.rules
    person.page.get_by_role("textbox").or_(person.page.get_by_role("combobox")).first.fill(BOB)
    person.press("Show")
    person.sees("No messages yet")
    phone.audit()


def test_a_person_with_a_keyboard_alone_opens_a_packet(
    phone: PhoneStage, hand: Callable[..., Hand]
) -> None:
    phone.send("A1")
    person = hand(EN)
    person.tab.go(f"/phone/{ALICE}/packet/A1")
    person.page.get_by_role("button", name="Open", exact=True).focus()
    person.page.keyboard.press("Enter")
    person.sees("Saved to balance")


@pytest.mark.parametrize(("look", "name"), [(ZH, "phone-zh.png"), (EN, "phone-en.png")])
def test_the_manuals_pictures_are_small_and_of_this_page(
    phone: PhoneStage, hand: Callable[..., Hand], look: Look, name: str
) -> None:
    """``HONGBAO_TEST_SCREENSHOTS=write`` makes them anew."""
    if WRITES_PICTURES:
        phone.send("A1")
        person = hand(look._replace(theme="light"), window={"width": 1040, "height": 740})
        person.tab.go(f"/phone/{ALICE}/packet/A1")
        PICTURES.mkdir(exist_ok=True)
        person.page.screenshot(path=PICTURES / name)
    picture = (PICTURES / name).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) <= PICTURE_BYTES_MAX
