"""Books that are made anew for each stage, behind doors that stay: opening one takes a while."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hongbao.ledger.model.payout import Instant

    Copy = Callable[[str, str], None]

EMPTY, BOOKS, BACKUP = "proof_empty", "proof_books", "proof_backup"


class Shelf:
    """The books of one database.

    Args:
        url: where.
        copy: copies a database under another name, while nobody has either of them open.
    """

    def __init__(self, url: str, copy: Copy) -> None:
        self.url = url
        self._copy = copy
        self._doors: list[_Door] = []

    def renew(self) -> None:
        """Begin with empty books."""
        self._put(EMPTY, BOOKS)

    def keep(self) -> None:
        """Make a backup of the books, as they are now."""
        self._put(BOOKS, BACKUP)

    def restore(self) -> None:
        """Go back to the backup: what happened since is forgotten here, and nowhere else."""
        self._put(BACKUP, BOOKS)

    def door(self, number: int, clock: Callable[[], Instant]) -> Book:
        """A door, from 0, with a clock of its own."""
        while len(self._doors) <= number:
            self._doors.append(_Door(self.url))
        self._doors[number].clock = clock
        return self._doors[number].book

    def close(self) -> None:
        """Close what is open; it opens again by itself."""
        for door in self._doors:
            door.book.close()

    def _put(self, source: str, target: str) -> None:
        self.close()
        self._copy(source, target)


class _Door:
    def __init__(self, url: str) -> None:
        self.clock: Callable[[], Instant] = int
        self.book = Book.open(url, clock=self._now)

    def _now(self) -> Instant:
        return self.clock()


def sqlite_shelf(folder: Path) -> Shelf:
    """Books in a file."""
    Book.open(str(folder / EMPTY)).close()

    def copy(source: str, target: str) -> None:
        for suffix in ("-wal", "-shm"):
            (folder / (target + suffix)).unlink(missing_ok=True)
        shutil.copy(folder / source, folder / target)

    return Shelf(str(folder / BOOKS), copy)


def postgres_shelf(server: str) -> Shelf:
    """Books on a server, of which ``server`` is the URL of any other database."""
    start = server.rpartition("/")[0]
    _run(server, f"CREATE DATABASE {EMPTY}")
    Book.upgrade(f"{start}/{EMPTY}")

    def copy(source: str, target: str) -> None:
        _run(server, f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        _run(server, f"CREATE DATABASE {target} TEMPLATE {source}")

    return Shelf(f"{start}/{BOOKS}", copy)


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
