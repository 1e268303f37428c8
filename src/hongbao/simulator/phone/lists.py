"""The pages with lists: users, a user's chats, and one chat with its bubbles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.packet import Packet
from hongbao.simulator.phone.frame import packet_path, screen, transfer_path, user_path, yuan
from hongbao.simulator.phone.markup import Markup, element, joined
from hongbao.simulator.phone.taps import Stance, stance
from hongbao.simulator.phone.threads import (
    GROUP,
    MINI,
    SERVICE,
    SHAKE,
    TRANSFERS,
    Item,
    Thread,
    arrived,
    name_of,
)
from hongbao.simulator.phone.words import moment_text
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from hongbao.simulator.phone.frame import PhoneView
    from hongbao.simulator.phone.words import PhoneWords
    from hongbao.simulator.transfer.order import SimulatedTransfer

MESSAGES_SHOWN_MAX = 40
_GREY_LINES_MAX = 20
_WISHING_CHARS_MAX = 22


def people_screen(view: PhoneView) -> Markup:
    """Whose phone shall it be?"""
    words = view.words
    people = view.inbox.people(view.world)
    if not people:
        nobody = element("p", words.nobody, class_="empty")
        return screen(
            view, words.people, nobody, element("p", words.nobody_hint, class_="empty small")
        )
    rows = [_person(view, openid) for openid in people]
    hint = element("p", words.people_hint, class_="empty small")
    return screen(view, words.people, element("ul", *rows, class_="rows", data_live="rows"), hint)


def _person(view: PhoneView, openid: str) -> Markup:
    name = element("span", view.nickname(openid), class_="name")
    balance = view.words.balance.format(yuan=yuan(view.world.wallet(openid)))
    text = element("span", name, element("span", balance, class_="preview"), class_="text")
    return element("li", element("a", _avatar("人"), text, href=user_path(openid)))


def chats_screen(view: PhoneView, threads: list[Thread]) -> Markup:
    """A user's chats."""
    words = view.words
    rows = [_chat(view, thread) for thread in threads]
    balance = words.balance.format(yuan=yuan(view.world.wallet(view.openid)))
    content = (
        element("ul", *rows, class_="rows", data_live="rows")
        if rows
        else element("p", words.empty, class_="empty", data_live="rows")
    )
    purse = element("p", balance, class_="purse", data_live="purse")
    return screen(view, words.chats, purse, content, up="/phone")


def _chat(view: PhoneView, thread: Thread) -> Markup:
    words, last = view.words, thread.items[-1]
    title = title_of(words, thread)
    name = element("span", title, class_="name")
    when = element("span", moment_text(words, thread.moment, view.now), class_="when")
    preview = element("span", _preview(words, last), class_="preview")
    dot = None
    if thread.unread:
        many = words.unread.format(count=thread.unread)
        dot = element("span", thread.unread, class_="dot", title=many)
        dot = joined(dot, element("span", many, class_="hidden"))
    text = element("span", name, preview, class_="text")
    href = user_path(view.openid, "chat", thread.name)
    return element("li", element("a", _avatar(title[:1]), text, when, dot, href=href))


def title_of(words: PhoneWords, thread: Thread) -> str:
    """What a chat is called."""
    fixed = {
        SERVICE: words.service,
        MINI: words.mini,
        GROUP: words.group,
        SHAKE: words.shake,
        TRANSFERS: words.transfers,
    }
    return fixed.get(thread.name) or thread.sender


def _preview(words: PhoneWords, item: Item) -> str:
    if isinstance(item, Packet):
        return words.preview.format(wishing=item.terms.wishing)
    return words.transfer_preview.format(remark=item.document["transfer_remark"])


def chat_screen(view: PhoneView, thread: Thread) -> Markup:
    """One chat, the latest messages last."""
    parts: list[Markup] = []
    last = ""
    for item in thread.items[-MESSAGES_SHOWN_MAX:]:
        when = moment_text(view.words, arrived(item), view.now)
        if when != last:
            parts.append(element("li", when, class_="stamp"))
            last = when
        if isinstance(item, Packet):
            parts += [_packet_bubble(view, item), *_grey_lines(view, item)]
        else:
            parts.append(_transfer_bubble(view, item))
    content = element("ol", *parts, class_="messages", data_live="messages")
    return screen(view, title_of(view.words, thread), content, up=user_path(view.openid))


def _packet_bubble(view: PhoneView, packet: Packet) -> Markup:
    words = view.words
    found = stance(packet, view.openid)
    ends = {
        Stance.OPENED: words.opened,
        Stance.GONE: words.all_taken,
        Stance.EXPIRED: words.expired,
    }
    return _bubble(
        packet.terms.wishing[:_WISHING_CHARS_MAX],
        ends.get(found, words.to_open),
        words.tail,
        href=packet_path(view.openid, packet),
        pale=found in ends,
        avatar=name_of(packet)[:1],
    )


def _transfer_bubble(view: PhoneView, transfer: SimulatedTransfer) -> Markup:
    words = view.words
    waits = transfer.state is TransferState.WAIT_USER_CONFIRM
    return _bubble(
        str(transfer.document["transfer_remark"])[:_WISHING_CHARS_MAX],
        transfer_state(words, transfer),
        words.transfers,
        href=transfer_path(view.openid, transfer),
        pale=not waits,
        avatar=words.transfers[:1],
    )


def transfer_state(words: PhoneWords, transfer: SimulatedTransfer) -> str:
    """Where a transfer stands, for its user."""
    match transfer.state:
        case TransferState.WAIT_USER_CONFIRM:
            return words.to_confirm
        case TransferState.SUCCESS:
            return words.received
        case TransferState.TRANSFERING:
            return words.paying
        case TransferState.ACCEPTED | TransferState.PROCESSING:
            return words.processing
        case _:
            return words.expired


def _bubble(wishing: str, state: str, tail: str, *, href: str, pale: bool, avatar: str) -> Markup:
    text = element("span", element("strong", wishing), element("span", state), class_="text")
    above = element("span", _envelope(), text, class_="above")
    below = element("span", tail, class_="tail")
    link = element("a", above, below, href=href, class_="bubble pale" if pale else "bubble")
    return element("li", _avatar(avatar), link, class_="message")


def _grey_lines(view: PhoneView, packet: Packet) -> list[Markup]:
    words, name = view.words, name_of(packet)
    lines = []
    for claim in packet.claims[-_GREY_LINES_MAX:]:
        if claim.openid == view.openid:
            text = words.you_took.format(name=name)
        else:
            text = words.one_took.format(who=view.nickname(claim.openid), name=name)
        lines.append(element("li", text, class_="grey"))
    return lines


def _avatar(text: str) -> Markup:
    return element("span", text, class_="avatar", aria_hidden="true")


def _envelope() -> Markup:
    return element("span", element("span", class_="seal"), class_="envelope", aria_hidden="true")
