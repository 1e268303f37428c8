"""Payouts by whatever somebody holds in hand; and those in doubt, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.pages.payout_filters import numbers_and_names
from hongbao.console.pages.payouts import row_facts
from hongbao.views.payout_list import ListedPayout

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.payout import Payout

_FOUND_MAX = 100
_WANTED_MAX = 200
DOUBTFUL_SHOWN = 100


def show(visit: Visit) -> Response:
    """Ask what is looked for."""
    return visit.render("search.html", found=None)


def search(visit: Visit) -> Response:
    """Find payouts by receiver, key, order number or WeChat's own number.

    It is a form and no address, since a receiver in full belongs into nobody's history of pages.
    """
    wanted = visit.form.get("q", "").strip()[:_WANTED_MAX]
    found = visit.book.search(wanted, limit=_FOUND_MAX)
    if len(found) == 1:
        return visit.redirect(f"/payouts/{found[0].payout.billno}")
    if found and {it.by for it in found} == {"openid"}:
        return visit.redirect("/payouts", receiver_of=found[0].payout.billno)
    return visit.render(
        "search.html", found=_listed(visit, [it.payout for it in found]), row=row_facts(visit)
    )


def show_doubtful(visit: Visit) -> Response:
    """Payouts of which it is unknown whether they are paid, the one that was sent first first."""
    found = visit.book.unknown(limit=DOUBTFUL_SHOWN + 1)
    return visit.render(
        "in_doubt.html", payouts=_listed(visit, found[:DOUBTFUL_SHOWN]),
        more=len(found) > DOUBTFUL_SHOWN, row=row_facts(visit),
    )  # fmt: skip


def _listed(visit: Visit, payouts: list[Payout]) -> list[ListedPayout]:
    numbers, names = numbers_and_names(visit.site)
    return [ListedPayout(it, names[it.campaign_id], numbers[it.merchant_id]) for it in payouts]
