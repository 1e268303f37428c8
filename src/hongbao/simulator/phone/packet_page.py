"""The pages of one packet: its cover with 開, what the user got, and how it looks when shut."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from hongbao.simulator.packet import Packet
from hongbao.simulator.phone.frame import (
    big_amount,
    packet_path,
    screen,
    user_path,
    yuan,
)
from hongbao.simulator.phone.markup import Markup, element
from hongbao.simulator.phone.taps import Stance, best, share, stance
from hongbao.simulator.phone.threads import name_of
from hongbao.simulator.phone.words import duration_text, moment_text
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.simulator.packet import Received
    from hongbao.simulator.phone.frame import PhoneView
    from hongbao.simulator.phone.words import PhoneWords


_NOTES: dict[Stance, Callable[[PhoneWords], str]] = {
    Stance.UNSENT: attrgetter("not_sent"),
    Stance.FAILED: attrgetter("never_sent"),
    Stance.FOREIGN: attrgetter("not_yours"),
}


def packet_screen(view: PhoneView, packet: Packet) -> Markup:
    """A tap on a packet: what the user then sees."""
    words = view.words
    match stance(packet, view.openid):
        case Stance.CLOSED:
            return _cover(view, packet, _opening(view, packet))
        case Stance.OPENED:
            return luck_screen(view, packet)
        case Stance.GONE:
            href = packet_path(view.openid, packet, "luck")
            link = element("a", words.see_luck, href=href, class_="luck")
            return _cover(view, packet, element("p", words.gone, class_="verdict"), link)
        case Stance.EXPIRED:
            return _cover(view, packet, element("p", words.old, class_="verdict"))
        case other:
            return _note(view, _NOTES[other](words), packet.reason)


def _cover(view: PhoneView, packet: Packet, *below: Markup) -> Markup:
    words = view.words
    waits = stance(packet, view.openid) is Stance.CLOSED
    text = words.sent_random if packet.is_group else words.sent_you
    head = element(
        "div",
        element("p", element("strong", name_of(packet)), class_="sender"),
        element("p", text, class_="sent") if waits else None,
        element("p", packet.terms.wishing, class_="wishing") if waits else None,
        class_="lid",
    )
    shut = element("a", "×", href=user_path(view.openid), aria_label=words.close, class_="shut")
    card = element("div", head, *below, shut, class_="card")
    return screen(
        view, words.packet, element("div", card, class_="veil"), up=user_path(view.openid)
    )


def _opening(view: PhoneView, packet: Packet) -> Markup:
    return coin(view, packet_path(view.openid, packet, "open"))


def coin(view: PhoneView, action: str) -> Markup:
    """The gold button; pressed twice it opens once."""
    words = view.words
    button = element("button", words.open, class_="coin", data_once=True)
    return element("form", button, method="post", action=action, class_="opening")


def luck_screen(view: PhoneView, packet: Packet) -> Markup:
    """What the user got, and of a group packet what everybody got."""
    words = view.words
    own = share(packet, view.openid)
    mark = element("span", words.random_mark, class_="mark") if packet.is_group else None
    name = element("p", words.from_name.format(name=name_of(packet)), mark, class_="sender")
    wishing = element("p", packet.terms.wishing, class_="wishing")
    got: tuple[Markup, ...] = ()
    if own is not None:
        got = (big_amount(words, own.amount), element("p", words.saved, class_="saved"))
    parts = [element("div", class_="arc", aria_hidden="true"), name, wishing, *got]
    if packet.is_group:
        parts.append(element("p", _summary(view, packet), class_="summary"))
        lucky = best(packet)
        rows = [_row(view, claim, lucky=claim is lucky) for claim in packet.claims]
        parts.append(element("h2", words.records, class_="hidden"))
        parts.append(element("ul", *rows, class_="shares"))
    content = element("div", *parts, class_="detail", data_live="detail")
    return screen(view, words.packet, content, up=user_path(view.openid))


def _summary(view: PhoneView, packet: Packet) -> str:
    words = view.words
    said = {
        "taken": len(packet.claims),
        "people": packet.people,
        "claimed": yuan(packet.claimed),
        "total": yuan(packet.total_amount),
    }
    if packet.claimed == packet.total_amount:
        seconds = packet.claims[-1].moment - (packet.sent_at or 0.0)
        return words.taken_all.format(**said, time=duration_text(words, seconds))
    over = packet.status in (Status.RFUND_ING, Status.REFUND)
    return (words.taken_expired if over else words.taken_so_far).format(**said)


def _row(view: PhoneView, claim: Received, *, lucky: bool) -> Markup:
    words = view.words
    when = element("span", moment_text(words, claim.moment, view.now), class_="when")
    name = element("span", view.nickname(claim.openid), class_="name")
    amount = element("span", f"{yuan(claim.amount)} {words.yuan}", class_="share")
    mark = element("span", words.best_luck, class_="best") if lucky else None
    return element("li", element("span", name, when), element("span", amount, mark))


def _note(view: PhoneView, text: str, more: str = "") -> Markup:
    extra = element("p", more, class_="empty small") if more else None
    parts = [element("p", text, class_="empty")] + ([extra] if extra else [])
    return screen(view, view.words.packet, *parts, up=user_path(view.openid))


def nothing_screen(view: PhoneView) -> Markup:
    """There is no such thing."""
    text = element("p", view.words.unknown, class_="empty")
    return screen(view, view.words.title, text, up="/phone")
