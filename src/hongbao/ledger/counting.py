"""Counts what workers and imports must know before they go on. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.ledger import due
from hongbao.ledger.allowance import COUNTING
from hongbao.ledger.beijing import day_of
from hongbao.ledger.causes import Causes
from hongbao.ledger.payout import PAID, Task
from hongbao.ledger.schema import CAUSE, PAYOUT, TALLY

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from hongbao.ledger.payout import Instant
    from hongbao.money import Fen


def causes(connection: Connection, campaign_id: int) -> Causes:
    """What a breaker judges of a campaign."""
    counted = connection.execute(
        select(CAUSE.c.code, func.sum(CAUSE.c.payouts))
        .where(CAUSE.c.campaign_id == campaign_id)
        .group_by(CAUSE.c.code)
    )
    paid = connection.scalar(
        select(func.sum(TALLY.c.payouts)).where(
            TALLY.c.campaign_id == campaign_id, TALLY.c.state.in_(sorted(map(str, PAID)))
        )
    )
    return Causes.of({code: int(count) for code, count in counted}, paid=int(paid or 0))


def next_due(connection: Connection, campaign_id: int) -> dict[Task, Instant]:
    """When each task is due next in a campaign, whether or not it may be done then."""
    lanes = due.next_due(connection, [due.Lane(campaign_id, task) for task in Task])
    return {Task(lane.task): at for lane, at in lanes.items()}


def given_today(
    connection: Connection, merchant_id: int, payees: Collection[str], *, now: Instant
) -> dict[str, tuple[int, Fen]]:
    """How many payouts and how much money users have got today, or may have got."""
    rows = connection.execute(
        select(PAYOUT.c.payee, func.count(), func.sum(PAYOUT.c.amount))
        .where(
            PAYOUT.c.merchant_id == merchant_id,
            PAYOUT.c.payee.in_(payees),
            PAYOUT.c.day == day_of(now),
            PAYOUT.c.state.in_(COUNTING),
        )
        .group_by(PAYOUT.c.payee)
    )
    return {payee: (int(count), int(amount)) for payee, count, amount in rows}
