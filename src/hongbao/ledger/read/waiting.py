"""Why nothing of a campaign is sent now, and until when. Changes nothing.

It asks what a claim would ask, of the same rows and by the same rules, so that people read what a
worker will do.
"""

from __future__ import annotations

from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from hongbao import beijing
from hongbao.ledger.model import rate_limit
from hongbao.ledger.model.campaign import (
    GROWING,
    SENDING,
    CampaignState,
)
from hongbao.ledger.model.limits import PUT_OFF
from hongbao.ledger.model.payout import SECOND, State, Task
from hongbao.ledger.model.step import ALL_STOPPED, PAUSED_BY_PERSON, SCHEDULED
from hongbao.ledger.model.wait import Cause, Wait
from hongbao.ledger.queue import daily_limits, due
from hongbao.ledger.store.clock import ahead
from hongbao.ledger.store.database import now
from hongbao.ledger.store.decisions import starts_at
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import CALL_RANGE, CAMPAIGN, CHANNEL, STANDING, TALLY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

    from hongbao.ledger.model.limits import PayerLimits
    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

_LOOKED_AT = 500
"""So many payouts are held against the limits. Where all of them have to wait, others may not."""

_SLOT_AHEAD = 2 * SECOND
"""A channel's next slot is always a little ahead while its payouts are sent."""

_CAMPAIGN, _PAYEE, _AMOUNT = (PLACES[name] for name in ("campaign_id", "payee", "amount"))


def wait(connection: Connection, campaign_id: int, *, limits: PayerLimits | None) -> Wait | None:
    """Why nothing of a campaign is sent now; None if something is, or nothing is left to send.

    Args:
        connection: in a transaction.
        campaign_id: which campaign.
        limits: those of its channel that the next worker brings; None for those of the books.
    """
    campaign = connection.execute(select(CAMPAIGN).where(CAMPAIGN.c.id == campaign_id)).one()
    channel: Any = connection.execute(
        select(CHANNEL).where(CHANNEL.c.id == campaign.channel_id)
    ).one()
    if limits is not None:
        channel = SimpleNamespace(**{**channel._mapping, **limits.columns()})  # noqa: SLF001  # SQLAlchemy's public name for it
    first = _first(connection, campaign_id, Task.SEND)
    if first is None:
        return _without_sends(connection, campaign_id)
    decided = _decided(connection, campaign, channel)
    if decided is not None or campaign.state == CampaignState.CANCELLED:
        return decided
    if ahead(channel.seen_at, at := now(connection)):
        # Whoever works next brings it forward.
        return Wait(Cause.CLOCK, first.due_at) if first.due_at > at else None
    bounds = list(_bounds(connection, channel, campaign_id, first))
    if not bounds:
        return None
    longest = max(bounds, key=lambda bound: bound.until or 0)
    opens = beijing.next_open(longest.until or 0, channel.opens, channel.closes)
    return longest._replace(until=opens)


class _First(NamedTuple):
    """What is due first of a campaign; of a first call, and of those under way, only when it is."""

    due_at: Instant
    amount: Fen = 0
    calls: int = 0
    code: str | None = None
    reason: str | None = None


def _first(connection: Connection, campaign_id: int, task: Task) -> _First | None:
    query = (
        select(*(STANDING.c[name] for name in _First._fields))
        .where(
            STANDING.c.campaign_id == campaign_id,
            STANDING.c.task == int(task),
            STANDING.c.due_at.is_not(None),
        )
        .order_by(STANDING.c.due_at)
        .limit(1)
    )
    found = [_First(*row) for row in connection.execute(query)]
    beside = _first_call if task is Task.SEND else _first_end_of_calls
    if (due_at := beside(connection, campaign_id)) is not None:
        found.append(_First(due_at))
    return min(found, key=attrgetter("due_at"), default=None)


def _first_call(connection: Connection, campaign_id: int) -> Instant | None:
    """Since when a payout is due to which nothing has happened; None if there is none."""
    part = due.QueuePartition(campaign_id, Task.SEND)
    found = due.fetch(connection, [(part, 1)], now(connection))
    return next((it.due_at for it in found.fresh), None)


def _first_end_of_calls(connection: Connection, campaign_id: int) -> Instant | None:
    """When a payout is asked about that is being sent and has no standing; None if there is none.

    That is when its worker has died.
    """
    open_ones = (CALL_RANGE.c.campaign_id == campaign_id, CALL_RANGE.c.due_at.is_not(None))
    first: Instant | None = connection.scalar(
        select(func.min(CALL_RANGE.c.due_at)).where(*open_ones)
    )
    return first


