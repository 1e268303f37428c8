"""Checks by the rows of campaigns and channels that workers would look at them in time. Pure.

A channel's slots, turns and days are in no history, unlike its settings. They are checked for
values that would keep payouts from being sent, or let more be sent than the limits allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hongbao import beijing
from hongbao.english import counted
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model import rate_limit
from hongbao.ledger.model.campaign import GROWING, SENDING, CampaignState
from hongbao.ledger.model.payout import Task
from hongbao.ledger.queue.due import QueuePartition
from hongbao.ledger.store.schema import NEVER
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Row

    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.ledger.model.payout import Instant

SLACK: Instant = beijing.DAY + beijing.DAY // 24
"""The longest that sending hours and daily limits make a channel wait."""

_LIMITS = ("day_amount_max", "user_day_count_max", "user_day_amount_max")


def partitions_of(campaigns: Iterable[Row[Any]]) -> list[QueuePartition]:
    """The partitions in which payouts of these campaigns may be due."""
    return [QueuePartition(campaign.id, task) for campaign in campaigns for task in Task]


def campaign_problem(campaign: Row[Any], due: Mapping[QueuePartition, Instant]) -> str | None:
    """What is wrong if workers do not look at a campaign exactly while something may be due."""
    state = CampaignState(campaign.state)
    if not 0 <= campaign.begun <= campaign.rows:
        return say(
            "it has begun with {begun} of {rows} rows", begun=campaign.begun, rows=campaign.rows
        )
    if state in GROWING:
        return say("nobody approved it, but workers look at it") if campaign.open else None
    if campaign.open:
        return None  # the next claim closes it if nothing is left
    # An interrupted cancelling may leave payouts that were never sent and never will be.
    tasks = (Task.QUERY, Task.LOOK) if state is CampaignState.CANCELLED else tuple(Task)
    if any(QueuePartition(campaign.id, task) in due for task in tasks):
        return say("payouts in it are due, but no worker looks at it")
    return None


def workable(
    channel: Row[Any], campaigns: Iterable[Row[Any]], due: Mapping[QueuePartition, Instant]
) -> Instant | None:
    """When a channel's first payout is due on which a worker may act."""
    found = []
    for campaign in campaigns:
        if campaign.channel_id != channel.id or not campaign.open:
            continue
        sends = campaign.state in SENDING and channel.stop_code is None
        tasks = tuple(Task) if sends else (Task.QUERY, Task.LOOK)
        found += [
            due[partition]
            for task in tasks
            if (partition := QueuePartition(campaign.id, task)) in due
        ]
    return min(found, default=None)


def channel_problems(
    channel: Row[Any], *, first_due: Instant | None, calls: int, day: int, now: Instant
) -> Iterator[Problem]:
    """What is wrong with a channel's row.

    Args:
        channel: its row.
        first_due: see ``workable``.
        calls: how many calls were made with the current numbers of its payouts.
        day: the latest Beijing day on which one of its payouts was sent.
        now: the books' time.
    """
    interval = rate_limit.interval_now(
        channel.interval, channel.slowed_interval, channel.slowed_at, now
    )
    room = SLACK + (channel.burst + 1) * interval
    if channel.arrival > now + room:
        yield FindingCode.QUEUE, say("its next call is counted from {at}", at=channel.arrival)
    if first_due is not None and channel.ready_at > max(now, first_due, channel.arrival) + room:
        when = (
            say("never")
            if channel.ready_at >= NEVER
            else say("not before {at}", at=channel.ready_at)
        )
        yield (
            FindingCode.QUEUE,
            say("a payout is due at {at}, but workers look {when}", at=first_due, when=when),
        )
    if channel.turn < calls:
        yield (
            FindingCode.QUEUE,
            say(
                "{calls} were made, but only {turn} were granted",
                calls=counted(calls, "call"),
                turn=channel.turn,
            ),
        )
    # A known day is counted again when a clock comes back to it.
    if channel.last_day < day:
        yield (
            FindingCode.QUEUE,
            say(
                "payouts were sent on day {day}, but its last day is {last}",
                day=day,
                last=channel.last_day,
            ),
        )
    yield from _settings(channel)


def _settings(channel: Row[Any]) -> Iterator[Problem]:
    for name in _LIMITS:
        limit = getattr(channel, name)
        if limit is not None and limit <= 0:
            yield FindingCode.MERCHANT, say("{name} is {value}", name=name, value=limit)
    if (channel.slowed_interval is None) != (channel.slowed_at is None):
        yield FindingCode.MERCHANT, say("it was slowed down, but the time or the rate is missing")
