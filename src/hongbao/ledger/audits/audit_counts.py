"""Counts all payouts by where they stand, as the database adds them up in one go.

A payout without a standing waits, or its first call is under way: that depends on the ranges of
first calls, and on how far its campaign has begun.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, case, func, select

from hongbao.ledger.audits.audit_ranges import RangeWalk
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.database import driver_rows
from hongbao.ledger.store.schema import CAMPAIGN, PAYOUT, STANDING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from hongbao.ledger.audits.audit_report import Problem
    from hongbao.money import Fen

_GIVEN_UP = frozenset({str(State.REFUSED), str(State.CANCELLED)})
_WAITING, _IN_DOUBT = str(State.WAITING), str(State.IN_DOUBT)
_ITS_CAMPAIGN = and_(
    CAMPAIGN.c.id == PAYOUT.c.campaign_id, CAMPAIGN.c.merchant_id == PAYOUT.c.merchant_id
)
_ALL = (
    select(PAYOUT.c.campaign_id, func.count(), func.sum(PAYOUT.c.amount))
    .join(CAMPAIGN, _ITS_CAMPAIGN)
    .group_by(PAYOUT.c.campaign_id)
)
_CALLED_ON = case((STANDING.c.calls > 0, STANDING.c.day))
_STANDING = (
    select(
        PAYOUT.c.campaign_id,
        STANDING.c.state,
        _CALLED_ON,
        func.count(),
        func.sum(PAYOUT.c.amount),
        func.sum(STANDING.c.claimed),
        func.sum(STANDING.c.refunded),
        func.sum(STANDING.c.calls),
    )
    .select_from(STANDING.join(PAYOUT, PAYOUT.c.id == STANDING.c.payout_id))
    .join(CAMPAIGN, _ITS_CAMPAIGN)
    .group_by(PAYOUT.c.campaign_id, STANDING.c.state, _CALLED_ON)
)


class PayoutCounts(NamedTuple):
    """What all payouts come to; sums leave out those that belong to no campaign of their merchant.

    Attributes:
        payouts: how many there are.
        by_state: payouts, fen, fen claimed and fen returned, by campaign and state.
        calls: how many calls were made with the current numbers of payouts, by merchant.
        last_days: the latest Beijing day on which a payout was sent, by merchant.
        begun: fen that were sent on each merchant's current day, and not given up since.
        unstored: how many events payouts without a standing have.
        problems: campaigns, and what is wrong with their ranges of first calls.
    """

    payouts: int
    by_state: Mapping[tuple[int, str], list[int]]
    calls: Mapping[int, int]
    last_days: Mapping[int, int]
    begun: Mapping[int, Fen]
    unstored: int
    problems: list[tuple[int, Problem]]


def count_payouts(
    connection: Connection,
    campaigns: Mapping[int, Row[Any]],
    today: Mapping[int, int],
    walk: RangeWalk,
) -> PayoutCounts:
    """Count them.

    Args:
        connection: the audit's.
        campaigns: all of them, by their numbers in the books.
        today: the current Beijing day of each merchant.
        walk: the walk through the ranges of first calls.
    """
    by_state: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * 4)
    calls: defaultdict[int, int] = defaultdict(int)
    last_days: defaultdict[int, int] = defaultdict(int)
    begun: defaultdict[int, int] = defaultdict(int)

    def count(campaign: int, state: str, day: int | None, figures: list[int], made: int) -> None:
        merchant, sums = campaigns[campaign].merchant_id, by_state[campaign, state]
        by_state[campaign, state] = [one + other for one, other in zip(sums, figures, strict=True)]
        calls[merchant] += made
        if day is not None:
            last_days[merchant] = max(last_days[merchant], day)
            if day == today.get(merchant) and state not in _GIVEN_UP:
                begun[merchant] += figures[1]

    left = {campaign: [*map(int, sums)] for campaign, *sums in driver_rows(connection, _ALL)}
    for campaign, state, day, *found in driver_rows(connection, _STANDING):
        *figures, made = map(int, found)
        count(campaign, state, day, figures, made)
        left[campaign][0] -= figures[0]
        left[campaign][1] -= figures[1]
    problems = list(walk.problems(connection))
    unstored = 0
    for it in walk.open:
        count(it.campaign, _IN_DOUBT, it.day, [it.payouts, it.amount, 0, 0], it.payouts)
        left[it.campaign][0] -= it.payouts
        left[it.campaign][1] -= it.amount
        unstored += 2 * it.payouts
    for campaign, (payouts, amount) in left.items():
        if payouts:
            count(campaign, _WAITING, None, [payouts, amount, 0, 0], 0)
            unstored += payouts
    payouts = connection.execute(select(func.count()).select_from(PAYOUT)).scalar_one()
    return PayoutCounts(payouts, by_state, calls, last_days, begun, unstored, problems)
