"""What a worker claims, and what the books say to what it brings back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout, Task
    from hongbao.ledger.model.step import Stop


class Job(NamedTuple):
    """One call to make. A worker gets thousands of them a second.

    Attributes:
        payout: as it stands now that it is claimed: one to send counts this call already.
        task: what to do.
        at: its slot; no call begins earlier.
        lease_until: from then on another worker may have it, so no call may last longer.
        hash: of the payout's last event.
        submitted_at: when the payout was put into the books; None unless its task is a query.
    """

    payout: Payout
    task: Task
    at: Instant
    lease_until: Instant
    hash: bytes
    submitted_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJobs:
    """What one claim brought.

    Attributes:
        jobs: in the order of their slots, merchant by merchant.
        next_at: when there may be more to claim, or when it is worth asking again; None if nothing
            is waiting at all.
        clock_behind: by how much the clock was behind the books, in microseconds, where this has
            brought forward what waited for a time that a wrong clock had said; else 0.
    """

    jobs: list[Job]
    next_at: Instant | None
    clock_behind: Instant = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of results.

    Attributes:
        late: the payouts whose lease was gone, so that nothing was recorded for them.
        stopped: what has stopped a campaign or a merchant now. A reason that comes while an earlier
            one stands changes nothing.
    """

    late: frozenset[int]
    stopped: tuple[Stop, ...] = ()
