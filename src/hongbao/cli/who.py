"""Who does something to the books: a person or a worker, in one line of their histories."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import socket

from hongbao.cli.failure import WrongCommandLine
from hongbao.errors import LedgerError
from hongbao.ledger.model.actor import check_actor


def person(by: str | None) -> str:
    """The name that was given, else the operating system's user and machine.

    Raises:
        WrongCommandLine: if the name cannot stand in one line.
    """
    if by is None:
        return f"{_user()}@{_machine()}"
    try:
        return check_actor(by.strip())
    except LedgerError as error:
        raise WrongCommandLine(f"--by: {error.problem}. {error.remedy}") from None


def worker() -> str:
    """A name that no other worker has, now or later."""
    return f"worker {_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def _user() -> str:
    try:
        # What the system says, not what the environment says.
        import pwd  # noqa: PLC0415  # Windows has none

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return "somebody"  # a container may run under a number that has no name


def _machine() -> str:
    return _line(socket.gethostname()) or "somewhere"


def _line(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f]+", "-", text)[:64]
