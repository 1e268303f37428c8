"""Claims what is due: takes slots of channels, leases their payouts, says when there is more.

It is one transaction. A channel's row stays locked until its end, so that one worker at a time has
the channel's slots, limits and queue. A channel that another worker has locked is skipped.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, text, update

from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.approval import APPROVED_FOR
from hongbao.ledger.model.campaign import CampaignState
from hongbao.ledger.model.job import ClaimedJobs
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.queue import daily_limits, first_calls
from hongbao.ledger.queue.channel_queue import Queue
from hongbao.ledger.queue.due import Due, fetch, in_order, next_due
from hongbao.ledger.queue.first_calls import Extent
from hongbao.ledger.queue.leasing import Leasing
from hongbao.ledger.store import bulk, clock, expiry, standings
from hongbao.ledger.store.changes import Changes
from hongbao.ledger.store.database import is_postgresql, now
from hongbao.ledger.store.decisions import campaign_with, start
from hongbao.ledger.store.laws import OPEN
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, NEVER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

_ALL = select(CHANNEL.c.id)
_FEW = 8
_MANY = 64
# Payouts that one channel can be expected to give to a claim: as many as a worker holds of one.
_EACH = 64
# Other workers hold everything that is due, but only for a moment.
_BREATH = SECOND // 100
_CAMPAIGN, _PAYEE = PLACES["campaign_id"], PLACES["payee"]
_LEFT = ("arrival", "turn", "ready_at", "day", "day_amount", "last_day", "seen_at")

# A single parameter, however many channels there are, so that the statement is compiled once.
_OF_POSTGRESQL = text("channel.id = ANY(CAST(:of AS bigint[]))")
_OF_SQLITE = text("channel.id IN (SELECT value FROM json_each(:of))")
_READY = (
    select(CHANNEL)
    .where(CHANNEL.c.ready_at <= bindparam("now"))
    .order_by(CHANNEL.c.ready_at)
    .limit(bindparam("count"))
    # Not FOR UPDATE, which would wait for transactions that only refer to the channel.
    .with_for_update(key_share=True, skip_locked=True)
)
_OPEN = select(
    CAMPAIGN.c.id, CAMPAIGN.c.channel_id, CAMPAIGN.c.state,
    # An approval that may have expired; see ``approving.expire``.
    CAMPAIGN.c.amount_max.is_(None)
    & (CAMPAIGN.c.approved_at <= bindparam("since"))
    & (
        (CAMPAIGN.c.state == CampaignState.APPROVED.value)
        | ((CAMPAIGN.c.state == CampaignState.RUNNING.value) & (CAMPAIGN.c.begun == 0))
    ),
    CAMPAIGN.c.begun, CAMPAIGN.c.rows,
).where(CAMPAIGN.c.channel_id.in_(bindparam("channels", expanding=True)), text(OPEN))  # fmt: skip
_FIRST_READY = select(func.min(CHANNEL.c.ready_at))
_STATEMENTS = {
    True: (_READY.where(_OF_POSTGRESQL), _FIRST_READY.where(_OF_POSTGRESQL)),
    False: (_READY.where(_OF_SQLITE), _FIRST_READY.where(_OF_SQLITE)),
}


def claim(
    connection: Connection,
    worker: str,
    *,
    limit: int,
    lease_seconds: float,
    horizon_seconds: float,
    channels: Collection[int] | None,
) -> ClaimedJobs:
    """Lease due payouts of the channels that have waited longest.

    Args:
        connection: in a transaction that writes.
        worker: the worker's name, for the history of each payout that is sent.
        limit: the most payouts to lease.
        lease_seconds: after that another worker may claim them.
        horizon_seconds: how far ahead slots are taken, so that calls can be spread evenly.
        channels: the channels to consider; None for all in the books.

    Raises:
        Again: if another transaction has changed one of the payouts since it was read.
    """
    at = now(connection)
    horizon, lease = int(horizon_seconds * SECOND), int(lease_seconds * SECOND)
    behind = clock.put_right(connection, at, lease=lease)
    changes = Changes(check_actor(worker), at)
    leasing = Leasing(changes, at + lease)
    own = set(connection.scalars(_ALL) if channels is None else channels)
    queues: list[Queue] = []
    for ready in _ready(connection, at, own, few=max(_FEW, limit // _EACH)):
        # Each channel gets a share, so that few rows are fetched in vain and none has to wait for
        # another's thousands.
        share = -(-(limit - leasing.count) // len(ready))
        group = [Queue(channel, at, horizon=horizon, wanted=share) for channel in ready]
        _serve(connection, group, leasing, limit=limit, at=at)
        queues += group
        if leasing.count >= limit:
            break
    if starting := _approved(queues) & leasing.sending:
        start(connection, starting, by=worker, now=at)
    leasing.write(connection)
    first_calls.move(connection, {it: last for one in queues for it, last in one.begun.items()})
    changes.write(connection)
    _leave(connection, queues, at)
    full = len(leasing.jobs) >= limit
    next_at = at if full else _next_at(connection, at, own)
    return ClaimedJobs(jobs=leasing.jobs, next_at=next_at, clock_behind=behind)


def _ready(
    connection: Connection, at: Instant, own: Collection[int], *, few: int
) -> Iterator[Sequence[Row[Any]]]:
    """Lock channels with something to do: few at first, so that other workers find some, too."""
    left, count = set(own), few
    ready, _ = _STATEMENTS[is_postgresql(connection)]
    while left:
        wanted = {"now": at, "of": bulk.numbers(connection, list(left)), "count": count}
        channels = connection.execute(ready, wanted).all()
        if channels:
            yield daily_limits.with_its_day(connection, channels, at)
        if len(channels) < count:
            return
        left -= {channel.id for channel in channels}
        count = min(2 * count, _MANY)


def _serve(
    connection: Connection, group: Sequence[Queue], leasing: Leasing, *, limit: int, at: Instant
) -> None:
    """Lease due payouts of some channels."""
    served = {queue.channel.id: queue for queue in group if queue.most}
    wanted = {"channels": list(served), "since": at - APPROVED_FOR}
    for campaign, channel, state, old, *extent in connection.execute(_OPEN, wanted).all():
        if old and expiry.is_expired(
            connection, campaign_with(connection, campaign, lock=False), at
        ):
            continue
        served[channel].campaigns[campaign] = CampaignState(state)
        served[channel].extents[campaign] = Extent(*extent)
    # What a worker has left behind is asked about one by one.
    standings.dissolve(
        connection, [it for one in served.values() for it in one.campaigns], until=at
    )
    partitions = [
        (partition, queue.most) for queue in served.values() for partition in queue.partitions()
    ]
    due = {channel: Due([], []) for channel in served}
    of = {campaign: due[channel] for channel, it in served.items() for campaign in it.campaigns}
    found = fetch(connection, partitions, at)
    for row in found.standing:
        of[row[_CAMPAIGN]].standing.append(row)
    for it in found.fresh:
        of[it.campaign_id].fresh.append(it)
    users = _users(connection, served, due)
    for channel, queue in served.items():
        chosen = queue.choose(due[channel], users.get(channel, {}), room=limit - leasing.count)
        # No other claim of this channel has this token.
        by_user = daily_limits.by_user(queue.channel)
        leasing.lease(channel, chosen, lease=queue.turn, day=queue.day, by_user=by_user)


def _users(
    connection: Connection, served: Mapping[int, Queue], due: Mapping[int, Due]
) -> dict[int, dict[str, tuple[int, Fen]]]:
    """What the receivers of due payouts got, of channels that limit that: all at once."""
    limited = [it for it in served.values() if daily_limits.by_user(it.channel)]
    found: dict[int, dict[str, tuple[int, Fen]]] = {}
    # Around midnight not all channels have the same day.
    for day in {it.day for it in limited}:
        channels = [it.channel.id for it in limited if it.day == day]
        rows = chain.from_iterable(in_order(*due[channel]) for channel in channels)
        found |= daily_limits.given(connection, channels, {row[_PAYEE] for row in rows}, day=day)
    return found


def _approved(queues: Sequence[Queue]) -> set[int]:
    return {
        campaign
        for queue in queues
        for campaign, state in queue.campaigns.items()
        if state is CampaignState.APPROVED
    }


def _leave(connection: Connection, queues: Sequence[Queue], at: Instant) -> None:
    """Write what was taken from each channel, and when there is more to do for it."""
    ahead = next_due(
        connection, [partition for queue in queues for partition in queue.partitions_ahead()], at
    )
    rows: list[tuple[int, ...]] = []
    finished: list[int] = []
    for queue in queues:
        finished += queue.finished(ahead)
        rows.append(
            (queue.arrival, queue.turn, queue.ready_at(ahead), queue.day, queue.day_amount,
             max(queue.channel.last_day, queue.day), max(queue.channel.seen_at, at),
             queue.channel.id)
        )  # fmt: skip
    bulk.update(connection, CHANNEL, _LEFT, ("id",), rows)
    if finished:
        connection.execute(
            update(CAMPAIGN).where(CAMPAIGN.c.id.in_(sorted(finished))).values(open=False)
        )


def _next_at(connection: Connection, at: Instant, own: Collection[int]) -> Instant | None:
    _, first = _STATEMENTS[is_postgresql(connection)]
    ready = connection.scalar(first, {"of": bulk.numbers(connection, list(own))})
    return None if ready is None or ready >= NEVER else max(int(ready), at + _BREATH)
