"""Text in columns, for people: as wide as a terminal shows it, Chinese characters included."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unicodedata import east_asian_width

_GAP = "  "
_WIDE = frozenset("WF")


def in_columns(
    rows: Sequence[Sequence[str]], *, right: Collection[int] = (), indent: str = ""
) -> str:
    """Rows of equally many cells, one a line.

    Args:
        rows: the cells.
        right: the columns that stand at the right: numbers.
        indent: what each line begins with.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            _filled(cell, width_, at_right=place in right)
            for place, (cell, width_) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + _GAP.join(cells)).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(character) in _WIDE else 1 for character in text)


def _filled(cell: str, wanted: int, *, at_right: bool) -> str:
    blanks = " " * (wanted - width(cell))
    return blanks + cell if at_right else cell + blanks
