"""Help: what codes and states mean and what to do, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.campaign.explanations import OURS
from hongbao.sentences import marked as _
from hongbao.state_words import PHASES, STATES
from hongbao.views.explanation import every_entry

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

KEYS = {
    "/": _("go to the search field"),
    "j, k": _("go down and up the rows"),
    "o": _("open the row"),
    "g h": _("tasks"),
    "g c": _("campaigns"),
    "g p": _("payouts"),
    "g d": _("payouts in doubt"),
    "g s": _("search"),
    "g f": _("finance"),
    "g r": _("reconciliation"),
    "g w": _("workers"),
    "g a": _("audit"),
    "g u": _("accounts"),
    "?": _("this page"),
}
"""No key changes anything."""


def show(visit: Visit) -> Response:
    """All codes or those with a text, all states and phases, the keys: ``?q=NOTENOUGH``."""
    text = visit.query.get("q", "").strip()
    wanted = text.upper()
    entries = [
        it
        for it in every_entry()
        if wanted in it.code.upper() or wanted in f"{it.meaning.en} {it.meaning.zh}".upper()
    ]
    ours = {code: it for code, it in OURS.items() if wanted in code}
    return visit.render(
        "help.html", text=text, entries=entries, ours=ours, states=STATES, phases=PHASES,
        keys=KEYS,
    )  # fmt: skip
