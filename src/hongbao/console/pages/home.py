"""The first page: what waits for people, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.topics import live_part

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


def show(visit: Visit) -> Response:
    """Tasks and running campaigns."""
    return visit.render("home.html", live=live_part(visit, "home/"))
