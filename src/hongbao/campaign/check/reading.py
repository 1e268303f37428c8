"""Reads a list: understands its header, judges its rows, and stages those that are right.

What the shape of a sheet means for a list is said here, too: hidden columns, merged cells,
conditional formats, and totals that stand at its end.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from hongbao.campaign.ports import ListStage
from hongbao.campaign.rows.columns import PAYEE, UnfitHeaderError, mapped, understand
from hongbao.campaign.rows.validator import RowValidator
from hongbao.campaign.staging.lines import Lines
from hongbao.campaign.table.around import letters_of
from hongbao.campaign.table.row import (
    BrokenTableError,
    Columns,
    UnreadableFileError,
    columns_of,
    unreadable,
)
from hongbao.campaign.table.table import open_table
from hongbao.english import joined, sentence
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hongbao.business_key import KeyMaker
    from hongbao.campaign.check.meaning import Meaning
    from hongbao.campaign.notes import Notebook
    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import Progress
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging.staging import Staging
    from hongbao.campaign.table.around import Around, Merged
    from hongbao.campaign.table.row import Row
    from hongbao.campaign.table.table import Table

Batch: TypeAlias = "Columns | Sequence[Row]"

_AT_ONCE = 2_000
_HEADER_LOOKED_FOR = 20
_TAIL = 8
"""Rows at the end among which a total is looked for."""
_TOTAL = re.compile(
    r"(?:合计|总计|小计|总额|总数|总和|总金额|共计|累计|汇总|grandtotal|subtotal|totals?|sum)(?![0-9a-z_-])"
)


class ReadList(NamedTuple):
    """A list that was read; its rows are staged.

    Attributes:
        layout: where its columns stand; None if its header could not be understood.
        digest: SHA-256 of the file's bytes; empty if it could not be read as a table.
        words: how the file was read, for people; empty as well then.
    """

    layout: Layout | None
    digest: bytes
    words: str


class ListReader:
    """Reads one list.

    Args:
        meaning: how it is meant.
        payer: who pays.
        keys: derives those of rows that say none.
        staging: where right rows go.
        notebook: what is wrong is noted there.
        progress: called now and then with how far it is.
    """

    def __init__(
        self,
        meaning: Meaning,
        payer: Payer,
        keys: KeyMaker,
        *,
        staging: Staging,
        notebook: Notebook,
        progress: Progress,
    ) -> None:
        self._meaning = meaning
        self._payer = payer
        self._keys = keys
        self._staging = staging
        self._notebook = notebook
        self._progress = progress

    def read(self, path: Path) -> ReadList:
        """Judge all rows of a file, and stage those that are right by themselves.

        Raises:
            ConfigurationError: if it is not there, or may not be opened.
        """
        try:
            return self._read(path)
        except UnreadableFileError as error:
            self._notebook.problem(
                0,
                "",
                say("{problem} {remedy}", problem=sentence(error.problem), remedy=error.remedy),
            )
            return ReadList(None, b"", "")

    def _read(self, path: Path) -> ReadList:
        with open_table(path, self._meaning.reading, self._known) as table:
            try:
                header = next(table.rows, None)
            except BrokenTableError as error:
                raise unreadable(path, str(error), say("Fix the file.")) from None
            if header is None:
                raise unreadable(path, say("has no row"), say("Name the columns in its first row."))
            try:
                layout = understand(
                    header.cells, self._meaning.columns, self._meaning.unit,
                    keep=self._meaning.keep,
                    texts={it for rules in self._payer.rules.values() for it in rules.kind.texts},
                )  # fmt: skip
            except UnfitHeaderError as error:
                for what in error.problems:
                    self._notebook.problem(header.number, "", what)
                self._look_for_header(table, header, blind=error.blind)
                return ReadList(None, table.digest, table.words)
            kind = self._meaning.kind or next(iter(self._payer.rules))
            validator = RowValidator(
                layout=layout,
                payer=self._payer,
                keys=self._keys,
                unit=self._meaning.unit,
                kind=kind,
                staging=self._staging,
                notebook=self._notebook,
            )
            tail, last = self._judge_rows(table, layout, validator)
            for note in table.notes:
                self._notebook.caution(note)
            _look_around(table.around, layout, (header.number + 1, last), self._notebook)
            self._look_at_end(tail, table, layout.places[PAYEE], kind)
            return ReadList(layout, table.digest, table.words)

    def _judge_rows(
        self, table: Table, layout: Layout, validator: RowValidator
    ) -> tuple[list[Row], int]:
        """Stage the right rows; gives the last rows, and the number of the very last."""
        count = last = 0
        tail: list[Row] = []
        try:
            for batch in _batches(table, layout.width):
                rows, latest = self._judge(batch, validator)
                count += rows
                tail = [*tail, *latest][-_TAIL:]
                last = tail[-1].number if tail else last
                self._progress(ListStage.READ, count)
        except BrokenTableError as error:
            self._notebook.problem(
                error.row, "", say("{what}; nothing behind it was read", what=error.what)
            )
        if not count and not self._notebook.problem_count:
            self._notebook.problem(0, "", say("has a header and no rows"))
        return tail, last

    def _judge(self, batch: Batch, validator: RowValidator) -> tuple[int, Sequence[Row]]:
        """Stage the right ones of some rows; gives how many rows they are, and the last of them."""
        if isinstance(batch, Columns):
            plain = validator.plain(batch)
            if plain is not None:
                self._staging.add(plain)
                return len(batch.numbers), batch.last(_TAIL)
            batch = batch.rows()
        lines = [line for line in map(validator.validate, batch) if line is not None]
        if lines:
            self._staging.add(Lines.of(lines))
        return len(batch), batch[-_TAIL:]

    def _look_at_end(self, tail: list[Row], table: Table, payee: int, kind: str) -> None:
        """Say how totals at the end are left out, and what was left out."""
        is_payee = self._payer.rules[kind].is_payee
        for place, row in enumerate(tail):
            below = [it.cells[payee] for it in tail[place:] if len(it.cells) > payee]
            further = any(is_payee(it) and not _is_total([it]) for it in below)
            if _is_total(row.cells) and not further:
                what = say(
                    "row {number} looks like a total: --skip-last {count} leaves it out",
                    number=row.number,
                    count=len(tail) - place,
                )
                self._notebook.problem(0, "", what)
                break
        for row in table.left_out:
            paid = len(row.cells) > payee and is_payee(row.cells[payee]) is not None
            what = say("left out at the end, as it was said")
            if paid and not _is_total(row.cells):
                what = say("left out at the end, as it was said, and names a receiver")
            self._notebook.caution(what, row.number)

    def _known(self, cells: list[str]) -> int:
        columns = self._meaning.columns
        return sum(bool(cell) and mapped(cell, columns) is not None for cell in cells)

    def _look_for_header(self, table: Table, first: Row, *, blind: bool) -> None:
        """Say where the header may be, if the first row is none."""
        known = self._known(first.cells)
        with suppress(BrokenTableError):
            for row in islice(table.rows, _HEADER_LOOKED_FOR):
                if self._known(row.cells) > max(known, 1):
                    what = say(
                        "row {number} looks like the header: --header-row {number}",
                        number=row.number,
                    )
                    self._notebook.problem(0, "", what)
                    return
        if blind and table.other_sheets:
            names = joined(map(repr, table.other_sheets))
            what = say(
                "the workbook has other sheets: {names}; --sheet NAME reads one of them",
                names=names,
            )
            self._notebook.problem(0, "", what)


def _batches(table: Table, width: int) -> Iterator[Batch]:
    """The rows, some at a time, as columns where that is easy.

    Rows get as many empty cells at their ends as the header wants: a sheet leaves them out, and so
    does Excel in a CSV. Of a row in which the file ends, more may be missing than empty cells.
    """
    while True:
        columns = table.columns(width)
        if columns is not None:
            yield columns
            continue
        batch: list[Row] = []
        try:
            for row in islice(table.rows, _AT_ONCE):
                cells = row.cells
                if len(cells) != width and not row.cut:
                    cells.extend([""] * (width - len(cells)))
                    if not any(cells[width:]):
                        del cells[width:]
                batch.append(row)
        except BrokenTableError:
            yield batch  # what stands before the break is right or wrong by itself
            raise
        if not batch:
            return
        yield columns_of(batch, width) or batch


def _look_around(around: Around, layout: Layout, rows: tuple[int, int], notebook: Notebook) -> None:
    """Note what a person does not see of a sheet's cells, or sees in more of them than hold it.

    Args:
        around: what stands around the rows.
        layout: where the columns of the list stand.
        rows: the first and the last of its rows.
        notebook: it is noted there.
    """
    columns = {place: name for name, place in layout.kept.items()}
    columns |= {place: layout.names[field] for field, place in layout.places.items()}
    for place in sorted(around.hidden & columns.keys()):
        notebook.caution(
            say(
                "column {letters} ({name}) is hidden, and is part of the list",
                letters=letters_of(place),
                name=columns[place],
            )
        )
    for merged in around.merged:
        covered = _covered(merged, columns, rows)
        if covered is not None:
            notebook.problem(
                *covered,
                say(
                    "{name} are merged, and only the first of these cells holds a value: "
                    "unmerge them and fill in each",
                    name=merged.name,
                ),
            )
    for reference in around.shown_otherwise:
        notebook.caution(
            say(
                "conditional formatting of {reference} can show other numbers than the cells hold",
                reference=reference,
            )
        )


def _covered(
    merged: Merged, columns: dict[int, str], rows: tuple[int, int]
) -> tuple[int, str] | None:
    """The row and the column of the first cell that counts; None if there are not two of them."""
    top, bottom = max(merged.rows[0], rows[0]), min(merged.rows[1], rows[1])
    left, right = merged.places
    places = [place for place in sorted(columns) if left <= place <= right]
    if not places or top > bottom:
        return None
    # What begins in the header gives none of its rows a value.
    count = (bottom - min(merged.rows[0], top) + 1) * len(places)
    return (top, columns[places[0]]) if count > 1 else None


def _is_total(cells: Sequence[str]) -> bool:
    """Whether a row of these cells says that it is a total."""
    return any(
        _TOTAL.match("".join(unicodedata.normalize("NFKC", cell).casefold().split()))
        for cell in cells
        if cell
    )
