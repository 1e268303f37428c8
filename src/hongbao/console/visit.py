"""What a page knows of the request that it answers: who asks, in which language, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse

from hongbao.console.notices import NOTICES
from hongbao.console.security import forms
from hongbao.console.words import preferred
from hongbao.ledger.model.account import Role
from hongbao.sentences import Tongue

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import Response

    from hongbao.console.site import ConsoleSite
    from hongbao.engine.ledger import Ledger
    from hongbao.ledger.model.account import BrowserSession, UserAccount
    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.model.signature import Signer


LANGUAGE_COOKIE, THEME_COOKIE = "hongbao-language", "hongbao-theme"


def tongue_of(request: Request) -> Tongue:
    """The language that a person chose in this browser, else the one that the browser asks for."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in set(Tongue):
        return Tongue(chosen)
    return preferred(request.headers.get("accept-language", ""))


class Theme(StrEnum):
    """Light or dark."""

    SYSTEM = "system"
    """As the browser's system has it."""
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of one person.

    Attributes:
        site: what all pages share.
        path: of the page, without the query.
        places: the parts of the path that vary, by the names in the route.
        query: what stands behind the question mark.
        form: what was sent, by the names of the fields; empty unless it is a POST.
        uploads: the files that were sent.
        at: the wall's time.
        tongue: the language.
        theme: light or dark.
        address: of the browser, or what the trusted proxy says of it.
        agent: what the browser calls itself.
        session: of the browser; None if nobody is signed in.
        account: whose it is.
        signer: signs what is decided; None if nobody does.
    """

    site: ConsoleSite
    path: str
    at: Instant
    tongue: Tongue
    theme: Theme = Theme.SYSTEM
    address: str = ""
    agent: str = ""
    places: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    uploads: Mapping[str, UploadFile] = field(default_factory=dict)
    session: BrowserSession | None = None
    account: UserAccount | None = None
    cookie: str = field(default="", repr=False)
    signer: Signer | None = None

    @property
    def book(self) -> Ledger:
        """The books; what is decided in them is signed, where the visit has a signer."""
        book = self.site.book
        if self.signer is None:
            return book
        return book.deciding(signer=self.signer, required=True)

    @property
    def here(self) -> str:
        """The address of the page, with its query."""
        return quote(self.path) + (f"?{urlencode(self.query)}" if self.query else "")

    @property
    def by(self) -> str:
        """Who asks, as histories record it."""
        return "" if self.account is None else self.account.name

    def has(self, *roles: Role) -> bool:
        """Whether who asks has one of these roles."""
        return self.account is not None and not self.account.roles.isdisjoint(roles)

    def say(self, message: str) -> str:
        """A message in the language of who asks."""
        return self.site.renderers[self.tongue].gettext(message)

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page.

        Args:
            template: its file below ``templates``.
            status: of HTTP.
            values: what the template names, beside what every page has: ``visit``, ``roles``,
                ``notice``, ``form_token`` and ``form_once``.
        """
        every = {
            "visit": self,
            "roles": Role,
            "themes": Theme,
            "as_of": self.at,
            "notice": NOTICES.get(self.query.get("done", "")),
            "form_token": forms.token(self.cookie) if self.session else "",
            "form_once": partial(token_urlsafe, 16),
        }
        page = self.site.renderers[self.tongue].render(template, every | values)
        return HTMLResponse(page, status_code=status)

    def lead_on(self, address: str) -> Response:
        """Send the browser on to one of our own addresses, which may have a query."""
        return RedirectResponse(address, 303)

    def redirect(self, path: str, *, done: str = "", **query: str) -> Response:
        """Send the browser to another page, with a notice of what was done.

        Args:
            path: of the page.
            done: one of ``NOTICES``.
            query: what stands behind the question mark.
        """
        asked = ({"done": done} if done else {}) | query
        return RedirectResponse(quote(path) + (f"?{urlencode(asked)}" if asked else ""), 303)
