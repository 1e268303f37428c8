"""Keeps payouts of the books beside a list, but only those whose receivers may stand in it.

Other campaigns are as long as the list itself and mostly pay other people. A sieve in memory lets
few of them through, so that few are written, sorted and joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hongbao.campaign.spool import Spool

_PLACES = 2**22
"""4 MB: beside a million receivers, one of five others passes."""


class Receivers:
    """Of one list.

    Args:
        spool: its rows.

    Attributes:
        database: where they stand, in ``line``.
    """

    def __init__(self, spool: Spool) -> None:
        self.database = spool.database
        self._sieve: bytearray | None = None

    def insert(self, table: str, rows: Iterable[Sequence[object]], width: int) -> None:
        """Keep rows whose receivers may stand in the list.

        Args:
            table: that the caller has made, in the spool's file.
            rows: their receivers come first.
            width: how many values a row has.
        """
        sieve = self._filled()
        self.database.execute("BEGIN")
        self.database.executemany(
            f"INSERT INTO {table} VALUES ({', '.join('?' * width)})",  # noqa: S608 - ours
            (row for row in rows if sieve[hash(row[0]) % _PLACES]),
        )
        self.database.execute("COMMIT")

    def _filled(self) -> bytearray:
        if self._sieve is None:
            self._sieve = bytearray(_PLACES)
            for (payee,) in self.database.execute("SELECT payee FROM line"):
                self._sieve[hash(payee) % _PLACES] = True
        return self._sieve
