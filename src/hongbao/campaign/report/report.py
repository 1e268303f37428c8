"""Writes the report of a campaign: a line for each payout, and a summary of those very lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hongbao.campaign.ports import CampaignLedger
from hongbao.campaign.report.columns import COLUMNS, FOREIGN, MONEY, NUMBERS
from hongbao.campaign.report.delimited import write_csv
from hongbao.campaign.report.files import is_workbook, summary_path, whole
from hongbao.campaign.report.line import line_of
from hongbao.campaign.report.summary import Count, figures
from hongbao.campaign.report.workbook import ReportSheet, write_xlsx
from hongbao.ledger.model.payout import Payout
from hongbao.ledger.model.standing import Standing

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
    progress: Callable[[int, int], None] = _unwatched,
) -> Standing:
    """Write the report of a campaign.

    Args:
        path: of a ``.csv`` or ``.xlsx`` file. The summary is the second sheet of a workbook; of a
            CSV it is a file of its own beside it: see ``summary_path``.
        books: the books.
        name: of the campaign.
        in_full: whether receivers are written in full; else they are masked.
        progress: called now and then with how many payouts of how many were written.

    Returns:
        How far the campaign is, by the lines that were written.

    Raises:
        ConfigurationError: if the file is of another kind or cannot be written.
        LedgerError: if there is no such campaign, or the books cannot be read.
    """
    standing = books.standing(name)
    now = books.now()
    count = Count(now)
    payouts = _watched(books.payouts_of(name), standing.rows, progress)
    numbered = enumerate(count.watch(payouts), 1)
    lines = (line_of(number, payout, in_full=in_full, now=now) for number, payout in numbered)
    summary = _summary(count, standing)
    if is_workbook(path):
        sheet = ReportSheet("payouts", COLUMNS, lines, NUMBERS, MONEY)
        figures_sheet = ReportSheet("summary", _FIGURES, summary, _COUNTS, _AMOUNTS)
        with whole(path) as part:
            write_xlsx(part, [sheet, figures_sheet])
    else:
        with whole(path) as part, whole(summary_path(path)) as beside:
            write_csv(part, COLUMNS, lines, FOREIGN)
            write_csv(beside, _FIGURES, summary, _FIGURES)
    return count.standing(standing)


def _watched(
    payouts: Iterable[Payout], total: int, progress: Callable[[int, int], None]
) -> Iterator[Payout]:
    for done, payout in enumerate(payouts, 1):
        yield payout
        if done % _OFTEN == 0 or done == total:
            progress(done, total)


def _summary(count: Count, standing: Standing) -> Iterator[tuple[str, ...]]:
    # Asked for when all lines are written, so that all are counted.
    for name, payouts, yuan, text in figures(count.standing(standing)):
        yield (name.en, name.zh, payouts, yuan, text)
