"""The chained histories, a table each: of payouts, of campaigns, of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from hongbao.ledger.model.event import GENESIS, Event, chain
from hongbao.ledger.store.first_events import FirstEvents, beginnings
from hongbao.ledger.store.schema import EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Table

    from hongbao.ledger.model.payout import Instant


def history(
    connection: Connection, table: Table, of: int, *, latest: int | None = None
) -> list[Event]:
    """What stands in one history, in order.

    Args:
        connection: any.
        table: ``EVENT``, ``DECISION`` or ``CHANNEL_EVENT``.
        of: the books' number of the payout, campaign or channel.
        latest: how many of the latest; None for all.
    """
    number, seq = table.primary_key.columns
    query = select(table).where(number == of)
    if latest is None:
        return list(map(Event._make, connection.execute(query.order_by(seq))))
    rows = connection.execute(query.order_by(seq.desc()).limit(latest)).all()
    return list(map(Event._make, reversed(rows)))


def payout_history(connection: Connection, payout_id: int) -> list[Event]:
    """All events of a payout, in order, with those that are not stored."""
    stored = history(connection, EVENT, payout_id)
    if stored and stored[0].seq == 1:
        return stored
    implied = [
        event
        for beginning in beginnings(connection, [payout_id])
        for event in FirstEvents(connection).of(beginning)
    ]
    return [it for it in implied if not stored or it.seq < stored[0].seq] + stored


def append(
    connection: Connection,
    table: Table,
    subjects: Table,
    *,
    of: int,
    seq: int,
    kind: str,
    actor: str,
    now: Instant,
    facts: Mapping[str, Any],
    changes: Mapping[str, object],
) -> None:
    """Change the row of a campaign or channel, and append the event that says so.

    Args:
        connection: the transaction, which has locked the row.
        table: of the history.
        subjects: of the row.
        of: the books' number of it.
        seq: of the last event of its history; 0 if there is none.
        kind: what happened.
        actor: who: a person or a worker.
        now: when.
        facts: what the event says.
        changes: columns and their new values.
    """
    number, place = table.primary_key.columns
    previous = connection.scalar(select(table.c.hash).where(number == of, place == seq))
    event = chain(
        previous or GENESIS, payout_id=of, seq=seq + 1, at=now, kind=kind, actor=actor, facts=facts
    )
    connection.execute(insert(table).values(dict(zip(table.c.keys(), event, strict=True))))
    connection.execute(update(subjects).where(subjects.c.id == of).values(seq=seq + 1, **changes))
