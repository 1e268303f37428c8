"""Do the balances of a bill follow from one another? It needs neither names nor numbers. Pure.

A row says what was on the account after it, and so what was there before. The balance before each
row is the one after the row above it. Whether WeChat writes the rows of one second in that order is
documented nowhere, so rows in another order are no gap if they can be put into one: then every
balance before a row, but one, is the balance after some row, as often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.money import Fen

PENDING_MAX = 100_000
"""Balances that wait for their neighbour; more are no order of rows, but a broken bill."""


class ChainEnd(NamedTuple):
    """What a chain comes to.

    Attributes:
        opening: fen before all rows; None if there are none, or if it cannot be known.
        closing: fen after all rows; the same.
        gaps: how often the balances do not follow.
        line: the first line that does not follow from the one above it; None without gaps.
    """

    opening: Fen | None
    closing: Fen | None
    gaps: int
    line: int | None


class BalanceChain:
    """The chain of one bill; its rows come in their order."""

    def __init__(self) -> None:
        # How often a balance stands after a row, less how often before one; zeros are forgotten.
        # Only where a row does not follow from the one above it does anything stand here.
        self._pending: dict[Fen, int] = {}
        self._first: Fen | None = None
        self._last: Fen | None = None
        self._jumps = 0
        self._line: int | None = None
        self._given_up = 0

    def add(self, lines: Iterable[int], signed: Iterable[Fen], balances: Iterable[Fen]) -> None:
        """Take some rows.

        Args:
            lines: the line of each.
            signed: fen of each, negative if money went.
            balances: fen on the account after each.
        """
        last = self._last
        for line, amount, after in zip(lines, signed, balances, strict=True):
            if after - amount != last:
                self._jump(line, last, after - amount)
            last = after
        self._last = last

    def end(self) -> ChainEnd:
        """What it comes to."""
        first, last = self._first, self._last
        if first is None or last is None:
            return ChainEnd(None, None, 0, None)
        if not self._jumps:
            return ChainEnd(first, last, 0, None)
        _count(self._pending, first, -1)
        _count(self._pending, last, 1)
        torn = sum(count for count in self._pending.values() if count > 0) + self._given_up
        # One jump is never another order: the rows above it and those below it are in order.
        gaps = max(torn - 1, int(self._jumps == 1))
        if gaps:
            return ChainEnd(first, last, gaps, self._line)
        ends = {count: balance for balance, count in self._pending.items()}
        return ChainEnd(ends.get(-1), ends.get(1), 0, None)

    def _jump(self, line: int, last: Fen | None, before: Fen) -> None:
        if last is None:
            self._first = before
            return
        self._jumps += 1
        self._line = self._line or line
        _count(self._pending, last, 1)
        _count(self._pending, before, -1)
        if len(self._pending) > PENDING_MAX:
            self._given_up += len(self._pending)
            self._pending.clear()


def _count(pending: dict[Fen, int], balance: Fen, by: int) -> None:
    left = pending.get(balance, 0) + by
    if left:
        pending[balance] = left
    else:
        del pending[balance]
