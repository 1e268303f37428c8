"""The time in a rehearsal: the simulator's, so that days pass in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.configuration.file import Configuration


def rehearsal_clock(configuration: Configuration) -> Callable[[], float] | None:
    """The simulator's clock, in seconds since the epoch; None if the time is real.

    It raises ``BookUnavailable`` where the simulator does not answer.
    """
    url = configuration.rehearsal_clock
    return None if url is None else simulated_clock(url)


def simulated_clock(control_url: str) -> Callable[[], float]:
    """The clock of the simulator with this control port; see ``rehearsal_clock``."""
    # Only a rehearsal needs HTTP.
    from http.client import HTTPException  # noqa: PLC0415  # see above

    from hongbao.testing.control_client import (  # noqa: PLC0415  # see above
        ControlClient,
        ControlRefused,
    )

    control = ControlClient(control_url, timeout_seconds=10)

    def now() -> float:
        try:
            return control.now()
        except (OSError, HTTPException, ValueError, KeyError, ControlRefused):
            problem = say(
                "the simulator's clock cannot be asked ({control_url})", control_url=control_url
            )
            # Not "undone", which would have the books try again at once.
            raise BookUnavailable(problem=problem, undone=False) from None

    return now
