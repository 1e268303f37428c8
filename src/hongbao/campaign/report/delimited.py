"""A report as CSV, in UTF-8 with a byte order mark, which Excel asks for."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

GUARD = "'"
# What a spreadsheet would run as a formula, in full width too
# (https://owasp.org/www-community/attacks/CSV_Injection), and the numbers of which it would lose
# digits: a send_listid has 28, and it keeps 15.
_AMISS = re.compile(r"[=+\-@＝＋－＠\t\r\n]|(?:[0-9]{16,}|0[0-9]+|[0-9]+[Ee][0-9]+)\Z")

_RISKY = frozenset("=+-@＝＋－＠\t\r\n0123456789")
"""What all such texts begin with."""


def guarded(text: str) -> str:
    """A text that a spreadsheet shows as it is."""
    if _AMISS.match(text):
        return GUARD + text
    return text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[len(GUARD) :] if text.startswith(GUARD) and _AMISS.match(text[1:]) else text


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], foreign: Collection[str]
) -> None:
    """Write a table.

    Args:
        path: of the file.
        header: the names of its columns.
        rows: its rows.
        foreign: the columns whose texts are guarded; all others hold what runs nowhere.

    Raises:
        OSError: if it cannot be written.
    """
    places = [place for place, name in enumerate(header) if name in foreign]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(_guarded_row(row, places) for row in rows)


def _guarded_row(row: Sequence[str], places: Sequence[int]) -> Sequence[str]:
    cells = list(row)
    for place in places:
        text = cells[place]
        if text[:1] in _RISKY and _AMISS.match(text):
            cells[place] = GUARD + text
    return cells
