"""Worker processes that are killed one after another, and each replaced at once."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random
    from types import TracebackType
    from typing import Self

DRAIN_SECONDS_MAX = 60.0


class Crowd:
    """So many workers; a context manager that leaves none behind.

    Args:
        command: the command of the worker with a given name.
        size: how many are there at any time.
        log: where they say what went wrong.

    Attributes:
        killed: how many were killed.
    """

    def __init__(self, command: Callable[[str], Sequence[str]], *, size: int, log: Path) -> None:
        self.killed = 0
        self._command = command
        self._log = log
        self._started = 0
        self._workers: list[subprocess.Popen[bytes]] = []
        for _ in range(size):
            self._workers.append(self._start())

    def kill_one(self, dice: Random) -> None:
        """Kill any one with SIGKILL and start another in its place."""
        place = dice.randrange(len(self._workers))
        self._workers[place].kill()
        self._workers[place].wait()
        self._workers[place] = self._start()
        self.killed += 1

    def check(self) -> None:
        """See that none has ended by itself."""
        for worker in self._workers:
            assert worker.poll() is None, f"a worker ended with {worker.returncode}: {self.said()}"

    def drain(self) -> list[int]:
        """Ask all to finish what they have begun, and wait; gives their exit codes."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        until = time.monotonic() + DRAIN_SECONDS_MAX
        return [worker.wait(max(0.0, until - time.monotonic())) for worker in self._workers]

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
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command(f"worker-{self._started}"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
