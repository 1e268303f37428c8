"""Worker processes that are killed one after another, and each replaced at once.

A worker says its name when it begins to work, so that on a slow machine too it is killed at work
and not while it starts.
"""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random
    from types import TracebackType
    from typing import Self

DRAIN_SECONDS_MAX = 60.0
WORK_SECONDS = 0.5
"""So long a worker works before it may be killed."""
STARTS_FAILED_MAX = 50


class _Worker(NamedTuple):
    name: str
    process: subprocess.Popen[bytes]


class Crowd:
    """So many workers; a context manager that leaves none behind.

    Args:
        command: the command of the worker with a given name; it prints that name in a line of its
            own when it begins to work.
        size: how many are there at any time.
        log: where they say what went wrong.

    Attributes:
        killed: how many were killed.
        failed: how many ended before they began to work.
    """

    def __init__(self, command: Callable[[str], Sequence[str]], *, size: int, log: Path) -> None:
        self.killed = 0
        self.failed = 0
        self._command = command
        self._log = log
        self._started = 0
        self._began: dict[str, float] = {}
        self._workers: list[_Worker] = []
        for _ in range(size):
            self._workers.append(self._start())

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
        self._workers[place].process.wait()
        self._workers[place] = self._start()
        self.killed += 1
        return True

    def tend(self) -> None:
        """Start those anew that could not begin, as when the database is away at that moment.

        Others must not end by themselves.
        """
        self._note_those_at_work()
        for place, (name, process) in enumerate(self._workers):
            if process.poll() is None:
                continue
            assert name not in self._began, f"{name} ended with {process.returncode}: {self.said()}"
            self.failed += 1
            assert self.failed <= STARTS_FAILED_MAX, self.said()
            self._workers[place] = self._start()

    def drain(self) -> list[int]:
        """Ask all to finish what they have begun, and wait; gives their exit codes."""
        for _, worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        until = time.monotonic() + DRAIN_SECONDS_MAX
        return [worker.wait(max(0.0, until - time.monotonic())) for _, worker in self._workers]

    def said(self) -> str:
        """The end of what they said."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _, worker in self._workers:
            worker.kill()
        for _, worker in self._workers:
            worker.wait()

    def _note_those_at_work(self) -> None:
        now = time.monotonic()
        for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines():
            self._began.setdefault(line, now)

    def _start(self) -> _Worker:
        self._started += 1
        name = f"worker-{self._started}"
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return _Worker(name, process)
