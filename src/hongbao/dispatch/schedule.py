"""When the next call comes: waits that grow, minutes of Beijing's day, looks at what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from hongbao.beijing import next_open
from hongbao.ledger.model.payout import SECOND
from hongbao.rails.port import When

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant
    from hongbao.rails.retry import RetryPolicy

_DOUBLINGS_MAX = 40  # beyond any limit of a policy


def after(now: Instant, seconds: int) -> Instant:
    """So many seconds later."""
    return now + seconds * SECOND


def growing(first: int, most: int, tries: int) -> int:
    """Seconds to wait before the next try: ``first`` after one, doubled with each more."""
    return min(most, first << min(max(tries - 1, 0), _DOUBLINGS_MAX))


def minute_of_day(now: Instant, minute: int) -> Instant:
    """The next time that it is so many minutes after midnight in Beijing."""
    return next_open(now, minute, minute)


def moment(when: When, *, now: Instant, tries: int, retry: RetryPolicy) -> Instant:
    """The time of a table's word, after so many tries. It is always to come."""
    match when:
        case When.TOMORROW:
            return minute_of_day(now, retry.tomorrow_minute)
        case When.MORNING:
            return minute_of_day(now, retry.morning_minute)
        case When.AT_ONCE:
            seconds = retry.repeat_seconds
        case When.BUSY:
            seconds = growing(retry.busy_seconds, retry.busy_seconds_max, tries)
        case When.RISK:
            seconds = growing(retry.risk_seconds, retry.risk_seconds_max, tries)
        case When.SOON:
            seconds = growing(retry.query_seconds, retry.query_seconds_max, tries)
        case When.QUOTA:
            seconds = retry.quota_seconds
        case When.PROCESSING:
            seconds = retry.processing_seconds
        case _:
            assert_never(when)
    return after(now, seconds)


def next_look(sent_at: Instant, *, now: Instant, retry: RetryPolicy) -> Instant:
    """When a packet that was sent is looked at next, by its age.

    So a look that comes late, because calls are short, takes the place of those that it missed.
    """
    for seconds in retry.looks:
        if after(sent_at, seconds) > now:
            return after(sent_at, seconds)
    last, step = after(sent_at, retry.looks[-1]), retry.look_seconds * SECOND
    return last + ((now - last) // step + 1) * step
