"""Reads a fund-flow bill of any size: bytes in, rows, bad lines and the checked totals out.

A block of lines that all look as they should is read as a whole, by columns, which takes about a
microsecond a row; any other is read line by line, with the same result.

Of that microsecond, splitting takes a third, and making numbers of the money another. Tried, and no
faster: finding the ends of lines by the times behind them, checking the money by its shape instead
of by an expression, and having a JSON reader make its numbers.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum, auto
from itertools import compress
from operator import add
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hongbao.errors import InvalidRequest
from hongbao.money import parse_yuan
from hongbao.sentences import say
from hongbao.wire.bill.columns import (
    BOM,
    COLUMNS,
    SUMMARY,
    TICK,
    BillColumn,
    Direction,
    cells_of,
    names_of,
    quoted_cells,
)
from hongbao.wire.bill.rows import BadLine, BadLineReason, BillEnd, BillRows, BillTotals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hongbao.money import Fen

BLOCK_BYTES = 32 * 1024
"""How much is read at once: it fits the processor's cache. No row is longer: a remark has at most
2048 characters, the numbers 128.
"""

BillPart: TypeAlias = BillRows | BadLine | BillEnd

_IN, _OUT = Direction.IN.encode(), Direction.OUT.encode()
_WORD = len(_OUT)  # bytes, of either word; they differ in one
_DIFFERS = next(place for place in range(_WORD) if _IN[place] != _OUT[place])
_IS_OUT = bytes(byte == _OUT[_DIFFERS] for byte in range(256))
_KNOWN, _WORDS = frozenset(map(str, COLUMNS)), frozenset(map(str, Direction))
_BROKEN = "surrogateescape"  # which gives the same bytes back
_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_TIME_SHAPE = b"0000-00-00 00:00:00"
_DAY_CHARS, _MINUTE, _SECOND = 10, 14, 17  # where they end, and begin
_FIVE = ord("5")
# As nearly all are; what else is an amount, and negative balances, are read cell by cell.
_MONEY = re.compile(rb"(?:[0-9]{1,12}+\.[0-9][0-9]\n)*+")
# What spreadsheets and data frames make of a long number, once the backtick before it is gone.
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+[0-9]+|[0-9]+\.0|[0-9]{15}0{5,}")
_NUMBERS = (BillColumn.BUSINESS_NUMBER, BillColumn.FLOW_NUMBER, BillColumn.VOUCHER)
_COUNT = re.compile(r"([0-9]{1,12})(?:\.0{1,2})?")  # seen as 3, 3.0 and 20.0


class MalformedBill(ValueError):
    """These bytes are no fund-flow bill: their first line is not its header."""


def read_bill(pieces: Iterable[bytes]) -> Iterator[BillPart]:
    """Read a bill, as far as it is asked for; in memory are one piece and one block.

    Args:
        pieces: the bytes of the bill in order, cut anywhere, not compressed.

    Yields:
        Rows, in order; each line that is no row; and at last a ``BillEnd``.

    Raises:
        MalformedBill: if it does not begin with the header of a fund-flow bill.
    """
    bill = _Bill()
    for block in _blocks(pieces):
        yield from bill.read(block)
    yield bill.end()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, up to ``BLOCK_BYTES`` at once; a longer block is one line, cut behind that."""
    rest = b""
    for piece in pieces:
        data, start = rest + piece, 0
        while end := _end_of_block(data, start):
            yield data[start : min(end, start + BLOCK_BYTES + 1)]
            start = end
        # Of a line that is too long, so much is kept as shows that it is.
        rest = data[start : start + BLOCK_BYTES + 1]
    if rest:
        yield rest


def _end_of_block(data: bytes, start: int) -> int:
    """Where the block ends that begins there; 0 if its first line has no end yet."""
    most = start + BLOCK_BYTES
    return data.rfind(b"\n", start, most) + 1 or data.find(b"\n", most) + 1


