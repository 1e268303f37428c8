"""Whether any of many strings comes twice, in 8 bytes a string."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = 16
"""So many parts are looked at one after the other: the memory of a set of one of them is enough."""
_BOUNDS = [(part - _PARTS // 2) * (2**64 // _PARTS) for part in range(1, _PARTS)]


class Doubles:
    """Keeps the hashes of strings, sorted into parts by their size.

    Two strings of one hash are a chance of one to 37 million among a million: whoever reads that
    one may come twice has to look.
    """

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(_PARTS)]
        self._found: bool | None = None

    def add(self, strings: Iterable[str]) -> None:
        """Take some more strings, thousands at once; none after ``any`` was asked."""
        hashes = array("q", sorted(map(hash, strings)))
        begin = 0
        for part, bound in zip(self._parts, [*_BOUNDS, None], strict=True):
            end = len(hashes) if bound is None else bisect_left(hashes, bound, begin)
            part.extend(hashes[begin:end])
            begin = end

    def any(self) -> bool:
        """Whether one may have come twice; never false if one has."""
        if self._found is None:
            self._found = any(len(set(part)) < len(part) for part in self._parts)
            self._parts.clear()  # which would lie beside the import
        return self._found
