"""How far long work is, and how a worker gets on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hongbao.cli.answer import at_terminal, harmless, print_text
from hongbao.dispatch.progress import Progress as WorkerProgress
from hongbao.english import joined
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.standing import Standing
from hongbao.ledger.model.step import Scope, Stop
from hongbao.sentences import marked, said
from hongbao.state_words import EVENTS

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


LONG_SECONDS = 0.5
"""Shorter work shows no bar, which would only flicker."""


class Steps:
    """Shows steps of some work, one after the other, once it takes long; a context manager.

    Args:
        quiet: whether nothing is shown in any case, because a program reads.
        clock: seconds.
    """

    def __init__(self, *, quiet: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted = not quiet and at_terminal(sys.stderr)
        self._clock = clock
        self._from = clock() + LONG_SECONDS
        self._bars: Bars | None = None
        self._task: tuple[str, TaskID] | None = None

    def tell(self, step: str, done: int, total: int | None = None) -> None:
        """So much of a step is done.

        Args:
            step: what is being done, for people.
            done: how many.
            total: of how many, if that is known.
        """
        if not self._wanted or self._clock() < self._from:
            return
        if self._bars is None:
            self._bars = _bars(of_worker=False)
            self._bars.start()
        if self._task is None or self._task[0] != step:
            if self._task is not None:
                self._bars.remove_task(self._task[1])
            self._task = (step, self._bars.add_task(step, total=total))
        self._bars.update(self._task[1], completed=done, total=total)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()


class Display:
    """Shows one worker; a context manager.

    Args:
        quiet: whether nothing moves, because a program reads.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._bar: Bars | None = None
        self._task: TaskID | None = None
        self._moves = not quiet and at_terminal(sys.stderr)

    def __enter__(self) -> Self:
        if self._moves:
            self._bar = bar = _bars(of_worker=True)
            self._task = bar.add_task("", total=None, counts_text="")
            bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.console.print(harmless(text), markup=False, highlight=False, soft_wrap=True)
        else:
            print_text(text, error=True)

    def stopped(self, stop: Stop) -> None:
        """A campaign or a merchant has been stopped."""
        self.say(
            said(
                "Stopped (the {scope}): {code}: {reason}\n  What to do: {advice}",
                scope=said(_SCOPES[stop.scope]),
                code=stop.code,
                reason=said(stop.reason),
                advice=said(stop.advice),
            )
        )

    def leaving(self, in_flight: int) -> None:
        """A signal has come, with so many payouts on their way."""
        self.say(
            said(
                "Leaving: what is on its way is finished and recorded first (payouts: {count}). "
                "Ctrl-C again leaves at once.",
                count=in_flight,
            )
        )

    def progress(self, progress: WorkerProgress) -> None:
        """What the worker does."""
        if self._bar is not None and self._task is not None:
            trouble = (
                said(", the database: {trouble}", trouble=progress.trouble)
                if progress.trouble
                else ""
            )
            counts_text = said(
                "{counts}, {in_flight} on their way{trouble}",
                counts=counts(progress.recorded),
                in_flight=progress.in_flight,
                trouble=trouble,
            )
            self._bar.update(self._task, counts_text=counts_text)

    def standing(self, standing: Standing, ended: int) -> None:
        """How far the campaign is.

        Args:
            standing: of the campaign.
            ended: its payouts that are paid, refused or cancelled.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                description=standing.campaign.name,
                total=standing.rows,
                completed=ended,
            )


_SCOPES = {Scope.CAMPAIGN: marked("campaign"), Scope.MERCHANT: marked("merchant")}


def counts(recorded: Mapping[EventKind, int]) -> str:
    """What was recorded, in words."""
    each = [
        said("{count} {what}", count=recorded[kind], what=words.said)
        for kind, words in EVENTS.items()
        if recorded.get(kind)
    ]
    return said(joined(each)) or said("nothing recorded")


def _bars(*, of_worker: bool) -> Bars:
    # 60 ms, and only for people at a terminal.
    from rich.console import Console  # noqa: PLC0415  # see above
    from rich.progress import (  # noqa: PLC0415  # see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    name = TextColumn("{task.description}" if of_worker else "{task.description:24}")
    bar = BarColumn(bar_width=20 if of_worker else 30)
    columns = [name, bar, MofNCompleteColumn(), TimeElapsedColumn()]
    if of_worker:
        columns = [SpinnerColumn(), *columns, TextColumn("{task.fields[counts_text]}")]
    return Progress(*columns, console=Console(stderr=True), transient=True)
