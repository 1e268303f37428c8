"""CSV: rows of text between delimiters, one line each."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hongbao.campaign.table.row import CELLS_MAX, TOO_WIDE, BrokenTableError, Row, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hongbao.campaign.table.encoding import Encoding

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_LINES_LOOKED_AT = 20
_SEP = re.compile('"?sep=(.)"?', re.IGNORECASE)
"""How a file says its delimiter to Excel, in a line before all others."""
_BOM = "\ufeff"
"""A second byte order mark: some programs put theirs before one that is there."""

_ROW_CHARS_MAX = 256 * 1024
_ROW_TOO_LONG = "row larger than that"


def text_of(stream: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    """A scanned file as text, from its beginning, its line ends as they are."""
    return io.TextIOWrapper(stream, encoding=encoding.codec, newline="")


class Beginning(NamedTuple):
    """How a file of text begins.

    Attributes:
        delimiter: between its cells.
        header: the cells of its header, as far as one line has them.
        skipped: how many lines stand before its first row and are none.
    """

    delimiter: str
    header: list[str]
    skipped: int


def find_beginning(
    text: io.TextIOWrapper,
    path: Path,
    known: Callable[[list[str]], int],
    *,
    delimiter: str | None,
    header_row: int | None,
) -> Beginning:
    """How a file begins, and the delimiter with which most columns of its header are known.

    Args:
        text: the file; it is left at its beginning.
        path: for errors.
        known: how many cells of a header are the names of columns.
        delimiter: as the caller says it.
        header_row: the line of the header, as the caller says it; else it is the first one.

    Raises:
        UnreadableFileError: if there is no row at all, or if two delimiters would do.
    """
    lines = list(islice(text, max(_LINES_LOOKED_AT, header_row or 0)))
    text.seek(0)
    if lines:
        lines[0] = lines[0].lstrip(_BOM)
    sep = _SEP.fullmatch(lines[0].strip("\r\n")) if lines else None
    skipped = 1 if sep is not None else 0
    after = lines[(header_row or 1) - 1 :] if header_row else lines[skipped:]
    filled = [line for line in after if line.strip(" \t\r\n,;")]
    if not filled:
        raise unreadable(path, "has no header and no row", "Name the columns in its first row.")
    found = delimiter or (sep and sep[1]) or _delimiter(filled, path, known)
    if found not in DELIMITERS:
        names = ", ".join(DELIMITERS.values())
        raise unreadable(path, f"cannot be separated by {found!r}", f"There are {names}.")
    return Beginning(found, _cells(filled[0], found), skipped)


def _delimiter(lines: Sequence[str], path: Path, known: Callable[[list[str]], int]) -> str:
    """The delimiter of the first line that has names of columns; it is the header, as a rule."""
    header = lines[0]
    for line in lines:
        split = {delimiter: _cells(line, delimiter) for delimiter in DELIMITERS}
        scores = {delimiter: known(cells) for delimiter, cells in split.items()}
        if not any(scores.values()):
            continue
        best = [delimiter for delimiter in DELIMITERS if scores[delimiter] == max(scores.values())]
        if any(split[delimiter] != split[best[0]] for delimiter in best):
            names = " or ".join(DELIMITERS[delimiter] for delimiter in best)
            raise unreadable(path, f"may be separated by {names}", "Say which.")
        return best[0]
    return max(DELIMITERS, key=header.count)  # the columns will be refused by their names


def read_rows(
    text: io.TextIOWrapper, delimiter: str, *, skipped: int, ended: bool
) -> Iterator[Row]:
    """The rows with their line numbers, without those that are blank.

    Args:
        text: the file, at its beginning.
        delimiter: between its cells.
        skipped: how many lines stand before the first row.
        ended: whether the file ends with a line end; else its last row may be cut off.

    Raises:
        BrokenTableError: at a quote that never closes, or one that stands where none can; at a row
            that is too long or too wide.
    """
    rows = _rows(text, delimiter, skipped)
    if ended:
        yield from rows
        return
    waiting: list[Row] = []
    try:
        for row in rows:
            yield from waiting
            waiting = [row]
    except BrokenTableError:
        yield from waiting
        raise
    yield from (row._replace(cut=True) for row in waiting)


def _rows(text: io.TextIOWrapper, delimiter: str, skipped: int) -> Iterator[Row]:
    room = _ROW_CHARS_MAX

    def lines() -> Iterator[str]:
        nonlocal room
        beginning = list(islice(text, skipped + 1))[skipped:]
        for text_line in chain((line.lstrip(_BOM) for line in beginning), text):
            room -= len(text_line)
            if room < 0:  # line ends inside of quotes may go on for ever, in ever new cells
                raise csv.Error(_ROW_TOO_LONG)
            yield text_line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            if len(cells) > CELLS_MAX:
                raise BrokenTableError(line, TOO_WIDE)
            texts = [cell.strip() for cell in cells]
            if any(texts):
                yield Row(line, texts)
            line = skipped + reader.line_num + 1
            room = _ROW_CHARS_MAX
    except csv.Error as error:
        raise BrokenTableError(line, _explain(str(error))) from None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return []


def _explain(message: str) -> str:
    """The parser's message in a user's words."""
    if "unexpected end of data" in message:
        return 'a quote (") opens here and never closes'
    if "field larger" in message:
        return f'a cell of more than {csv.field_size_limit()} characters: a quote (") never closes'
    if message == _ROW_TOO_LONG:
        return f'a row of more than {_ROW_CHARS_MAX} characters: a quote (") never closes'
    return 'text stands behind a closing quote ("); a quote inside of text is written twice ("")'
