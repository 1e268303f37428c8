"""Opens the database of the books: its transactions, its clock, and how its failures are told.

The only module that knows how a database is opened. SQLite writes one transaction after another;
PostgreSQL writes many at once, at READ COMMITTED, where whoever needs a row unchanged locks it.
Locks are taken in this order, so that few wait for each other in a circle: merchant, campaign,
payouts, totals.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from hongbao.errors import BookUnavailable, ConfigurationError, LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    from hongbao.ledger.payout import Instant

T = TypeVar("T")

_TRIES = 8
_BUSY_SECONDS = 30
_CLOCK = "hongbao.clock"
_WRITES = "hongbao_writes"
_NOW = "hongbao.now"
_DATABASE_TIME = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"

# https://www.postgresql.org/docs/current/errcodes-appendix.html: a failed serialization, a deadlock
# and a lock that is not to be had. Nothing of the transaction is there: it can be done again.
_UNDONE_STATES = frozenset({"40001", "40P01", "55P03"})
# Connections, resources, an operator's hand, the system; a transaction that took too long because
# its process was stopped; a server that only reads, because another one has just taken over.
_PASSING_STATES = ("08", "53", "57", "58", "25P03", "25P04", "25006")
_FORBIDDEN_STATES = ("42501",)
# https://www.sqlite.org/rescode.html
_SQLITE_BUSY = 5
_SQLITE_PASSING = frozenset({_SQLITE_BUSY, 6, 7, 10, 13, 14})  # locked, memory, I/O, full, no file
_SQLITE_FORBIDDEN = frozenset({8})
_SQLITE_SPOILT = frozenset({11, 26})

_SQLITE_SETTINGS = (
    "PRAGMA journal_mode = WAL",  # whoever reads does not wait for whoever writes
    "PRAGMA synchronous = FULL",  # a commit outlives a power cut: a call must not be forgotten
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",  # KiB
    # Pages: what is written again and again comes into the database file once. Whoever opens it
    # after a crash reads little more than these 80 MB.
    "PRAGMA wal_autocheckpoint = 20000",
)
# What the URL says goes before these: https://www.postgresql.org/docs/current/libpq-connect.html.
_POSTGRESQL_CONNECTION = {
    "application_name": "hongbao",
    "connect_timeout": 10,  # seconds, as the next three
    # A machine or a way to it that is gone says nothing; the system would wait for hours.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
_POSTGRESQL_SETTINGS = {
    # A worker that is stopped in the middle of a transaction must not hold its merchants for ever.
    "idle_in_transaction_session_timeout": "60s",
    # All that is written is found by an index. What the planner knows of a table dates from before
    # a list of a million was stored, and so do its doubts about that.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
}
# For the transaction alone, so that it holds behind a pool that gives each another connection; and
# in one statement with the time, because each costs a round trip.
_POSTGRESQL_BEGIN = text(
    "SELECT "
    + "".join(f"set_config('{name}', '{to}', true), " for name, to in _POSTGRESQL_SETTINGS.items())
    + _DATABASE_TIME
)


_POSTGRESQL_TIME = text(f"SELECT {_DATABASE_TIME}")


class Again(Exception):
    """Raised in a transaction to undo it and do it once more."""


class Database:
    """An open database. Any thread may use it; a process that is forked opens its own.

    Args:
        url: ``sqlite:///path``, a bare path, or ``postgresql://user@host/name``.
        clock: microseconds since the epoch; None for the database's own clock on PostgreSQL, and
            the machine's on SQLite.

    Attributes:
        shown: the URL without its password.
        is_postgresql: else it is SQLite.

    Raises:
        ConfigurationError: if the URL names no database in which the books can stand.
    """

    def __init__(self, url: str, *, clock: Callable[[], Instant] | None = None) -> None:
        read = read_url(url)
        self.shown = read.render_as_string(hide_password=True)
        self.is_postgresql = read.get_backend_name() == "postgresql"
        self._engine = (_postgresql if self.is_postgresql else _sqlite)(read)
        # Threads of one process take turns here, at once and in order: SQLite's own waiting polls.
        self._turn = nullcontext() if self.is_postgresql else Lock()
        if clock is None and not self.is_postgresql:
            clock = _machine_time
        event.listen(self._engine, "connect", _tell(clock))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, undone by an exception.

        Raises:
            BookUnavailable: if the database cannot be reached, is too busy, or breaks off.
            LedgerError: if the database refuses what is written.
        """
        with self._turn, _told(self._engine), self._engine.connect() as connection:
            connection.execution_options(**{_WRITES: True})
            with connection.begin():
                if self.is_postgresql:
                    connection.info[_NOW] = connection.execute(_POSTGRESQL_BEGIN).one()[-1]
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads; all that it reads is of one moment.

        Raises:
            BookUnavailable: if the database cannot be reached, is too busy, or breaks off.
        """
        with _told(self._engine), self._engine.connect() as connection:
            if self.is_postgresql:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if self.is_postgresql:
                    connection.info[_NOW] = connection.scalar(_POSTGRESQL_TIME)
                yield connection

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction that may write.

        It is done again where it is sure that nothing of it was kept: after a deadlock, where
        SQLite was busy before it began, and when it raises ``Again``.

        Raises:
            BookUnavailable: see ``transaction``; also if others are in the way each time.
            LedgerError: see ``transaction``, and what ``work`` raises.
        """
        for _ in range(_TRIES):
            try:
                with self.transaction() as connection:
                    return work(connection)
            except Again:
                continue
            except BookUnavailable as error:
                if not error.undone:
                    raise
        raise BookUnavailable(problem="others were in the way each time", undone=True)


