"""CSV: rows of text between delimiters, one line each."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hongbao.campaign.table.row import (
    CELLS_MAX,
    TOO_WIDE,
    BrokenTableError,
    Columns,
    Row,
    unreadable,
)
from hongbao.english import OR, joined
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hongbao.campaign.table.encoding import Encoding

DELIMITERS = {",": say("comma"), ";": say("semicolon"), "\t": say("tab")}

_LINES_LOOKED_AT = 20
_SEP = re.compile('"?sep=(.)"?', re.IGNORECASE)
"""How a file says its delimiter to Excel, in a line before all others."""
_BOM = "\ufeff"
"""A second byte order mark: some programs put theirs before one that is there."""

_CHARS_AT_ONCE = 64 * 1024
"""As many rows as lie in a processor's cache while they are judged."""
_LINE_ENDS = ("\n", "\r")
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
        raise unreadable(
            path, say("has no header and no row"), say("Name the columns in its first row.")
        )
    found = delimiter or (sep and sep[1]) or _delimiter(filled, path, known)
    if found not in DELIMITERS:
        names = joined(DELIMITERS.values())
        raise unreadable(
            path,
            say("cannot be separated by {found!r}", found=found),
            say("There are {names}.", names=names),
        )
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
            names = joined((DELIMITERS[delimiter] for delimiter in best), OR)
            raise unreadable(
                path, say("may be separated by {names}", names=names), say("Say which.")
            )
        return best[0]
    return max(DELIMITERS, key=header.count)  # the columns will be refused by their names


class TextRows:
    """The rows of a text with their line numbers, without those that are blank, once.

    They are taken one by one, or many at once where that is easy.

    Args:
        text: the file, at its beginning.
        delimiter: between its cells.
        skipped: how many lines stand before the first row.

    Raises:
        BrokenTableError: while its rows are taken: at a quote that never closes, or one that stands
            where none can; at a row that is too long or too wide.
    """

    def __init__(self, text: io.TextIOWrapper, delimiter: str, *, skipped: int) -> None:
        self._text = text
        self._delimiter = delimiter
        for _ in range(skipped):
            text.readline()
        self._ahead = io.StringIO(text.readline().lstrip(_BOM), newline="")
        self._line = skipped
        self._last = ""
        self._room = 0
        self._rows = self._one_by_one()

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        return next(self._rows)

    def columns(self, width: int) -> Columns | None:
        """Some of the next rows, if each of them is one line of so many cells.

        None if there are no more rows, or if some of them are not such: then they are still there,
        to be taken one by one.
        """
        chunk = self._ahead.read() or self._text.read(_CHARS_AT_ONCE) + self._text.readline()
        cells = _columns(chunk.replace("\r\n", "\n"), self._delimiter, width)
        if cells is None:
            self._ahead = io.StringIO(chunk, newline="")
            return None
        begin = self._line + 1
        self._line += len(cells[0])
        return Columns(range(begin, begin + len(cells[0])), cells)

    def _one_by_one(self) -> Iterator[Row]:
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        while True:
            line = self._line + 1
            self._room = _ROW_CHARS_MAX
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise BrokenTableError(line, _explain(str(error))) from None
            if cells is None:
                return
            if len(cells) > CELLS_MAX:
                raise BrokenTableError(line, TOO_WIDE)
            texts = [cell.strip() for cell in cells]
            if any(texts):
                yield Row(line, texts, cut=not self._last.endswith(_LINE_ENDS))

    def _lines(self) -> Iterator[str]:
        while text_line := self._ahead.readline() or self._text.readline():
            self._room -= len(text_line)
            if self._room < 0:  # line ends inside of quotes may go on for ever, in ever new cells
                raise csv.Error(_ROW_TOO_LONG)
            self._line, self._last = self._line + 1, text_line
            yield text_line


def _columns(chunk: str, delimiter: str, width: int) -> list[list[str]] | None:
    """The cells of whole lines, column by column; None unless each line is a row of this width."""
    # As short as that, no cell and no row is too long.
    if not chunk.endswith("\n") or "\r" in chunk or len(chunk) > csv.field_size_limit():
        return None
    if '"' in chunk:
        return _quoted_columns(list(io.StringIO(chunk)), delimiter, width)
    cells = chunk.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    cells.pop()  # behind the last line end
    lines = chunk.count("\n")
    if len(cells) != (width + 1) * lines or cells[width :: width + 1].count("\n") != lines:
        return None
    return [list(map(str.strip, cells[place :: width + 1])) for place in range(width)]


def _quoted_columns(lines: list[str], delimiter: str, width: int) -> list[list[str]] | None:
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != len(lines) or set(map(len, rows)) != {width}:
        return None
    return [list(map(str.strip, column)) for column in zip(*rows, strict=True)]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return []


def _explain(message: str) -> str:
    """The parser's message in a user's words."""
    if "unexpected end of data" in message:
        return say('a quote (") opens here and never closes')
    if "field larger" in message:
        return say(
            'a cell of more than {most} characters: a quote (") never closes',
            most=csv.field_size_limit(),
        )
    if message == _ROW_TOO_LONG:
        return say(
            'a row of more than {most} characters: a quote (") never closes', most=_ROW_CHARS_MAX
        )
    return say(
        'text stands behind a closing quote ("); a quote inside of text is written twice ("")'
    )
