"""A report as CSV, in UTF-8 with a byte order mark, which Excel asks for."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

from hongbao.campaign.report.block import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

GUARD = "'"
# What a spreadsheet would run as a formula, in full width too
# (https://owasp.org/www-community/attacks/CSV_Injection), and the numbers of which it would lose
# digits: a send_listid has 28, and it keeps 15.
_AMISS = re.compile(r"[=+\-@＝＋－＠\t\r\n]|(?:[0-9]{16,}|0[0-9]+|[0-9]+[Ee][0-9]+)\Z")

_AT_ONCE = 1_000
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


class CsvForm:
    """Writes rows as CSV.

    Args:
        header: the names of the columns.
        foreign: the columns whose texts are guarded; all others hold what runs nowhere.
    """

    def __init__(self, header: Sequence[str], foreign: Collection[str]) -> None:
        self._places = [place for place, name in enumerate(header) if name in foreign]

    def block(self, rows: Sequence[Sequence[str]]) -> Block:
        """Write rows, of which there is at least one."""
        columns: list[Sequence[str]] = list(zip(*rows, strict=True))
        for place in self._places:
            columns[place] = [
                GUARD + text if text[:1] in _RISKY and _AMISS.match(text) else text
                for text in columns[place]
            ]
        return Block(len(rows), _written(zip(*columns, strict=True)), ())


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], foreign: Collection[str]
) -> None:
    """Write a table.

    Args:
        path: of the file.
        header: the names of its columns.
        rows: its rows.
        foreign: see ``CsvForm``.

    Raises:
        OSError: if it cannot be written.
    """
    form = CsvForm(header, foreign)
    write_csv_blocks(path, header, blocks(form, rows, of=_AT_ONCE))


def write_csv_blocks(path: Path, header: Sequence[str], written: Iterable[Block]) -> None:
    """Write a table of rows that a form has written.

    Raises:
        OSError: if it cannot be written.
    """
    with path.open("wb") as stream:
        stream.write(codecs.BOM_UTF8 + _written([header]))
        for block in written:
            stream.write(block.data)


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
