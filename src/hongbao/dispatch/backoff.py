"""Decides how long a worker retries a failing database, with longer waits each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_WAIT_SECONDS = 0.1
WAIT_SECONDS_MAX = 5.0
"""A server that restarts, or a replica that takes over, is ready within half a minute."""


class Backoff:
    """The waits between failures of one kind of work.

    Args:
        seconds: how long it may go on failing.
        monotonic: seconds of a clock that never goes back.

    Attributes:
        trouble: the message of the last failure; None after a success.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._since: float | None = None
        self._wait = FIRST_WAIT_SECONDS
        self.trouble: str | None = None

    def worked(self) -> None:
        """Reset after a success."""
        self._since, self._wait, self.trouble = None, FIRST_WAIT_SECONDS, None

    def failed(self, error: Exception) -> float:
        """Note a failure.

        Returns:
            How many seconds to wait before the next try.

        Raises:
            Exception: the error, if failures have gone on for too long.
        """
        now = self._monotonic()
        if self._since is None:
            self._since = now
        if now - self._since >= self._seconds:
            raise error
        self.trouble = str(error)
        wait, self._wait = self._wait, min(2 * self._wait, WAIT_SECONDS_MAX)
        return wait