class _Bill:
    """A bill on its way in."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._padding = ""  # a spreadsheet's commas behind each line, to the width of the widest
        self._usual = False
        self._line = 0
        self._totals = _Totals.HEADER_BEFORE
        self._counted = BillTotals(0, 0, 0, 0, 0)
        self._stated: BillTotals | None = None
        self._bad_lines = 0

    def read(self, block: bytes) -> Iterator[BillRows | BadLine]:
        """Read whole lines."""
        if not self._names:
            header, _, block = block.partition(b"\n")
            names = _read_header(header)
            while not names[-1]:
                names.pop()
                self._padding += ","
            self._names = names
            self._usual = not self._padding and tuple(names[: len(COLUMNS)]) == COLUMNS
            self._line = 1
        if self._usual and self._totals is _Totals.HEADER_BEFORE:
            rows = _read_block(block, len(self._names), self._line + 1)
            if rows is not None:
                self._line += len(rows.lines)
                self._count(rows)
                yield rows
                return
        found: list[_Found] = []
        for line in block.removesuffix(b"\n").split(b"\n") if block else ():
            self._line += 1
            raw = line.removesuffix(b"\r")
            said = self._read_line(raw, too_long=len(block) > BLOCK_BYTES)
            if isinstance(said, _Found):
                found.append(said)
            elif said is not None:
                yield from self._rows(found)
                found = []
                self._bad_lines += 1
                yield BadLine(self._line, said, raw)
        yield from self._rows(found)

    def end(self) -> BillEnd:
        """Nothing more comes."""
        if not self._names:
            raise MalformedBill(say("it has no header"))
        return BillEnd(self._counted, self._stated, self._bad_lines)

    def _read_line(self, raw: bytes, *, too_long: bool) -> _Found | BadLineReason | None:
        """A row, or what is wrong with the line, or None for one that is no row and need not be."""
        if too_long:
            return BadLineReason.TOO_LONG
        # A remark that is cut in the middle of a character must not cost the row.
        text = raw.decode(errors=_BROKEN)
        if not text.strip():
            return None
        if self._totals is _Totals.HEADER_BEFORE and not _is_header_of_totals(text):
            text = text.removesuffix(self._padding)
            cells = cells_of(text)
            if len(cells) != len(self._names) and '"' in text:
                cells = quoted_cells(text)
            while self._padding and len(cells) > len(self._names) and not cells[-1]:
                cells.pop()
            found = _read_row(cells, self._names, self._line)
            # Elsewhere than at its beginning a backtick is a remark's own.
            bare = not text.startswith((TICK, f'"{TICK}'))
            rounded = bare and isinstance(found, _Found) and _is_rounded(found)
            return BadLineReason.ROUNDED if rounded else found
        return self._read_totals(text)

    def _read_totals(self, text: str) -> BadLineReason | None:
        """One of the last lines."""
        match self._totals:
            case _Totals.HEADER_BEFORE:
                self._totals = _Totals.VALUES_NEXT
            case _Totals.VALUES_NEXT:
                self._totals = _Totals.BEHIND
                self._stated = _totals_of(cells_of(text.rstrip(",")))  # a spreadsheet's padding
                return None if self._stated else BadLineReason.SUMMARY
            case _Totals.BEHIND:
                return BadLineReason.SUMMARY
        return None

    def _rows(self, found: list[_Found]) -> Iterator[BillRows]:
        if not found:
            return
        cells = {column: [row.cells[column] for row in found] for column in COLUMNS}
        rows = BillRows(
            lines=[row.line for row in found],
            amounts=[row.amount for row in found],
            balances=[row.balance for row in found],
            cells=cells,
        )
        self._count(rows)
        yield rows

    def _count(self, rows: BillRows) -> None:
        amounts = rows.amounts
        out = b"".join(rows.cells[BillColumn.DIRECTION])[_DIFFERS::_WORD].translate(_IS_OUT)
        rows_out, amount_out = sum(out), sum(compress(amounts, out))
        more = (
            *(len(amounts), len(amounts) - rows_out, sum(amounts) - amount_out),
            *(rows_out, amount_out),
        )
        self._counted = BillTotals(*map(add, self._counted, more))


class _Totals(Enum):
    """Where a bill stands with its last two lines."""

    HEADER_BEFORE = auto()
    VALUES_NEXT = auto()
    BEHIND = auto()


class _Found(NamedTuple):
    """A row that was read by itself."""

    line: int
    amount: Fen
    balance: Fen
    cells: dict[BillColumn, bytes]


def _read_header(raw: bytes) -> list[str]:
    try:
        names = names_of(raw.removeprefix(BOM).decode())
    except UnicodeDecodeError:
        raise MalformedBill(say("its first line is not UTF-8")) from None
    missing = [column for column in COLUMNS if names.count(column) != 1]
    if missing and b"\r" in raw.rstrip(b"\r"):
        raise MalformedBill(say("its lines end in a carriage return alone"))
    if missing and len(names) == 1 and COLUMNS[0] in names[0]:
        raise MalformedBill(say("its columns are not separated by commas"))
    if missing:
        raise MalformedBill(say("its first line does not name {value} once", value=missing[0]))
    return names


def _read_row(cells: list[str], names: list[str], line: int) -> _Found | BadLineReason:
    """Read a row by itself, whatever the order of its columns."""
    if len(cells) != len(names):
        return BadLineReason.COLUMNS
    texts = {
        BillColumn(name): cell for name, cell in zip(names, cells, strict=True) if name in _KNOWN
    }
    if not _is_time(texts[BillColumn.BOOKED_AT]):
        return BadLineReason.TIME
    if texts[BillColumn.DIRECTION] not in _WORDS:
        return BadLineReason.DIRECTION
    amount = _fen(texts[BillColumn.AMOUNT])
    if amount is None:
        return BadLineReason.AMOUNT
    said = texts[BillColumn.BALANCE]
    balance = _fen(said.removeprefix("-"))
    if balance is None:
        return BadLineReason.BALANCE
    raw = {column: text.encode(errors=_BROKEN) for column, text in texts.items()}
    return _Found(line, amount, -balance if said.startswith("-") else balance, raw)


def _is_rounded(row: _Found) -> bool:
    texts = [row.cells[column].decode(errors=_BROKEN) for column in _NUMBERS]
    return any(map(_ROUNDED.fullmatch, texts))


def _is_header_of_totals(text: str) -> bool:
    return SUMMARY[0] in text and tuple(names_of(text)[: len(SUMMARY)]) == SUMMARY


def _totals_of(cells: list[str]) -> BillTotals | None:
    if len(cells) < len(SUMMARY):
        return None
    rows, rows_in, rows_out = [_COUNT.fullmatch(cells[index]) for index in (0, 1, 3)]
    amount_in, amount_out = _fen(cells[2]), _fen(cells[4])
    if not (rows and rows_in and rows_out) or amount_in is None or amount_out is None:
        return None
    return BillTotals(int(rows[1]), int(rows_in[1]), amount_in, int(rows_out[1]), amount_out)


def _fen(text: str) -> Fen | None:
    try:
        return parse_yuan(text)
    except InvalidRequest:
        return None


def _is_time(text: str) -> bool:
    if _TIME.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _read_block(block: bytes, width: int, first_line: int) -> BillRows | None:
    """Read lines that are all rows as they should be, by columns; None if one of them is not.

    Each step is one pass in C over all the rows: that is what makes it fast.
    """
    line_end = b"\r\n" if block.endswith(b"\r\n") else b"\n"
    if not block.startswith(b"`") or not block.endswith(b"\n") or len(block) > BLOCK_BYTES:
        return None
    # Each line break stays in a cell. If those of the last column have all of them, and each at
    # its end, then every line has ``width`` cells.
    cells = (marked := block.replace(b"\n", b"\n,")).split(b",`")
    count = len(marked) - len(block)
    last = b"".join(cells[width - 1 :: width])[:-1]
    ends = last.split(line_end)
    if len(cells) != width * count or len(ends) != count + 1 or b"\n," in last:
        return None
    if b"\r" in b"".join(ends):  # a line that ends otherwise than the last one
        return None
    cells[0] = cells[0][1:]
    columns = {column: cells[place::width] for place, column in enumerate(COLUMNS)}
    if width == len(COLUMNS):
        columns[COLUMNS[-1]] = ends[:-1]
    money = _read_money(columns[BillColumn.AMOUNT], columns[BillColumn.BALANCE])
    if (
        money is None
        or not _are_directions(columns[BillColumn.DIRECTION])
        or not _are_times(columns[BillColumn.BOOKED_AT])
    ):
        return None
    numbers = range(first_line, first_line + count)
    return BillRows(lines=numbers, amounts=money[:count], balances=money[count:], cells=columns)


def _read_money(amounts: list[bytes], balances: list[bytes]) -> list[Fen] | None:
    """Both columns in fen, one behind the other."""
    texts = b"\n".join(amounts + balances)
    if _MONEY.fullmatch(texts + b"\n") is None:
        return None
    return list(map(int, texts.replace(b".", b"").split(b"\n")))


def _are_directions(cells: list[bytes]) -> bool:
    """Whether each is one of both words."""
    lines = b"\n".join(cells) + b"\n"
    words = lines.count(_IN + b"\n") + lines.count(_OUT + b"\n")
    return words == len(cells) and len(lines) == words * (_WORD + 1)


def _are_times(cells: list[bytes]) -> bool:
    """Whether all are times of one day; their bytes are in the order of time."""
    times = b"".join(cells)
    if times.translate(_ZEROS) != _TIME_SHAPE * len(cells):
        return False
    last = max(cells)
    day = last[:_DAY_CHARS]
    return (
        min(cells) >= day + b" 00:00:00"
        and last <= day + b" 23:59:59"
        and max(times[_MINUTE :: len(_TIME_SHAPE)]) <= _FIVE
        and max(times[_SECOND :: len(_TIME_SHAPE)]) <= _FIVE
        and _is_time(f"{day.decode()} 00:00:00")
    )
