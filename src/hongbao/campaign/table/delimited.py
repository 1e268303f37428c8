"""CSV: rows of text between delimiters, one line each."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, BinaryIO

from hongbao.campaign.table.row import CELLS_MAX, TOO_WIDE, BrokenTableError, Row, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hongbao.campaign.table.encoding import Encoding

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

_ROW_CHARS_MAX = 256 * 1024
_ROW_TOO_LONG = "row larger than that"


def text_of(stream: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    """A scanned file as text, from its beginning, its line ends as they are."""
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def find_delimiter(text: io.TextIOWrapper, path: Path, known: Callable[[list[str]], int]) -> str:
    """The delimiter with which most columns of the header are known; the text is left at the start.

    Args:
        text: the file.
        path: for errors.
        known: how many cells of a header are the names of columns.

    Raises:
        ConfigurationError: if there is no row at all, or if two delimiters would do.
    """
    header = next((line for line in text if line.strip(" \t\r\n,;")), None)
    text.seek(0)
    if header is None:
        raise unreadable(path, "has no header and no row", "Name the columns in its first row.")
    split = {delimiter: _cells(header, delimiter) for delimiter in DELIMITERS}
    scores = {delimiter: known(cells) for delimiter, cells in split.items()}
    best = [delimiter for delimiter in DELIMITERS if scores[delimiter] == max(scores.values())]
    if scores[best[0]] == 0:
        best = [max(DELIMITERS, key=header.count)]  # the columns will be refused by their names
    if any(split[delimiter] != split[best[0]] for delimiter in best):
        names = " or ".join(DELIMITERS[delimiter] for delimiter in best)
        raise unreadable(path, f"may be separated by {names}", "Say which.")
    return best[0]


def read_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    """The rows with their line numbers, without those that are blank.

    Raises:
        BrokenTableError: at a quote that never closes, or one that stands where none can; at a row
            that is too long or too wide.
    """
    room = _ROW_CHARS_MAX

    def lines() -> Iterator[str]:
        nonlocal room
        for text_line in text:
            room -= len(text_line)
            if room < 0:  # line ends inside of quotes may go on for ever, in ever new cells
                raise csv.Error(_ROW_TOO_LONG)
            yield text_line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > CELLS_MAX:
                raise BrokenTableError(line, TOO_WIDE)
            texts = [cell.strip() for cell in cells]
            if any(texts):
                yield Row(line, texts)
            line = reader.line_num + 1
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
