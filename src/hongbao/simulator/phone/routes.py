"""The phone view over HTTP: paths, forms, languages, and who may ask. For this machine alone."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote

from hongbao.errors import InvalidRequest
from hongbao.simulator.control.callers import is_local_host
from hongbao.simulator.exchange import Answer
from hongbao.simulator.packet import Packet
from hongbao.simulator.phone import lists
from hongbao.simulator.phone.deeds import Operator
from hongbao.simulator.phone.frame import (
    ROOT,
    PhoneView,
    document,
    packet_path,
    transfer_path,
    user_path,
)
from hongbao.simulator.phone.inbox import Inbox
from hongbao.simulator.phone.packet_page import luck_screen, nothing_screen, packet_screen
from hongbao.simulator.phone.panel import panel
from hongbao.simulator.phone.taps import Stance, confirm_transfer, open_packet, stance
from hongbao.simulator.phone.texts import LANGUAGES
from hongbao.simulator.phone.threads import named, threads_of
from hongbao.simulator.phone.transfer_page import transfer_screen
from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.transfer.order import SimulatedTransfer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.simulator.phone.markup import Markup
    from hongbao.simulator.phone.threads import Item, Thread
    from hongbao.simulator.phone.words import PhoneWords
    from hongbao.simulator.server.connection import Connection
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.simulation import Simulation

COOKIE = "hongbao_phone_lang"
_FIELDS_MAX = 16
_OPENID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_BACK = re.compile(r"/phone(?:/[A-Za-z0-9_\-.%*|@]+)*(?:\?[A-Za-z0-9_\-=&%.]*)?")
_KINDS = {"phone.css": "text/css; charset=utf-8", "phone.js": "text/javascript; charset=utf-8"}
_HTML = "text/html; charset=utf-8"
SECURITY = (
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
    ),
    ("X-Content-Type-Options", "nosniff"),
    # With no-referrer, browsers would send a form's Origin as null.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)


class Phone:
    """Answers what is under ``/phone``.

    Args:
        simulation: whose users it shows.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._inbox = Inbox()
        self._operator = Operator(simulation, self._inbox)

    def answer(self, request: Request, _connection: Connection) -> Answer:
        """Answer one request."""
        turned_away = _problem(request)
        if turned_away:
            return _answer(403, turned_away.encode(), "text/plain; charset=utf-8")
        parts = [unquote(part) for part in request.path.removeprefix(ROOT).split("/")[1:]]
        if len(parts) == 2 and parts[0] == "static" and parts[1] in _KINDS:  # noqa: PLR2004  # see it
            return _static(parts[1])
        app = self._simulation.app
        with app.lock:
            self._inbox.keep_up(self._simulation.world)
            answer = self._page(request, parts)
            kept = app.keep is None or app.keep(everything=True)
        return answer if kept else _answer(507, b"The world cannot be written.", "text/plain")

    def _page(self, request: Request, parts: list[str]) -> Answer:
        said = _fields(request)
        if said is None:
            return _answer(400, b"A form has few fields, in UTF-8.", "text/plain")
        view = self._view(request, parts, said)
        if request.method == "POST":
            return self._post(view, parts, said)
        if request.method not in ("GET", "HEAD"):
            return _answer(405, b"GET, HEAD or POST", "text/plain")
        return self._get(view, parts, said)

    def _view(self, request: Request, parts: list[str], said: Mapping[str, str]) -> PhoneView:
        words = _language(request)
        openid = parts[0] if parts and _OPENID.fullmatch(parts[0]) else ""
        if openid in ("do", "go"):
            openid = ""
        query = f"?mch_id={quote(said['mch_id'], safe='')}" if "mch_id" in said else ""
        done = words.done.get(said.get("done", ""), "") if request.method != "POST" else ""
        count = said.get("count", "0")
        return PhoneView(
            app=self._simulation.app,
            inbox=self._inbox,
            words=words,
            openid=openid,
            here=f"{request.path}{query}",
            follows=self._operator.follows(openid),
            said=done.format(count=count if count.isdigit() else "0"),
        )

    # What is looked at ---------------------------------------------------------------------------

    def _get(self, view: PhoneView, parts: list[str], said: Mapping[str, str]) -> Answer:
        about: Item | None = None
        match parts:
            case [] | [""]:
                phone = lists.people_screen(view)
            case ["go"]:
                openid = said.get("openid", "").strip()
                return _see(user_path(openid) if _OPENID.fullmatch(openid) else ROOT)
            case [_] if view.openid:
                phone = lists.chats_screen(view, self._threads(view))
            case [_, "chat", name] if view.openid:
                thread = named(self._threads(view), name)
                if thread is None:
                    return _see(user_path(view.openid))
                phone = lists.chat_screen(view, thread)
            case [_, "packet" | "transfer" as kind, number, *more] if view.openid:
                about = self._find(kind, number, said.get("mch_id"), view.openid)
                if about is None or more not in ([], ["luck"]):
                    return _page_answer(404, view, nothing_screen(view))
                phone = _item_screen(view, about, luck=bool(more))
            case _:
                return _page_answer(404, view, nothing_screen(view))
        return _page_answer(200, view, phone, about)

    def _threads(self, view: PhoneView) -> list[Thread]:
        return threads_of(self._inbox, view.openid, follows=view.follows)

    def _find(
        self, kind: str, number: str, mch_id: str | None, openid: str
    ) -> Packet | SimulatedTransfer | None:
        """An order by its number; if several merchants have it, rather the user's."""
        world = self._simulation.world
        find = world.find if kind == "packet" else world.transfers.find
        merchants = list(world.merchants) if mch_id is None else [mch_id]
        found = [order for order in (find(it, number) for it in merchants) if order is not None]
        own = [order for order in found if _receiver(order) == openid]
        return next(iter([*own, *found]), None)

    # What is done --------------------------------------------------------------------------------

    def _post(self, view: PhoneView, parts: list[str], said: Mapping[str, str]) -> Answer:
        match parts:
            case ["do", "language"]:
                return _see(_back(said), ("Set-Cookie", _cookie(said.get("lang", ""))))
            case ["do", deed] if self._operator.knows(deed):
                return self._do(view, deed, said)
            case [_, "packet", number, "open"] if view.openid:
                found = self._find("packet", number, said.get("mch_id"), view.openid)
                if isinstance(found, Packet):
                    return self._open(view, found)
            case [_, "transfer", number, "confirm"] if view.openid:
                found = self._find("transfer", number, said.get("mch_id"), view.openid)
                if isinstance(found, SimulatedTransfer):
                    return self._confirm(view, found, agrees="agrees" in said)
        return _page_answer(404, view, nothing_screen(view))

    def _do(self, view: PhoneView, deed: str, said: Mapping[str, str]) -> Answer:
        back = _back(said)
        try:
            count = self._operator.do(deed, said)
        except InvalidRequest as error:
            sentence = view.words.wrong.format(field=error.field, rule=error.rule)
            return _answer(400, sentence.encode(), "text/plain; charset=utf-8")
        joint = "&" if "?" in back else "?"
        return _see(f"{back}{joint}done={deed}" + (f"&count={count}" if count else ""))

    def _open(self, view: PhoneView, packet: Packet) -> Answer:
        path = packet_path(view.openid, packet)
        try:
            open_packet(self._simulation.world, packet, view.openid)
        except ClaimRefused as refused:
            if stance(packet, view.openid) is Stance.CLOSED:  # the page itself would not say why
                return _refused(view, refused)
        return _see(path)

    def _confirm(self, view: PhoneView, transfer: SimulatedTransfer, *, agrees: bool) -> Answer:
        with suppress(ClaimRefused):  # the page says where it stands
            confirm_transfer(self._simulation.world, transfer, view.openid, agrees=agrees)
        return _see(transfer_path(view.openid, transfer))


