"""Books for tests, on both databases: a pytest plugin that every folder of tests can use.

SQLite's stand in a file of the test's own, PostgreSQL's in a database of the test's own on one
server a process. Both are copies of empty books that are made once.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
from postgres_process import PostgresProcess

from hongbao.ledger.book import Book
from hongbao.ledger.payout import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.payout import Instant

# Tests do not pull the plug; those that crash the server run one of their own.
_SETTINGS = {"fsync": "off", "max_connections": "50", "shared_buffers": "32MB"}
_EMPTY = "hongbao_empty"


class Clock:
    """The books' time, as a test says it; calling it tells it.

    Attributes:
        now: microseconds since the epoch; 2026-11-23 10:00:00 in Beijing at first.
    """

    def __init__(self) -> None:
        self.now: Instant = 1_795_399_200 * SECOND

    def __call__(self) -> Instant:  # noqa: D102 - the class says it
        return self.now

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    """The time of ``book``."""
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server, of a database without books."""
    with PostgresProcess(_SETTINGS) as server:
        yield server.url()


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "empty.db"
    Book.open(str(path)).close()
    return path


@pytest.fixture(scope="session")
def _empty_database(postgres: str) -> str:
    _run(postgres, f"CREATE DATABASE {_EMPTY}")
    Book.upgrade(_sibling(postgres, _EMPTY))
    return _EMPTY


@pytest.fixture
def sqlite_url(_empty_file: Path, tmp_path: Path) -> str:
    """Empty books in a file."""
    path = tmp_path / "book.db"
    shutil.copy(_empty_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres: str, _empty_database: str) -> Iterator[str]:
    """Empty books on the server."""
    name = "hongbao_test"
    _run(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _run(postgres, f"CREATE DATABASE {name} TEMPLATE {_empty_database}")
    yield _sibling(postgres, name)
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def book_url(request: pytest.FixtureRequest) -> str:
    """Empty books, on the one and on the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def book(book_url: str, clock: Clock) -> Iterator[Book]:
    """Empty books, open, at the test's own time."""
    with Book.open(book_url, clock=clock) as book:
        yield book


def _sibling(server: str, name: str) -> str:
    return f"{server.rpartition('/')[0]}/{name}"


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
