"""Opens the database of the books: its transactions and its clock.

SQLite writes one transaction after another. PostgreSQL writes many at once, at READ COMMITTED, so a
transaction locks the rows that must not change. Locks are taken in the order channel, campaign,
payouts, totals, so that deadlocks are rare.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hongbao.errors import BookLocked, BookUnavailable, LedgerCode, LedgerError
from hongbao.ledger.store import failures, postgresql, sqlite
from hongbao.ledger.store.address import read_url, shown
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection, Engine, Executable, Table
    from sqlalchemy.dialects import postgresql as postgres
    from sqlalchemy.dialects import sqlite as lite
    from sqlalchemy.pool import ConnectionPoolEntry

    from hongbao.ledger.model.payout import Instant

T = TypeVar("T")

LOCK_SECONDS = 7.0
"""How long a transaction waits for others. Our longest ones take a second; a person who wants to
pause a campaign learns within ten seconds what is in the way."""

_TRIES = 8
CLOCK = "hongbao.clock"
NOW = "hongbao.now"


class Again(Exception):
    """Raised in a transaction to roll it back and repeat it."""


class Database:
    """An open database. Any thread may use it; a process that is forked opens its own.

    Args:
        url: ``sqlite:///path``, a bare path, or ``postgresql://user@host/name``.
        clock: microseconds since the epoch; None for the database's own clock on PostgreSQL, and
            the machine's on SQLite.
        lock_seconds: how long a transaction waits for others.

    Attributes:
        url: where it is, with its password if it has one.
        shown: the URL without its password.
        is_postgresql: else it is SQLite.

    Raises:
        ConfigurationError: if the books cannot be in the URL's database.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], Instant] | None = None,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        read = read_url(url)
        self.shown = shown(read)
        self.is_postgresql = read.get_backend_name() == "postgresql"
        self.url, self._clock, self._lock_seconds = url, clock, lock_seconds
        self._process = os.getpid()
        # Threads of one process take turns here, at once and in order: SQLite's own waiting polls.
        self._turn = None if self.is_postgresql else Lock()
        if self.is_postgresql:
            self._engine = postgresql.engine(url, wait_seconds=lock_seconds)
        else:
            self._engine = sqlite.engine(read, lock_seconds=lock_seconds)
            clock = clock or machine_time
        self._path = read.database or ""
        event.listen(self._engine, "connect", _tell(clock))

    def _take_after(self, other: Database) -> None:
        """Be as another one that is open, and share its engine."""
        vars(self).update(vars(other))

    def close(self) -> None:
        """Close all connections; in a process that was forked, leave them to the one before it."""
        self._engine.dispose(close=self._process == os.getpid())

    def another(self) -> Database:
        """The same database, opened again: with connections of its own."""
        return Database(self.url, clock=self._clock, lock_seconds=self._lock_seconds)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, undone by an exception.

        Raises:
            BookLocked: if others kept it from beginning, or from a row, for too long.
            BookUnavailable: if the database cannot be reached, is too busy, or breaks off.
            LedgerError: if the database refuses what is written.
        """
        self._check_process()
        began, until = machine_time(), time.monotonic() + self._lock_seconds
        with (
            self._in_turn(began),
            errors_explained(self._engine),
            self._engine.connect() as connection,
        ):
            left = max(0.0, until - time.monotonic())
            connection.execution_options(**{sqlite.WRITES: left})
            try:
                with errors_explained(self._engine), connection.begin():
                    if self.is_postgresql:
                        begun = connection.execute(postgresql.BEGIN, postgresql.waiting(left))
                        connection.info[NOW] = begun.one()[-1]
                    yield connection
            except BookLocked:
                raise self._locked(began, connection) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads a single snapshot.

        Raises:
            BookUnavailable: if the database cannot be reached, is too busy, or breaks off.
        """
        self._check_process()
        with errors_explained(self._engine), self._engine.connect() as connection:
            if self.is_postgresql:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                if self.is_postgresql:
                    connection.info[NOW] = connection.scalar(postgresql.TIME)
                yield connection

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run something in a transaction that may write.

        It is repeated if certainly nothing of it was kept and it has not waited for long: after a
        deadlock, if it could not begin, and if it raises ``Again``.

        Raises:
            BookLocked: see ``transaction``.
            BookUnavailable: see ``transaction``; also if others are in the way each time.
            LedgerError: see ``transaction``, and what ``work`` raises.
        """
        until = time.monotonic() + self._lock_seconds
        for _ in range(_TRIES):
            try:
                with self.transaction() as connection:
                    return work(connection)
            except Again:
                continue
            except BookLocked:
                if time.monotonic() >= until:
                    raise
            except BookUnavailable as error:
                if not error.undone or time.monotonic() >= until:
                    raise
        raise BookUnavailable(problem=say("others were in the way each time"), undone=True)

    @contextmanager
    def _in_turn(self, began: Instant) -> Iterator[None]:
        """A turn to write.

        Raises:
            BookLocked: if other threads kept it for too long.
        """
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._lock_seconds):
            raise self._locked(began)
        try:
            yield
        finally:
            self._turn.release()

    def _check_process(self) -> None:
        """Let no process use the connections of the one that it was forked from."""
        if self._process != os.getpid():
            raise LedgerError(
                code=LedgerCode.BUG,
                problem=say(
                    "these books were opened by another process, before this one was forked"
                ),
                remedy=say("Nothing was changed. Open them in the process that uses them."),
            )

    def _locked(self, began: Instant, connection: Connection | None = None) -> BookLocked:
        """Who is locking the books, as far as that can be found out.

        PostgreSQL is asked on the connection that has waited: others may all be taken.
        """
        if connection is None or not self.is_postgresql:
            return sqlite.locked(self._path, began)
        with suppress(LedgerError), errors_explained(self._engine), connection.begin():
            return postgresql.locked(connection)
        return failures.locked()


def now(connection: Connection) -> Instant:
    """The books' time. On PostgreSQL's own clock it is the time when the transaction began."""
    clock: Callable[[], Instant] | None = connection.info[CLOCK]
    instant: Instant = connection.info[NOW] if clock is None else clock()
    return instant


def is_postgresql(connection: Connection) -> bool:
    """Whether it is PostgreSQL; else it is SQLite."""
    return connection.dialect.name == "postgresql"


def driver_rows(
    connection: Connection, statement: Executable, values: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    """All rows of a statement as the driver's own tuples.

    Where thousands are read, SQLAlchemy's rows would take three times as long.
    """
    result: Any = connection.execute(statement, values or {})
    try:
        return list(result.cursor.fetchall())
    finally:
        result.close()


def insert_into(connection: Connection, table: Table) -> postgres.Insert | lite.Insert:
    """An INSERT that can say what it does ``on_conflict``; of the books' own dialect."""
    # Nobody else imports PostgreSQL's: 0.04 s.
    if is_postgresql(connection):
        from sqlalchemy.dialects import postgresql as postgres  # noqa: PLC0415  # see above

        return postgres.insert(table)
    from sqlalchemy.dialects import sqlite as lite  # noqa: PLC0415  # see above

    return lite.insert(table)


def machine_time() -> Instant:
    """This machine's time."""
    return time.time_ns() // 1000


def _tell(clock: Callable[[], Instant] | None) -> Callable[[Any, ConnectionPoolEntry], None]:
    def connected(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[CLOCK] = clock

    return connected


@contextmanager
def errors_explained(engine: Engine) -> Iterator[None]:
    """Turn a database's errors into the books' own."""
    try:
        yield
    except PoolTimeout:
        raise BookUnavailable(
            problem=say(
                "other threads of this program have all of its connections to the database"
            ),
            undone=True,
            remedy=say("Nothing was changed. Try again, with fewer threads at once."),
        ) from None
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        # The first error is left out: its text may contain a row of the books, and so a receiver.
        raise failures.explained(error) from None
    except (UnicodeEncodeError, OverflowError) as error:
        raise failures.unwritable(error) from None
