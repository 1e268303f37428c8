"""Compares webhook endpoints with their histories. No money hangs on what waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hongbao.ledger.audits.audit_sums import unlike
from hongbao.ledger.model.replay import replay_decisions
from hongbao.ledger.store.histories import history
from hongbao.ledger.store.webhook_schema import ENDPOINT, ENDPOINT_EVENT, RECORDED
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def endpoint_problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """The endpoints that are not as their histories say, and how, in words."""
    for row in connection.execute(select(ENDPOINT).order_by(ENDPOINT.c.id)).all():
        events = history(connection, ENDPOINT_EVENT, row.id)
        for problem in unlike(row, events, replay_decisions(events).facts, RECORDED):
            yield say("endpoint {name}", name=row.name), problem
