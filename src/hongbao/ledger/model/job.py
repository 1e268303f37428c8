"""The jobs that a worker claims, and the books' answer to its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant, Payout, Task
    from hongbao.ledger.model.step import Stop


class Job(NamedTuple):
    """One call to make. A worker gets thousands of them per second.

    Attributes:
        payout: as it is after the claim; if it is to be sent, the call is already counted.
        channel_id: the books' number of the channel that pays it.
        task: what to do.
        at: its slot; the call must not begin earlier.
        lease_until: from then on another worker may claim it, so no call may last longer.
        hash: the hash of the payout's last event.
        submitted_at: when the payout was submitted; None unless its task is a query.
        range_id: the range of first calls that this one was begun with; None if it is in none.
        by_user: whether what a user gets in a day is limited, so that its receiver counts.
    """

    payout: Payout
    channel_id: int
    task: Task
    at: Instant
    lease_until: Instant
    hash: bytes
    submitted_at: Instant | None = None
    range_id: int | None = None
    by_user: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJobs:
    """The result of one claim.

    Attributes:
        jobs: in the order of their slots, channel by channel.
        next_at: when there may be more to claim, or when to ask again; None if nothing is waiting.
        clock_behind: by how much the clock was behind the books, in microseconds, if the claim had
            to correct times from a wrong clock; otherwise 0.
    """

    jobs: list[Job]
    next_at: Instant | None
    clock_behind: Instant = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the books did with a worker's results.

    Attributes:
        late: the payouts whose lease had ended, so that nothing was recorded for them.
        stopped: the stops that took effect. A campaign or channel that is already stopped keeps
            its first reason.
    """

    late: frozenset[int]
    stopped: tuple[Stop, ...] = ()
