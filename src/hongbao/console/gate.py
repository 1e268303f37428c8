"""The one way into every page: who asks, whether they may; then the page, in a thread."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse

from hongbao.beijing import MINUTE
from hongbao.console.form_page import form_page
from hongbao.console.pages.signature import answered
from hongbao.console.refusals import failed, refused
from hongbao.console.security import forms, origin
from hongbao.console.signing_in.identifying import cookie_hash, is_fresh
from hongbao.console.visit import THEME_COOKIE, Theme, Visit, tongue_of
from hongbao.digits import whole_number
from hongbao.errors import HongbaoError
from hongbao.ledger.model.account import ActKind
from hongbao.sentences import speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from hongbao.console.routes import PageRoute
    from hongbao.console.site import ConsoleSite

HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a core."""
_FIELDS_MAX, _FILES_MAX = 200, 1
_COOKIE_LENGTH_MAX = 200
_LENGTH_DIGITS_MAX = 12
_NO_BOOKS = "The books cannot be reached now. Try again.\n账本暂时无法访问，请重试。\n"
_LOG = logging.getLogger("hongbao.console")


class Gate:
    """Lets requests through to pages.

    Args:
        site: what all pages share.
    """

    def __init__(self, site: ConsoleSite) -> None:
        self._site = site
        self._hashing = anyio.CapacityLimiter(HASHES_AT_ONCE)

    async def answer(self, request: Request, routes: Mapping[str, PageRoute]) -> Response:
        """Answer a request to one address, by the route of its method."""
        sender = origin.sender(
            request.client.host if request.client else "", request.headers,
            self._site.settings.proxies,
        )  # fmt: skip
        if sender.problem is not None:
            return PlainTextResponse(f"{sender.problem}\n", status_code=421)
        route = routes.get("GET" if request.method == "HEAD" else request.method)
        try:
            visit = await run_in_threadpool(self._visit, request, sender.address)
        except HongbaoError:
            # Nobody knows who asks: there is no page to say it on.
            return PlainTextResponse(_NO_BOOKS, status_code=503, headers={"retry-after": "5"})
        if route is None or not forms.are_texts(visit.places, visit.query):
            return refused(visit, 405 if route is None else 400)
        if (response := self._refusal(request, route, visit)) is not None:
            return response
        form: dict[str, Any] = {}
        if route.method == "POST":
            try:
                form = await self._form(request, route)
            except HTTPException as error:
                return refused(visit, error.status_code)
        try:
            work = partial(self._answer, route, visit, form)
            limiter = self._hashing if route.hashes else None
            return await anyio.to_thread.run_sync(work, limiter=limiter)
        finally:
            for value in form.values():
                if isinstance(value, UploadFile):
                    await value.close()

    def _visit(self, request: Request, address: str) -> Visit:
        site, at = self._site, self._site.clock()
        cookie = request.cookies.get(site.settings.cookie, "")[:_COOKIE_LENGTH_MAX]
        found = site.accounts.session(cookie_hash(cookie), at=at) if cookie else None
        if found is not None and found[0].seen_at < at - MINUTE:
            site.accounts.touch(found[0], at=at)
        theme = request.cookies.get(THEME_COOKIE, "")
        return Visit(
            site=site,
            path=request.url.path,
            places=request.path_params,
            query=request.query_params,
            at=at,
            tongue=tongue_of(request),
            theme=Theme(theme) if theme in set(Theme) else Theme.SYSTEM,
            address=address,
            agent=request.headers.get("user-agent", ""),
            session=None if found is None else found[0],
            account=None if found is None else found[1],
            cookie=cookie,
        )

    def _refusal(self, request: Request, route: PageRoute, visit: Visit) -> Response | None:
        """Why a request is not let through; None if it is."""
        changes = route.method == "POST"
        if changes and not origin.is_own_page(request.headers, scheme=self._site.settings.scheme):
            return refused(visit, 403)
        if route.roles is None:
            return None
        before = form_page(request, scheme=self._site.settings.scheme) if changes else visit.here
        if visit.session is None:
            return RedirectResponse(f"/sign-in?next={quote(before)}", status_code=303)
        if not visit.has(*route.roles):
            return refused(visit, 403)
        if route.fresh and not is_fresh(visit.session, at=visit.at):
            return RedirectResponse(f"/confirm?next={quote(before)}", 303)
        return None

    async def _form(self, request: Request, route: PageRoute) -> dict[str, Any]:
        length = whole_number(request.headers.get("content-length", ""), digits=_LENGTH_DIGITS_MAX)
        if length is None:
            raise HTTPException(411)  # what is of no known length is not read
        if length > route.upload_bytes_max:
            raise HTTPException(413)
        # Whoever serves lets no body be longer than it says.
        form = await request.form(
            max_files=_FILES_MAX, max_fields=_FIELDS_MAX, max_part_size=route.upload_bytes_max
        )
        return dict(form)

    def _answer(self, route: PageRoute, visit: Visit, form: Mapping[str, Any]) -> Response:
        texts = {name: it for name, it in form.items() if isinstance(it, str)}
        files = {name: it for name, it in form.items() if isinstance(it, UploadFile)}
        if not forms.are_texts(texts):
            return refused(visit, 400)
        visit = _with_form(visit, texts, files)
        try:
            if route.method == "POST" and visit.session is not None:
                problem = self._form_problem(visit)
                if problem is not None:
                    return refused(visit, problem)
            with speaking(visit.tongue):
                response = answered(route.handler, visit)
            if route.method == "POST" and route.roles is not None:
                self._record(route, visit, response)
        except HongbaoError as error:
            return failed(visit, error)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person gets a page
            # Its text may hold what was typed: the log has its kind and its place.
            trace = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            _LOG.error("%s %s failed: %s\n%s", route.method, route.path, kind, trace)
            return refused(visit, 500)
        return response

    def _form_problem(self, visit: Visit) -> int | None:
        """Why a form does nothing: it is not of this session, or was sent before."""
        if visit.session is None or not forms.is_token(
            visit.form.get(forms.TOKEN, ""), visit.cookie
        ):
            return 403
        hashed = forms.once_hash(visit.form.get(forms.ONCE, ""), visit.cookie)
        spent = hashed is not None and self._site.accounts.spend_form(
            hashed, at=visit.at, expires_at=visit.session.expires_at
        )
        return None if spent else 409

    def _record(self, route: PageRoute, visit: Visit, response: Response) -> None:
        if response.status_code < 400:  # noqa: PLR2004  # from there on HTTP says that it failed
            facts = {"page": route.path, **visit.places}
            self._site.accounts.record(ActKind.DID, by=visit.by, at=visit.at, facts=facts)


def _with_form(visit: Visit, texts: Mapping[str, str], files: Mapping[str, UploadFile]) -> Visit:
    return replace(visit, form=texts, uploads=files)
