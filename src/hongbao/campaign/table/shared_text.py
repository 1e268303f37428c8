"""The shared strings of a workbook, kept on disk: a million of them cost 8 MB of memory."""

from __future__ import annotations

import tempfile
from array import array
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_BLOCK = 64 * 1024
_REMEMBERED = 1024


class SharedText:
    """Strings by their number: first all are written, then they are read in any order."""

    def __init__(self) -> None:
        # Without a name wherever the system can: nothing is left behind, even by a kill.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._ends = array("Q", [0])
        self._begin = 0
        self._block = b""
        # Most cells repeat a few texts; the others come in the order of their numbers.
        self._text = lru_cache(_REMEMBERED)(self._look_up)

    def append(self, text: str) -> None:
        """Add the next string."""
        size = self._file.write(text.encode())
        self._ends.append(self._ends[-1] + size)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._text(number)

    def _look_up(self, number: int) -> str:
        start, end = self._ends[number], self._ends[number + 1]
        if not self._begin <= start <= end <= self._begin + len(self._block):
            self._file.seek(start)
            self._begin = start
            self._block = self._file.read(max(_BLOCK, end - start))
        return self._block[start - self._begin : end - self._begin].decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()
