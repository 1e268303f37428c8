"""The totals by the hour, which are kept for those who read, held against the payouts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hongbao.ledger.model.payout import PAID
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import HOURLY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_CAMPAIGN, _STATE, _AMOUNT, _CLAIMED, _REFUNDED = (
    PLACES[name] for name in ("campaign_id", "state", "amount", "claimed", "refunded")
)
_PAID = frozenset(map(str, PAID))
_FIGURES = ("paid", "amount", "claimed", "refunded")


class HourlyTotals:
    """What they should be, by the payouts that an audit has seen."""

    def __init__(self) -> None:
        self._paid: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, row: Sequence[Any]) -> None:
        """Count a payout."""
        campaign = row[_CAMPAIGN]
        if row[_STATE] in _PAID:
            paid = self._paid[campaign]
            paid[0] += 1
            paid[1] += row[_AMOUNT]
            paid[2] += row[_CLAIMED]
            paid[3] += row[_REFUNDED]

    def problems(self, connection: Connection) -> Iterator[tuple[int, str]]:
        """Campaigns, and what is wrong with what is kept of them, in words."""
        sums = (func.sum(HOURLY.c[name]) for name in _FIGURES)
        hourly = {
            campaign: list(map(int, figures))
            for campaign, *figures in connection.execute(
                select(HOURLY.c.campaign_id, *sums).group_by(HOURLY.c.campaign_id)
            )
        }
        for campaign in sorted(hourly.keys() | self._paid.keys()):
            if hourly.get(campaign, [0] * 4) != self._paid.get(campaign, [0] * 4):
                yield campaign, "its totals by the hour are not what its payouts come to"
