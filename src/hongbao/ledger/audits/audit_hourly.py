"""The totals by the hour, which are kept for those who read, held against the payouts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hongbao.ledger.model.payout import PAID
from hongbao.ledger.store.schema import HOURLY
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

_PAID = frozenset(map(str, PAID))
_FIGURES = ("paid", "amount", "claimed", "refunded")
_NOTHING = [0] * 4


def hourly_problems(
    connection: Connection, by_state: Mapping[tuple[int, str], Sequence[int]]
) -> Iterator[tuple[int, str]]:
    """Campaigns, and what is wrong with their totals by the hour, in words.

    Args:
        connection: the audit's.
        by_state: what the payouts of each campaign come to in each state: how many, fen, fen
            claimed and fen returned.
    """
    paid: defaultdict[int, list[int]] = defaultdict(lambda: _NOTHING)
    for (campaign, state), figures in by_state.items():
        if state in _PAID:
            paid[campaign] = [*map(sum, zip(paid[campaign], figures, strict=True))]
    sums = (func.sum(HOURLY.c[name]) for name in _FIGURES)
    query = select(HOURLY.c.campaign_id, *sums).group_by(HOURLY.c.campaign_id)
    hourly = {campaign: [*map(int, figures)] for campaign, *figures in connection.execute(query)}
    for campaign in sorted(hourly.keys() | paid.keys()):
        if hourly.get(campaign, _NOTHING) != paid[campaign]:
            yield campaign, say("its totals by the hour are not what its payouts come to")
