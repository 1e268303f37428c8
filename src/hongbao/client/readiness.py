"""Whether a socket can be read or written: now, or before a deadline.

Sockets here never block by themselves, so that a deadline covers a whole exchange and not each
system call.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from time import monotonic
from typing import TypeAlias

Poll: TypeAlias = Callable[[float], object]
"""Takes milliseconds, at least 0, and waits that long at most; true if the socket is ready."""


def readable(fileno: int) -> Poll:
    """Is there something to read? Then it holds data, an alert, or the end."""
    if _HAS_POLL:
        return _registered(fileno, select.POLLIN)
    return lambda milliseconds: select.select([fileno], [], [], milliseconds / 1000)[0]


def writable(fileno: int) -> Poll:
    """Is there room to write?"""
    if _HAS_POLL:
        return _registered(fileno, select.POLLOUT)
    return lambda milliseconds: select.select([], [fileno], [], milliseconds / 1000)[1]


def wait(poll: Poll, deadline: float) -> None:
    """Wait until the socket is ready.

    Raises:
        TimeoutError: if it is not before the ``monotonic`` time ``deadline``.
    """
    seconds = deadline - monotonic()
    if seconds <= 0 or not poll(seconds * 1000):
        raise TimeoutError


_HAS_POLL = hasattr(select, "poll")  # not on Windows; its select takes any descriptor


def _registered(fileno: int, events: int) -> Poll:
    poll = select.poll()
    poll.register(fileno, events)  # errors and hang-ups are reported in any case
    return poll.poll
