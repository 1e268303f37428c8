"""All campaigns, newest first, and those of one phase or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.looks import phase_words, share_done
from hongbao.ledger.model.standing import Phase
from hongbao.state_words import PHASES

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


def show(visit: Visit) -> Response:
    """The list, as the address filters it: ``?phase=paused&q=spring``."""
    phase, text = visit.query.get("phase", ""), visit.query.get("q", "").strip()
    found = [
        it
        for it in reversed(visit.book.campaigns())
        if phase in ("", it.phase) and text.lower() in it.campaign.name.lower()
    ]
    return visit.render(
        "campaigns.html", standings=found, phases=PHASES, text=text,
        chosen=phase if phase in set(Phase) else "", phase=phase_words, done=share_done,
    )  # fmt: skip
