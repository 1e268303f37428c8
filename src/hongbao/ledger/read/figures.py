"""Figures for those who watch: by hour and day, by code, what is unknown, how long queues are.

They come from running totals and along indexes: none takes longer because the books are large.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, text, true

from hongbao.ledger.model.campaign import SENDING
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.queue.due import QueuePartition, next_due
from hongbao.ledger.read.conditions import IN_A_CALL
from hongbao.ledger.read.named import allowed
from hongbao.ledger.store.laws import UNKNOWN
from hongbao.ledger.store.rows import BOOKED, COLUMNS, HAS_NO_STANDING, payout_of
from hongbao.ledger.store.schema import (
    CALL_RANGE,
    CAMPAIGN,
    CHANNEL,
    HOURLY,
    MERCHANT,
    PAYOUT,
    STANDING,
    TALLY,
)
from hongbao.ledger.store.tallies import HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.money import Fen

_CODES_MAX = 200


class Figures(NamedTuple):
    """What became known in an hour, or on a Beijing day.

    Attributes:
        begin: of the hour or day.
        payouts: how many were found to be paid.
        amount: fen that they come to.
        claimed: fen that were found to be claimed, of whatever day they were paid.
        refunded: fen that were found to have come back.
    """

    begin: Instant
    payouts: int
    amount: Fen
    claimed: Fen
    refunded: Fen


class CodeCount(NamedTuple):
    """Payouts whose last outcome had one code.

    Attributes:
        code: which.
        payouts: how many.
        example: the last of them by campaign and row.
    """

    code: str
    payouts: int
    example: Payout


class ChannelQueue(NamedTuple):
    """What waits for a channel's calls, of campaigns that may send.

    Attributes:
        merchant: the payer's own number of its merchant.
        rail: the way in which it pays.
        waiting: payouts to be sent, for the first time or again, now or later.
        due_since: when the first call that has not begun was due; None if none is due.
        delay: how long ago that is, in microseconds; 0 if none is due.
    """

    merchant: str
    rail: str
    waiting: int
    due_since: Instant | None
    delay: Instant


class Span(Enum):
    """What figures are taken together by."""

    HOUR = (1, 0)
    DAY = (24, 8)
    """Beijing's, which begins eight hours before that of UTC."""