def now(connection: Connection) -> Instant:
    """What time it is in the books. PostgreSQL's own is that of the transaction's beginning."""
    clock: Callable[[], Instant] | None = connection.info[_CLOCK]
    instant: Instant = connection.info[_NOW] if clock is None else clock()
    return instant


def is_postgresql(connection: Connection) -> bool:
    """Whether it is PostgreSQL; else it is SQLite."""
    return connection.dialect.name == "postgresql"


def read_url(url: str) -> URL:
    """Where a database is.

    Raises:
        ConfigurationError: if the books cannot stand there.
    """
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise _unfit("it is no URL that can be read") from None
    backend = read.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return read.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _unfit(f"it names {backend}, where the books cannot stand")
    if not read.database or read.database == ":memory:":
        raise _unfit("it names no file, and what stands in memory alone is forgotten")
    return read


def _unfit(problem: str) -> ConfigurationError:
    return ConfigurationError(
        setting="database",
        problem=problem,
        remedy="Give a path, sqlite:///path, or postgresql://user@host/database.",
    )


def _sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    try:
        # It holds whom the merchant paid: nobody else's business.
        path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            setting="database",
            problem=f"{path} cannot be written ({error.strerror})",
            remedy="Make its folder, and let this user write there.",
        ) from None
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": _BUSY_SECONDS},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes then fails if another writes in between; one that
    # says at once that it will write waits for its turn.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            connect_args={
                name: to for name, to in _POSTGRESQL_CONNECTION.items() if name not in url.query
            },
            hide_parameters=True,
            isolation_level="READ COMMITTED",
        )
    except ModuleNotFoundError:
        raise ConfigurationError(
            setting="database",
            problem="the books on PostgreSQL need psycopg, which is not installed",
            remedy="pip install 'hongbao[postgres]'",
        ) from None


def _set_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in _SQLITE_SETTINGS:
        cursor.execute(statement)
    cursor.close()


def _tell(clock: Callable[[], Instant] | None) -> Callable[[Any, ConnectionPoolEntry], None]:
    def connected(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_CLOCK] = clock

    return connected


def _machine_time() -> Instant:
    return time.time_ns() // 1000


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Tell a database's errors as the books' own."""
    try:
        yield
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        # Without the first error, whose text may hold a row of the books, and so a receiver.
        raise _as_told(error) from None


def _as_told(error: Exception) -> LedgerError:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    # PostgreSQL's primary message names tables and constraints, and leaves the row to its details.
    diagnostic = getattr(cause, "diag", None)
    said = (diagnostic and diagnostic.message_primary) or str(cause).partition("\n")[0]
    problem = f"the database says: {said}"
    # Without a code it is the connection that failed.
    named = {kind.__name__ for kind in type(cause).__mro__}
    lost = not (state or code) and not named.isdisjoint({"OperationalError", "InterfaceError"})
    passing = code in _SQLITE_PASSING or (state or "").startswith(_PASSING_STATES)
    undone = state in _UNDONE_STATES or code == _SQLITE_BUSY
    if lost or passing or undone:
        return BookUnavailable(problem=problem, undone=undone)
    if code in _SQLITE_FORBIDDEN or state in _FORBIDDEN_STATES:
        return LedgerError(
            problem=problem,
            remedy="Nothing was changed. Let this user write the books: the file and its folder, "
            "or the rights of docs/howto/postgresql.md.",
        )
    if code in _SQLITE_SPOILT:
        return LedgerError(
            problem=problem, remedy="The file holds no books, or holds them no more: look at it."
        )
    return LedgerError(
        problem=problem, remedy="Nothing was changed. It should not happen: please report it."
    )
