"""SQLite's part of opening a database: its file, its settings, and how transactions begin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event

from hongbao.errors import ConfigurationError
from hongbao.ledger.store import failures
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from hongbao.errors import BookLocked
    from hongbao.ledger.model.payout import Instant

WRITES = "hongbao_writes"
"""The execution option of a transaction that writes: the seconds that it may wait for others."""

_WAITS = "hongbao.waits"

_WRITE_LOCK = "120"  # the byte of the wal-index that stands for the right to write
_SETTINGS = (
    "PRAGMA journal_mode = WAL",  # whoever reads does not wait for whoever writes
    "PRAGMA synchronous = FULL",  # a commit outlives a power cut: a call must not be forgotten
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",  # KiB
    # Pages: what is written again and again comes into the database file once. Whoever opens it
    # after a crash reads little more than these 80 MB.
    "PRAGMA wal_autocheckpoint = 20000",
)


def engine(url: URL, *, lock_seconds: float) -> Engine:
    """An engine for a file, which is made if it is not there.

    Args:
        url: of the file.
        lock_seconds: how long a transaction waits for its turn to write.

    Raises:
        ConfigurationError: if the file cannot be written.
    """
    path = Path(str(url.database))
    try:
        # It holds whom the merchant paid: nobody else's business.
        path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            setting="database",
            problem=say(
                "{path} cannot be written ({strerror})", path=path, strerror=error.strerror
            ),
            remedy=say("Make its folder, and let this user write there."),
        ) from None
    made = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": lock_seconds},
        hide_parameters=True,
        pool_timeout=lock_seconds,
    )
    event.listen(made, "connect", _set)
    event.listen(made, "begin", _begin(lock_seconds))
    return made


def locked(path: str, began: Instant) -> BookLocked:
    """Why a transaction could not begin to write.

    Args:
        path: of the database.
        began: when it began to wait.
    """
    process = _writer(Path(path).resolve())
    if process is None:
        remedy = say("Find out which process has {path} open, let it go on, or end it.", path=path)
    elif process == os.getpid():
        remedy = say("Wait for it: it is this program, in another thread.")
    elif _is_stopped(process):
        remedy = say(
            "It is stopped: let it go on (kill -CONT {process}), or end it (kill -9 {process}).",
            process=process,
        )
    else:
        remedy = say("Wait for it, or end it (kill {process}; kill -9 {process}).", process=process)
    return failures.locked(process, began, at_least=True, remedy=remedy)


def _writer(path: Path) -> int | None:
    """The process that writes, where the system tells: Linux does.

    Whoever writes holds one byte of the file beside: https://www.sqlite.org/walformat.html#locks.
    The file is not opened: closing it would take away what this process itself holds of it.
    """
    try:
        inode = path.with_name(f"{path.name}-shm").stat().st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for lock in locks:
        # 1: POSIX  ADVISORY  WRITE 4242 fe:00:9977943 120 120
        match lock.split():
            case [_, "POSIX", _, "WRITE", process, file, first, last]:
                if file.rpartition(":")[2] == str(inode) and first == last == _WRITE_LOCK:
                    return int(process)
            case _:
                pass
    return None


def _is_stopped(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in {"T", "t"}


def _begin(lock_seconds: float) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        left = connection.get_execution_options().get(WRITES)
        # To a tenth: whoever has waited for no other thread changes nothing.
        seconds = round(lock_seconds if left is None else left, 1)
        if connection.info.setdefault(_WAITS, round(lock_seconds, 1)) != seconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
            connection.info[_WAITS] = seconds
        # A transaction that reads first and writes then fails if another writes in between; one
        # that says at once that it will write waits for its turn.
        connection.exec_driver_sql("BEGIN" if left is None else "BEGIN IMMEDIATE")

    return begin


def _set(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in _SETTINGS:
        cursor.execute(statement)
    cursor.close()
