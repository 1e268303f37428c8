"""Pages that say why something was not done: by HTTP's number, or by an error of the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import sentence
from hongbao.errors import HongbaoError, LedgerCode, LedgerError
from hongbao.sentences import marked as _

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

REFUSALS = {
    400: (_("This request cannot be understood."), _("Go back and try again.")),
    403: (
        _("You may not do this."),
        _("Nothing was changed. Ask an admin for the role, or open the page anew and try again."),
    ),
    404: (_("There is no such page."), _("Check the address, or begin at the first page.")),
    405: (_("This page does not do that."), _("Begin at the first page.")),
    409: (
        _("This was sent already."),
        _("What came of it then stands; nothing was done now. Open the page anew to see it."),
    ),
    411: (_("This request cannot be understood."), _("Go back and try again.")),
    413: (_("This is too large."), _("Nothing was stored. Send a smaller file.")),
    500: (
        _("Something went wrong here."),
        _("It is a fault of the program; its log says more. See how things stand, then try again."),
    ),
}
_STATUS = {
    LedgerCode.NOT_FOUND: 404,
    LedgerCode.GONE: 410,
    LedgerCode.INVALID: 422,
    LedgerCode.LEASED: 423,
    LedgerCode.SAME_PERSON: 403,
    LedgerCode.UNSIGNED: 403,
    LedgerCode.LOCKED: 503,
    LedgerCode.UNAVAILABLE: 503,
    LedgerCode.DATABASE: 500,
    LedgerCode.CORRUPT: 500,
    LedgerCode.BUG: 500,
}
_CONFLICT, _UNPROCESSABLE = 409, 422


def refused(visit: Visit, status: int) -> Response:
    """The page of a number of HTTP."""
    what, todo = REFUSALS.get(status, REFUSALS[400])
    return visit.render("refusal.html", status=status, what=visit.say(what), todo=visit.say(todo))


def failed(visit: Visit, error: HongbaoError) -> Response:
    """The page of an error of the books, which says itself what to do."""
    if isinstance(error, LedgerError):
        status = _STATUS.get(error.code, _CONFLICT)
        what, todo = error.problem, error.remedy
    else:
        status, what, todo = _UNPROCESSABLE, error.message, ""
    what = visit.say(sentence(what, begins=True))
    return visit.render("refusal.html", status=status, what=what, todo=visit.say(todo))


def not_found(visit: Visit) -> Response:
    """The page of every address that there is not."""
    return refused(visit, 404)
