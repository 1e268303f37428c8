"""How the endpoints of webhooks get on: in words and as a document. No secret is known here."""

from __future__ import annotations

from collections.abc import Sequence

from hongbao import beijing
from hongbao.ledger.model.endpoint import EndpointState, WebhookEndpoint
from hongbao.ledger.model.payout import Instant
from hongbao.sentences import marked, said
from hongbao.views.columns import in_columns
from hongbao.views.kept import kept

_HEAD = (
    marked("name"),
    marked("state"),
    marked("waiting"),
    marked("oldest"),
    marked("last delivered"),
    marked("last answer"),
    marked("url"),
)
_NUMBERS = {2}


def text(endpoints: Sequence[WebhookEndpoint], *, now: Instant) -> str:
    """One line an endpoint."""
    if not endpoints:
        return said("There is no endpoint.")
    return in_columns(
        [tuple(map(said, _HEAD)), *(_cells(it, now) for it in endpoints)], right=_NUMBERS
    )


def _cells(it: WebhookEndpoint, now: Instant) -> tuple[str, ...]:
    state = said(it.state.value)
    if it.state is EndpointState.ACTIVE and it.quiet_until is not None and it.quiet_until > now:
        state = said("fails, tried again {when}", when=beijing.text(it.quiet_until))
    return (
        it.name,
        state,
        str(it.waiting),
        "" if it.oldest is None else beijing.text(it.oldest),
        "" if it.delivered_at is None else beijing.text(it.delivered_at),
        kept(it.answer or ""),
        it.url,
    )


def document(it: WebhookEndpoint) -> dict[str, object]:
    """An endpoint as a document."""
    return {
        "name": it.name,
        "url": it.url,
        "types": list(map(str, it.types)),
        "state": it.state.value,
        "position": it.position,
        "waiting": it.waiting,
        "oldest": beijing.iso(it.oldest),
        "failures": it.failures,
        "quiet_until": beijing.iso(it.quiet_until),
        "delivered_at": beijing.iso(it.delivered_at),
        "answer": it.answer,
    }
