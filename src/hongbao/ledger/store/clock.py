"""Notices that the books are ahead of the clock, and corrects times from a wrong clock.

A clock that was ahead and has been corrected leaves times that are hours away: until then channels
would not be looked at, and payouts would be neither sent nor queried. Each channel's row has the
newest time at which it was written. If that is well ahead of the present, everything that waits for
a later time is moved back by the difference. Times from the wrong clock are then right; times from
a right clock come too early, which costs a query at most. What a daily limit put off waits for the
next day of the right clock. Numbers, limits and histories stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, select, update

from hongbao import beijing
from hongbao.ledger.model.limits import PUT_OFF
from hongbao.ledger.model.payout import SECOND, Task
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, CHANNEL, STANDING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant

AHEAD_MAX: Instant = 60 * SECOND
"""Clocks of machines that take turns, or of a server and its successor, differ less than this."""

_LOOK_EVERY = 10 * SECOND
_LOOKED_AT = "hongbao.clock_looked_at"


def ahead(seen_at: Instant, now: Instant) -> Instant:
    """By how much a channel's row is ahead of the clock, in microseconds; 0 if it is not."""
    return seen_at - now if seen_at > now + AHEAD_MAX else 0


def put_right(connection: Connection, now: Instant, *, lease: Instant) -> Instant:
    """Correct times that a wrong clock has stored.

    It checks when the clock goes back, and every ten seconds.

    Args:
        connection: in a transaction that writes.
        now: the books' time.
        lease: how long a lease lasts.

    Returns:
        By how much the books were ahead of the clock, in microseconds; 0 if they were not.
    """
    looked_at: Instant = connection.info.get(_LOOKED_AT, 0)
    if 0 <= now - looked_at < _LOOK_EVERY:
        return 0
    channels = connection.execute(
        select(CHANNEL)
        .where(CHANNEL.c.seen_at > now + AHEAD_MAX)
        .order_by(CHANNEL.c.id)
        .with_for_update(key_share=True)
    ).all()
    if not channels:
        connection.info[_LOOKED_AT] = now
    for channel in channels:
        _put_right(connection, channel, now, lease=lease)
    return max((channel.seen_at - now for channel in channels), default=0)


def _put_right(connection: Connection, channel: Row[Any], now: Instant, *, lease: Instant) -> None:
    by = channel.seen_at - now
    values: dict[str, object] = {
        "seen_at": now,
        "ready_at": now,
        "arrival": _forward(channel.arrival, by, now),
    }
    if channel.slowed_at is not None:
        values["slowed_at"] = min(channel.slowed_at, now)
    connection.execute(update(CHANNEL).where(CHANNEL.c.id == channel.id).values(values))
    # Its worker may be alive; one lease from now the lease has certainly ended.
    leased = STANDING.c.lease.is_not(None)
    tomorrow = beijing.tomorrow(now)
    due_at = case(
        (and_(leased, STANDING.c.due_at > now + lease), now + lease),
        (leased, STANDING.c.due_at),
        # Whatever day it was by the wrong clock, the next one begins when it begins.
        (and_(STANDING.c.reason == PUT_OFF, STANDING.c.due_at > tomorrow), tomorrow),
        (STANDING.c.reason == PUT_OFF, STANDING.c.due_at),
        (STANDING.c.due_at > now + by, STANDING.c.due_at - by),
        else_=now,
    )
    campaigns = connection.scalars(
        select(CAMPAIGN.c.id).where(CAMPAIGN.c.channel_id == channel.id).order_by(CAMPAIGN.c.id)
    ).all()
    late = connection.scalars(
        select(CALL_RANGE.c.id)
        .where(CALL_RANGE.c.campaign_id.in_(campaigns), CALL_RANGE.c.due_at > now + lease)
        .order_by(CALL_RANGE.c.id)
        .with_for_update()
    ).all()
    connection.execute(
        update(CALL_RANGE).where(CALL_RANGE.c.id.in_(late)).values(due_at=now + lease)
    )
    for campaign in campaigns:
        for task in Task:
            connection.execute(
                update(STANDING)
                .where(
                    STANDING.c.campaign_id == campaign,
                    STANDING.c.task == int(task),
                    STANDING.c.due_at > now,
                )
                .values(due_at=due_at)
            )


def _forward(at: Instant, by: Instant, now: Instant) -> Instant:
    return at if at <= now else max(now, at - by)
