"""Keeps payouts of the books beside a list, but only those whose receivers may stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.campaign.sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.campaign.spool import Spool


class Receivers:
    """Of one list.

    Args:
        spool: its rows.

    Attributes:
        database: where they stand, in ``line``.
    """

    def __init__(self, spool: Spool) -> None:
        self.database = spool.database
        self._made: Sieve | None = None

    def insert(
        self, table: str, rows: Iterable[tuple[str, *tuple[object, ...]]], width: int
    ) -> None:
        """Keep rows whose receivers may stand in the list.

        Args:
            table: that the caller has made, in the spool's file.
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
            payees = self.database.execute("SELECT payee FROM line")
            self._made = Sieve(payee for (payee,) in payees)
        return self._made
