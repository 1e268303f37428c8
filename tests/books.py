"""Books for tests, on both databases: a pytest plugin that every folder of tests can use.

SQLite's stand in a file of the test's own, PostgreSQL's in a database of the test's own, on one
server a process: the wheel's. Where ``HONGBAO_TEST_POSTGRES`` names folders with other versions of
it, tests on PostgreSQL run once on each. All are copies of empty books that are made once.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from postgres_process import PostgresProcess, servers
from sqlalchemy import Connection, Engine, event

from hongbao.ledger.book import Book
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.metadata import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.ledger.model.payout import Instant

# Tests do not pull the plug; those that crash the server run one of their own.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "shared_buffers": "32MB",
}
_SERVERS = servers()
_BOOKS = "hongbao_test"
_SHAPE = b"""
SELECT relname, relfilenode::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger
UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT nspname, '' FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'
UNION ALL SELECT version_num, '' FROM alembic_version
ORDER BY 1, 2
"""
# As a replica it asks neither triggers nor foreign keys.
_EMPTY = (
    "SET session_replication_role = replica;"
    + "".join(
        f"DELETE FROM {table.name};" for table in METADATA.sorted_tables if table.name != "book"
    )
    + "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';"
).encode()


class _CompiledOnce(dict[Any, Any]):
    """The statements that were compiled for any books on a database of one kind and version.

    Each test has books of its own, and would compile all statements anew: a quarter of its time,
    and on PostgreSQL half of it.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        """SQLAlchemy's look: its keys begin with the dialect, of which each engine has its own."""
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_COMPILED = defaultdict[tuple[Any, ...], _CompiledOnce](_CompiledOnce)


@event.listens_for(Engine, "engine_connect")
def _compile_once(connection: Connection) -> None:
    dialect = connection.dialect
    like = (dialect.name, dialect.driver, dialect.server_version_info)
    connection.execution_options(compiled_cache=_COMPILED[like])


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


@pytest.fixture(scope="session", params=list(_SERVERS))
def postgres_name(request: pytest.FixtureRequest) -> str:
    """Which of the servers it is."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def postgres(postgres_server: PostgresProcess) -> str:
    """The URL of a PostgreSQL server, of a database without books."""
    return postgres_server.url()


@pytest.fixture(scope="session")
def postgres_server(postgres_name: str, postgres_servers: PostgresServers) -> PostgresProcess:
    """The server itself."""
    return postgres_servers.server(postgres_name)


@pytest.fixture(scope="session")
def postgres_servers() -> Iterator[PostgresServers]:
    """All servers."""
    with ExitStack() as stack:
        yield PostgresServers(stack)


@pytest.fixture(scope="session")
def _empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "empty.db"
    Book.open(str(path)).close()
    return path


@pytest.fixture
def sqlite_url(_empty_file: Path, tmp_path: Path) -> str:
    """Empty books in a file."""
    path = tmp_path / "book.db"
    shutil.copy(_empty_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres_name: str, postgres_servers: PostgresServers) -> str:
    """Empty books on the server."""
    return postgres_servers.empty_books(postgres_name)


@pytest.fixture(params=["sqlite", *_SERVERS])
def book_url(request: pytest.FixtureRequest, postgres_servers: PostgresServers) -> str:
    """Empty books, on the one and on the other."""
    if request.param in _SERVERS:
        return postgres_servers.empty_books(request.param)
    url: str = request.getfixturevalue("sqlite_url")
    return url


@pytest.fixture
def book(book_url: str, clock: Clock) -> Iterator[Book]:
    """Empty books, open, at the test's own time."""
    with Book.open(book_url, clock=clock) as book:
        yield book


class PostgresServers:
    """The servers of this process: each is started when a test first wants it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: dict[str, PostgresProcess] = {}
        self._databases: dict[str, _Database] = {}

    def server(self, name: str) -> PostgresProcess:
        """One of the servers, running."""
        if name not in self._servers:
            server = PostgresProcess(_SETTINGS, binaries=_SERVERS[name])
            self._servers[name] = self._stack.enter_context(server)
        return self._servers[name]

    def empty_books(self, name: str) -> str:
        """The URL of books on one of the servers, in which nothing stands."""
        if name not in self._databases:
            self._databases[name] = _Database(self.server(name).url())
        database = self._databases[name]
        database.empty()
        return database.url


class _Database:
    """Books on a server that are emptied for each test; made anew if a test has changed more."""

    def __init__(self, server: str) -> None:
        self.url = f"{server.rpartition('/')[0]}/{_BOOKS}"
        self._server = server
        self._make()

    def empty(self) -> None:
        """Nothing stands in them afterwards."""
        try:
            with psycopg.connect(self.url, options="-c lock_timeout=5s") as connection:
                if connection.execute(_SHAPE).fetchall() == self._shape:
                    connection.execute(_EMPTY)
                    return
        except psycopg.Error:
            pass  # somebody holds a lock, or a table is gone
        self._make()

    def _make(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {_BOOKS} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {_BOOKS}".encode())
        Book.upgrade(self.url)
        with psycopg.connect(self.url) as connection:
            self._shape = connection.execute(_SHAPE).fetchall()
