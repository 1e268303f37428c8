"""What others may see of a worker while it works: counts, never a payout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.ledger.model.event import EventKind


class Progress(NamedTuple):
    """Where a worker stands.

    Attributes:
        claimed: payouts that it has claimed, ever.
        in_flight: those of them whose call has not ended.
        unrecorded: those whose result is not in the books yet.
        recorded: results in the books, by what happened.
        late: results that came when the lease was over; the books take none of those.
        rejected: results that the books refused, which only a bug can bring.
        idle_seconds: for so long nothing is due of its merchants, and nothing is on its way;
            infinite if nothing is waiting at all. None while there is something to do, or it is not
            known yet.
        trouble: what the database said, as long as it fails.
    """

    claimed: int
    in_flight: int
    unrecorded: int
    recorded: Mapping[EventKind, int]
    late: int
    rejected: int
    idle_seconds: float | None
    trouble: str | None


Watcher: TypeAlias = Callable[[Progress], None]
"""Called with each claim and each record, in the worker's event loop; it must be quick."""
