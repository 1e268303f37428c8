"""Which rows of a file are the list: a title stands above some, and totals below."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from hongbao.campaign.report.delimited import unguarded
from hongbao.campaign.report.line import is_report
from hongbao.campaign.table.row import BrokenTableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hongbao.campaign.table.row import Row

_TOTAL = re.compile(
    r"(?:合计|总计|小计|总额|总数|总和|总金额|共计|累计|汇总|grandtotal|subtotal|totals?|sum)(?![0-9a-z_-])"
)


def from_header(rows: Iterator[Row], number: int | None) -> Iterator[Row]:
    """The rows from the header's on; from the first one if its number is not said.

    Raises:
        BrokenTableError: if the row of the header is blank or beyond the end.
    """
    if number is None:
        yield from rows
        return
    header = next((row for row in rows if row.number >= number), None)
    if header is None or header.number != number:
        raise BrokenTableError(number, "is blank, or not there: it is said to be the header")
    yield header
    yield from rows


def without_guards(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows as they were before a report of ours guarded them from spreadsheets.

    Those of other files are left alone.
    """
    for header in islice(rows, 1):
        yield header
        if is_report(header.cells):
            rows = (row._replace(cells=[unguarded(cell) for cell in row.cells]) for row in rows)
        yield from rows


def without_last(rows: Iterator[Row], count: int, left_out: list[Row]) -> Iterator[Row]:
    """The rows but for the last ones, which are noted; the header always stays.

    Args:
        rows: the header first.
        count: how many are left out.
        left_out: gets them at the end.
    """
    yield from islice(rows, 1)
    if not count:
        yield from rows
        return
    waiting: deque[Row] = deque()
    for row in rows:
        waiting.append(row)
        if len(waiting) > count:
            yield waiting.popleft()
    left_out += waiting


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row of these cells says that it is a total."""
    return any(
        _TOTAL.match("".join(unicodedata.normalize("NFKC", cell).casefold().split()))
        for cell in cells
        if cell
    )