def _problem(request: Request) -> str:
    """Why a request is turned away: from another name of this machine, or another site's page."""
    headers = request.headers
    host = headers.get(b"host", b"")
    if not is_local_host(host):
        return "Host: localhost, 127.0.0.1 or [::1] alone"
    origin = headers.get(b"origin")
    if origin is not None and origin != b"http://" + host:
        return "Origin: pages of another site may not ask here"
    if request.method == "POST":
        site = headers.get(b"sec-fetch-site", b"same-origin")
        if site not in (b"same-origin", b"none"):
            return "Sec-Fetch-Site: pages of another site may not ask here"
    return ""


def _fields(request: Request) -> dict[str, str] | None:
    """Query and form; None if they cannot be read."""
    try:
        text = request.body.decode("utf-8") if request.method == "POST" else ""
        pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=_FIELDS_MAX)
        pairs += parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return None
    return dict(pairs)


def _language(request: Request) -> PhoneWords:
    """As it was chosen; else as the browser asks; else Chinese."""
    cookies = SimpleCookie()
    try:
        cookies.load(request.headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        cookies.clear()
    chosen = cookies[COOKIE].value if COOKIE in cookies else ""
    asked = request.headers.get(b"accept-language", b"").decode("latin-1")[:2].lower()
    return LANGUAGES.get(chosen) or LANGUAGES.get(asked) or LANGUAGES["zh"]


def _cookie(lang: str) -> str:
    chosen = lang if lang in LANGUAGES else "zh"
    return f"{COOKIE}={chosen}; Path={ROOT}; Max-Age=31536000; SameSite=Strict; HttpOnly"


def _back(said: Mapping[str, str]) -> str:
    back = said.get("back", "")
    return back if _BACK.fullmatch(back) else ROOT


def _receiver(order: Packet | SimulatedTransfer) -> str:
    return order.re_openid if isinstance(order, Packet) else order.openid


def _item_screen(view: PhoneView, about: Packet | SimulatedTransfer, *, luck: bool) -> Markup:
    if isinstance(about, SimulatedTransfer):
        return transfer_screen(view, about)
    everybody = about.is_group and about.claims
    return luck_screen(view, about) if luck and everybody else packet_screen(view, about)


def _refused(view: PhoneView, refused: ClaimRefused) -> Answer:
    sentence = view.words.wrong.format(field=refused.field, rule=refused.reason)
    return _page_answer(409, replace(view, said=sentence), nothing_screen(view))


def _page_answer(status: int, view: PhoneView, phone: Markup, about: Item | None = None) -> Answer:
    return _answer(status, document(view, view.words.chats, phone, panel(view, about)), _HTML)


def _see(where: str, *headers: tuple[str, str]) -> Answer:
    """Go and look there, so that a reload does nothing again."""
    answer = _answer(303, b"", "")
    return answer._replace(headers=(*answer.headers, ("Location", where), *headers))


def _static(name: str) -> Answer:
    body = resources.files(__package__).joinpath("static", name).read_bytes()
    return _answer(200, body, _KINDS[name])


def _answer(status: int, body: bytes, content_type: str) -> Answer:
    return Answer(status, body, content_type, headers=SECURITY)
