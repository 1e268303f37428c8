"""Books that are made anew for each stage, behind doors that stay: opening one takes a while."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hongbao.ledger.payout import Instant


class Shelf:
    """The books of one database.

    Args:
        url: where.
        renew: makes them empty; nobody has them open then.
    """

    def __init__(self, url: str, renew: Callable[[], None]) -> None:
        self.url = url
        self._renew = renew
        self._doors: list[_Door] = []
        renew()

    def renew(self) -> None:
        """Begin with empty books."""
        self.close()
        self._renew()

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


class _Door:
    def __init__(self, url: str) -> None:
        self.clock: Callable[[], Instant] = int
        self.book = Book.open(url, clock=self._now)

    def _now(self) -> Instant:
        return self.clock()


def sqlite_shelf(folder: Path) -> Shelf:
    """Books in a file."""
    empty, path = folder / "empty.db", folder / "book.db"
    Book.open(str(empty)).close()

    def renew() -> None:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copy(empty, path)

    return Shelf(str(path), renew)


def postgres_shelf(server: str, name: str) -> Shelf:
    """Books on a server, of which ``server`` is the URL of any other database."""
    start = server.rpartition("/")[0]
    empty, own = f"{name}_empty", f"{name}_books"
    _run(server, f"CREATE DATABASE {empty}")
    Book.upgrade(f"{start}/{empty}")

    def renew() -> None:
        _run(server, f"DROP DATABASE IF EXISTS {own} WITH (FORCE)")
        _run(server, f"CREATE DATABASE {own} TEMPLATE {empty}")

    return Shelf(f"{start}/{own}", renew)


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # our own text