def figures(
    connection: Connection,
    span: Span,
    *,
    since: Instant,
    until: Instant,
    campaign: str | None,
    merchant: str | None,
) -> list[Figures]:
    """What became known, by the hour or day; where nothing did, there are none."""
    where = [HOURLY.c.hour >= -(-since // HOUR), HOURLY.c.hour < -(-until // HOUR)]
    campaigns = allowed(connection, campaign=campaign, merchant=merchant)
    if campaigns is not None:
        where.append(HOURLY.c.campaign_id.in_(sorted(campaigns)))
    length, east = span.value
    part = ((HOURLY.c.hour + east) // length).label("part")
    sums = (func.sum(HOURLY.c[name]) for name in ("paid", "amount", "claimed", "refunded"))
    rows = connection.execute(select(part, *sums).where(*where).group_by(part).order_by(part))
    return [
        Figures((int(number) * length - east) * HOUR, *map(int, sums)) for number, *sums in rows
    ]


def codes(connection: Connection, *, campaign: str | None, merchant: str | None) -> list[CodeCount]:
    """How many payouts have which code now, the most frequent first, each with an example."""
    campaigns = allowed(connection, campaign=campaign, merchant=merchant)
    of = true() if campaigns is None else STANDING.c.campaign_id.in_(sorted(campaigns))
    last = func.max(STANDING.c.campaign_id)
    counted = connection.execute(
        select(STANDING.c.code, func.count(), last)
        .where(STANDING.c.code.is_not(None), of)
        .group_by(STANDING.c.code)
        .order_by(func.count().desc(), STANDING.c.code)
        .limit(_CODES_MAX)
    ).all()
    return [
        CodeCount(code, count, _example(connection, code, campaign_id))
        for code, count, campaign_id in counted
    ]


def _example(connection: Connection, code: str, campaign_id: int) -> Payout:
    last = (
        select(STANDING.c.payout_id)
        .where(STANDING.c.campaign_id == campaign_id, STANDING.c.code == code)
        .order_by(STANDING.c.row.desc())
        .limit(1)
    )
    return _payout(connection, connection.scalars(last).one())


def _payout(connection: Connection, number: int) -> Payout:
    query = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id == number)
    return payout_of(connection.execute(query).one())


def unknown(connection: Connection, *, now: Instant, limit: int) -> list[Payout]:
    """Payouts of which it is not known whether they are paid, the one that was sent first first.

    Those that workers are sending at this moment are not meant.
    """
    begun, number = STANDING.c.first_call_at, STANDING.c.payout_id
    known = select(begun, number).where(text(f"({UNKNOWN})")).order_by(begun).limit(limit)
    # Workers that died have left them; nobody has come for them yet.
    campaigns = connection.scalars(select(CAMPAIGN.c.id).where(CAMPAIGN.c.open)).all()
    left = (
        select(begun, number)
        .where(STANDING.c.campaign_id.in_(campaigns), STANDING.c.due_at <= now, *IN_A_CALL)
        .order_by(begun)
        .limit(limit)
    )
    found = [tuple(row) for query in (known, left) for row in connection.execute(query)]
    found += _left_together(connection, campaigns, now, limit)
    numbers = [it for _, it in sorted(found)[:limit]]
    query = select(*COLUMNS).select_from(BOOKED).where(PAYOUT.c.id.in_(numbers))
    read = {row[0]: payout_of(row) for row in connection.execute(query)}
    return [read[it] for it in numbers]


def _left_together(
    connection: Connection, campaigns: Sequence[int], now: Instant, limit: int
) -> list[tuple[Instant, int]]:
    """When the first of the calls began that died together, and their payouts."""
    ended = (CALL_RANGE.c.campaign_id.in_(campaigns), CALL_RANGE.c.due_at <= now)
    oldest = select(CALL_RANGE).where(*ended).order_by(CALL_RANGE.c.at, CALL_RANGE.c.id)
    of = PAYOUT.outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id)
    found: list[tuple[Instant, int]] = []
    for some in connection.execute(oldest.limit(limit)).all():
        rows = (
            select(PAYOUT.c.id)
            .select_from(of)
            .where(
                PAYOUT.c.campaign_id == some.campaign_id,
                PAYOUT.c.row.between(some.first, some.last),
                HAS_NO_STANDING,
            )
            .order_by(PAYOUT.c.row)
            .limit(limit - len(found))
        )
        found += [(some.at, it) for it in connection.scalars(rows)]
        if len(found) >= limit:
            break
    return found


def queues(connection: Connection, *, now: Instant) -> list[ChannelQueue]:
    """What waits for each channel's calls, by the numbers of the merchants."""
    waiting = (
        select(func.coalesce(func.sum(TALLY.c.payouts), 0))
        .where(TALLY.c.campaign_id == CAMPAIGN.c.id, TALLY.c.state == State.WAITING.value)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(CAMPAIGN.c.id, MERCHANT.c.number, CHANNEL.c.rail, waiting)
        .join(CHANNEL, CHANNEL.c.id == CAMPAIGN.c.channel_id)
        .join(MERCHANT, MERCHANT.c.id == CHANNEL.c.merchant_id)
        .where(CAMPAIGN.c.open, CAMPAIGN.c.state.in_(sorted(map(str, SENDING))))
    ).all()
    parts = [QueuePartition(campaign, task) for campaign, *_ in rows for task in Task]
    first = next_due(connection, parts, now)
    found: dict[tuple[str, str], list[int]] = {}
    due: dict[tuple[str, str], Instant] = {}
    for campaign, *payer, count in rows:
        channel = payer[0], payer[1]
        found.setdefault(channel, []).append(int(count))
        for task in Task:
            at = first.get(QueuePartition(campaign, task))
            if at is not None and at <= now:
                due[channel] = min(at, due.get(channel, at))
    return [
        ChannelQueue(*channel, sum(counts), due.get(channel), now - due.get(channel, now))
        for channel, counts in sorted(found.items())
    ]
