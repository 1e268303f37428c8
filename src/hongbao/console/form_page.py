"""The page on which a form stood that was sent: whoever has to show who it is comes back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from starlette.routing import compile_path

from hongbao.console.routes import ROUTES

if TYPE_CHECKING:
    from starlette.requests import Request

_PATHS = {it.path: compile_path(it.path)[0] for it in ROUTES}
_PAGES = {it.path for it in ROUTES if it.method == "GET"}
_OF_ONE_LOOK = frozenset({"done"})
"""What a page's address has only for who has just done something."""


def form_page(request: Request, *, scheme: str) -> str:
    """The address of a page with the form of a request, with its query where browsers say it.

    Args:
        request: a POST.
        scheme: ``http`` or ``https``, as the browser sees us.
    """
    own = f"{scheme}://{request.headers.get('host', '')}/"
    said = request.headers.get("referer", "")
    path, _, query = said.removeprefix(own).partition("#")[0].partition("?")
    if said.startswith(own) and _is_page(f"/{path}"):
        asked = parse_qsl(query, keep_blank_values=True)
        kept = urlencode([(name, it) for name, it in asked if name not in _OF_ONE_LOOK])
        return f"/{path}?{kept}" if kept else f"/{path}"
    # A form's address is that of its page, or lies below it.
    path = request.url.path
    while path and not _is_page(path):
        path = path.rpartition("/")[0]
    return quote(path) or "/"


def _is_page(path: str) -> bool:
    """Whether the first route of this address, which answers it, looks at something."""
    return next((it for it, like in _PATHS.items() if like.fullmatch(path)), None) in _PAGES
