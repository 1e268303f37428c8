"""Warnings that point at the line which made the call, however deep in here they are noticed."""

from __future__ import annotations

import inspect
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = __name__.partition(".")[0]


class ByteLengthWarning(UserWarning):
    """A text fits WeChat's limit in characters, but not in bytes of UTF-8.

    Users report that such texts may be cut, or the packet lost.
    """


class GroupPacketWarning(UserWarning):
    """WeChat marks group packets as switched off since 2024-06-05; the call may be refused."""


Note: TypeAlias = tuple[type[Warning], str]
"""The kind of a warning, and its text."""

_notes: ContextVar[list[Note] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[list[Note]]:
    """Note warnings in a list instead of giving them: who checks a million packets tells them once.

    Other threads and tasks go on warning.
    """
    notes: list[Note] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the first frame outside this package."""
    notes = _notes.get()
    if notes is not None:
        notes.append((category, message))
        return
    level = 1
    frame = inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
