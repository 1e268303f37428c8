"""Payouts by whatever somebody holds in hand; and those in doubt, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.console.pages.payout_filters import numbers_and_names
from hongbao.console.pages.payouts import row_facts
from hongbao.ledger.model.payout import State
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.views.payout_list import ListedPayout

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit
    from hongbao.ledger.model.payout import Payout

_FOUND_MAX = 100
_WANTED_MAX = 200
DOUBTFUL_MAX = 1_000
"""So many payouts in doubt are put in the order of their age; more is no list, but an alarm."""


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
    asked = PayoutFilter(states=frozenset({State.IN_DOUBT}))
    found: list[Payout] = []
    after: str | None = None
    while len(found) < DOUBTFUL_MAX:
        page = visit.book.payouts(asked, after=after, limit=DOUBTFUL_MAX - len(found))
        found += page.items
        if (after := page.next) is None:
            break
    found.sort(key=lambda it: (it.first_call_at is None, it.first_call_at or 0, it.id))
    return visit.render(
        "in_doubt.html", payouts=_listed(visit, found), more=after is not None,
        row=row_facts(visit), oldest=visit.book.oldest_unknown(),
    )  # fmt: skip


def _listed(visit: Visit, payouts: list[Payout]) -> list[ListedPayout]:
    numbers, names = numbers_and_names(visit.site)
    return [ListedPayout(it, names[it.campaign_id], numbers[it.merchant_id]) for it in payouts]
