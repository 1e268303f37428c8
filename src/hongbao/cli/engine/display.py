"""How a worker gets on, on stderr: a line that moves on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hongbao.cli.answer import at_terminal, harmless, print_text
from hongbao.ledger.model.event import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from hongbao.dispatch.progress import Progress
    from hongbao.ledger.model.standing import Standing
    from hongbao.ledger.model.step import Stop

_WORDS = {
    EventKind.ACCEPTED: "accepted",
    EventKind.REFUSED: "refused",
    EventKind.POSTPONED: "later",
    EventKind.UNKNOWN: "unknown",
    EventKind.NOT_SENT: "not sent",
    EventKind.FOUND: "found",
    EventKind.NOT_FOUND: "not found",
    EventKind.PROVEN_DEAD: "proven dead",
    EventKind.HANDED_OVER: "for a person",
}


class Display:
    """Shows one worker; a context manager.

    Args:
        quiet: whether nothing moves, because a program reads.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._moves = not quiet and at_terminal(sys.stderr)

    def __enter__(self) -> Self:
        if self._moves:
            self._bar = bar = _bar()
            self._task = bar.add_task("", total=None, told="")
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
            f"Stopped (the {stop.scope}): {stop.code}: {stop.reason}\n  What to do: {stop.advice}"
        )

    def leaving(self, in_flight: int) -> None:
        """A signal has come, with so many payouts on their way."""
        self.say(
            f"Leaving: what is on its way is finished and recorded first (payouts: {in_flight}). "
            "Ctrl-C again leaves at once."
        )

    def progress(self, progress: Progress) -> None:
        """What the worker does."""
        if self._bar is not None and self._task is not None:
            trouble = f", the database: {progress.trouble}" if progress.trouble else ""
            told = f"{counts(progress.recorded)}, {progress.in_flight} on their way{trouble}"
            self._bar.update(self._task, told=told)

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


def counts(recorded: Mapping[EventKind, int]) -> str:
    """What was recorded, in words."""
    told = [f"{recorded[kind]} {word}" for kind, word in _WORDS.items() if recorded.get(kind)]
    return ", ".join(told) or "nothing recorded"


def _bar() -> Bar:
    # 60 ms, and only for people at a terminal.
    from rich.progress import (  # noqa: PLC0415  # see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[told]}"),
        console=_console(),
        transient=True,
    )


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415  # as above

    return Console(stderr=True)
