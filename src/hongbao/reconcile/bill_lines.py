"""Finds a line of a stored bill again, and shows of it what everybody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.wire.bill.columns import BillColumn
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BadLine, BillRows

if TYPE_CHECKING:
    from hongbao.ledger.bills.bills import Bills

_SHOWN = tuple(
    # A remark may hold anything, and who asked for it may be a person.
    column
    for column in BillColumn
    if column not in {BillColumn.REMARK, BillColumn.APPLICANT}
)
_TEXT_MAX = 64


def shown_line(bills: Bills, bill_id: int, line: int) -> str | None:
    """A line without its remark and applicant; why it is no row, if it is none; None if not there.

    Args:
        bills: where the bill is stored.
        bill_id: the bill.
        line: the line's number, from 1.
    """
    for part in read_bill(bills.raw(bill_id)):
        match part:
            case BillRows() if part.lines[0] <= line <= part.lines[-1]:
                if line not in part.lines:
                    continue
                place = part.lines.index(line)
                return ", ".join(part.texts(column)[place][:_TEXT_MAX] for column in _SHOWN)
            case BadLine(line=it) if it == line:
                return f"no row: {part.reason}"
            case _:
                pass
    return None
