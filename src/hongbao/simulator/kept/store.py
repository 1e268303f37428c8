"""The file that a world is kept in: rows of text in SQLite. It does not know what they mean.

A transaction is in the file before ``write`` returns, so a killed process loses none. It is not
forced to the disk, which would take some milliseconds for each reply. So a crash of the machine may
lose the last transactions, but never part of one.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

StoreError = sqlite3.Error
"""The error of a file that cannot be read or written."""

VERSION = 1
"""The version of the file's layout."""

_TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users (openid TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE packets (
    serial INTEGER PRIMARY KEY, mch_id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE journal (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""
_WRITE = (
    "REPLACE INTO state VALUES (?, ?)",
    "REPLACE INTO users VALUES (?, ?)",
    "REPLACE INTO packets VALUES (?, ?, ?)",
    "REPLACE INTO journal VALUES (?, ?)",
)
_FORGET = ("packets", "users", "journal", "state")


class Rows(NamedTuple):
    """The rows of one transaction.

    Attributes:
        state: (name, body).
        users: (openid, body).
        packets: (serial, mch_id, body).
        journal: (number, body).
        drop: the journal's entries up to this number are deleted.
    """

    state: Sequence[tuple[str, str]] = ()
    users: Sequence[tuple[str, str]] = ()
    packets: Sequence[tuple[int, str, str]] = ()
    journal: Sequence[tuple[int, str]] = ()
    drop: int = 0


class Store:
    """One open file; ``close`` it. The folder's lock keeps others from opening it.

    Several threads may use it, one at a time.

    Args:
        path: the file; it is created if it is missing, readable only by its owner.

    Attributes:
        is_new: whether it was empty.

    Raises:
        StoreError: if it cannot be read, or is something else.
        OSError: if it cannot be created.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self.is_new = self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def write(self, rows: Rows, *, anew: bool = False) -> None:
        """Write all rows or none; they replace rows with the same key.

        Args:
            rows: the rows.
            anew: delete everything else.

        Raises:
            StoreError: if it fails; then nothing has changed.
        """
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table in _FORGET if anew else ():
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # a name of ours
            written = (rows.state, rows.users, rows.packets, rows.journal)
            for statement, some in zip(_WRITE, written, strict=True):
                if some:
                    connection.executemany(statement, some)
            if rows.drop:
                connection.execute("DELETE FROM journal WHERE number <= ?", (rows.drop,))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def state(self) -> dict[str, str]:
        """The bodies by name."""
        return dict(self._connection.execute("SELECT name, body FROM state"))

    def users(self) -> Iterator[tuple[str, str]]:
        """All users: (openid, body)."""
        return self._connection.execute("SELECT openid, body FROM users")

    def packets(self) -> Iterator[tuple[str, str]]:
        """All packets in the order of their serials: (mch_id, body)."""
        return self._connection.execute("SELECT mch_id, body FROM packets ORDER BY serial")

    def journal(self) -> Iterator[tuple[int, str]]:
        """All journal entries in the order of their numbers: (number, body)."""
        return self._connection.execute("SELECT number, body FROM journal ORDER BY number")

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _prepare(self) -> bool:
        connection = self._connection
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version == 0 and tables == 0:
            begun = f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version = {VERSION};COMMIT;"
            connection.executescript(begun)
            return True
        if version != VERSION:
            raise sqlite3.DatabaseError(say("another layout"))
        (rows,) = connection.execute("SELECT count(*) FROM state").fetchone()
        return not rows
