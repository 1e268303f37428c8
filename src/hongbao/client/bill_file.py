"""A file that a bill is written into: whole under its name, or not there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from os import PathLike


class BillFile:
    """A file on its way in, beside the one that it shall be. Only its owner may read it.

    Args:
        path: what it shall be called; whatever is called so is replaced in the end.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._file: BinaryIO | None = None
        self._beside = ""

    def write(self, piece: bytes) -> None:
        """Write a piece.

        Raises:
            OSError: it cannot be written.
        """
        if self._file is None:
            handle, self._beside = tempfile.mkstemp(prefix=".bill-", dir=self.path.parent)
            self._file = os.fdopen(handle, "wb")
        self._file.write(piece)

    def keep(self) -> None:
        """Have it on the disk, under its name.

        Raises:
            OSError: it cannot be.
        """
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            Path(self._beside).replace(self.path)
            self._file = None

    def drop(self) -> None:
        """Have nothing left of what was not kept."""
        if self._file is not None:
            with suppress(OSError):  # the disk is full: what is in the buffer cannot be written
                self._file.close()
            Path(self._beside).unlink(missing_ok=True)
            self._file = None
