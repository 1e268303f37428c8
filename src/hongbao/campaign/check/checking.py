"""Checks a whole list before anything of it is stored; all its problems are reported at once."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from hongbao.campaign.check.findings import LOOKED_AT, Findings, sample_texts
from hongbao.campaign.check.whole_list import BookCheck
from hongbao.campaign.compare.bookmark import Bookmark, Purpose, look_up, no_campaign
from hongbao.campaign.notes import Notebook, Sum
from hongbao.campaign.ports import ListStage, unwatched
from hongbao.campaign.rows.columns import PAYEE, UnfitHeaderError, check_map, mapped, understand
from hongbao.campaign.rows.form import FORMS
from hongbao.campaign.rows.validator import Judge
from hongbao.campaign.staging import open_staging
from hongbao.campaign.table.around import letters_of
from hongbao.campaign.table.row import BrokenTableError, unreadable
from hongbao.campaign.table.table import Reading, is_total, open_table
from hongbao.errors import ConfigurationError
from hongbao.rails.redpack.kinds import NORMAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hongbao.campaign.payer import Payer
    from hongbao.campaign.ports import CampaignLedger, Progress
    from hongbao.campaign.rows.amounts import Unit
    from hongbao.campaign.rows.columns import Layout
    from hongbao.campaign.staging import Staging
    from hongbao.campaign.table.around import Around, Merged
    from hongbao.campaign.table.row import Row
    from hongbao.campaign.table.table import Table
    from hongbao.money import Fen

_AT_ONCE = 2_000
_HEADER_LOOKED_FOR = 20
_TAIL = 8
"""Rows at the end among which a total is looked for."""
_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How a list is meant.

    Attributes:
        unit: of its amounts; it has to be said.
        kind: of rows that say none.
        allow_repeats: whether a receiver may stand in several rows.
        budget: what it may come to at most, in fen; None is no limit.
        columns: fields by the names that columns have in this list; others go by known names.
        reading: how the file is to be read.
        leave_out: campaigns, and paths of lists: whoever is in one of them is left out.
        pay_again: why rows are paid that repeat what other campaigns pay; None if they are not.
    """

    unit: Unit
    kind: str = NORMAL.name
    allow_repeats: bool = False
    budget: Fen | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reading: Reading = field(default_factory=Reading)
    leave_out: tuple[str, ...] = ()
    pay_again: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedList:
    """A list that was checked, ready to be stored as it was checked.

    Attributes:
        findings: what was found.
        payer: who pays.
        budget: what it may come to at most, in fen.
        mark: where the books stood.
        purpose: what it is stored for.
        pay_again: why it pays again what other campaigns pay; None if it does not.
        staging: its rows.
    """

    findings: Findings
    payer: Payer
    budget: Fen | None
    mark: Bookmark
    purpose: Purpose
    pay_again: str | None
    staging: Staging = field(repr=False)


@contextmanager
def check_list(
    path: Path,
    *,
    name: str,
    payer: Payer,
    meaning: Meaning,
    purpose: Purpose = Purpose.NEW,
    books: CampaignLedger | None = None,
    progress: Progress = unwatched,
) -> Iterator[CheckedList]:
    """Check a list as a whole. Its rows stay on disk, for ``store_list``, until this is left.

    The books are only read.

    Args:
        path: of a CSV or XLSX file.
        name: of the campaign that it is to become, or to extend, or to replace.
        payer: who pays.
        meaning: how the list is meant.
        purpose: what it is stored for.
        books: what it is held against; None if there are none yet.
        progress: told how far it is.

    Raises:
        ConfigurationError: if the file cannot be read at all, or its header cannot be understood,
            or the name or the meaning cannot be.
        LedgerError: if the books cannot be read, or the campaign cannot be extended or replaced.
    """
    mark = Bookmark(name=name)
    if books is not None:
        mark = look_up(books, payer, name, purpose)
    elif purpose is not Purpose.NEW:
        raise no_campaign(name)
    # Afterwards, for a supplement has a name that no list may give, and is more than a wrong name.
    _check_meaning(name, meaning)
    budget = mark.budget_left if meaning.budget is None else meaning.budget
    with open_staging() as staging:
        notebook = Notebook()
        check = _Check(path, name, payer, meaning, staging, notebook)
        against = BookCheck(
            staging, notebook, payer, mark, purpose, name=name, pay_again=meaning.pay_again,
            leave_out=meaning.leave_out, columns=meaning.columns, budget=budget,
            allow_repeats=meaning.allow_repeats,
        )  # fmt: skip
        findings = check.run(against, books, progress)
        yield CheckedList(
            findings=findings, payer=payer, budget=budget, mark=mark, purpose=against.purpose,
            pay_again=meaning.pay_again, staging=staging,
        )  # fmt: skip


