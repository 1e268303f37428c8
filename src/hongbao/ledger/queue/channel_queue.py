"""One channel's queue while a claim holds its row: what may be done, and when there is more."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao import beijing
from hongbao.ledger.model import rate_limit, weighted_round_robin
from hongbao.ledger.model.campaign import GROWING, SENDING, CampaignState
from hongbao.ledger.model.payout import SECOND, TAKING_BACK, State, Task
from hongbao.ledger.queue import daily_limits, first_calls
from hongbao.ledger.queue.due import FRESH_WIDTH, QueuePartition, in_order
from hongbao.ledger.store.clock import AHEAD_MAX
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import NEVER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Row

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.queue.due import Due, Fresh
    from hongbao.ledger.queue.first_calls import Extent

_ID, _CAMPAIGN, _STATE, _TASK, _CALLS, _CODE, _RESEND_UNTIL, _FIRST_CALL_AT = (
    PLACES[name]
    for name in (
        "id", "campaign_id", "state", "task", "calls", "code", "resend_until", "first_call_at",
    )
)  # fmt: skip
_AS_DUE = itemgetter(PLACES["due_at"], PLACES["id"])
_CANCELLED_LOOK = 60 * SECOND  # as long as a cancelling that was broken off leaves payouts behind


class ChosenCalls(NamedTuple):
    """What is to be done of one channel's payouts.

    Attributes:
        calls: tasks, rows of ``Due`` and slots.
        first: of the rows to send those that have no standing, submission by submission.
        put_off: rows with a standing that must not be sent today.
        first_put_off: those that have none.
    """

    calls: list[tuple[Task, Sequence[Any], Instant]]
    first: list[Fresh]
    put_off: list[Sequence[Any]]
    first_put_off: list[Fresh]


class Queue:
    """The queue of one channel.

    Args:
        channel: its locked row.
        now: the books' time.
        horizon: how far ahead slots are taken, in microseconds.
        wanted: how many payouts the claim still has room for.

    Attributes:
        channel: its row as it was read.
        most: how many of the wanted calls it may have now.
        arrival: see ``rate_limit``.
        turn: how many turns it has had; after ``choose`` this includes the chosen ones.
        day: the Beijing day that counts.
        day_amount: the sum of the payouts that were begun on that day.
        campaigns: its open campaigns and their states.
        extents: how far these are.
        begun: after ``choose``, how far those are of which that has changed.
    """

    def __init__(self, channel: Row[Any], now: Instant, *, horizon: int, wanted: int) -> None:
        self.channel = channel
        self.turn: int = channel.turn
        self.day = daily_limits.day_of(channel, now)
        self.day_amount = daily_limits.begun(channel, (), day=self.day)
        self.campaigns: dict[int, CampaignState] = {}
        self.extents: dict[int, Extent] = {}
        self.begun: dict[int, int] = {}
        self._now = now
        self._horizon = horizon
        self._interval = rate_limit.interval_now(
            channel.interval, channel.slowed_interval, channel.slowed_at, now
        )
        self._sends_from = (
            beijing.next_open(now, channel.opens, channel.closes)
            if channel.stop_code is None
            else NEVER
        )
        taken = self._take(wanted)
        # Without a slot it stays as it was, unless a wrong clock set it: that must not stay.
        self.arrival: Instant = taken.arrival
        self.most = len(taken.slots)
        self._next_slot = taken.next_at
        # Whether slots, or the claim, ran out before the payouts did.
        self._short = not self.most

    def partitions(self) -> list[QueuePartition]:
        """The parts of the queue whose payouts may be worked on now."""
        return [
            QueuePartition(campaign, task)
            for campaign, state in self.campaigns.items()
            for task in Task
            if state is CampaignState.CANCELLED or self._from(state, task) <= self._now
        ]

    def choose(self, due: Due, users: daily_limits.Given, *, room: int) -> ChosenCalls:
        """Choose among the due payouts.

        Args:
            due: the payouts of ``partitions``.
            users: what their receivers got on ``day``, if the channel limits that.
            room: how many payouts the claim still has room for.
        """
        asked = self.partitions()  # before the day's money is spent
        tasks = self._by_task(due)
        sends = daily_limits.sort(self.channel, tasks[Task.SEND], users, day=self.day)
        tasks[Task.SEND] = sends.sendable
        if sends.spent:
            self._sends_from = beijing.tomorrow(self._now)
        found = weighted_round_robin.choose(self.turn, min(self.most, room), tasks)
        chosen, slots, over = self._within(found)
        self._short = len(chosen) < len(found) or len(chosen) == min(self.most, room)
        self._next_slot += over
        self.arrival += over
        self.turn += len(chosen)
        sent = [row for task, row in chosen if task is Task.SEND]
        self.day_amount = daily_limits.begun(self.channel, sent, day=self.day)
        ids, off = ({row[_ID] for row in rows} for rows in (sent, sends.put_off))
        looked = {it.campaign_id for it in asked if it.task is Task.SEND}
        self.begun = first_calls.begun(
            {campaign: self.extents[campaign] for campaign in looked},
            due.fresh, ids | off, most=self.most,
        )  # fmt: skip
        return ChosenCalls(
            [(task, row, slot) for (task, row), slot in zip(chosen, slots, strict=True)],
            _those(due.fresh, ids),
            [row for row in sends.put_off if len(row) > FRESH_WIDTH],
            _those(due.fresh, off),
        )

    def partitions_ahead(self) -> list[QueuePartition]:
        """The parts whose next due payout says when to look again; none if the next slot does."""
        if self._short:
            return []
        return [QueuePartition(campaign, task) for campaign in self.campaigns for task in Task]

    def ready_at(self, ahead: Mapping[QueuePartition, Instant]) -> Instant:
        """When there is more to do.

        Args:
            ahead: when the first payout of each partition is due, with ``partitions_ahead``.
        """
        # Early enough to take the following slots before the next one comes.
        slot = max(self._now, self._next_slot - self._horizon // 2)
        if self._short:
            return slot
        due = (
            max(ahead[partition], self._from(self.campaigns[partition.campaign_id], partition.task))
            for partition in self.partitions_ahead()
            if partition in ahead
        )
        return min(max(slot, min(due, default=NEVER)), NEVER)

    def finished(self, ahead: Mapping[QueuePartition, Instant]) -> list[int]:
        """The campaigns that can be closed, because nothing in them is due, now or later.

        Args:
            ahead: see ``ready_at``.
        """
        if self._short:
            return []
        busy = {
            partition.campaign_id for partition in self.partitions_ahead() if partition in ahead
        }
        return [
            campaign
            for campaign, state in self.campaigns.items()
            if campaign not in busy and state not in GROWING
        ]

    def _within(
        self, found: list[tuple[Task, Sequence[Any]]]
    ) -> tuple[list[tuple[Task, Sequence[Any]]], list[Instant], int]:
        """Those for which there are slots, these, and for how long the last one takes more.

        A cancel takes as long as some other calls.
        """
        starts, total = [], 0
        for task, _ in found:
            if total >= self.most:
                break
            starts.append(total)
            cancel = task is Task.CANCEL
            total += rate_limit.slots_of_cancel(self._interval) if cancel else 1
        taken = self._take(min(total, self.most))
        self._next_slot, self.arrival = taken.next_at, taken.arrival
        over = max(0, total - self.most) * self._interval
        return found[: len(starts)], [taken.slots[start] for start in starts], over

    def _take(self, wanted: int) -> rate_limit.GrantedSlots:
        return rate_limit.take_slots(
            self.channel.arrival,
            self._now,
            interval=self._interval,
            burst=self.channel.burst,
            wanted=wanted,
            horizon=self._horizon,
        )

    def _from(self, state: CampaignState, task: Task) -> Instant:
        """From when on a task of a campaign may be done."""
        if task is not Task.SEND:
            return self._now
        if state is CampaignState.CANCELLED:
            return self._now + _CANCELLED_LOOK
        return self._sends_from if state in SENDING else NEVER

    def _by_task(self, found: Due) -> dict[Task, list[Sequence[Any]]]:
        due: dict[Task, list[Sequence[Any]]] = {task: [] for task in Task}
        for row in found.standing:
            task = row[_TASK]
            if task == Task.SEND and self.campaigns[row[_CAMPAIGN]] is CampaignState.CANCELLED:
                # Nothing is sent any more. Payouts that were sent are still queried; cancelling
                # withdraws the others.
                if not row[_CALLS]:
                    continue
                task = Task.QUERY
            # It may be sent again without a query until then. If it is late, or if that time comes
            # from a clock that was ahead, it is queried first.
            if task == Task.SEND and row[_CALLS] and self._is_over(row):
                task = Task.QUERY
            # A send that was in doubt when its campaign was cancelled may have locked its money.
            if task == Task.LOOK and self._is_left_open(row):
                task = Task.CANCEL
            due[task].append(row)
        for task in set(Task) - {Task.SEND}:
            due[task].sort(key=_AS_DUE)
        fresh = (
            it
            for it in found.fresh
            if self.campaigns[it.campaign_id] is not CampaignState.CANCELLED
        )
        due[Task.SEND] = in_order(due[Task.SEND], fresh)
        return due

    def _is_left_open(self, row: Sequence[Any]) -> bool:
        cancelled = self.campaigns[row[_CAMPAIGN]] is CampaignState.CANCELLED
        return cancelled and row[_STATE] == State.AWAITING_USER and row[_CODE] != TAKING_BACK

    def _is_over(self, row: Sequence[Any]) -> bool:
        until: Instant | None = row[_RESEND_UNTIL]
        called_at: Instant = row[_FIRST_CALL_AT]
        return until is not None and (until <= self._now or called_at > self._now + AHEAD_MAX)


def _those(fresh: Iterable[Fresh], ids: Collection[int]) -> list[Fresh]:
    """As much of it as is one of these payouts."""
    if not ids:
        return []
    parts = ((it, [row for row in it.rows if row[_ID] in ids]) for it in fresh)
    return [it._replace(rows=rows) for it, rows in parts if rows]
