"""Worker processes that are killed one after another, and each replaced at once.

They are forked from a process that has imported all they need, so that a slow machine does not
spend its time on starting them. A worker says its name when it begins to work, so that it is killed
at work and not while it starts.
"""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING, NamedTuple

import worker_program

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path
    from random import Random
    from types import TracebackType
    from typing import Any, Self

DRAIN_SECONDS_MAX = 60.0
WORK_SECONDS = 0.5
"""So long a worker works before it may be killed."""
STARTS_FAILED_MAX = 50

_FORKING = multiprocessing.get_context("forkserver")


class _Worker(NamedTuple):
    name: str
    process: BaseProcess


class Crowd:
    """So many workers; a context manager that leaves none behind.

    Args:
        url: of the books.
        settings: of the merchant who pays.
        size: how many are there at any time.
        log: where they say their names, and what went wrong.

    Attributes:
        killed: how many were killed.
        failed: how many ended before they began to work.
    """

    def __init__(self, url: str, settings: dict[str, Any], *, size: int, log: Path) -> None:
        self.killed = 0
        self.failed = 0
        self._told = (url, settings, log)
        self._started = 0
        self._began: dict[str, float] = {}
        _FORKING.set_forkserver_preload([worker_program.__name__])
        log.touch()
        self._workers = [self._start() for _ in range(size)]

    def kill_one(self, dice: Random) -> bool:
        """Kill any one that is at work with SIGKILL and start another in its place.

        Returns:
            Whether there was one.
        """
        self.tend()
        now = time.monotonic()
        at_work = [
            place
            for place, (name, _) in enumerate(self._workers)
            if now - self._began.get(name, now) >= WORK_SECONDS
        ]
        if not at_work:
            return False
        place = dice.choice(at_work)
        self._workers[place].process.kill()
        self._replace(place)
        self.killed += 1
        return True

    def tend(self) -> None:
        """Start those anew that could not begin, as when the database is away at that moment.

        Others must not end by themselves.
        """
        self._note_those_at_work()
        for place, (name, process) in enumerate(self._workers):
            if process.exitcode is None:
                continue
            assert name not in self._began, f"{name} ended with {process.exitcode}: {self.said()}"
            self.failed += 1
            assert self.failed <= STARTS_FAILED_MAX, self.said()
            self._replace(place)

    def all_have_begun(self) -> bool:
        """Whether all are at work: SIGTERM kills one that is still starting."""
        self._note_those_at_work()
        return all(name in self._began for name, _ in self._workers)

    def drain(self) -> list[int | None]:
        """Ask all to finish what they have begun, and wait; gives their exit codes."""
        for _, process in self._workers:
            process.terminate()
        until = time.monotonic() + DRAIN_SECONDS_MAX
        for _, process in self._workers:
            process.join(max(0.0, until - time.monotonic()))
        return [process.exitcode for _, process in self._workers]

    def said(self) -> str:
        """The end of what they said."""
        return self._log_text()[-3000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _, process in self._workers:
            process.kill()
        for _, process in self._workers:
            process.join()
            process.close()

    def _log_text(self) -> str:
        *_, log = self._told
        return log.read_text(encoding="utf-8", errors="replace")

    def _note_those_at_work(self) -> None:
        now = time.monotonic()
        for line in self._log_text().splitlines():
            self._began.setdefault(line, now)

    def _replace(self, place: int) -> None:
        process = self._workers[place].process
        process.join()
        process.close()
        self._workers[place] = self._start()

    def _start(self) -> _Worker:
        self._started += 1
        name = f"worker-{self._started}"
        process = _FORKING.Process(target=worker_program.main, args=(name, *self._told))
        process.start()
        return _Worker(name, process)
