"""The console as an ASGI app, which any server runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from hongbao.console.gate import Gate
from hongbao.console.live import LivePages
from hongbao.console.refusals import not_found
from hongbao.console.routes import ANYBODY, ROUTES, PageRoute
from hongbao.console.security.headers import SecureHeaders

if TYPE_CHECKING:
    from hongbao.console.site import ConsoleSite


def console_app(site: ConsoleSite) -> Starlette:
    """The app of one console. As it ends it ends audits, and deletes lists that wait."""
    gate = Gate(site)
    live = LivePages(site)
    paths: dict[str, dict[str, PageRoute]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = route

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with live.running():
            yield
        site.uploads.close()
        site.audits.close()

    app = Starlette(
        routes=[
            Mount("/static", StaticFiles(packages=[("hongbao.console", "static")])),
            Route("/live/{topic:path}", live.answer, name="live"),
            *(_served(gate, path, routes) for path, routes in paths.items()),
            _served(gate, "/{path:path}", {"GET": PageRoute("", not_found, ANYBODY)}),
        ],
        middleware=[Middleware(SecureHeaders, behind_tls=bool(site.settings.proxies))],
        lifespan=lifespan,
    )
    app.state.live = live
    return app


def _served(gate: Gate, path: str, routes: Mapping[str, PageRoute]) -> Route:
    async def answer(request: Request) -> Response:
        return await gate.answer(request, routes)

    return Route(path, answer, methods=["GET", "POST"])
