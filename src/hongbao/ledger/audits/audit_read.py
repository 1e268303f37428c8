"""What is kept for those who read, held against the payouts: receivers' tails, totals by hour."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import func, select

from hongbao.ledger.model.payout import PAID
from hongbao.ledger.store.payee_tails import entry
from hongbao.ledger.store.rows import PLACES
from hongbao.ledger.store.schema import HOURLY, PAYEE_TAIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

_CAMPAIGN, _ROW, _PAYEE, _STATE, _AMOUNT, _CLAIMED, _REFUNDED = (
    PLACES[name]
    for name in ("campaign_id", "row", "payee", "state", "amount", "claimed", "refunded")
)
_PAID = frozenset(map(str, PAID))
_FIGURES = ("paid", "amount", "claimed", "refunded")


class ReadTables:
    """What they should hold, by the payouts that an audit has seen."""

    def __init__(self) -> None:
        self._tails: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        self._paid: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, row: Sequence[Any]) -> None:
        """Count a payout; those of a campaign come in the order of their rows."""
        campaign = row[_CAMPAIGN]
        bucket, block, text = entry(row[_ROW], row[_PAYEE])
        line = bucket, campaign, block
        self._tails[line] = crc32(text.encode(), self._tails[line])
        if row[_STATE] in _PAID:
            paid = self._paid[campaign]
            paid[0] += 1
            paid[1] += row[_AMOUNT]
            paid[2] += row[_CLAIMED]
            paid[3] += row[_REFUNDED]

    def problems(self, connection: Connection) -> Iterator[tuple[int, str]]:
        """Campaigns, and what is wrong with what is kept of them, in words."""
        for campaign in sorted(self._wrong_tails(connection)):
            yield campaign, "the tails by which receivers are found are not those of its rows"
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

    def _wrong_tails(self, connection: Connection) -> set[int]:
        """The campaigns of which the table has others, or not all."""
        wrong = set()
        stored = connection.execute(select(PAYEE_TAIL).execution_options(yield_per=1_000))
        for bucket, campaign, block, tails in stored:
            if self._tails.pop((bucket, campaign, block), None) != crc32(tails.encode()):
                wrong.add(campaign)
        return wrong | {campaign for _, campaign, _ in self._tails}
