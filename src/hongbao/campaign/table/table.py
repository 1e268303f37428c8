"""Opens a file as a table, whatever kind of file it is, without what stands around the list."""

from __future__ import annotations

import re
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import islice
from typing import TYPE_CHECKING

from hongbao.campaign.report.columns import is_report
from hongbao.campaign.report.delimited import unguarded
from hongbao.campaign.table.around import Around
from hongbao.campaign.table.delimited import DELIMITERS, TextRows, find_beginning, text_of
from hongbao.campaign.table.encoding import SAY_ENCODING, scan
from hongbao.campaign.table.parts import MalformedPartError, Parts
from hongbao.campaign.table.row import BrokenTableError, unreadable
from hongbao.campaign.table.shared_text import SharedText
from hongbao.campaign.table.sheet import SheetReader
from hongbao.campaign.table.workbook import read_shared, read_workbook
from hongbao.english import joined
from hongbao.errors import ConfigurationError
from hongbao.sentences import say, say_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader
    from pathlib import Path

    from hongbao.campaign.table.encoding import Encoding
    from hongbao.campaign.table.row import Columns, Row
    from hongbao.campaign.table.workbook import Sheet

_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0"

_NO_LIST = say("Save it as XLSX or CSV again.")
_LOOKED_AT = 64  # bytes
_NO_TEXTS = (
    (
        re.compile(rb"(?i)<(?:\?xml|!|html|head|meta|style|body|div|table)|MIME-Version:"),
        say("is a web page or XML, whatever its name says"),
    ),
    (re.compile(rb'[\[{]\s*[\[{"]'), say("is JSON")),
)
"""What exports are called CSV and XLS, by how they begin; no name of a column does."""
_NO_WORKBOOKS = {
    "mimetype": say("is an OpenDocument sheet (ODS)"),
    "xl/workbook.bin": say("is a binary workbook (XLSB)"),
    "Index/Document.iwa": say("is a document of Numbers"),
}
"""What else programs of sheets pack into a zip, by a part that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read, as far as the caller says it.

    Attributes:
        encoding: of a CSV; found by reading it, if left out.
        delimiter: of a CSV: comma, semicolon or tab; found by the header, if left out.
        sheet: which sheet of a workbook; the first that is shown, if left out.
        header_row: the row that names the columns, as its reader counts; the first, if left out.
        skip_last: how many rows at the end are none of the list: totals, remarks.
    """

    encoding: Encoding | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    skip_last: int = 0


def _no_columns(_width: int) -> Columns | None:
    return None


@dataclass(slots=True, kw_only=True)
class Table:
    """An open table.

    Attributes:
        words: how it is read, for people.
        digest: SHA-256 of the file's bytes.
        rows: the rows that are not blank, once; the first is the header. They may leave out the
            empty cells at their ends. They end with ``BrokenTableError`` where the file cannot be
            read on.
        columns: takes some of the next rows at once, as columns of this width; None if that is not
            easy, and then none is taken. A report of ours must not be read so: see
            ``without_guards``.
        other_sheets: the names of the workbook's other sheets.
        left_out: the rows at the end that were said to be none of the list, when all are read.
        notes: what a person should know of it; complete when all rows are read.
        around: what stands around the rows of a sheet; complete when all rows are read.
    """

    words: str
    digest: bytes
    rows: Iterator[Row]
    columns: Callable[[int], Columns | None] = _no_columns
    other_sheets: tuple[str, ...] = ()
    left_out: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    around: Around = field(default_factory=Around)


@contextmanager
def open_table(path: Path, reading: Reading, known: Callable[[list[str]], int]) -> Iterator[Table]:
    """A file as a table, closed afterwards.

    Args:
        path: of a CSV or XLSX file.
        reading: what is known of it.
        known: how many of these cells are the names of columns.

    Raises:
        UnreadableFileError: if it is neither, or cannot be read as it is said to be.
        ConfigurationError: if it cannot be opened.
    """
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
            beginning = stream.read(_LOOKED_AT)
            stream.seek(0)
        except OSError as error:
            problem = say("cannot be read ({strerror})", strerror=error.strerror)
            raise ConfigurationError(
                setting=str(path), problem=problem, remedy=say("Check the path.")
            ) from error
        if beginning.startswith(_OLE):
            raise unreadable(
                path, say("is an XLS of before 2007, or is locked by a password"), _NO_LIST
            )
        letters = beginning.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"")
        for begins, what in _NO_TEXTS:
            if begins.match(letters):
                raise unreadable(path, what, _NO_LIST)
        if beginning.startswith(_ZIP):
            table = _open_workbook(stack, stream, path, reading)
        else:
            table = _open_text(stack, stream, path, reading, known)
        rows = from_header(table.rows, reading.header_row)
        rows = without_last(rows, reading.skip_last, table.left_out)
        table.rows = without_guards(rows)
        yield table


