"""How long a worker puts up with a failing database: it waits longer each time, then gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_WAIT_SECONDS = 0.1
WAIT_SECONDS_MAX = 5.0
"""A server that starts again, or a replica that takes over, is there within half a minute."""


class Patience:
    """With one kind of work.

    Args:
        seconds: for so long it may fail in a row.
        monotonic: seconds of a clock that never goes back.

    Attributes:
        trouble: what is said of the last failure; None once it has gone well again.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._since: float | None = None
        self._wait = FIRST_WAIT_SECONDS
        self.trouble: str | None = None

    def worked(self) -> None:
        """It went well: all patience is back."""
        self._since, self._wait, self.trouble = None, FIRST_WAIT_SECONDS, None

    def failed(self, error: Exception) -> float:
        """It failed.

        Returns:
            After how many seconds to try again.

        Raises:
            Exception: the error, if it has gone on for too long.
        """
        now = self._monotonic()
        if self._since is None:
            self._since = now
        if now - self._since >= self._seconds:
            raise error
        self.trouble = str(error)
        wait, self._wait = self._wait, min(2 * self._wait, WAIT_SECONDS_MAX)
        return wait
