"""The chained history of what people did in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from hongbao.ledger.model.event import GENESIS, Event, chain
from hongbao.ledger.store.console_schema import CONSOLE_ACT, CONSOLE_RECORD
from hongbao.ledger.store.database import insert_into

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from hongbao.ledger.model.account import ActKind
    from hongbao.ledger.model.payout import Instant

_ONLY = 1
"""There is one history, so that the order of all acts is chained."""


def add_act(
    connection: Connection, kind: ActKind, *, by: str, at: Instant, facts: Mapping[str, Any]
) -> None:
    """Add an act; the history is locked until the transaction ends."""
    connection.execute(
        insert_into(connection, CONSOLE_RECORD)
        .values(id=_ONLY, seq=0)
        .on_conflict_do_nothing(index_elements=["id"])
    )
    own = CONSOLE_RECORD.c.id == _ONLY
    seq = connection.execute(select(CONSOLE_RECORD.c.seq).where(own).with_for_update()).scalar_one()
    last = connection.scalar(select(CONSOLE_ACT.c.hash).where(CONSOLE_ACT.c.seq == seq))
    event = chain(
        GENESIS if last is None else bytes(last), payout_id=_ONLY, seq=seq + 1, at=at,
        kind=kind.value, actor=by, facts=facts,
    )  # fmt: skip
    connection.execute(
        CONSOLE_ACT.insert().values(dict(zip(CONSOLE_ACT.c.keys(), event, strict=True)))
    )
    connection.execute(update(CONSOLE_RECORD).where(own).values(seq=seq + 1))


def acts_before(connection: Connection, *, before: int | None, limit: int) -> list[Event]:
    """The latest acts, newest first.

    Args:
        connection: in a transaction.
        before: only those before this one, by its ``seq``; None for all.
        limit: how many at most.
    """
    query = select(CONSOLE_ACT).order_by(CONSOLE_ACT.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(CONSOLE_ACT.c.seq < before)
    return list(map(Event._make, connection.execute(query)))