def _open_text(
    stack: ExitStack,
    stream: BufferedReader,
    path: Path,
    reading: Reading,
    known: Callable[[list[str]], int],
) -> Table:
    if reading.sheet is not None:
        raise unreadable(
            path, say("is not a workbook, and has no sheets"), say("Leave the sheet out.")
        )
    scanned = scan(stream, path, reading.encoding)
    text = stack.enter_context(text_of(stream, scanned.encoding))
    delimiter, header, skipped = find_beginning(
        text, path, known, delimiter=reading.delimiter, header_row=reading.header_row
    )
    # A name that is known is the proof that its letters were read as they were written.
    if scanned.doubt and not any(not cell.isascii() and known([cell]) for cell in header):
        raise unreadable(path, scanned.doubt, SAY_ENCODING)
    words = say(
        "CSV in {encoding}, separated by {delimiter}",
        encoding=scanned.encoding.words,
        delimiter=DELIMITERS[delimiter],
    )
    rows = TextRows(text, delimiter, skipped=skipped)
    columns = _no_columns if reading.skip_last else rows.columns
    return Table(words=words, digest=scanned.digest, rows=rows, columns=columns)


def _open_workbook(stack: ExitStack, stream: BufferedReader, path: Path, reading: Reading) -> Table:
    digest = file_digest(stream, "sha256").digest()
    shared = stack.enter_context(SharedText())
    try:
        parts = Parts(stream)
        for name, what in _NO_WORKBOOKS.items():
            if name in parts:
                raise unreadable(path, what, _NO_LIST)
        workbook = read_workbook(parts)
        if workbook.shared is not None:
            read_shared(parts, workbook.shared, shared)
    except MalformedPartError as error:
        raise unreadable(
            path, say("is not an XLSX that can be read: {why}", why=str(error)), _NO_LIST
        ) from None
    sheet, notes = _choose(path, workbook.sheets, reading.sheet)
    table = Table(
        words=say("XLSX, sheet {name!r}", name=sheet.name),
        digest=digest,
        rows=iter(()),
        notes=notes,
        other_sheets=tuple(it.name for it in workbook.sheets if it is not sheet),
    )
    reader = SheetReader(shared, workbook)
    table.around = reader.around
    table.rows = _sheet_rows(reader, parts, sheet, table)
    return table


def _choose(path: Path, sheets: tuple[Sheet, ...], name: str | None) -> tuple[Sheet, list[str]]:
    shown = [sheet for sheet in sheets if sheet.visible] or list(sheets)
    if name is None:
        others = [repr(sheet.name) for sheet in shown[1:]]
        note = say("only the first sheet is read; not {others}", others=joined(others))
        return shown[0], [note] if others else []
    for sheet in sheets:
        if sheet.name == name:
            return sheet, []
    raise unreadable(
        path,
        say("has no sheet {name!r}", name=name),
        say("It has {sheets}.", sheets=joined(repr(sheet.name) for sheet in sheets)),
    )


def _sheet_rows(reader: SheetReader, parts: Parts, sheet: Sheet, table: Table) -> Iterator[Row]:
    yield from reader.rows(parts, sheet.part)
    if reader.hidden:
        more = ["..."] if reader.hidden > len(reader.first_hidden) else []
        what = say_many(
            "{count} hidden row is part of the list, and is paid (row {rows})",
            "{count} hidden rows are part of the list, and are paid (rows {rows})",
            reader.hidden,
            rows=joined([*map(str, reader.first_hidden), *more]),
        )
        table.notes.append(what)


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
        raise BrokenTableError(number, say("is blank, or not there: it is said to be the header"))
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
