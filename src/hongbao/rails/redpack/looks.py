"""When a red packet that is sent is looked at: how early its claim is known, for how many calls.

The trade is measured by ``benchmarks/looks.py``; docs/policy.md has the figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

CLAIM_SECONDS = _DAY
"""So long it can be claimed; older pages have 72 hours (4.3)."""
# Then the money is on its way back for a while, and a look at that time would only say so.
_LATE = (CLAIM_SECONDS + _HOUR, 2 * _DAY, 3 * _DAY)

EARLY, NEXT_DAY = "early", "next-day"
LOOKS: Mapping[str, tuple[int, ...]] = {
    EARLY: (10 * _MINUTE, _HOUR, *_LATE),
    NEXT_DAY: _LATE,
}
"""By the name that the setting ``looks`` has for it: seconds after the send."""
