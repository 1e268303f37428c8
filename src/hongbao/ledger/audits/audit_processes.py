"""Shares an audit among processes, each with its own connection and its own snapshots."""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING

from hongbao.errors import BookUnavailable
from hongbao.ledger.audits.audit import AuditSteps, audit, parts_of
from hongbao.ledger.audits.audit_report import whole_of
from hongbao.ledger.store.database import Database
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.ledger.audits.audit import AuditPart, Watch
    from hongbao.ledger.audits.audit_report import AuditReport

MANY = 500_000
"""Of fewer steps, an audit is done before other processes have begun."""

_PIECES = 8
"""In so many parts each process gets the histories: another may be slower, or have other work."""


def audit_books(
    database: Database,
    *,
    processes: int = 1,
    progress: Callable[[int, int], object] | None = None,
    watch: Watch | None = None,
) -> AuditReport:
    """Audit the whole books.

    Args:
        database: theirs.
        processes: how many may share the work, if there is much. More than one suits programs whose
            main module may be imported again, as ``multiprocessing`` asks.
        progress: called with how much of how much is done.
        watch: shown every history, in the order of their numbers, by this process alone.

    Raises:
        BookUnavailable: if the books cannot be read, or a process was ended from outside.
    """
    with database.reading() as connection:
        parts = parts_of(connection, pieces=_PIECES * processes)
        steps = AuditSteps(parts, progress)
        if processes == 1 or watch is not None or steps.total < MANY:
            return audit(connection, progress=progress, watch=watch)
    # A fork would take over locks that other threads of this process hold.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    try:
        # First what cannot be divided, then the largest: so all end at about the same time.
        order = sorted(enumerate(parts), key=lambda it: (it[1].steps > 0, -it[1].steps))
        looks = {pool.submit(_look, database.url, part): place for place, part in order}
        for done in as_completed(looks):
            done.result()
            steps.add(parts[looks[done]].steps)
    except BrokenProcessPool:
        raise BookUnavailable(
            problem=say("a process that shared the audit was ended from outside"), undone=True
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
    reports = {place: done.result() for done, place in looks.items()}
    return whole_of([reports[place] for place in range(len(parts))])


def _begin() -> None:
    """Let Ctrl-C end this process without a word: the one that began it has the word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _look(url: str, part: AuditPart) -> AuditReport:
    database = Database(url)
    try:
        with database.reading() as connection:
            return part.look(connection, int)
    finally:
        database.close()
