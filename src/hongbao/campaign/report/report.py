"""Writes the report of a campaign: a line for each payout, and a summary of those very lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hongbao.campaign.ports import CampaignLedger
from hongbao.campaign.report.block import Block
from hongbao.campaign.report.columns import ReportHeaders, layout
from hongbao.campaign.report.delimited import CsvForm, write_csv, write_csv_blocks
from hongbao.campaign.report.files import is_workbook, summary_path, whole
from hongbao.campaign.report.kept_cells import KeptCells
from hongbao.campaign.report.sharing import ReportLines, ReportPiece, pieces_of
from hongbao.campaign.report.summary import Count, figures
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.ledger.model.payout import Payout, State
from hongbao.ledger.model.standing import Standing
from hongbao.money import format_yuan
from hongbao.sealing import Keyring
from hongbao.state_words import Words

_FIGURES = ("figure", "项目", "payouts", "yuan", "detail")
_LISTED = Words("lines written", "所列明细")
_AMOUNTS = frozenset({"yuan"})
_COUNTS = frozenset({"payouts", "yuan"})


def _unwatched(_done: int, _total: int) -> None:
    """A progress that nobody looks at."""


def write_report(
    path: Path,
    books: CampaignLedger,
    name: str,
    *,
    in_full: bool = False,
    headers: ReportHeaders = ReportHeaders.BOTH,
    only: Callable[[Payout], bool] | None = None,
    processes: int = 1,
    progress: Callable[[int, int], None] = _unwatched,
    keyring: Callable[[], Keyring] | None = None,
) -> Standing:
    """Write the report of a campaign.

    Args:
        path: of a ``.csv`` or ``.xlsx`` file. The summary is the second sheet of a workbook; of a
            CSV it is a file of its own beside it: see ``summary_path``.
        books: the books.
        name: of the campaign.
        in_full: whether receivers are written in full; else they are masked.
        headers: in which language.
        only: which payouts get a line, as other processes may be asked; all if left out. The
            summary is of all of them, and says how many have a line.
        processes: how many may share the work: see ``pieces_of``.
        progress: called now and then with how many payouts of how many were written.
        keyring: the keys of what is kept of the payouts, which has columns of its own in full.

    Returns:
        How far the campaign is, by all of its payouts.

    Raises:
        ConfigurationError: if the file is of another kind or cannot be written, or a key is not
            there.
        LedgerError: if there is no such campaign, or the books cannot be read.
    """
    standing, now, columns = books.standing(name), books.now(), layout(headers)
    kept = None
    if in_full and keyring is not None and (names := books.kept_columns(name)):
        # A key is given to no other process.
        kept, processes = KeptCells(names, keyring()), 1
        columns = columns.with_more(names)
    count, shown = Count(now), None if only is None else Count(now)
    sheet = ReportSheet("payouts", columns.header, (), columns.numbers, columns.money)
    form = sheet.form if is_workbook(path) else CsvForm(columns.header, columns.foreign)
    lines = ReportLines(name, form, columns.places, only, in_full=in_full, now=now, kept=kept)
    pieces = _watched(pieces_of(lines, books, standing, processes=processes), standing, progress)
    sheet = sheet._replace(blocks=_counted(pieces, count, shown))
    _write(path, sheet, _summary(count, standing, shown))
    return count.standing(standing)


def _write(path: Path, sheet: ReportSheet, summary: Iterator[tuple[str, ...]]) -> None:
    if is_workbook(path):
        figures_sheet = ReportSheet("summary", _FIGURES, summary, _COUNTS, _AMOUNTS)
        with whole(path) as part:
            write_xlsx(part, [sheet, figures_sheet])
    else:
        with whole(path) as part, whole(summary_path(path)) as beside:
            write_csv_blocks(part, sheet.header, sheet.blocks)
            write_csv(beside, _FIGURES, summary, _FIGURES)


def _watched(
    pieces: Iterable[ReportPiece], of: Standing, progress: Callable[[int, int], None]
) -> Iterator[ReportPiece]:
    done = 0
    for piece in pieces:
        yield piece
        done += piece.payouts
        progress(done, of.rows)


def _counted(pieces: Iterable[ReportPiece], count: Count, shown: Count | None) -> Iterator[Block]:
    """The lines, as far as there are any."""
    for piece in pieces:
        count.add(piece.counted)
        if shown is not None:
            shown.add(piece.shown)
        if piece.block is not None:
            yield piece.block


def _summary(count: Count, standing: Standing, shown: Count | None) -> Iterator[tuple[str, ...]]:
    # Asked for when all lines are written, so that all are counted.
    for name, payouts, yuan, text in figures(count.standing(standing)):
        yield (name.en, name.zh, payouts, yuan, text)
    if shown is not None:
        written = shown.standing(standing).total(*State)
        yield (_LISTED.en, _LISTED.zh, str(written.payouts), format_yuan(written.amount), "")
