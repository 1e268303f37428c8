"""Webhooks: which endpoints receive what happens, how they answer, and what a person does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hongbao.digits import KEPT_DIGITS_MAX, whole_number
from hongbao.errors import InvalidRequest
from hongbao.ledger.model.endpoint import EndpointEventKind
from hongbao.ledger.webhook_book import WebhookBook
from hongbao.sentences import marked as _
from hongbao.sentences import say

if TYPE_CHECKING:
    from starlette.responses import Response

    from hongbao.console.visit import Visit

DELIVERIES_SHOWN = 50
HAPPENED = {
    EndpointEventKind.ADDED: _("added"),
    EndpointEventKind.CHANGED: _("changed"),
    EndpointEventKind.DISABLED: _("disabled"),
    EndpointEventKind.ENABLED: _("enabled"),
    EndpointEventKind.REPLAYED: _("sent again"),
}
"""What happened to an endpoint, in its history."""


def show(visit: Visit) -> Response:
    """All endpoints."""
    return visit.render(
        "webhooks.html", endpoints=_book(visit).endpoints(), end=visit.book.last_position()
    )


def show_one(visit: Visit) -> Response:
    """One endpoint and its history; its secret stands in the settings and nowhere else."""
    book, name = _book(visit), visit.places["endpoint"]
    history = [(it, json.loads(it.body)) for it in reversed(book.endpoint_history(name))]
    return visit.render(
        "webhook.html", it=book.endpoint(name), history=history, happened=HAPPENED,
        end=visit.book.last_position(), waiting=book.waiting(name, limit=DELIVERIES_SHOWN),
        has_secret=name in visit.site.configuration.webhooks,
    )  # fmt: skip


def replay(visit: Visit) -> Response:
    """Send once more what happened after a position, with the same ids."""
    said = visit.form.get("after", "").strip()
    after = whole_number(said, digits=KEPT_DIGITS_MAX)
    if after is None:
        raise InvalidRequest(
            field="after", rule=say("a position: a whole number"), found=repr(said[:20])
        )
    name = visit.places["endpoint"]
    _book(visit).replay(name, after=after, by=visit.by)
    return visit.redirect(f"/webhooks/{name}", done="replayed")


def disable(visit: Visit) -> Response:
    """Post nothing more to it; what happens is kept for it."""
    name = visit.places["endpoint"]
    _book(visit).disable(name, by=visit.by, reason=visit.form.get("reason", ""))
    return visit.redirect(f"/webhooks/{name}", done="endpoint")


def enable(visit: Visit) -> Response:
    """Post to it again, beginning with what has not arrived."""
    name = visit.places["endpoint"]
    _book(visit).enable(name, by=visit.by)
    return visit.redirect(f"/webhooks/{name}", done="endpoint")


def _book(visit: Visit) -> WebhookBook:
    return visit.book.through(WebhookBook)
