"""Counts all payouts by where they stand, as the database adds them up in one go.

A payout without a standing waits, or its first call is under way: that depends on the ranges of
first calls, and on how far its campaign has begun.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from hongbao.ledger.model.payout import State
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit_ranges import RangeWalk
    from hongbao.money import Fen

_GIVEN_UP = frozenset({str(State.REFUSED), str(State.CANCELLED)})
_WAITING, _IN_DOUBT = str(State.WAITING), str(State.IN_DOUBT)
_CALLED_ON = case((STANDING.c.calls > 0, STANDING.c.day))
_COUNT = select(func.count()).select_from(PAYOUT)
_SUMS = (
    select(
        PAYOUT.c.campaign_id,
        STANDING.c.state,
        _CALLED_ON,
        func.count(),
        func.sum(PAYOUT.c.amount),
        *(
            func.coalesce(func.sum(STANDING.c[name]), 0)
            for name in ("claimed", "refunded", "calls")
        ),
    )
    .select_from(PAYOUT.outerjoin(STANDING, STANDING.c.payout_id == PAYOUT.c.id))
    .join(CAMPAIGN, CAMPAIGN.c.id == PAYOUT.c.campaign_id)
    .join(
        CHANNEL,
        (CHANNEL.c.id == CAMPAIGN.c.channel_id) & (CHANNEL.c.merchant_id == PAYOUT.c.merchant_id),
    )
    .group_by(PAYOUT.c.campaign_id, STANDING.c.state, _CALLED_ON)
)


class PayoutCounts:
    """What all payouts come to; sums leave out those that belong to no campaign of their merchant.

    Args:
        connection: the audit's.
        campaigns: all of them, by their numbers in the books.
        today: the current Beijing day of each channel.
        walk: the walk through the ranges of first calls.

    Attributes:
        payouts: how many there are.
        by_state: payouts, fen, fen claimed and fen returned, by campaign and state.
        calls: how many calls were made with the current numbers of payouts, by channel.
        last_days: the latest Beijing day on which a payout was sent, by channel.
        begun: fen that were sent on each channel's current day, and not given up since.
        unstored: how many events payouts without a standing have.
        problems: campaigns, and what is wrong with their ranges of first calls.
    """

    def __init__(
        self,
        connection: Connection,
        campaigns: Mapping[int, Row[Any]],
        today: Mapping[int, int],
        walk: RangeWalk,
    ) -> None:
        self.payouts: int = connection.execute(_COUNT).scalar_one()
        self.by_state: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * 4)
        self.calls: defaultdict[int, int] = defaultdict(int)
        self.last_days: defaultdict[int, int] = defaultdict(int)
        self.begun: defaultdict[int, Fen] = defaultdict(int)
        self.unstored = 0
        self._channels = {it.id: it.channel_id for it in campaigns.values()}
        self._today = today
        waiting: dict[int, tuple[int, Fen]] = {}
        for campaign, state, day, *found in driver_rows(connection, _SUMS):
            *figures, calls = map(int, found)
            if state is None:
                waiting[campaign] = figures[0], figures[1]
            else:
                self._add(campaign, state, day, figures, calls)
        self.problems = list(walk.problems(connection))
        for it in walk.open:
            self._add(it.campaign, _IN_DOUBT, it.day, [it.payouts, it.amount, 0, 0], it.payouts)
            payouts, amount = waiting[it.campaign]
            waiting[it.campaign] = payouts - it.payouts, amount - it.amount
            self.unstored += 2 * it.payouts
        for campaign, (payouts, amount) in waiting.items():
            if payouts:
                self._add(campaign, _WAITING, None, [payouts, amount, 0, 0], 0)
                self.unstored += payouts

    def _add(
        self, campaign: int, state: str, day: int | None, figures: list[int], calls: int
    ) -> None:
        channel, sums = self._channels[campaign], self.by_state[campaign, state]
        sums[:] = [one + other for one, other in zip(sums, figures, strict=True)]
        self.calls[channel] += calls
        if day is not None:
            self.last_days[channel] = max(self.last_days[channel], day)
            if day == self._today.get(channel) and state not in _GIVEN_UP:
                self.begun[channel] += figures[1]
