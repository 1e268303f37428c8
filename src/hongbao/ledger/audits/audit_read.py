"""What is kept for those who read, held against the payouts: receivers' tails, totals by hour."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import func, select

from hongbao.ledger.model.payout import PAID
from hongbao.ledger.store.payee_tails import WIDTH, tail_of
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import HOURLY, PAYEE_TAIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_CAMPAIGN, _PAYEE, _STATE, _AMOUNT, _CLAIMED, _REFUNDED = (
    PLACES[name] for name in ("campaign_id", "payee", "state", "amount", "claimed", "refunded")
)
_PAID = frozenset(map(str, PAID))
_FIGURES = ("paid", "amount", "claimed", "refunded")


class ReadTables:
    """What they should hold, by the payouts that an audit has seen."""

    def __init__(self) -> None:
        self._tails: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._paid: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, row: Sequence[Any]) -> None:
        """Count a payout; those of a campaign come in the order of their rows."""
        campaign = row[_CAMPAIGN]
        count, check = self._tails[campaign]
        self._tails[campaign] = count + 1, crc32(tail_of(row[_PAYEE]).encode(), check)
        if row[_STATE] in _PAID:
            paid = self._paid[campaign]
            paid[0] += 1
            paid[1] += row[_AMOUNT]
            paid[2] += row[_CLAIMED]
            paid[3] += row[_REFUNDED]

    def problems(self, connection: Connection) -> Iterator[tuple[int, str]]:
        """Campaigns, and what is wrong with what is kept of them, in words."""
        stored = dict(_tails(connection))
        for campaign in sorted(stored.keys() | self._tails.keys()):
            if stored.get(campaign) != self._tails.get(campaign):
                yield (
                    campaign,
                    "the tails by which receivers are found are not those of its rows",
                )
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


def _tails(connection: Connection) -> Iterator[tuple[int, tuple[int, int]]]:
    """How many tails each campaign has, and their checksum; none that is right if one is amiss."""
    rows = connection.execute(
        select(PAYEE_TAIL)
        .order_by(PAYEE_TAIL.c.campaign_id, PAYEE_TAIL.c.row)
        .execution_options(yield_per=50)
    )
    found: dict[int, tuple[int, int]] = {}
    for campaign, first, tails in rows:
        count, check = found.get(campaign, (0, 0))
        follows = first == count + 1 and len(tails) % WIDTH == 0 and tails
        found[campaign] = (
            (count + len(tails) // WIDTH, crc32(tails.encode(), check)) if follows else (-1, 0)
        )
    yield from found.items()
