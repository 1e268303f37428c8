"""Limits how often a channel is called: GCRA, with a rate that falls after too many calls. Pure.

GCRA (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm) needs one number, the arrival: when
the next call would come if all came evenly. It is in the channel's row and is moved within the
claim, so that all workers on all machines share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

HORIZON_MAX = 60 * SECOND
"""Slots cannot be taken further ahead."""

RECOVERY = 300 * SECOND
"""A rate that has fallen doubles after each such period."""

LATE = SECOND // 10
"""The longest delay of a call after its slot, unless its machine is overloaded: the claim has to be
committed, and the event loop has to get to it."""

CANCEL_INTERVAL = SECOND // 20
"""A payer takes fewer cancels than other calls: at most 20 a second."""

_SLOWEST = SECOND
_STEADY = 2 * SECOND
# A channel without a limit has no rate to halve, so it is treated as if it had been 60 per second.
_UNLIMITED = SECOND // 60


class GrantedSlots(NamedTuple):
    """The slots that were granted.

    Attributes:
        slots: when each call may begin.
        arrival: the new arrival for the channel's row.
        next_at: when the next slot is.
    """

    slots: list[Instant]
    arrival: Instant
    next_at: Instant


def take_slots(
    arrival: Instant, now: Instant, *, interval: int, burst: int, wanted: int, horizon: int
) -> GrantedSlots:
    """Take up to ``wanted`` slots, all now or before ``horizon`` has passed.

    As long as each call passes on the arrival, no period ``t`` has more than
    ``t / interval + burst`` calls. The slots are spaced so that this holds even if each call leaves
    up to ``LATE`` after its slot, as far as the burst has room for that. A larger ``wanted`` gives
    the same first slots as a smaller one.

    Args:
        arrival: as the last call left it.
        now: the books' time.
        interval: microseconds from call to call; 0 for any number of calls.
        burst: how many calls beyond the interval may come after a pause, at least 1.
        wanted: the most slots to take.
        horizon: in microseconds, at most ``HORIZON_MAX``.
    """
    if not interval:
        return GrantedSlots([now] * wanted, arrival, now)
    early = max(0, (burst - 1) * interval - LATE)
    # If it is further ahead than anybody takes, a clock was wrong and has been corrected.
    arrival = min(arrival, now + HORIZON_MAX + early + interval)
    slots: list[Instant] = []
    at = max(now, arrival - early)
    end = now + max(horizon, 1)
    while len(slots) < wanted and at < end:
        slots.append(at)
        arrival = max(arrival, at) + interval
        at = max(now, arrival - early)
    return GrantedSlots(slots, arrival, at)


def slots_of_cancel(interval: int) -> int:
    """How many slots a cancel takes of a channel with this interval, so that few enough come."""
    return max(1, -(-CANCEL_INTERVAL // interval)) if interval else 1


def interval_now(
    interval: int, slowed_interval: int | None, slowed_at: Instant | None, now: Instant
) -> int:
    """The present interval, if it was slowed at ``slowed_at``; 0 for any number of calls."""
    if slowed_interval is None or slowed_at is None:
        return interval
    return max(interval, slowed_interval >> max(0, (now - slowed_at) // RECOVERY))


def slower(
    interval: int, slowed_interval: int | None, slowed_at: Instant | None, now: Instant
) -> int | None:
    """The slowed interval after the payer said that it was called too often.

    It halves the rate, but keeps at least one call per second unless the limit is lower.

    Returns:
        None if it was slowed just now: many calls were in progress, and each gets this answer.
    """
    if slowed_at is not None and 0 <= now - slowed_at < _STEADY:
        return None
    present = interval_now(interval, slowed_interval, slowed_at, now)
    return min(2 * (present or _UNLIMITED), max(_SLOWEST, interval))
