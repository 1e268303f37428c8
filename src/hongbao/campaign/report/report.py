"""Writes the report of a campaign: a line for each payout, and a summary of those very lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path

from hongbao.campaign.ports import CampaignLedger
from hongbao.campaign.report.columns import ReportHeaders, layout
from hongbao.campaign.report.delimited import write_csv
from hongbao.campaign.report.files import is_workbook, summary_path, whole
from hongbao.campaign.report.line import line_of
from hongbao.campaign.report.summary import Count, figures
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.ledger.model.payout import Payout, State
from hongbao.ledger.model.standing import Standing
from hongbao.money import format_yuan

_OFTEN = 1_000
_FIGURES = ("figure", "项目", "payouts", "yuan", "detail")
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
    progress: Callable[[int, int], None] = _unwatched,
) -> Standing:
    """Write the report of a campaign.

    Args:
        path: of a ``.csv`` or ``.xlsx`` file. The summary is the second sheet of a workbook; of a
            CSV it is a file of its own beside it: see ``summary_path``.
        books: the books.
        name: of the campaign.
        in_full: whether receivers are written in full; else they are masked.
        headers: in which language.
        only: which payouts get a line; all if left out. The summary is of all of them, and says
            how many have a line.
        progress: called now and then with how many payouts of how many were written.

    Returns:
        How far the campaign is, by all of its payouts.

    Raises:
        ConfigurationError: if the file is of another kind or cannot be written.
        LedgerError: if there is no such campaign, or the books cannot be read.
    """
    standing, now, columns = books.standing(name), books.now(), layout(headers)
    count, shown = Count(now), None if only is None else Count(now)
    numbered = enumerate(count.watch(_watched(books.payouts_of(name), standing.rows, progress)), 1)
    chosen = numbered if only is None or shown is None else _chosen(numbered, only, shown)
    cells = itemgetter(*columns.places)
    lines = (cells(line_of(number, it, in_full=in_full, now=now)) for number, it in chosen)
    summary = _summary(count, standing, shown)
    if is_workbook(path):
        sheet = ReportSheet("payouts", columns.header, lines, columns.numbers, columns.money)
        figures_sheet = ReportSheet("summary", _FIGURES, summary, _COUNTS, _AMOUNTS)
        with whole(path) as part:
            write_xlsx(part, [sheet, figures_sheet])
    else:
        with whole(path) as part, whole(summary_path(path)) as beside:
            write_csv(part, columns.header, lines, columns.foreign)
            write_csv(beside, _FIGURES, summary, _FIGURES)
    return count.standing(standing)


def _chosen(
    numbered: Iterable[tuple[int, Payout]], only: Callable[[Payout], bool], shown: Count
) -> Iterator[tuple[int, Payout]]:
    """Those payouts that get a line, under the numbers that they have among all, counted."""
    for number, payout in numbered:
        if only(payout):
            yield from ((number, it) for it in shown.watch([payout]))


def _watched(
    payouts: Iterable[Payout], total: int, progress: Callable[[int, int], None]
) -> Iterator[Payout]:
    for done, payout in enumerate(payouts, 1):
        yield payout
        if done % _OFTEN == 0 or done == total:
            progress(done, total)


def _summary(count: Count, standing: Standing, shown: Count | None) -> Iterator[tuple[str, ...]]:
    # Asked for when all lines are written, so that all are counted.
    for name, payouts, yuan, text in figures(count.standing(standing)):
        yield (name.en, name.zh, payouts, yuan, text)
    if shown is not None:
        written = shown.standing(standing).total(*State)
        yield ("lines written", "所列明细", str(written.payouts), format_yuan(written.amount), "")
