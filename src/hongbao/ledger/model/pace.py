"""How often a merchant may be called: GCRA, and a rate that falls when it was too often. Pure.

GCRA (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) needs one number, the arrival: when
the next call would come if all came evenly. It stands in the merchant's row and is moved within the
claim, so that all workers on all machines share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

HORIZON_MAX = 60 * SECOND
"""Nobody may take slots further ahead."""

RECOVERY = 300 * SECOND
"""A rate that fell doubles each time that this has passed."""

LATE = SECOND // 10
"""A call leaves that much after its slot at most, unless its machine has too much to do: the claim
has to be committed, and the loop has to come to it."""

_SLOWEST = SECOND
_STEADY = 2 * SECOND
# A merchant without a limit has no rate that could be halved: as if it had been 60 a second.
_UNLIMITED = SECOND // 60


class Taken(NamedTuple):
    """What was granted.

    Attributes:
        slots: when each call may begin.
        arrival: what the merchant's row must hold from now on.
        next_at: when the next slot is.
    """

    slots: list[Instant]
    arrival: Instant
    next_at: Instant


def take(
    arrival: Instant, now: Instant, *, interval: int, burst: int, wanted: int, horizon: int
) -> Taken:
    """Take up to ``wanted`` slots, all now or before ``horizon`` has passed.

    Of the calls of all takings that hand on the arrival, no stretch of time ``t`` holds more than
    ``t / interval + burst``: the slots are so apart that this holds if each call leaves up to
    ``LATE`` after its slot, as far as the burst has room for that. The first slots of a greater
    ``wanted`` are those of a lesser one.

    Args:
        arrival: as the last taking left it.
        now: the books' time.
        interval: microseconds from call to call; 0 for any number of calls.
        burst: how many more than the interval says may come after a pause, at least 1.
        wanted: how many at most.
        horizon: in microseconds, at most ``HORIZON_MAX``.
    """
    if not interval:
        return Taken([now] * wanted, arrival, now)
    early = max(0, (burst - 1) * interval - LATE)
    # Further ahead than anybody takes: a clock was wrong, and has been set right.
    arrival = min(arrival, now + HORIZON_MAX + early + interval)
    slots: list[Instant] = []
    at = max(now, arrival - early)
    end = now + max(horizon, 1)
    while len(slots) < wanted and at < end:
        slots.append(at)
        arrival = max(arrival, at) + interval
        at = max(now, arrival - early)
    return Taken(slots, arrival, at)


def interval_now(
    interval: int, slowed_interval: int | None, slowed_at: Instant | None, now: Instant
) -> int:
    """The interval that holds now, if it was slowed at ``slowed_at``; 0 for any number of calls."""
    if slowed_interval is None or slowed_at is None:
        return interval
    return max(interval, slowed_interval >> max(0, (now - slowed_at) // RECOVERY))


def slower(
    interval: int, slowed_interval: int | None, slowed_at: Instant | None, now: Instant
) -> int | None:
    """The slowed interval after the payer said that it was called too often.

    Half the rate, but once a second at least, unless it never was that often.

    Returns:
        None if it was slowed just now: many calls were under way, and all of them say so.
    """
    if slowed_at is not None and 0 <= now - slowed_at < _STEADY:
        return None
    present = interval_now(interval, slowed_interval, slowed_at, now)
    return min(2 * (present or _UNLIMITED), max(_SLOWEST, interval))
