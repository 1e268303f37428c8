"""Revisions of this project, laid out side by side, each with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

_ROOT = Path(__file__).parent.parent


class Taken(NamedTuple):
    """What one measurement took.

    Attributes:
        seconds: by the clock.
        cpu_seconds: of the process, and of those that it began.
        megabytes: resident at most, of the process that took most; 0 if nobody looked.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float = 0.0


class Tree:
    """One revision, laid out with its environment.

    Args:
        folder: where it stands.
        python: its environment's.
        name: ``old`` or ``new``.
    """

    def __init__(self, folder: Path, python: Path, name: str) -> None:
        self.folder, self.python, self.name = folder, python, name
        path = os.pathsep.join(str(folder / part) for part in ("benchmarks", "tests"))
        self._environment = {**os.environ, "PYTHONPATH": path}

    def run(self, program: str, *arguments: object) -> str:
        """Run a piece of Python among this revision's benchmarks; gives what it prints."""
        return self._run("-c", program, *map(str, arguments))

    def timed(self, *arguments: object) -> Taken:
        """Run a command of this revision's ``hongbao``."""
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            process = self._begin(said, "-m", "hongbao", *map(str, arguments))
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            self._check(process, said)
        return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def _run(self, *arguments: str) -> str:
        with tempfile.TemporaryFile() as said:
            process = self._begin(said, *arguments)
            process.wait()
            return self._check(process, said)

    def _begin(self, said: IO[bytes], *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self.python), *arguments],
            cwd=self.folder,
            env=self._environment,
            stdout=said,
            stderr=said,
        )

    def _check(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> str:
        said.seek(0)
        text = said.read().decode()
        if process.returncode:
            what = " ".join(map(str, process.args[1:]))[:200]  # type: ignore[index]  # a list
            raise SystemExit(f"{self.name}: {what} failed:\n{text[-4000:]}")
        return text


def laid_out(revision: str, console: Console) -> Tree:
    """The earlier revision, with an environment of its own; made once."""
    found = subprocess.run(
        ["git", "rev-parse", "--verify", f"{revision}^{{commit}}"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SystemExit(f"{revision} is no revision of this repository: name a commit or a tag")
    folder = _ROOT / "build" / "against" / found.stdout.strip()[:12]
    python = folder / ".venv" / "bin" / "python"
    if not python.exists():
        console.print(f"laying out {revision} in {folder.relative_to(_ROOT)} ...")
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["git", "archive", revision], cwd=_ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
        subprocess.run(["make", "--silent", ".venv/.dev"], cwd=folder, check=True)
    return Tree(folder, python, "old")


def this_one() -> Tree:
    """The revision that runs this."""
    return Tree(_ROOT, Path(sys.executable), "new")
