"""The books' clock in a rehearsal: the simulator's, so that days pass in a moment."""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable
from hongbao.ledger.model.payout import SECOND
from hongbao.testing.control_client import ControlClient, ControlRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.model.payout import Instant


def simulated_clock(control_url: str) -> Callable[[], Instant]:
    """What time it is at a simulator, asked at its control port each time.

    Args:
        control_url: such as ``http://127.0.0.1:8444/_sim/``.
    """
    control = ControlClient(control_url, timeout_seconds=10)

    def now() -> Instant:
        try:
            return int(control.now() * SECOND)
        except (OSError, HTTPException, ValueError, KeyError, ControlRefused):
            problem = f"the simulator's clock cannot be asked ({control_url})"
            # Not "undone", which would have the books try again at once.
            raise BookUnavailable(problem=problem, undone=False) from None

    return now
