"""Keeps payouts of the books beside a list, but only those whose receivers may stand in it.

Other campaigns are as long as a list itself and mostly have other receivers and keys. A sieve takes
megabytes where a set takes hundreds. What it lets through is written, sorted and joined on disk;
that is all that may be, and a little more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from hongbao.campaign.staging.staging import Staging

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


class Receivers:
    """Of one list.

    Args:
        staging: its rows.
    """

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._made: Sieve | None = None

    @property
    def database(self) -> sqlite3.Connection:
        """Where they stand, in ``line``."""
        return self._staging.database

    def insert(
        self, table: str, rows: Iterable[tuple[str, *tuple[object, ...]]], width: int
    ) -> None:
        """Keep rows whose receivers may stand in the list.

        Args:
            table: that the caller has made, in the staging's file.
            rows: their receivers come first.
            width: how many values a row has.
        """
        passes = self._sieve().passes
        self.database.execute("BEGIN")
        self.database.executemany(
            f"INSERT INTO {table} VALUES ({', '.join('?' * width)})",  # noqa: S608 - ours
            (row for row in rows if passes(row[0])),
        )
        self.database.execute("COMMIT")

    def _sieve(self) -> Sieve:
        if self._made is None:
            self._made = Sieve(self._staging.payees())
        return self._made
