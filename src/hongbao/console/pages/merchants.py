"""Merchants: their limits by the settings and the books, and how two people change them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hongbao.configuration.profile import typed_limits
from hongbao.console.signing_in.identifying import is_fresh
from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.english import sentence
from hongbao.errors import ConfigurationError, LedgerCode, LedgerError
from hongbao.sentences import marked as _
from hongbao.sentences import say
from hongbao.views.merchant import UNLIMITED, MerchantView, merchant_views, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from hongbao.console.visit import Visit

LABELS = {
    "rate": _("Calls a second"),
    "burst": _("Calls at once, after a pause"),
    "hours": _("Hours of sending, Beijing time"),
    "day_yuan_max": _("Most of a day, CNY"),
    "user_day_yuan_max": _("Most of a user's day, CNY"),
    "user_day_count_max": _("Most payouts of a user's day"),
}
"""By the setting, in the order of the form."""
_MAIN = ("rate", "day_yuan_max", "user_day_yuan_max")
"""What the list of merchants shows of them."""


def show(visit: Visit) -> Response:
    """All of them; keys and certificates stand in files and the environment, and nowhere here."""
    views = _views(visit)
    return visit.render(
        "merchants.html",
        merchants=[
            (it, None if it.standing is None else _grouped(it.standing.limits)) for it in views
        ],
        labels=LABELS, main=_MAIN,
    )  # fmt: skip


def show_one(visit: Visit) -> Response:
    """One merchant: its limits, what is asked for, and the form to ask."""
    return _page(visit, "")


def ask(visit: Visit) -> Response:
    """Ask for the limits of the form: nothing changes before another person accepts them."""
    view = _view(visit)
    try:
        limits = typed_limits({name: visit.form.get(name, "") for name in LABELS})
    except ConfigurationError as error:
        problem = say(
            "{setting}: {problem} {remedy}",
            setting=visit.say(LABELS[error.setting]),
            problem=sentence(error.problem),
            remedy=error.remedy,
        )
        return _page(visit, visit.say(problem))
    visit.book.ask_limits(
        view.number, view.rail, limits, by=visit.by, reason=visit.form.get("reason", "")
    )
    return visit.redirect(f"/merchants/{view.name}", done="limits-asked")


def accept(visit: Visit) -> Response:
    """Have the books hold the merchant to what another person has asked for."""
    view = _view(visit)
    visit.book.accept_limits(view.number, view.rail, request=_request(visit), by=visit.by)
    return visit.redirect(f"/merchants/{view.name}", done="limits")


def decline(visit: Visit) -> Response:
    """Leave the limits as they are."""
    view = _view(visit)
    visit.book.decline_limits(
        view.number, view.rail, request=_request(visit), by=visit.by,
        reason=visit.form.get("reason", ""),
    )  # fmt: skip
    return visit.redirect(f"/merchants/{view.name}", done="limits-declined")


def _views(visit: Visit) -> list[MerchantView]:
    book = visit.book
    profiles = visit.site.configuration.profiles
    return merchant_views(profiles, book.channels(), book.limits_requests())


def _view(visit: Visit) -> MerchantView:
    name = visit.places["merchant"]
    for it in _views(visit):
        if it.name == name:
            return it
    raise LedgerError(
        code=LedgerCode.NOT_FOUND,
        problem=say("the settings have no merchant {name}", name=name[:64]),
        remedy=say("See which there are on the page of merchants."),
    )


def _request(visit: Visit) -> int:
    """The number of the request that the page has shown; 0, which none has, for anything else."""
    return whole_number(visit.form.get("request", ""), digits=KEPT_DIGITS_MAX) or 0


def _grouped(columns: Mapping[str, int | None]) -> dict[str, str]:
    """Limits as the settings write them, with commas between thousands of yuan."""
    return {
        name: f"{Decimal(it):,}" if name.endswith("_yuan_max") and it != UNLIMITED else it
        for name, it in shown(columns).items()
    }


def _page(visit: Visit, problem: str) -> Response:
    view = _view(visit)
    by_file = {} if view.limits is None else _grouped(view.limits.columns())
    by_books = {} if view.standing is None else _grouped(view.standing.limits)
    given = {name: visit.form.get(name, by_books.get(name, "")) for name in LABELS}
    return visit.render(
        "merchant.html", status=422 if problem else 200, it=view, labels=LABELS, given=given,
        by_file=by_file, by_books=by_books, problem=problem,
        wanted={} if view.request is None else _grouped(view.request.limits),
        reason=visit.form.get("reason", ""),
        fresh=visit.session is not None and is_fresh(visit.session, at=visit.at),
    )  # fmt: skip
