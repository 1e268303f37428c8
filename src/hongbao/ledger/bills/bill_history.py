"""The chained history of a merchant's bills: what was stored, what was matched, what differs.

Whoever adds to it holds the merchant's row of ``reconciliation``: one event follows another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from hongbao.ledger.model.event import GENESIS, Event, chain
from hongbao.ledger.model.outgoing import RECONCILED, About
from hongbao.ledger.store import bulk, outbox
from hongbao.ledger.store.bill_schema import RECONCILIATION, RECONCILIATION_EVENT
from hongbao.ledger.store.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.bill import BillEventKind
    from hongbao.ledger.model.payout import Instant

_EVENT = tuple(RECONCILIATION_EVENT.c.keys())


def hold(connection: Connection, merchant_id: int) -> int:
    """Lock the row of a merchant that has bills, and give the place of its last event."""
    own = RECONCILIATION.c.merchant_id == merchant_id
    found = connection.execute(select(RECONCILIATION.c.seq).where(own).with_for_update())
    seq: int = found.scalar_one()
    return seq


def events_after(
    connection: Connection, merchant_id: int, *, after: int, limit: int
) -> list[Event]:
    """The next events of a merchant's history behind one of them."""
    query = select(RECONCILIATION_EVENT).where(
        RECONCILIATION_EVENT.c.merchant_id == merchant_id, RECONCILIATION_EVENT.c.seq > after
    )
    rows = connection.execute(query.order_by(RECONCILIATION_EVENT.c.seq).limit(limit))
    return list(map(Event._make, rows))


class BillHistory:
    """What one transaction adds to the history of a merchant.

    Args:
        connection: in a transaction that writes.
        merchant_id: whose; its row is locked until the transaction ends.
        by: who adds to it.
        now: when.

    Attributes:
        merchant_id: as given.
        now: as given.
    """

    def __init__(self, connection: Connection, merchant_id: int, *, by: str, now: Instant) -> None:
        self._connection = connection
        self.merchant_id = merchant_id
        self._by = by
        self.now = now
        self._events: list[Event] = []
        connection.execute(
            insert_into(connection, RECONCILIATION)
            .values(merchant_id=merchant_id, seq=0)
            .on_conflict_do_nothing(index_elements=["merchant_id"])
        )
        self._seq = hold(connection, merchant_id)
        last = connection.scalar(
            select(RECONCILIATION_EVENT.c.hash).where(
                RECONCILIATION_EVENT.c.merchant_id == merchant_id,
                RECONCILIATION_EVENT.c.seq == self._seq,
            )
        )
        self._last: bytes = GENESIS if last is None else bytes(last)

    def add(self, kind: BillEventKind, facts: Mapping[str, Any]) -> None:
        """Add an event."""
        self._seq += 1
        event = chain(
            self._last, payout_id=self.merchant_id, seq=self._seq, at=self.now, kind=kind.value,
            actor=self._by, facts=facts,
        )  # fmt: skip
        self._last = event.hash
        self._events.append(event)

    def write(self) -> None:
        """Write what was added."""
        if not self._events:
            return
        bulk.insert(self._connection, RECONCILIATION_EVENT, _EVENT, self._events)
        published = {
            (f"{About.RECONCILIATION}.{it.kind}", it.seq): [self.merchant_id]
            for it in self._events
            if it.kind in RECONCILED
        }
        outbox.put(self._connection, published, now=self.now)
        self._connection.execute(
            update(RECONCILIATION)
            .where(RECONCILIATION.c.merchant_id == self.merchant_id)
            .values(seq=self._seq)
        )
