"""Merchants: what the settings and the books say of their limits, and why one is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.views.merchant import MerchantView

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit


def show(visit: Visit) -> Response:
    """All of them; keys and certificates stand in files and the environment, and nowhere here."""
    return visit.render("merchants.html", merchants=_views(visit))


def set_limits(visit: Visit) -> Response:
    """Have the books hold a merchant to the limits of the settings, as ``hongbao merchant set``."""
    profile = visit.site.configuration.profile(visit.places["merchant"])
    visit.book.set_limits(profile.mch_id, profile.rail, profile.limits, by=visit.by)
    return visit.redirect("/merchants", done="limits")


def _views(visit: Visit) -> list[MerchantView]:
    standings = {(it.number, it.rail): it for it in visit.book.channels()}
    found = []
    for it in visit.site.configuration.profiles.values():
        place = (it.mch_id, it.rail)
        found.append(
            MerchantView(it.name, *place, it.limits.rate, standings.pop(place, None), it.limits)
        )
    return found + [
        MerchantView(None, *place, standing.rate, standing) for place, standing in standings.items()
    ]
