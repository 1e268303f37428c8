"""What a bill says: its rows, the lines that are no rows, and its totals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from hongbao.beijing import BEIJING
from hongbao.wire.bill.columns import COLUMNS, BillColumn, Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hongbao.money import Fen


class BillRow(NamedTuple):
    r"""One movement of money on one account.

    Texts are as they stand in the bill: WeChat writes a line break inside one as the two characters
    ``\n``, which is not undone, since a merchant may have written the same. Bytes that are no UTF-8
    are shown as ``\xff``.

    Attributes:
        line: its line in the file, from 1.
        booked_at: when the balance changed, to the second.
        business_number: WeChat's number of what was paid.
        flow_number: WeChat's number of this movement.
        name: the kind of business. WeChat's list of names is open: decide nothing by it.
        kind: the kind of movement; the same.
        direction: which way the money went.
        amount: fen, never negative.
        balance: fen on the account afterwards.
        applicant: who asked for it; may be empty.
        remark: may be empty.
        voucher: the merchant's own number, such as a ``mch_billno``.
    """

    line: int
    booked_at: datetime
    business_number: str
    flow_number: str
    name: str
    kind: str
    direction: Direction
    amount: Fen
    balance: Fen
    applicant: str
    remark: str
    voucher: str


class BillRows:
    """Some rows that follow one another, by columns: as fast as Python reads them.

    Iterate for a ``BillRow`` each; a column by itself costs less.

    Attributes:
        lines: the line of each row in the file, from 1.
        amounts: fen of each row.
        balances: fen on the account after each row.
        cells: the bytes of each column, without backticks: UTF-8, unless the bill is damaged.
    """

    __slots__ = ("amounts", "balances", "cells", "lines")

    def __init__(
        self,
        *,
        lines: Sequence[int],
        amounts: list[Fen],
        balances: list[Fen],
        cells: Mapping[BillColumn, list[bytes]],
    ) -> None:
        self.lines = lines
        self.amounts = amounts
        self.balances = balances
        self.cells = cells

    def texts(self, column: BillColumn) -> list[str]:
        """The texts of a column."""
        # No cell has a line break, so that the whole column is decoded at once.
        return b"\n".join(self.cells[column]).decode(errors="backslashreplace").split("\n")

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[BillRow]:
        columns: dict[BillColumn, Iterable[object]] = {
            column: self.texts(column) for column in COLUMNS if column not in _OTHERS
        }
        columns[BillColumn.BOOKED_AT] = _moments(self.texts(BillColumn.BOOKED_AT))
        columns[BillColumn.DIRECTION] = _directions(self.texts(BillColumn.DIRECTION))
        columns[BillColumn.AMOUNT] = self.amounts
        columns[BillColumn.BALANCE] = self.balances
        in_order = [columns[column] for column in COLUMNS]
        return map(BillRow._make, zip(self.lines, *in_order, strict=True))


_OTHERS = frozenset(
    {BillColumn.BOOKED_AT, BillColumn.DIRECTION, BillColumn.AMOUNT, BillColumn.BALANCE}
)
"""The columns that are no texts."""


def _moments(texts: list[str]) -> list[datetime]:
    known = {text: datetime.fromisoformat(text).replace(tzinfo=BEIJING) for text in set(texts)}
    return [known[text] for text in texts]


def _directions(texts: list[str]) -> list[Direction]:
    known = {direction.value: direction for direction in Direction}
    return [known[text] for text in texts]


class BadLineReason(StrEnum):
    """Why a line is no row."""

    COLUMNS = "columns"
    """It has more or fewer cells than the header, or no backtick before them."""
    TIME = "time"
    """Its time is not a ``yyyy-MM-dd HH:mm:ss`` that there is."""
    DIRECTION = "direction"
    """It is neither 收入 nor 支出."""
    AMOUNT = "amount"
    """Its amount is not yuan with at most two decimals."""
    BALANCE = "balance"
    """The same of its balance, which may be negative."""
    ROUNDED = "rounded"
    """A spreadsheet took one of its numbers for an amount, and kept fifteen digits of it."""
    SUMMARY = "summary"
    """It stands where the totals belong and is none, or behind them."""
    TOO_LONG = "too_long"
    """It is longer than any row can be; its end is not kept."""


class BadLine(NamedTuple):
    """A line that is no row. It is counted and kept; the rest of the file is read.

    Attributes:
        line: its number in the file, from 1.
        reason: the first thing that is wrong with it.
        raw: its bytes without the line break, at most ``reader.BLOCK_BYTES``.
    """

    line: int
    reason: BadLineReason
    raw: bytes


class BillTotals(NamedTuple):
    """The totals of a bill; amounts are fen.

    Attributes:
        rows: how many movements.
        rows_in: of them, how many brought money.
        amount_in: what they brought.
        rows_out: how many took money.
        amount_out: what they took.
    """

    rows: int
    rows_in: int
    amount_in: Fen
    rows_out: int
    amount_out: Fen


class BillEnd(NamedTuple):
    """What comes last of every bill.

    Attributes:
        counted: the totals of the rows that were read.
        stated: the totals that stand in the bill; None if it has none that can be read, as one that
            was cut has not.
        bad_lines: how many lines were no rows.
    """

    counted: BillTotals
    stated: BillTotals | None
    bad_lines: int

    @property
    def whole(self) -> bool:
        """Whether every line was read, and the bill's own totals agree with its rows to the fen."""
        return not self.bad_lines and self.stated == self.counted
