"""Audits the books from the console: one at a time, in a process of its own, so that pages go on.

The last result is kept as long as the console runs; that there was one, by whom and with how many
findings, is an act in the books.
"""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

from hongbao.engine.ledger import Ledger
from hongbao.engine.rehearsal import simulated_clock
from hongbao.errors import HongbaoError
from hongbao.ledger.model.account import ActKind
from hongbao.ledger.model.payout import SECOND
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection

    from hongbao.configuration.file import Configuration
    from hongbao.ledger.accounts.accounts import Accounts
    from hongbao.ledger.audits.audit_report import AuditReport
    from hongbao.ledger.book import Book
    from hongbao.ledger.model.payout import Instant

_PROGRESS_EVERY = 0.3  # seconds
_END_SECONDS = 5.0
LOST = say("the process of the audit was ended from outside")


class AuditOrder(NamedTuple):
    """What a process is to audit.

    It is given through a pipe, never on a command line: the books' address may hold a password.

    Attributes:
        url: of the books.
        control_url: of the simulator whose time is the books'; None if the time is real.
        checkpoint: the file to hold the books against; None for an audit alone.
        public_key: that of whoever signed it.
    """

    url: str
    control_url: str | None
    checkpoint: Path | None = None
    public_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """An audit that runs, or the last one.

    Attributes:
        by: who began it.
        begun_at: when, by the wall.
        checkpoint: the name of the checkpoint that the books are held against; empty for none.
        done: how much of ``total`` is done.
        total: how much there is to do; 0 before that is known.
        ended_at: None while it runs.
        report: what it found; None while it runs, and if it could not be carried out.
        problem: why it could not.
    """

    by: str
    begun_at: Instant
    checkpoint: str = ""
    done: int = 0
    total: int = 0
    ended_at: Instant | None = None
    report: AuditReport | None = None
    problem: str = ""

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * self.done // self.total if self.total else 0


class AuditDesk:
    """The audits of one console.

    Attributes:
        run: the one that runs, or the last one; None before the first.
    """

    def __init__(self) -> None:
        self.run: AuditRun | None = None
        self._lock = Lock()
        self._end: Callable[[], None] | None = None
        self._thread: Thread | None = None

    def begin(
        self,
        configuration: Configuration,
        accounts: Accounts,
        *,
        by: str,
        clock: Callable[[], Instant],
        checkpoint: Path | None = None,
    ) -> bool:
        """Begin an audit; False if one runs already.

        Args:
            configuration: names the books, and the key of checkpoints.
            accounts: take down that it ended, and how.
            by: who wants it.
            clock: the wall's.
            checkpoint: the file to hold the books against.

        Raises:
            ConfigurationError: if the address of the books is not where the settings say.
        """
        order = AuditOrder(
            configuration.database_url(), configuration.rehearsal_clock, checkpoint,
            configuration.console.checkpoint_key or "",
        )  # fmt: skip
        with self._lock:
            if self.run is not None and self.run.ended_at is None:
                return False
            name = "" if checkpoint is None else checkpoint.name
            self.run = AuditRun(by=by, begun_at=clock(), checkpoint=name)
        ours, theirs = get_context("spawn").Pipe(duplex=False)
        process = get_context("spawn").Process(target=_audit, args=(order, theirs), daemon=True)
        process.start()
        theirs.close()
        self._end = process.terminate

        def follow() -> None:
            self._follow(ours)
            process.join(_END_SECONDS)
            self._finish(accounts, clock)

        self._thread = Thread(target=follow, name="audit", daemon=True)
        self._thread.start()
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for the one that runs; whether it is over."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self.run is None or self.run.ended_at is not None

    def close(self) -> None:
        """End what runs, as the console ends."""
        if self._end is not None and self.run is not None and self.run.ended_at is None:
            self._end()
            self.wait(_END_SECONDS)

    def _follow(self, pipe: Connection) -> None:
        try:
            while True:
                said = pipe.recv()
                if isinstance(said, tuple):
                    self._note(done=said[0], total=said[1])
                elif isinstance(said, str):
                    self._note(problem=said)
                else:
                    self._note(report=said)
        except EOFError:
            pipe.close()

    def _finish(self, accounts: Accounts, clock: Callable[[], Instant]) -> None:
        run = self.run
        if run is None:
            return
        if run.report is None and not run.problem:
            self._note(problem=LOST)
        facts = {
            "checkpoint": run.checkpoint,
            "findings": None if run.report is None else run.report.findings_count,
            "payouts": None if run.report is None else run.report.payouts,
        }
        try:
            accounts.record(ActKind.AUDITED, by=run.by, at=clock(), facts=facts)
        except HongbaoError as error:
            self._note(problem=str(error))
        self._note(ended_at=clock())

    def _note(self, **changes: object) -> None:
        if self.run is not None:
            self.run = replace(self.run, **changes)  # type: ignore[arg-type]  # its own fields


def checkpoints_in(folder: Path | None) -> list[Path]:
    """The checkpoints in a folder, by their names; none if there is no such folder."""
    if folder is None or not folder.is_dir():
        return []
    return sorted(it for it in folder.iterdir() if it.is_file() and it.suffix != ".heads")


def _audit(order: AuditOrder, pipe: Connection) -> None:
    """What the process does: the report, or why there is none, comes last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the console ends it
    try:
        with _opened(order) as book:
            pipe.send(_report(book, order, _sending(pipe)))
    except HongbaoError as error:
        pipe.send(str(error))
    finally:
        pipe.close()


def _opened(order: AuditOrder) -> AbstractContextManager[Ledger]:
    if order.control_url is None:
        return Ledger.open(order.url)
    seconds = simulated_clock(order.control_url)
    return Ledger.open(order.url, clock=lambda: int(seconds() * SECOND))


def _report(book: Book, order: AuditOrder, progress: Callable[[int, int], None]) -> AuditReport:
    if order.checkpoint is None:
        return book.audit(progress=progress)
    # cryptography takes 50 ms.
    from hongbao.checkpoint.key_files import read_public  # noqa: PLC0415  # see above
    from hongbao.checkpoint.taking import verify  # noqa: PLC0415  # see above

    key = read_public(order.public_key)
    return verify(book, order.checkpoint, key, progress=progress)[1]


def _sending(pipe: Connection) -> Callable[[int, int], None]:
    """Sends how much is done, a few times a second at most."""
    last = 0.0

    def send(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _PROGRESS_EVERY:
            last = now
            pipe.send((done, total))

    return send
