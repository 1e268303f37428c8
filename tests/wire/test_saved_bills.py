"""Bills that another program has saved again: read as they were, or not taken for WeChat's."""

from __future__ import annotations

import pytest

from hongbao.wire.bill.columns import COLUMNS, SUMMARY
from hongbao.wire.bill.reader import read_bill
from hongbao.wire.bill.rows import BadLine, BadLineReason, BillEnd, BillRow, BillRows

_HEADER, _TOTALS = ",".join(COLUMNS), ",".join(SUMMARY)


def _read(data: bytes) -> tuple[list[BillRow], list[BadLine], BillEnd]:
    *parts, end = read_bill([data])
    assert isinstance(end, BillEnd)
    rows = [row for part in parts if isinstance(part, BillRows) for row in part]
    return rows, [part for part in parts if isinstance(part, BadLine)], end


_LONG = ("1000041701202611290000000001", "700000000000000000000000000001")


_CELLS = (
    "2026-11-29 12:00:00",
    *_LONG,
    "红包",
    "红包",
    "支出",
    "1.5",
    "998.5",
    "API",
    "autumn",
    "A1",
)


@pytest.mark.parametrize(
    "row",
    [
        ",".join(_CELLS),
        ",".join(f'"{cell}"' for cell in _CELLS),
        # Texts in quotes and times not, as LibreOffice saves it.
        ",".join([_CELLS[0], *(f'"{cell}"' for cell in _CELLS[1:])]),
        # As wide as the widest line: one remark has two commas.
        ",".join(f"`{cell}" for cell in _CELLS) + ",,",
        ",".join(f'"`{cell}"' for cell in _CELLS) + ",,",
        ",".join(f'"{cell}"' for cell in (*_CELLS, "", "")),
    ],
)
def test_a_bill_that_another_program_saved_whole_says_the_same(row: str) -> None:
    padding = ",," if row.endswith((",,", ',"",""')) else ""
    data = f"{_HEADER}{padding}\r\n{row}\r\n{_TOTALS}{padding}\r\n1,0,0,1,1.5{padding}\r\n"
    (found,), bad, end = _read(data.encode())
    assert (bad, end.whole) == ([], True)
    said = found.business_number, found.flow_number, found.remark, found.voucher, found.amount
    assert said == (*_LONG, "autumn", "A1", 150)


def test_a_row_that_a_program_has_split_at_the_comma_of_its_remark_is_bad() -> None:
    """Else its number would be what stands behind that comma."""
    ticked = [f'"`{cell}"' for cell in _CELLS]
    split = ",".join([*ticked[:9], '"`autumn"', '" first draw"', ticked[10]])
    rows, bad, end = _read(f"{_HEADER},\r\n{','.join(ticked)},\r\n{split}\r\n".encode())
    assert ([it.voucher for it in rows], end.whole) == (["A1"], False)
    assert [(it.line, it.reason) for it in bad] == [(3, BadLineReason.COLUMNS)]


@pytest.mark.parametrize("piece", [" first draw", ' first ""draw""'])
def test_a_row_that_a_program_has_split_and_cut_to_its_width_is_bad(piece: str) -> None:
    """As polars with ``truncate_ragged_lines``: its number is gone, and a remark's end there."""
    whole = [f"`{cell}" for cell in _CELLS]
    cut = [*whole[:9], "`autumn", piece]
    lines = [",".join(f'"{cell}"' for cell in row) for row in (whole, cut)]
    rows, bad, end = _read("\r\n".join([_HEADER, *lines, ""]).encode())
    assert ([it.voucher for it in rows], end.whole) == (["A1"], False)
    assert [(it.line, it.reason) for it in bad] == [(3, BadLineReason.COLUMNS)]


@pytest.mark.parametrize(
    "number",
    [
        "1.00004E+27",
        "1E+30",
        "1.00004170120261E+027",
        "1.000041701202611e+27",
        "1000041701202610000000000000",
        "100004170120261.0",
    ],
)
@pytest.mark.parametrize("column", [1, 2, 10])
def test_a_number_that_a_spreadsheet_has_rounded_is_not_taken_for_one(
    number: str, column: int
) -> None:
    cells = [*_CELLS[:column], number, *_CELLS[column + 1 :]]
    rows, bad, _ = _read(f"{_HEADER}\r\n{','.join(cells)}\r\n".encode())
    assert (rows, [it.reason for it in bad]) == ([], [BadLineReason.ROUNDED])
    cells[9] = "it's `new`"
    rows, bad, _ = _read(f"{_HEADER}\r\n{','.join(cells)}\r\n".encode())
    assert (rows, [it.reason for it in bad]) == ([], [BadLineReason.ROUNDED])
    # Behind a backtick it is a text, and nobody rounds it.
    ticked = ",".join(f"`{cell}" for cell in cells)
    rows, bad, _ = _read(f"{_HEADER}\r\n{ticked}\r\n".encode())
    assert (len(rows), bad) == (1, [])
