"""Tells of many strings which may be among others: it takes megabytes where a set takes hundreds.

Other campaigns are as long as a list itself and mostly have other receivers and keys. What a sieve
lets through is written, sorted and joined on disk; that is all that may be, and a little more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BITS = 2**24
"""2 MB: beside a million strings, one of seventeen others passes."""


class Sieve:
    """Lets those strings through that it was made of, and few others.

    Args:
        strings: as many as one likes; none of them is kept.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        bits = bytearray(_BITS // 8)
        for string in strings:
            place = hash(string) % _BITS
            bits[place >> 3] |= 1 << (place & 7)
        self._bits = bits

    def passes(self, string: str) -> bool:
        """Whether it may be one of those."""
        place = hash(string) % _BITS
        return bool(self._bits[place >> 3] >> (place & 7) & 1)
