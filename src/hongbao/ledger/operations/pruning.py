"""Old rows of the outbox are deleted, once all that the books know to read it have read them.

Histories are not touched: the outbox only says in which order things happened. The last row that an
endpoint has read stays, and so does the last one of all: by it a reader's position is known again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from hongbao.ledger.store.schema import OUTBOX
from hongbao.ledger.store.webhook_schema import ENDPOINT

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

AT_ONCE = 10_000
"""One transaction deletes no more, so that nobody waits for it."""


class Prunable(NamedTuple):
    """What may be deleted of the outbox.

    Attributes:
        rows: how many.
        before: those under this position.
    """

    rows: int
    before: int


def prunable(connection: Connection, *, until: Instant) -> Prunable:
    """What of the outbox is older than a moment and read by every endpoint.

    Args:
        connection: in a transaction.
        until: the moment.
    """
    younger = connection.scalar(select(func.min(OUTBOX.c.position)).where(OUTBOX.c.at >= until))
    last = connection.scalar(select(func.max(OUTBOX.c.position))) or 0
    read = connection.scalar(select(func.min(ENDPOINT.c.position)))
    before = min(it for it in (younger, last, read) if it is not None)
    rows = connection.scalar(
        select(func.count()).select_from(OUTBOX).where(OUTBOX.c.position < before)
    )
    return Prunable(rows or 0, before)


def prune(connection: Connection, *, before: int) -> int:
    """Delete the oldest rows under a position, some of them; gives how many they were."""
    some = (
        select(OUTBOX.c.position)
        .where(OUTBOX.c.position < before)
        .order_by(OUTBOX.c.position)
        .limit(AT_ONCE)
    )
    return connection.execute(delete(OUTBOX).where(OUTBOX.c.position.in_(some))).rowcount
