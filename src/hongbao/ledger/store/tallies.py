"""Running totals of a campaign, so that one of a million payouts is looked at in a blink.

Each worker adds to a shard of its own, so that nobody waits for another's commit. The figures of
one shard may be below zero; only their sum over all shards means something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from hongbao.beijing import MINUTE
from hongbao.ledger.store import bulk
from hongbao.ledger.store.schema import CAUSE, HOURLY, TALLY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.money import Fen

SHARDS = 16
HOUR = 60 * MINUTE


class Tallies:
    """What one transaction changes in the totals; ``write`` is its last statement.

    Args:
        actor: a worker or a person: it says which shard.
    """

    def __init__(self, actor: str) -> None:
        self._shard = crc32(actor.encode()) % SHARDS
        self._totals: dict[tuple[int, str], list[int]] = {}
        self._moves: dict[tuple[int, str, str], list[int]] = {}
        self._causes: dict[tuple[int, str], int] = {}
        self._hours: dict[tuple[int, int], list[int]] = {}

    def add(
        self,
        campaign_id: int,
        state: str,
        amount: Fen,
        claimed: Fen = 0,
        refunded: Fen = 0,
        *,
        payouts: int = 1,
    ) -> None:
        """Count payouts in a state; less than none of them to take them out of it."""
        total = self._totals.get((campaign_id, state))
        if total is None:
            total = self._totals[campaign_id, state] = [0, 0, 0, 0]
        total[0] += payouts
        total[1] += amount
        total[2] += claimed
        total[3] += refunded

    def move(
        self, campaign_id: int, before: str, after: str, amount: Fen, *, payouts: int = 1
    ) -> None:
        """Count payouts, of which nothing was claimed or refunded, in another state."""
        moved = self._moves.setdefault((campaign_id, before, after), [0, 0])
        moved[0] += payouts
        moved[1] += amount

    def cause(self, campaign_id: int, code: str) -> None:
        """Count a mark that a breaker judges by."""
        self._causes[campaign_id, code] = self._causes.get((campaign_id, code), 0) + 1

    def paid(self, campaign_id: int, at: Instant, amount: Fen, *, payouts: int = 1) -> None:
        """Count payouts that were found to be paid, in their hour."""
        figures = self._hour(campaign_id, at)
        figures[0] += payouts
        figures[1] += amount

    def came(self, campaign_id: int, at: Instant, claimed: Fen, refunded: Fen) -> None:
        """Count money that was found to be claimed or back, in the hour of that."""
        figures = self._hour(campaign_id, at)
        figures[2] += claimed
        figures[3] += refunded

    def _hour(self, campaign_id: int, at: Instant) -> list[int]:
        key = (at // HOUR, campaign_id)
        figures = self._hours.get(key)
        if figures is None:
            figures = self._hours[key] = [0, 0, 0, 0]
        return figures

    def write(self, connection: Connection) -> None:
        """Add it all to what the books have."""
        for (campaign, before, after), (payouts, amount) in self._moves.items():
            self.add(campaign, before, -amount, payouts=-payouts)
            self.add(campaign, after, amount, payouts=payouts)
        # In this order for everybody, and after all other locks: see ``database``.
        bulk.add(connection, TALLY, _rows(self._shard, _changed(self._totals)))
        causes = ((key, [count]) for key, count in self._causes.items())
        bulk.add(connection, CAUSE, _rows(self._shard, causes))
        bulk.add(connection, HOURLY, _rows(self._shard, self._hours.items()))


def _changed(
    totals: dict[tuple[int, str], list[int]],
) -> Iterable[tuple[tuple[int, str], list[int]]]:
    return (item for item in totals.items() if any(item[1]))


def _rows(
    shard: int, figures: Iterable[tuple[tuple[int, int | str], list[int]]]
) -> list[tuple[int | str, ...]]:
    return [(*key, shard, *counts) for key, counts in sorted(figures)]
