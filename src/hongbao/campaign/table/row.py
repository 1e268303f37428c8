"""A row of a table, and what can be wrong with a table as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CELLS_MAX = 1_000
"""No list is as wide. A sheet has 16,384 columns: one stray cell at their end, in each of a million
rows, would take minutes to fill up to."""

TOO_WIDE = say(
    "has more than {most} cells: is there a stray cell far to the right?", most=CELLS_MAX
)


class Shown(NamedTuple):
    """What a cell shows instead of what it holds.

    Attributes:
        text: that is seen; None if that is not known.
        format: the code of its number format.
    """

    text: str | None
    format: str


class Row(NamedTuple):
    """One row as it stands in the file.

    Attributes:
        number: as its reader sees it, from 1: the line of a CSV, the row of a sheet.
        cells: their text, without white space around it.
        faults: ``(place of the cell, what is wrong with it)`` for cells that cannot be read.
        shown: ``(place of the cell, what it shows)`` for cells that show something else than their
            text here.
        cut: whether the file ends without a line end in it: the end of it may be missing.
    """

    number: int
    cells: list[str]
    faults: tuple[tuple[int, str], ...] = ()
    shown: tuple[tuple[int, Shown], ...] = ()
    cut: bool = False


class Columns(NamedTuple):
    """Rows of which there is nothing to be known but their cells.

    Attributes:
        numbers: of the rows, see ``Row``.
        cells: column by column, their text without white space around it.
    """

    numbers: Sequence[int]
    cells: Sequence[Sequence[str]]

    def last(self, count: int) -> list[Row]:
        """The last rows, without those that are blank."""
        return Columns(self.numbers[-count:], [it[-count:] for it in self.cells]).rows()

    def rows(self) -> list[Row]:
        """The same row by row, without those that are blank."""
        rows = zip(self.numbers, zip(*self.cells, strict=True), strict=True)
        return [Row(number, list(cells)) for number, cells in rows if any(cells)]


def columns_of(rows: Sequence[Row], width: int) -> Columns | None:
    """Some rows as columns; None if they are not of this width, or there is more to be known."""
    if any(len(it.cells) != width or it.faults or it.shown for it in rows):
        return None
    cells = zip(*[it.cells for it in rows], strict=True)
    return Columns([it.number for it in rows], list(cells))


class BrokenTableError(Exception):
    """From this row on, a table cannot be read. It never leaves this package.

    Attributes:
        row: where.
        what: what is wrong.
    """

    def __init__(self, row: int, what: str) -> None:
        super().__init__(say("{where}: {what}", where=say("row {number}", number=row), what=what))
        self.row = row
        self.what = what


class UnreadableFileError(ConfigurationError):
    """What a file holds is no table. Of a list, that is a problem of the list."""


def unreadable(path: Path, problem: str, remedy: str) -> UnreadableFileError:
    """The error of a file that is there, and of which no row can be read."""
    return UnreadableFileError(setting=str(path), problem=problem, remedy=remedy)