def _without_sends(connection: Connection, campaign_id: int) -> Wait | None:
    """Of a campaign of which nothing is to be sent as it stands."""
    waiting = connection.scalar(
        select(func.sum(TALLY.c.payouts)).where(
            TALLY.c.campaign_id == campaign_id, TALLY.c.state == str(State.WAITING)
        )
    )
    if not waiting:
        return None
    question = _first(connection, campaign_id, Task.QUERY)
    if question is None:
        return Wait(Cause.PERSON, None)
    if question.due_at <= now(connection):
        return None
    return Wait(Cause.RETRY, question.due_at, question.code)


def _decided(connection: Connection, campaign: Row[Any], channel: Any) -> Wait | None:  # noqa: ANN401  # a row, or as one
    """What people or workers decided, which lasts until a person decides otherwise."""
    if campaign.state in GROWING:
        return Wait(Cause.APPROVAL, None)
    # Whatever else holds it up, nothing goes out before that is lifted.
    if channel.stop_code == ALL_STOPPED and campaign.state != CampaignState.CANCELLED:
        return Wait(Cause.PAUSE, None, ALL_STOPPED)
    if campaign.state == CampaignState.PAUSED and campaign.stop_code == SCHEDULED:
        return Wait(Cause.SCHEDULE, starts_at(connection, campaign.id))
    if campaign.state == CampaignState.PAUSED:
        by_person = campaign.stop_code == PAUSED_BY_PERSON
        return Wait(Cause.PAUSE if by_person else Cause.STOP, None, campaign.stop_code)
    if campaign.state in SENDING and channel.stop_code is not None:
        return Wait(Cause.STOP, None, channel.stop_code)
    return None


def _bounds(
    connection: Connection,
    channel: Any,  # noqa: ANN401  # a row, or as one
    campaign_id: int,
    first: _First,
) -> Iterator[Wait]:
    """All that holds it up by now, and what is over by itself."""
    at = now(connection)
    opens = beijing.next_open(at, channel.opens, channel.closes)
    if opens > at:
        yield Wait(Cause.HOURS, opens)
    interval = rate_limit.interval_now(
        channel.interval, channel.slowed_interval, channel.slowed_at, at
    )
    slot = rate_limit.take_slots(
        channel.arrival, at, interval=interval, burst=channel.burst, wanted=0, horizon=0
    ).next_at
    if slot > at + _SLOT_AHEAD:
        yield Wait(Cause.RATE, slot)
    if first.due_at > at:
        yield Wait(_cause_of(first, channel), first.due_at, first.code)
    elif limit := _limit(connection, channel, campaign_id, at):
        yield Wait(limit, beijing.tomorrow(at))


def _cause_of(first: _First, channel: Any) -> Cause:  # noqa: ANN401  # a row, or as one
    """Why the first payout that is to be sent is due later."""
    if first.reason == PUT_OFF:
        return Cause.DAY_LIMIT if _never(first.amount, channel) else Cause.USER_LIMIT
    return Cause.RETRY if first.calls or first.code else Cause.CLOCK


def _limit(
    connection: Connection,
    channel: Any,  # noqa: ANN401  # a row, or as one
    campaign_id: int,
    at: Instant,
) -> Cause | None:
    """Which limit of a day keeps all that is due of a campaign from being sent."""
    day = daily_limits.day_of(channel, at)
    rows = _due(connection, channel.id, campaign_id, at)
    users: dict[str, tuple[int, int]] = {}
    if daily_limits.by_user(channel):
        payees = {row[_PAYEE] for row in rows}
        users = daily_limits.given_today(connection, channel.id, payees, day=day)
    sends = daily_limits.sort(channel, rows, users, day=day)
    put_off = [row for row in sends.put_off if row[_CAMPAIGN] == campaign_id]
    if any(row[_CAMPAIGN] == campaign_id for row in sends.sendable) or len(put_off) >= _LOOKED_AT:
        return None
    if sends.spent or any(_never(row[_AMOUNT], channel) for row in put_off):
        return Cause.DAY_LIMIT
    return Cause.USER_LIMIT if put_off else None


def _due(
    connection: Connection, channel_id: int, campaign_id: int, at: Instant
) -> list[Sequence[Any]]:
    """What is due to be sent of a campaign, between what others of its channel send first."""
    sending = connection.scalars(
        select(CAMPAIGN.c.id).where(
            CAMPAIGN.c.channel_id == channel_id,
            CAMPAIGN.c.state.in_(sorted(map(str, SENDING))),
            CAMPAIGN.c.open,
        )
    )
    partitions = [
        (due.QueuePartition(it, Task.SEND), _LOOKED_AT if it == campaign_id else 1)
        for it in sending
    ]
    return due.in_order(*due.fetch(connection, partitions, at))


def _never(amount: int, channel: Any) -> bool:  # noqa: ANN401  # a row, or as one
    """Whether a payout is more than a whole day's money."""
    most: int | None = channel.day_amount_max
    return most is not None and amount > most
