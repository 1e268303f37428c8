"""A process that was stopped in the middle of a transaction on the books, and keeps them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_WRITE = """
import os, signal, sys
from hongbao.ledger.store.database import Database
with Database(sys.argv[1]).transaction() as connection:
    connection.exec_driver_sql("UPDATE channel SET turn = turn")
    connection.exec_driver_sql("UPDATE campaign SET seq = seq")
    os.kill(os.getpid(), signal.SIGSTOP)
"""


class StoppedWriter:
    """One such process; it is stopped when this has been made.

    Args:
        url: of the books; it locks all merchants and campaigns.
    """

    def __init__(self, url: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _WRITE, url])
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def go_on(self) -> None:
        """Let it finish what it began."""
        self._process.send_signal(signal.SIGCONT)

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
