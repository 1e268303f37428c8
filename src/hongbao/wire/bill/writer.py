"""Writes a fund-flow bill as WeChat does, for the simulator and for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.money import format_yuan
from hongbao.wire.bill.columns import COLUMNS, SUMMARY, TICK, Direction
from hongbao.wire.bill.rows import BillTotals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.wire.bill.rows import BillRow

# WeChat's own escapes, as far as its table can be read; that of a comma before a backtick is a
# guess, without which a remark could add cells to its row.
_ESCAPES = (("\x01", " "), ("\r", r"\r"), ("\n", r"\n"), (f",{TICK}", ", "))
_WIDE = str.maketrans("()", "（）")


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLayout:
    """What differs between bills that people published.

    Attributes:
        header_ticks: whether the cells of both headers have backticks too.
        decimal_counts: whether the counts of the summary are written as ``3.0`` or as ``3``.
        wide_brackets: whether the header has brackets of full width.
    """

    header_ticks: bool = False
    decimal_counts: bool = True
    wide_brackets: bool = False


def write_bill(
    rows: Sequence[BillRow], layout: BillLayout | None = None, *, stated: BillTotals | None = None
) -> bytes:
    """A whole bill.

    Args:
        rows: its rows; their ``line`` is not looked at.
        layout: how it is written.
        stated: the totals that it says; those of its rows if left out.
    """
    layout = layout or BillLayout()
    header = ",".join(COLUMNS)
    lines = [
        _header(header.translate(_WIDE) if layout.wide_brackets else header, layout),
        *[_ticked(_cells(row)) for row in rows],
        _header(",".join(SUMMARY), layout),
        _ticked(_totals_cells(stated or totals_of(rows), layout)),
    ]
    return "".join([f"{line}\r\n" for line in lines]).encode()


def totals_of(rows: Sequence[BillRow]) -> BillTotals:
    """The totals of rows."""
    came = [row.amount for row in rows if row.direction is Direction.IN]
    went = [row.amount for row in rows if row.direction is Direction.OUT]
    return BillTotals(len(rows), len(came), sum(came), len(went), sum(went))


def _header(line: str, layout: BillLayout) -> str:
    return _ticked(line.split(",")) if layout.header_ticks else line


def _totals_cells(totals: BillTotals, layout: BillLayout) -> list[str]:
    dot = ".0" if layout.decimal_counts else ""
    return [
        f"{totals.rows}{dot}",
        *(f"{totals.rows_in}{dot}", format_yuan(totals.amount_in)),
        *(f"{totals.rows_out}{dot}", format_yuan(totals.amount_out)),
    ]


def _cells(row: BillRow) -> list[str]:
    texts = [
        *(f"{row.booked_at:%Y-%m-%d %H:%M:%S}", row.business_number, row.flow_number),
        *(row.name, row.kind, row.direction.value),
        *(format_yuan(row.amount), format_yuan(row.balance)),
        *(row.applicant, row.remark, row.voucher),
    ]
    return [_escaped(text) for text in texts]


def _escaped(text: str) -> str:
    for raw, written in _ESCAPES:
        text = text.replace(raw, written)
    return text


def _ticked(cells: Sequence[str]) -> str:
    return ",".join([f"{TICK}{cell}" for cell in cells])
