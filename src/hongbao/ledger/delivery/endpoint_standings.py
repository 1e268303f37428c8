"""How the endpoints of webhooks get on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.ledger.model.endpoint import (
    EndpointState,
    WaitingDelivery,
    WebhookEndpoint,
    types_of,
)
from hongbao.ledger.store.webhook_schema import DELIVERY, ENDPOINT

if TYPE_CHECKING:
    from sqlalchemy import Connection


def endpoints(connection: Connection) -> list[WebhookEndpoint]:
    """All endpoints, by name."""
    waits = {
        endpoint: (int(count), oldest)
        for endpoint, count, oldest in connection.execute(
            select(DELIVERY.c.endpoint_id, func.count(), func.min(DELIVERY.c.at)).group_by(
                DELIVERY.c.endpoint_id
            )
        )
    }
    found = []
    for row in connection.execute(select(ENDPOINT).order_by(ENDPOINT.c.name)):
        waiting, oldest = waits.get(row.id, (0, None))
        found.append(
            WebhookEndpoint(
                id=row.id, name=row.name, url=row.url, types=types_of(row.types),
                state=EndpointState(row.state), position=row.position, failures=row.failures,
                quiet_until=row.quiet_until, delivered_at=row.delivered_at, answer=row.answer,
                waiting=waiting, oldest=oldest, seq=row.seq,
            )
        )  # fmt: skip
    return found


def waiting(connection: Connection, endpoint_id: int, *, limit: int) -> list[WaitingDelivery]:
    """Deliveries of an endpoint that have not arrived, oldest first."""
    query = (
        select(*(DELIVERY.c[name] for name in WaitingDelivery._fields))
        .where(DELIVERY.c.endpoint_id == endpoint_id)
        .order_by(DELIVERY.c.position, DELIVERY.c.about, DELIVERY.c.subject, DELIVERY.c.seq)
        .limit(limit)
    )
    return [WaitingDelivery._make(row) for row in connection.execute(query)]