def _check_meaning(name: str, meaning: Meaning) -> None:
    if _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            setting="the campaign's name",
            problem=f"{name[:64]!r} is no name",
            remedy="Give 1 to 64 letters, digits, '.', '-' and '_', not beginning with '.' or '-'.",
        )
    if meaning.kind not in FORMS:
        raise ConfigurationError(
            setting="the kind",
            problem=f"{meaning.kind!r} is none",
            remedy=f"There are {', '.join(FORMS)}.",
        )
    check_map(meaning.columns)


class _Check:
    """One check of one list."""

    def __init__(  # noqa: PLR0917  # what one list is checked with
        self, path: Path, name: str, payer: Payer, meaning: Meaning, staging: Staging,
        notebook: Notebook,
    ) -> None:  # fmt: skip
        self._path = path
        self._name = name
        self._payer = payer
        self._meaning = meaning
        self._staging = staging
        self._notebook = notebook

    def run(self, against: BookCheck, books: CampaignLedger | None, progress: Progress) -> Findings:
        with open_table(self._path, self._meaning.reading, self._known_columns) as table:
            layout = self._read(table, progress)
        if layout is not None:
            against.run(books, layout, table.digest, progress)
        notebook = self._notebook
        sums = {kind: Sum(*it) for kind, it in sorted(self._staging.sums.items())}
        sound = layout is not None and not notebook.problem_count
        return Findings(
            campaign=against.mark.name,
            source=self._path.name,
            read_as=table.words,
            source_digest=table.digest,
            total=Sum(sum(it.rows for it in sums.values()), sum(it.amount for it in sums.values())),
            kinds=sums,
            new=against.new,
            known=against.known,
            elsewhere=against.elsewhere,
            owners=against.owners,
            left_out=tuple(against.left_out),
            again=against.again,
            again_with_keys=against.again_with_keys,
            digest=against.digest if sound else None,
            problems=tuple(notebook.problems),
            problem_count=notebook.problem_count,
            cautions=notebook.cautions,
            texts=sample_texts(map(json.loads, self._staging.first_terms(LOOKED_AT))),
        )

    def _known_columns(self, cells: list[str]) -> int:
        columns = self._meaning.columns
        return sum(bool(cell) and mapped(cell, columns) is not None for cell in cells)

    def _read(self, table: Table, progress: Progress) -> Layout | None:
        """Judge all rows, and staging those that are right by themselves; none without a header."""
        rows = table.rows
        try:
            header = next(rows, None)
        except BrokenTableError as error:
            raise unreadable(self._path, str(error), "Fix the file.") from None
        if header is None:
            raise unreadable(self._path, "has no row", "Name the columns in its first row.")
        try:
            layout = understand(header.cells, self._meaning.columns, self._meaning.unit)
        except UnfitHeaderError as error:
            for what in error.problems:
                self._notebook.problem(header.number, "", what)
            self._look_for_header(table, header, blind=error.blind)
            return None
        judge = Judge(
            layout=layout,
            payer=self._payer,
            campaign=self._name,
            unit=self._meaning.unit,
            kind=self._meaning.kind,
            staging=self._staging,
            notebook=self._notebook,
        )
        count = last = 0
        tail: list[Row] = []
        try:
            for count, batch in enumerate(_batches(rows, layout.width), 1):
                lines = [line for line in map(judge.judge, batch) if line is not None]
                last = batch[-1].number if batch else last
                self._staging.add(lines)
                tail = [*tail, *batch][-_TAIL:]
                progress(ListStage.READ, (count - 1) * _AT_ONCE + len(batch))
        except BrokenTableError as error:
            self._notebook.problem(error.row, "", f"{error.what}; nothing behind it was read")
        if not count and not self._notebook.problem_count:
            self._notebook.problem(0, "", "has a header and no rows")
        for note in table.notes:
            self._notebook.caution(note)
        look_around(table.around, layout, (header.number + 1, last), self._notebook)
        self._look_at_end(tail, table, layout.places[PAYEE])
        return layout

    def _look_for_header(self, table: Table, first: Row, *, blind: bool) -> None:
        """Say where the header may be, if the first row is none."""
        known = self._known_columns(first.cells)
        with suppress(BrokenTableError):
            for row in islice(table.rows, _HEADER_LOOKED_FOR):
                if self._known_columns(row.cells) > max(known, 1):
                    told = f"row {row.number} looks like the header: --header-row {row.number}"
                    self._notebook.problem(0, "", told)
                    return
        if blind and table.other_sheets:
            names = ", ".join(map(repr, table.other_sheets))
            told = f"the workbook has other sheets: {names}; --sheet NAME reads one of them"
            self._notebook.problem(0, "", told)

    def _look_at_end(self, tail: list[Row], table: Table, payee: int) -> None:
        """Say how totals at the end are left out, and what was left out."""
        is_payee = FORMS[self._meaning.kind].is_payee
        for place, row in enumerate(tail):
            below = [it.cells[payee] for it in tail[place:] if len(it.cells) > payee]
            if is_total(row.cells) and not any(is_payee(it) and not is_total([it]) for it in below):
                count = len(tail) - place
                told = f"row {row.number} looks like a total: --skip-last {count} leaves it out"
                self._notebook.problem(0, "", told)
                break
        for row in table.left_out:
            paid = len(row.cells) > payee and is_payee(row.cells[payee]) is not None
            names = ", and names a receiver" if paid and not is_total(row.cells) else ""
            self._notebook.caution(f"left out at the end, as it was said{names}", row.number)


