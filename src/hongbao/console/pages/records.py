"""What people did in the console, newest first, and how the books are audited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao.errors import InvalidRequest
from hongbao.ledger.model.account import ActKind
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

PAGE = 100
_DIGITS_MAX = 18
KINDS = {
    ActKind.INVITED: _("invited"),
    ActKind.ADDED: _("account added"),
    ActKind.ACCEPTED: _("account set up"),
    ActKind.CHANGED: _("account changed"),
    ActKind.SIGNED_IN: _("signed in"),
    ActKind.SIGN_IN_REFUSED: _("sign-in refused"),
    ActKind.CONFIRMED: _("confirmed who they are"),
    ActKind.SIGNED_OUT: _("signed out"),
    ActKind.SESSIONS_ENDED: _("sessions ended"),
    ActKind.DID: _("changed something"),
    ActKind.LOOKED: _("saw receivers in full"),
}


def show(visit: Visit) -> Response:
    """A page of the record; ``?before=`` is the number of the last act that was shown."""
    said = visit.query.get("before", "").strip()
    if said and (not said.isdecimal() or len(said) > _DIGITS_MAX):
        raise InvalidRequest(field="before", rule="a whole number", found=repr(said[:20]))
    acts = visit.site.accounts.acts(before=int(said) if said else None, limit=PAGE)
    lines = [
        (it, KINDS[ActKind(it.kind)], [f"{name}: {value}" for name, value in _facts(it.body)])
        for it in acts
    ]
    return visit.render(
        "records.html", lines=lines, next=acts[-1].seq if len(acts) == PAGE else None
    )


def _facts(body: str) -> list[tuple[str, object]]:
    return [(name, value) for name, value in json.loads(body).items() if value not in ("", None)]
