"""Lets one simulator use a folder at a time: two would publish each other's addresses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

try:
    import fcntl
except ImportError:  # Windows: there the folder is not locked
    fcntl = None  # type: ignore[assignment]  # a missing module, asked for below

if TYPE_CHECKING:
    from pathlib import Path


class FolderLock:
    """A lock that is held until it is released or the process ends, in whatever way.

    Args:
        descriptor: the file descriptor of the locked file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> FolderLock:
        """Take the lock without waiting.

        Raises:
            ConfigurationError: if another simulator holds it.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise ConfigurationError(
                setting=str(path.parent),
                problem=say("is in use by another simulator"),
                remedy=say("Stop that one, or give this one a folder of its own."),
            ) from None
        return cls(descriptor)

    def release(self) -> None:
        """Release the lock. It may be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
