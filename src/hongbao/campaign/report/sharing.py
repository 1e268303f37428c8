"""Writes the lines of a report, span by span; several processes may share the work."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from hongbao.campaign.report.line import line_of
from hongbao.campaign.report.summary import Count
from hongbao.errors import BookUnavailable
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hongbao.campaign.ports import CampaignLedger, PayoutReader
    from hongbao.campaign.report.block import Block, Form
    from hongbao.campaign.report.kept_cells import KeptCells
    from hongbao.ledger.model.payout import Instant, Payout
    from hongbao.ledger.model.standing import Standing

MANY = 100_000
"""Fewer lines are written before other processes have begun."""

_LINES = 2_000
"""In a span: as many as are read at once."""


class ReportSpan(NamedTuple):
    """Payouts that follow each other.

    Attributes:
        number: the first one's line, from 1.
        after: the campaign, and the row before them.
        length: how many.
    """

    number: int
    after: tuple[int, int]
    length: int


class ReportPiece(NamedTuple):
    """A span, written.

    Attributes:
        block: its lines; None if it has none.
        payouts: how many payouts were read for it.
        counted: what these come to.
        shown: what those come to that have a line.
    """

    block: Block | None
    payouts: int
    counted: Count
    shown: Count


@dataclass(frozen=True, slots=True)
class ReportLines:
    """How the lines of a report are written.

    Attributes:
        name: of the campaign.
        form: of the file.
        places: which places of a line it has.
        only: which payouts get a line; all if it is None.
        in_full: whether receivers are written in full.
        now: the books' time.
        kept: what follows each line of what is kept of its payout; None for nothing.
    """

    name: str
    form: Form
    places: Sequence[int]
    only: Callable[[Payout], bool] | None
    in_full: bool
    now: Instant
    kept: KeptCells | None = None

    def written(self, books: PayoutReader, span: ReportSpan) -> ReportPiece:
        """Write a span."""
        counted, only, rows = Count(self.now), self.only, []
        shown = counted if only is None else Count(self.now)
        cells = itemgetter(*self.places)
        payouts = list(books.payouts_of(self.name, after=span.after, most=span.length))
        more = None if self.kept is None else self.kept.of(books, payouts)
        # Those that get a line keep the number that they have among all.
        for number, payout in enumerate(payouts, span.number):
            counted.see(payout)
            if only is not None:
                if not only(payout):
                    continue
                shown.see(payout)
            line = cells(line_of(number, payout, in_full=self.in_full, now=self.now))
            rows.append(line if more is None else (*line, *more[payout.id]))
        return ReportPiece(self.form.block(rows) if rows else None, span.length, counted, shown)


def pieces_of(
    lines: ReportLines, books: CampaignLedger, standing: Standing, *, processes: int
) -> Iterator[ReportPiece]:
    """Write all payouts that a campaign and its supplements have by now, in their order.

    Args:
        lines: how.
        books: the books.
        standing: of the campaign.
        processes: how many may share the work, if there is much. More than one suits programs whose
            main module may be imported again, as ``multiprocessing`` asks.

    Raises:
        BookUnavailable: if a process was ended from outside.
    """
    spans = list(_spans(standing))
    if processes == 1 or standing.rows < MANY:
        return (lines.written(books, span) for span in spans)
    return _shared(lines, books.opener, spans, processes)


def _spans(standing: Standing) -> Iterator[ReportSpan]:
    number = 1
    for campaign in sorted(standing.campaigns, key=lambda it: it.id):
        for row in range(0, campaign.rows, _LINES):
            span = ReportSpan(number, (campaign.id, row), min(_LINES, campaign.rows - row))
            yield span
            number += span.length


def _shared(
    lines: ReportLines, opener: Callable[[], PayoutReader], spans: list[ReportSpan], processes: int
) -> Iterator[ReportPiece]:
    # A fork would take over locks that other threads of this process hold.
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_begin, initargs=(lines, opener)
    )
    coming = iter(spans)
    try:
        # One more for each process than it works on; all at once might not fit into memory.
        under_way = deque(pool.submit(_write, span) for span in islice(coming, 2 * processes))
        while under_way:
            yield under_way.popleft().result()
            under_way.extend(pool.submit(_write, span) for span in islice(coming, 1))
    except BrokenProcessPool:
        raise BookUnavailable(
            problem=say("a process that shared the report was ended from outside"), undone=True
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_of_process: tuple[ReportLines, PayoutReader]


def _begin(lines: ReportLines, opener: Callable[[], PayoutReader]) -> None:
    """Let Ctrl-C end this process without a word: the one that began it has the word."""
    global _of_process  # noqa: PLW0603  # a pool has no other place for what its work needs
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _of_process = lines, opener()


def _write(span: ReportSpan) -> ReportPiece:
    lines, books = _of_process
    return lines.written(books, span)
