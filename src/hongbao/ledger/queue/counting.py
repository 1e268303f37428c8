"""Counts what workers and imports must know before they go on. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.ledger.model.causes import Causes
from hongbao.ledger.model.payout import PAID, State, Task
from hongbao.ledger.queue import due
from hongbao.ledger.store.database import now
from hongbao.ledger.store.schema import CAUSE, TALLY

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

_TAKEN = sorted(map(str, PAID | {State.AWAITING_USER}))


def causes(connection: Connection, campaign_id: int) -> Causes:
    """The counts of a campaign that a breaker judges."""
    counted = connection.execute(
        select(CAUSE.c.code, func.sum(CAUSE.c.payouts))
        .where(CAUSE.c.campaign_id == campaign_id)
        .group_by(CAUSE.c.code)
    )
    paid = connection.scalar(
        select(func.sum(TALLY.c.payouts)).where(
            TALLY.c.campaign_id == campaign_id, TALLY.c.state.in_(_TAKEN)
        )
    )
    return Causes.of({code: int(count) for code, count in counted}, paid=int(paid or 0))


def next_due(connection: Connection, campaign_id: int) -> dict[Task, Instant]:
    """When each task of a campaign is due next, whether or not it may be done then."""
    partitions = [due.QueuePartition(campaign_id, task) for task in Task]
    found = due.next_due(connection, partitions, now(connection))
    return {Task(partition.task): at for partition, at in found.items()}