def _batches(rows: Iterator[Row], width: int) -> Iterator[list[Row]]:
    """Rows, some at a time; with as many empty cells at their ends as the header wants.

    A sheet leaves them out, and so does Excel in a CSV. Of a row in which the file ends, more may
    be missing than empty cells.
    """
    batch: list[Row] = []
    try:
        for row in rows:
            cells = row.cells
            if len(cells) != width and not row.cut:
                cells.extend([""] * (width - len(cells)))
                if not any(cells[width:]):
                    del cells[width:]
            batch.append(row)
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
    except BrokenTableError:
        yield batch  # what stands before the break is right or wrong by itself
        raise
    if batch:
        yield batch


def look_around(around: Around, layout: Layout, rows: tuple[int, int], notebook: Notebook) -> None:
    """Note what a person does not see of a sheet's cells, or sees in more of them than hold it.

    Args:
        around: what stands around the rows.
        layout: where the columns of the list stand.
        rows: the first and the last of its rows.
        notebook: it is noted there.
    """
    columns = {place: layout.names[field] for field, place in layout.places.items()}
    for place in sorted(around.hidden & columns.keys()):
        notebook.caution(
            f"column {letters_of(place)} ({columns[place]}) is hidden, and is part of the list"
        )
    for merged in around.merged:
        covered = _covered(merged, columns, rows)
        if covered is not None:
            notebook.problem(
                *covered,
                f"{merged.name} are merged, and only the first of these cells holds a value: "
                "unmerge them and fill in each",
            )
    for reference in around.shown_otherwise:
        notebook.caution(
            f"conditional formatting of {reference} can show other numbers than the cells hold"
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
