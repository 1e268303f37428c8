"""One campaign: where it stands, live, what was decided, and what a person may do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.topics import live_part
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.standing import Phase
from hongbao.state_words import DECISIONS

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

_DECISIONS_SHOWN = 50
_PAUSES = frozenset({Phase.APPROVED, Phase.RUNNING})


def show(visit: Visit) -> Response:
    """The campaign of this name."""
    name = visit.places["name"]
    standing = visit.book.standing(name)
    decided = [
        (DECISIONS[DecisionKind(event.kind)], event)
        for _, event in reversed(visit.book.latest_decisions(name, limit=_DECISIONS_SHOWN))
    ]
    return visit.render(
        "campaign.html", standing=standing, decisions=decided,
        live=live_part(visit, f"campaign/{name}"),
        may_pause=standing.phase in _PAUSES,
        may_resume=standing.phase is Phase.PAUSED or bool(standing.stops),
    )  # fmt: skip


def pause(visit: Visit) -> Response:
    """Send nothing more of it for now."""
    name = visit.places["name"]
    visit.book.pause(name, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/campaigns/{name}", done="paused")


def resume(visit: Visit) -> Response:
    """Go on, with the same order numbers."""
    name = visit.places["name"]
    visit.book.resume(name, by=visit.by)
    return visit.redirect(f"/campaigns/{name}", done="resumed")
