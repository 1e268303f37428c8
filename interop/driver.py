"""A driver's process: a step goes in as a line of JSON, what came of it comes back as one."""

from __future__ import annotations

import json
import subprocess
from threading import Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from interop.environments import Started

STEP_SECONDS_MAX = 60.0
"""The slowest, a cold Java, takes three for its first step."""


class DriverFailed(Exception):
    """A driver ended, or was ended, in place of an answer: a fault of the driver's."""


class Driver:
    """A running driver; a context manager that stops it.

    Args:
        started: command and environment.
        folder: where it runs, and where its stderr goes.
    """

    def __init__(self, started: Started, folder: Path) -> None:
        self._log = folder / "stderr.txt"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                started.command,
                cwd=folder,
                env=started.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def carry_out(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """What came of a step.

        Raises:
            DriverFailed: if nothing did.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = Timer(STEP_SECONDS_MAX, self._process.kill)  # which ends the wait for a line
        timer.start()
        try:
            self._process.stdin.write(json.dumps(step).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
        if not line:
            raise DriverFailed(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])
        told: dict[str, Any] = json.loads(line)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
