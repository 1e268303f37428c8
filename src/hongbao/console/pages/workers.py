"""Who sends at this moment, what waits, and the switch that stops everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


def show(visit: Visit) -> Response:
    """Workers, queues and channels, and whether everything is stopped."""
    channels = visit.book.channels()
    return visit.render(
        "workers.html", workers=visit.book.workers(), queues=visit.book.queues(),
        channels=channels, stopped=[it for it in channels if it.stop is not None],
        on_the_way=sum(it.on_the_way.payouts for it in visit.book.campaigns()),
    )  # fmt: skip


def stop_all(visit: Visit) -> Response:
    """Send nothing any more, for any merchant."""
    visit.book.stop_all(by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect("/workers", done="all-stopped")


def resume_all(visit: Visit) -> Response:
    """Send again for the merchants that were stopped so."""
    visit.book.resume_all(by=visit.by)
    return visit.redirect("/workers", done="all-resumed")
