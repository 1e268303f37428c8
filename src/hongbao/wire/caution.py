"""Warnings that point at the line which made the call, however deep in here they are noticed."""

from __future__ import annotations

import inspect
import warnings

_PACKAGE = __name__.partition(".")[0]


class ByteLengthWarning(UserWarning):
    """A text fits WeChat's limit in characters, but not in bytes of UTF-8.

    Users report that such texts may be cut, or the packet lost.
    """


class GroupPacketWarning(UserWarning):
    """WeChat marks group packets as switched off since 2024-06-05; the call may be refused."""


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the first frame outside this package."""
    level = 1
    frame = inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
