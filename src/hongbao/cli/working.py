"""A worker as a command runs it: two signals, what is said on stderr, and where the money is."""

from __future__ import annotations

import asyncio
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.cli.ending import DEBUG_VARIABLE
from hongbao.cli.interruption import LeftAtOnce, WorkBroken, counting
from hongbao.cli.progress import Display
from hongbao.dispatch.progress import Progress
from hongbao.english import SEMICOLON, counted, joined
from hongbao.ledger.model.event import EventKind
from hongbao.sentences import say

if TYPE_CHECKING:  # asyncio and the client
    from hongbao.engine.assembly import Engine
    from hongbao.engine.running import Until


class Work:
    """The work of one command.

    Attributes:
        progress: how far the command's worker is; None before there is one.
    """

    def __init__(self) -> None:
        self.progress: Callable[[], Progress | None] | None = None

    @property
    def money(self) -> str:
        """May money have moved, by what this worker did?"""
        progress = None if self.progress is None else self.progress()
        if progress is None:
            return _NOTHING
        accepted = progress.recorded.get(EventKind.ACCEPTED, 0)
        unknown = progress.recorded.get(EventKind.UNKNOWN, 0)
        open_calls = progress.in_flight + progress.unrecorded
        parts = []
        if accepted:
            parts.append(say("yes: {payouts} accepted", payouts=counted(accepted, "payout")))
        if unknown or open_calls:
            parts.append(
                say(
                    "maybe, for {payouts}: they are recorded as in doubt, and nobody is paid twice "
                    "or lost",
                    payouts=counted(unknown + open_calls, "payout"),
                )
            )
        if parts:
            return joined(parts, SEMICOLON)
        return say("no: of what was sent, nothing was accepted") if progress.claimed else _NOTHING


_NOTHING = say("no: nothing was sent")


@contextmanager
def worked() -> Iterator[Work]:
    """A context for a command with a worker, until it has said what the worker did.

    Raises:
        WorkBroken: for whatever ends it, once the worker has begun.
    """
    work = Work()
    try:
        yield work
    except (Exception, KeyboardInterrupt) as error:
        if work.progress is None or work.progress() is None:
            raise
        raise WorkBroken(money=work.money) from error


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
        HongbaoError: if the database fails for too long, or refuses what no retry can fix.
    """
    from hongbao.engine.running import WorkerRun  # noqa: PLC0415  # asyncio and the client

    running = WorkerRun(
        engine,
        watcher=display.progress,
        stopped=display.stopped,
        leaving=display.leaving,
        leave_idle=leave_idle,
    )
    asked = 0
    _say_differing_limits(engine, display)

    def came(count: int) -> None:
        nonlocal asked
        asked = count
        (running.stop if count == 1 else running.abandon)()

    work.progress = lambda: running.progress
    try:
        with counting(came), _logged(display):
            return running.run(until), bool(asked)
    except asyncio.CancelledError:
        raise LeftAtOnce(lease_seconds=engine.bounds.lease_seconds) from None


def _say_differing_limits(engine: Engine, display: Display) -> None:
    from hongbao.views.merchant import differing, merchant_views  # noqa: PLC0415  # SQLAlchemy

    book, profiles = engine.book, engine.configuration.profiles
    views = merchant_views(profiles, book.channels(), book.limits_requests())
    for line in differing(views, engine.merchants):
        display.say(line)


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
