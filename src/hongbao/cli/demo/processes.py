"""The demo's processes: the simulator, and the program's own commands as they would be typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from enum import Enum, auto
from pathlib import Path
from threading import Timer
from typing import Any, Self

from hongbao.cli.answer import print_text
from hongbao.cli.interruption import unheeded
from hongbao.errors import ConfigurationError
from hongbao.sentences import said, say

READY_SECONDS_MAX = 300.0
"""A cold start on a slow machine takes three, and on a busy one many more: it makes its keys."""
_PATIENCE_SECONDS = 10.0
STOP_SECONDS_MAX = 10.0
"""Its own bound for answers that are under way is five."""
SEED = "2026"
"""Random seed of the demo, so that it always ends alike."""
_STDERR_SHOWN = 2000


class SimulatorProcess:
    """A running simulator; a context manager that stops it.

    Args:
        folder: where its files and its stderr go.

    Attributes:
        ready: what it said when it was ready: see docs/cli.md.
        process_id: of the process.

    Raises:
        ConfigurationError: if it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self._errors = folder / "stderr.txt"
        command = [sys.executable, "-m", "hongbao", "simulator", "--json", "--clock", "real"]
        command += ["--port", "0", "--control-port", "0", "--dir", str(folder / "simulator")]
        command += ["--seed", SEED]
        # With its stdin it ends too, so that it never outlives this process, however that ends.
        command += ["--stop-with-stdin"]
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                # Ctrl-C is for this process alone, which then stops it in good order.
                start_new_session=os.name == "posix",
            )
        self.process_id = self._process.pid
        try:
            self.ready: dict[str, Any] = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, kindly at first; again does nothing. Nobody is heeded meanwhile."""
        with unheeded():
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._close_pipes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_ready(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101  # it was opened with a pipe
        # Killing it ends its stdout, and so the wait for a line.
        timer = Timer(READY_SECONDS_MAX, self._process.kill)
        words = said("The simulator makes its keys; this machine is busy, so it takes a while.")
        says = Timer(_PATIENCE_SECONDS, print, [words], {"file": sys.stderr, "flush": True})
        for it in (timer, says):
            it.start()
        try:
            line = stdout.readline()
        finally:
            timer.cancel()
            says.cancel()
        try:
            ready: dict[str, Any] = json.loads(line)
        except ValueError:
            ready = {}
        if ready.get("outcome") != "ready":
            raise ConfigurationError(
                setting="simulator",
                problem=say("did not start ({why})", why=self._said(ready)),
                remedy=say("Run `hongbao simulator --dir DIR` by itself to see why."),
            )
        return ready

    def _said(self, ready: dict[str, Any]) -> str:
        error = ready.get("error")
        if isinstance(error, dict):
            return str(error.get("happened"))
        text = self._errors.read_text(encoding="utf-8", errors="replace")
        return text[-_STDERR_SHOWN:].strip() or say("it said nothing")

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


COMMAND_SECONDS_MAX = 600.0
"""None takes longer than a tenth of it on a slow machine."""
_STOP_SECONDS = 10.0


class Shows(Enum):
    """How much of the demo is seen on its way."""

    NOTHING = auto()  # a program reads
    STAGES = auto()
    TRANSCRIPT = auto()


class Terminal:
    """A shell in a folder.

    Args:
        folder: where the commands run: they find their hongbao.toml there.
        shows: how much the reader sees.
    """

    def __init__(self, folder: Path, shows: Shows) -> None:
        self._folder = folder
        self._shows = shows
        self._whole = shows is Shows.TRANSCRIPT
        called = Path(sys.argv[0])
        # By its name, so that the commands' own hints are as short as the reader can type them.
        named = called.name == "hongbao" and called.exists()
        self._program = [str(called.resolve())] if named else [sys.executable, "-m", "hongbao"]
        path = [str(called.resolve().parent), os.environ.get("PATH", "")]
        self._environment = {**os.environ, "PATH": os.pathsep.join(path)}

    def say(self, text: str) -> None:
        """A line of the transcript that is not a command's, apart from what was before."""
        if self._whole:
            print_text(f"\n{text}")

    def tell(self, stage: str) -> None:
        """The one line of a stage."""
        if self._shows is Shows.STAGES:
            print_text(stage)
            sys.stdout.flush()

    def run(self, *arguments: str) -> int:
        """Show a command, run it to its end, and give its exit code."""
        self.say(f"$ hongbao {' '.join(arguments)}")
        sys.stdout.flush()
        done = subprocess.run(  # noqa: S603  # our own program
            self._command(arguments),
            cwd=self._folder,
            env=self._environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=None if self._whole else subprocess.DEVNULL,
            stderr=None if self._whole else subprocess.DEVNULL,
            timeout=COMMAND_SECONDS_MAX,
        )
        return done.returncode

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Show a command and leave it running."""
        self.say(f"$ hongbao {' '.join(arguments)} &")
        return subprocess.Popen(  # noqa: S603  # our own program
            self._command(arguments),
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As hard as can be: nothing in it has a chance to tidy up."""
        self.say(f"$ kill -9 {process.pid}")
        end(process)

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [*self._program, *arguments]


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it if it still runs, and wait until it is gone."""
    process.kill()
    process.wait(_STOP_SECONDS)
