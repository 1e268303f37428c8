"""When a delivery that failed is tried again, and when nobody tries any more. Pure.

The waits are those that Standard Webhooks proposes, with one of half a minute for a receiver that
is just being restarted; three days, all in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.model.payout import SECOND

if TYPE_CHECKING:
    from hongbao.ledger.model.payout import Instant

_MINUTE, _HOUR = 60, 3600
WAITS = (
    5, 30, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 18 * _HOUR,
    22 * _HOUR,
)  # fmt: skip
"""The seconds before each further try."""

JITTER = 0.1
"""By which part of itself a wait is longer or shorter, so that not all come at the same moment."""

RETRY_AFTER_MAX = 24 * _HOUR
"""The longest that a receiver can ask for."""

PAUSE_MAX = 5 * _MINUTE
"""The longest that an endpoint is left alone because it fails, unless it asks for more."""


def wait(tries: int, *, dice: float, retry_after: float | None = None) -> Instant | None:
    """The microseconds until a delivery is tried again; None if that was the last time.

    Args:
        tries: how many have failed, from 1.
        dice: from 0 to 1.
        retry_after: the seconds that the receiver asked for.
    """
    if tries > len(WAITS):
        return None
    return _longer(WAITS[tries - 1], dice, retry_after)


def pause(failures: int, *, dice: float, retry_after: float | None = None) -> Instant:
    """The microseconds for which an endpoint is left alone that fails.

    Args:
        failures: how many deliveries to it have failed, one after the other, from 1.
        dice: from 0 to 1.
        retry_after: the seconds that it asked for.
    """
    own = min(WAITS[min(failures, len(WAITS)) - 1], PAUSE_MAX)
    return _longer(own, dice, retry_after)


def _longer(own: float, dice: float, asked: float | None) -> Instant:
    with_jitter = own * (1 + JITTER * (2 * dice - 1))
    return int(max(with_jitter, min(asked or 0.0, RETRY_AFTER_MAX)) * SECOND)
