"""Runs the program's own commands: seen as they would be typed, or told in a line a stage."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import Enum, auto
from pathlib import Path

from hongbao.cli.answer import print_text

COMMAND_SECONDS_MAX = 120.0
"""None takes longer than half of it on a slow machine."""
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
        """A line of the transcript that is not a command's."""
        if self._whole:
            print_text(text)

    def tell(self, stage: str) -> None:
        """The one line of a stage."""
        if self._shows is Shows.STAGES:
            print_text(stage)
            sys.stdout.flush()

    def run(self, *arguments: str) -> int:
        """Show a command, run it to its end, and give its exit code."""
        self.say(f"\n$ hongbao {' '.join(arguments)}")
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
        self.say(f"\n$ hongbao {' '.join(arguments)} &")
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
        self.say(f"\n$ kill -9 {process.pid}")
        end(process)

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [*self._program, *arguments]


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it if it still runs, and wait until it is gone."""
    process.kill()
    process.wait(_STOP_SECONDS)
