"""A worker as the command line runs it: two signals, and what is said of it on stderr."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.cli.group import DEBUG_VARIABLE
from hongbao.cli.interruption import LeftAtOnce
from hongbao.cli.signals import counted
from hongbao.engine.running import WorkerRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.cli.engine.display import Display
    from hongbao.cli.work import Work
    from hongbao.dispatch.progress import Progress
    from hongbao.engine.assembly import Engine
    from hongbao.engine.running import Until


def run(
    engine: Engine,
    display: Display,
    work: Work,
    *,
    until: Until | None = None,
    leave_idle: float | None = None,
) -> tuple[Progress, bool]:
    """Work until it is time to leave or a signal comes, then drain.

    The first Ctrl-C or SIGTERM drains; the second one leaves at once.

    Args:
        engine: what the worker is made of.
        display: shows how it gets on.
        work: is given the worker's progress.
        until: see ``WorkerRun.run``.
        leave_idle: see ``WorkerRun``.

    Returns:
        What the worker did, and whether a signal asked it to leave.

    Raises:
        LeftAtOnce: after a second signal.
        HongbaoError: if the database fails for too long, or refuses what no retry can mend.
    """
    running = WorkerRun(
        engine,
        watcher=display.progress,
        stopped=display.stopped,
        leaving=display.leaving,
        leave_idle=leave_idle,
    )
    asked = 0

    def came(count: int) -> None:
        nonlocal asked
        asked = count
        (running.stop if count == 1 else running.abandon)()

    work.progress = lambda: running.progress
    try:
        with counted(came), _logged(display):
            return running.run(until), bool(asked)
    except asyncio.CancelledError:
        raise LeftAtOnce(lease_seconds=engine.bounds.lease_seconds) from None


@contextmanager
def _logged(display: Display) -> Iterator[None]:
    """What a worker logs of what nobody foresaw; the client's own log stays the program's."""
    log, handler = logging.getLogger("hongbao.worker"), _Saying(display)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Saying(logging.Handler):
    def __init__(self, display: Display) -> None:
        super().__init__(logging.WARNING)
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        self._display.say(f"{record.levelname}: {record.getMessage()}")
        if record.exc_info and os.environ.get(DEBUG_VARIABLE):
            self._display.say("".join(traceback.format_exception(record.exc_info[1])))
