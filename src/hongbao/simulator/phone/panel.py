"""The operator's side of a page: clock, user, faults, what the API sent, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.clock import beijing_text
from hongbao.simulator.control.json_out import shown_packet, shown_plan
from hongbao.simulator.control.transfers import shown_transfer
from hongbao.simulator.packet import Packet
from hongbao.simulator.phone.frame import ROOT, form
from hongbao.simulator.phone.markup import Markup, element
from hongbao.simulator.traffic import masked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.simulator.journal import RecordedRequest
    from hongbao.simulator.phone.frame import PhoneView
    from hongbao.simulator.phone.threads import Item
    from hongbao.simulator.traffic import ShownExchange

EXCHANGES_SHOWN_MAX = 5
EVENTS_SHOWN_MAX = 20
FAULT_TIMES = ("1", "3", "10")
_TERMS = ("act_name", "remark", "scene_id", "send_name", "wishing", "wxappid")


def panel(view: PhoneView, about: Item | None = None) -> Markup:
    """The whole side.

    Args:
        view: the page's.
        about: the packet or transfer that the page is about, if it is about one.
    """
    words = view.words
    number = (about.mch_id, _number(about)) if about is not None else None
    return element(
        "aside",
        element("h2", words.control),
        element("p", words.panel_hint, class_="small"),
        _clock(view),
        _user(view, about),
        _faults(view),
        _sent(view, about),
        _events(view, number),
        class_="panel",
        aria_label=words.control,
    )


def _number(about: Item) -> str:
    return about.mch_billno if isinstance(about, Packet) else about.out_bill_no


def _clock(view: PhoneView) -> Markup:
    words = view.words
    moves = (("hour", words.hour_on), ("day", words.day_on), ("morning", words.to_morning))
    buttons = [element("button", text, name="move", value=value) for value, text in moves]
    now = element("p", beijing_text(view.now), class_="moment", data_live="clock")
    return element(
        "section", element("h3", words.clock), now, form(view, "clock", *buttons, class_="buttons")
    )


def _user(view: PhoneView, about: Item | None) -> Markup:
    words = view.words
    hint = "people"
    known = [element("option", value=openid) for openid in view.inbox.people(view.world)]
    box = element("input", name="openid", value=view.openid, list=hint, autocomplete="off")
    switch = element(
        "form",
        element("label", f"{words.openid} ", box),
        element("datalist", *known, id=hint),
        element("button", words.go),
        action=f"{ROOT}/go",
        class_="buttons",
    )
    parts = [element("h3", words.switch_user), switch]
    if view.openid:
        risky = any(m.risky_openids.get(view.openid) for m in view.world.merchants.values())
        state = words.followed if view.follows else words.not_followed
        follow = words.unfollow if view.follows else words.follow
        parts += [
            element("p", state, class_="small"),
            form(view, "follow", element("button", follow)),
            form(view, "risky", element("button", words.make_safe if risky else words.make_risky)),
        ]
    which = {}
    if isinstance(about, Packet):
        which = {"mch_id": about.mch_id, "mch_billno": about.mch_billno}
    fields = [element("input", type="hidden", name=name, value=it) for name, it in which.items()]
    everybody = form(view, "open-all", *fields, element("button", words.open_all))
    return element("section", *parts, everybody)


def _faults(view: PhoneView) -> Markup:
    words = view.words
    plan = shown_plan(view.app.faults.plan)
    kinds = [rule["fault"] for rule in plan["rules"]] + list(plan["odds"])
    names = [words.fault_names.get(kind, kind) for kind in kinds]
    options = [element("option", text, value=kind) for kind, text in words.fault_names.items()]
    times = [element("option", many, value=many) for many in FAULT_TIMES]
    times.append(element("option", words.always, value="always"))
    inject = form(
        view,
        "faults",
        element("label", f"{words.fault} ", element("select", *options, name="fault")),
        element("label", f"{words.times} ", element("select", *times, name="times")),
        element("button", words.inject),
        class_="buttons",
    )
    end = form(view, "faults", element("button", words.end_faults, name="end", value="1"))
    said = element("p", "、".join(names) if names else words.no_faults, class_="small")
    return element("section", element("h3", words.faults), said, inject, end)


def _sent(view: PhoneView, about: Item | None) -> Markup | None:
    """What the API sent about this one: the fields that no user sees, and the raw calls."""
    if about is None:
        return None
    words = view.words
    exchanges = view.app.traffic.about(about.mch_id, _number(about))
    shown = [it for it, _ in zip(exchanges, range(EXCHANGES_SHOWN_MAX), strict=False)]
    raw = [_exchange(view, it) for it in shown] or [
        element("p", words.nothing_sent, class_="small")
    ]
    return element(
        "section",
        element("h3", words.sent_by_api),
        _facts(view, about),
        element("p", words.redacted, class_="small"),
        *raw,
    )


def _facts(view: PhoneView, about: Item) -> Markup:
    if isinstance(about, Packet):
        facts = {name: getattr(about.terms, name) for name in _TERMS} | shown_packet(about)
        facts.pop("claims")
        facts["re_openid"] = masked(about.re_openid)
    else:
        facts = shown_transfer(about)
        facts["openid"] = masked(about.openid)
        notices = view.world.transfers.notices.about(about.serial)
        facts["notifications"] = ", ".join(str(it.attempts) for it in notices)
    rows = [
        element("tr", element("th", name, scope="row"), element("td", str(value)))
        for name, value in facts.items()
        if value not in (None, "")
    ]
    head = element(
        "tr",
        element("th", view.words.field, scope="col"),
        element("th", view.words.value, scope="col"),
    )
    return element("table", element("thead", head), element("tbody", *rows))


def _exchange(view: PhoneView, shown: ShownExchange) -> Markup:
    words, entry = view.words, shown.entry
    ends = " · ".join(text for text in (entry.verdict, entry.fault) if text)
    title = f"{beijing_text(entry.moment)[11:]} {entry.call} {ends}"

    def text(said: str) -> Markup:
        # A long line is read by scrolling, which a keyboard must be able to do.
        return element("pre", said, tabindex="0")

    return element(
        "details",
        element("summary", title),
        element("h4", words.request),
        text(shown.request),
        element("h4", words.reply),
        text(shown.reply) if shown.reply else element("p", words.no_reply, class_="small"),
    )


def _events(view: PhoneView, number: tuple[str, str] | None) -> Markup:
    words, journal = view.words, view.app.journal
    found: Iterable[RecordedRequest]
    if number is None:
        found = journal.since(journal.written - EVENTS_SHOWN_MAX)
    else:
        # The latest requests hold those about it, except after many others: the journal is long.
        found = [it.entry for it in view.app.traffic.about(*number)][::-1][-EVENTS_SHOWN_MAX:]
    rows = [
        element(
            "li",
            element("span", beijing_text(entry.moment)[11:], class_="when"),
            f" {entry.call or '-'} {entry.verdict} {entry.fault} ".rstrip(),
            element("strong", f" {words.took_money}") if entry.paid else None,
        )
        for entry in found
    ]
    shown = (
        element("ol", *rows, class_="events", data_live="events")
        if rows
        else element("p", words.no_events, class_="small", data_live="events")
    )
    return element("section", element("h3", words.events), shown)
