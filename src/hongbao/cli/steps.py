"""How far long work is, on stderr: bars on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hongbao.cli.answer import at_terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

LONG_SECONDS = 0.5
"""What is done sooner shows no bar: it would only flicker."""


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
            self._bars = _bars()
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


def _bars() -> Bars:
    # 60 ms, and only for people at a terminal.
    from rich.console import Console  # noqa: PLC0415  # see above
    from rich.progress import (  # noqa: PLC0415  # see above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        TextColumn("{task.description:24}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
