"""What all pages of the phone view have around them: ribbon, phone, the operator's side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from hongbao.money import format_yuan
from hongbao.simulator.clock import beijing_text
from hongbao.simulator.phone.markup import Markup, element, joined
from hongbao.simulator.traffic import masked

if TYPE_CHECKING:
    from hongbao.simulator.app import App
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.phone.inbox import Inbox
    from hongbao.simulator.phone.words import PhoneWords
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.world import World

ROOT = "/phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """What a page is drawn from.

    Attributes:
        app: whose world it shows; the caller holds its lock, and has settled the world.
        inbox: kept up with that world.
        words: the language.
        openid: whose phone it is; empty on the list of users.
        here: the page's own path and query, to come back to.
        follows: whether the user follows the merchants' accounts.
        said: a sentence about what was just done; empty if nothing was.
    """

    app: App
    inbox: Inbox
    words: PhoneWords
    openid: str = field(default="", repr=False)
    here: str = field(default=ROOT, repr=False)
    follows: bool = True
    said: str = ""

    @property
    def world(self) -> World:
        """Where everything stands."""
        return self.app.world

    @property
    def now(self) -> float:
        """The simulated present."""
        return self.app.world.clock.now()

    def nickname(self, openid: str) -> str:
        """What a user is called here: WeChat gives a merchant no names."""
        return self.words.user.format(name=masked(openid))


def user_path(openid: str, *parts: str) -> str:
    """The path of a user's page."""
    return "/".join([ROOT, quote(openid, safe=""), *(quote(part, safe="") for part in parts)])


def packet_path(openid: str, packet: Packet, *more: str) -> str:
    """The path of a user's page about a packet."""
    path = user_path(openid, "packet", packet.mch_billno, *more)
    return f"{path}?mch_id={quote(packet.mch_id, safe='')}"


def transfer_path(openid: str, transfer: SimulatedTransfer, *more: str) -> str:
    """The path of a user's page about a transfer."""
    path = user_path(openid, "transfer", transfer.out_bill_no, *more)
    return f"{path}?mch_id={quote(transfer.mch_id, safe='')}"


def screen(view: PhoneView, title: str, *content: Markup, up: str | None = None) -> Markup:
    """The phone: a bar with a title and the way back, and below it the content.

    Args:
        view: the page's.
        title: the heading.
        content: what is below.
        up: where the way back leads; None if there is none.
    """
    words = view.words
    way = None if up is None else element("a", "‹", href=up, aria_label=words.back, class_="up")
    user = element("span", view.nickname(view.openid), class_="who") if view.openid else None
    status = element(
        "p", element("span", beijing_text(view.now)[11:16]), user, class_="status", data_live="time"
    )
    bar = element("div", way, element("h1", title), class_="bar")
    return element("main", status, bar, *content, class_="phone", id="phone")


def document(view: PhoneView, title: str, phone: Markup, panel: Markup) -> bytes:
    """A whole page."""
    words = view.words
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · {words.title}"),
        element("link", rel="icon", href="data:,"),
        element("link", rel="stylesheet", href=f"{ROOT}/static/phone.css"),
        element("script", src=f"{ROOT}/static/phone.js", defer=True),
    )
    switch = form(
        view,
        "language",
        element("input", type="hidden", name="lang", value=words.other_lang),
        element("button", words.other_name, lang="zh-CN" if words.other_lang == "zh" else "en"),
    )
    ribbon = element("header", element("strong", words.ribbon), switch, class_="ribbon")
    said = element("p", view.said, role="status", class_="said") if view.said else None
    body = element("body", ribbon, said, element("div", phone, panel, class_="desk"))
    html = element("html", head, body, lang=words.lang)
    return f"<!doctype html>\n{html}\n".encode()


def form(view: PhoneView, deed: str, *content: Markup | None, **attributes: str) -> Markup:
    """A form of the operator's: what it does is one of ``deeds``."""
    return element(
        "form",
        element("input", type="hidden", name="openid", value=view.openid),
        element("input", type="hidden", name="back", value=view.here),
        *content,
        method="post",
        action=f"{ROOT}/do/{deed}",
        **attributes,
    )


def yuan(amount: int) -> str:
    """Fen as yuan with two decimals."""
    return format_yuan(amount)


def big_amount(words: PhoneWords, amount: int) -> Markup:
    """The amount that a user got, large."""
    unit = element("span", words.yuan, class_="unit")
    return element("p", yuan(amount), Markup(" "), unit, class_="amount")


def both(*parts: Markup | None) -> Markup:
    """Several parts after each other."""
    return joined(*parts)
