"""A stored bill, some lines at a time, wherever in it: what everybody may see of each line.

A place in a bill is a number of bytes and a number of lines, so that a page costs the same however
far behind it is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from hongbao.digits import whole_number
from hongbao.errors import InvalidRequest
from hongbao.ledger.bills.bill_storing import PIECE_BYTES
from hongbao.sentences import said, say
from hongbao.wire.bill.columns import SUMMARY, BillColumn
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BadLine, BillRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hongbao.ledger.bills.bills import Bills
    from hongbao.ledger.model.bill import StoredBill

SHOWN = tuple(
    # A remark may hold anything, and who asked for it may be a person.
    column
    for column in BillColumn
    if column not in {BillColumn.REMARK, BillColumn.APPLICANT}
)
"""The columns that are shown."""
_VOUCHER = SHOWN.index(BillColumn.VOUCHER)
_TEXT_MAX = 64
_PAGE_BYTES_MAX = 4 * 1024 * 1024
_SUMMARY = SUMMARY[0].encode()
_SUMMARY_BYTES_MAX = 4_096
_TOTALS_LINES = ("header", "values")
_DIGITS_MAX = 18


class LinePlace(NamedTuple):
    """Where a line of a bill begins.

    Attributes:
        offset: how many bytes stand before it.
        line: its number, from 1.
    """

    offset: int
    line: int

    @property
    def text(self) -> str:
        """For an address: ``1048576.4711``."""
        return f"{self.offset}.{self.line}"

    @classmethod
    def read(cls, text: str) -> LinePlace:
        """From an address.

        Raises:
            InvalidRequest: if it is none.
        """
        read = (whole_number(part, digits=_DIGITS_MAX) for part in text.split("."))
        numbers = [number for number in read if number is not None]
        if not len(numbers) == text.count(".") + 1 == len(cls._fields):
            raise _nowhere(text)
        return cls(*numbers)


class ShownLine(NamedTuple):
    """A line of a bill.

    Attributes:
        line: its number, from 1.
        cells: the texts of ``SHOWN``; none of a line that is no row.
        why: why it is no row; empty if it is one.
        ours: whether its number is one of the books'.
    """

    line: int
    cells: Sequence[str] = ()
    why: str = ""
    ours: bool = False

    @property
    def voucher(self) -> str:
        """The merchant's own number; empty if it is no row."""
        return self.cells[_VOUCHER] if self.cells else ""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return said("no row: {why}", why=self.why) if self.why else ", ".join(self.cells)


class BillPage(NamedTuple):
    """Some lines of a bill.

    Attributes:
        lines: they; the header and the totals are left out.
        next: where the next one begins; None if these are the last.
    """

    lines: list[ShownLine]
    next: LinePlace | None


def bill_page(
    bills: Bills, bill: StoredBill, *, at: LinePlace | None = None, limit: int
) -> BillPage:
    """Some lines of a bill.

    Args:
        bills: where it is stored.
        bill: which.
        at: where they begin; None for the first behind the header.
        limit: how many lines at most.

    Raises:
        InvalidRequest: if no line begins there.
    """
    if not bill.plain_bytes:
        return BillPage([], None)
    header = _header(bills, bill)
    begin = at or LinePlace(len(header), 2)
    if bill.plain_bytes <= len(header):
        return BillPage([], None)
    if not len(header) <= begin.offset <= bill.plain_bytes or begin.line < 2:  # noqa: PLR2004  # 1 is the header
        raise _nowhere(begin.text)
    chunk = _lines_from(bills, bill, begin, limit)
    before = begin.line - 2
    found = [it._replace(line=it.line + before) for it in _shown([header, chunk])]
    numbers = [it.voucher for it in found if it.voucher]
    known = bills.numbers_of(bill.key.merchant_id, numbers) if numbers else {}
    ended = LinePlace(begin.offset + len(chunk), begin.line + chunk.count(b"\n"))
    lines = [it._replace(ours=it.voucher in known) for it in found]
    return BillPage(lines, ended if ended.offset < bill.plain_bytes else None)


def place_of(bills: Bills, bill: StoredBill, line: int) -> LinePlace | None:
    """Where a line begins, from 2; None if there are not so many. The bill is read up to there."""
    offset, left = 0, line - 1
    for piece in bills.raw(bill.id):
        count = piece.count(b"\n")
        if count >= left:
            offset += _behind(piece, left)
            return LinePlace(offset, line) if offset < bill.plain_bytes else None
        offset, left = offset + len(piece), left - count
    return None


def shown_line(bills: Bills, bill: StoredBill, line: int) -> ShownLine | None:
    """One line; None if it is none of a row's, or not there."""
    place = place_of(bills, bill, line) if line > 1 else None
    lines = [] if place is None else bill_page(bills, bill, at=place, limit=1).lines
    return next((it for it in lines if it.line == line), None)


def bad_lines(bills: Bills, bill: StoredBill, *, after: int = 0, limit: int) -> list[ShownLine]:
    """The lines that are no rows, behind one of them. The bill is read as far as it takes."""
    if not bill.facts.bad_lines:
        return []
    return list(islice((it for it in all_lines(bills, bill) if it.why and it.line > after), limit))


def all_lines(bills: Bills, bill: StoredBill) -> Iterator[ShownLine]:
    """Every line but the header and the totals, in order; whose it is is not looked up."""
    return _shown(bills.raw(bill.id)) if bill.plain_bytes else iter(())


def _shown(pieces: Iterable[bytes]) -> Iterator[ShownLine]:
    for part in read_bill(pieces):
        if isinstance(part, BadLine):
            yield ShownLine(part.line, why=str(part.reason))
        elif isinstance(part, BillRows):
            columns = [part.texts(column) for column in SHOWN]
            for line, *cells in zip(part.lines, *columns, strict=True):
                yield ShownLine(line, [cell[:_TEXT_MAX] for cell in cells])


def _header(bills: Bills, bill: StoredBill) -> bytes:
    """The first line, with its break."""
    first = next(bills.raw(bill.id))
    return first[: first.index(b"\n") + 1] if b"\n" in first else first


def _lines_from(bills: Bills, bill: StoredBill, begin: LinePlace, limit: int) -> bytes:
    """So many lines, whole; and the totals with the last ones, since both lines belong together."""
    seq, inside = divmod(begin.offset - 1, PIECE_BYTES)
    wanted, chunk = limit + 1, b""  # the break before the first line is read along
    for piece in bills.raw(bill.id, first=seq):
        chunk += piece[inside:]
        inside = 0
        if chunk.count(b"\n") >= wanted + len(_TOTALS_LINES) or len(chunk) > _PAGE_BYTES_MAX:
            break
    if not chunk.startswith(b"\n"):
        raise _nowhere(begin.text)
    count = chunk.count(b"\n")
    end = _behind(chunk, wanted) if count > wanted else len(chunk)
    if _SUMMARY in chunk[:end][-_SUMMARY_BYTES_MAX:]:
        end = _behind(chunk, min(count, wanted + len(_TOTALS_LINES)))
    return chunk[1:end]


def _behind(data: bytes, breaks: int) -> int:
    """Where so many line breaks end; there are so many."""
    position = 0
    for _ in range(breaks):
        position = data.index(b"\n", position) + 1
    return position


def _nowhere(text: str) -> InvalidRequest:
    rule = say("where a line of the bill begins, as a link has it")
    return InvalidRequest(field="at", rule=rule, found=repr(text[:40]))
