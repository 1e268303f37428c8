"""The books inside a transaction that is somebody else's: a caller's own, on the same PostgreSQL.

What is written there is committed with whatever else the caller writes, or not at all. Each of our
transactions is a savepoint of the caller's, so that what fails here leaves the caller's usable. The
settings that our transactions need are set back behind them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, PoolProxiedConnection, text

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.store import postgresql
from hongbao.ledger.store.database import CLOCK, NOW, Database, errors_explained
from hongbao.ledger.store.salt import book_salt
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection as PsycopgConnection

_NAMES = (*postgresql.SETTINGS, "lock_timeout")
_CURRENT = ", ".join(f"current_setting('{name}')" for name in _NAMES)
_BACK = ", ".join(f"set_config('{name}', :v{place}, true)" for place, name in enumerate(_NAMES))
_BEFORE, _AFTER = text(f"SELECT {_CURRENT}"), text(f"SELECT {_BACK}")


class BorrowedDatabase(Database):
    """The database of open books, through a connection of the caller's. It repeats nothing.

    Args:
        lender: the books' own.
        connection: psycopg's, in the transaction.

    Raises:
        LedgerError: if it is in no transaction, or leads to other books.
    """

    def __init__(self, lender: Database, connection: PsycopgConnection[Any]) -> None:
        _check_in_transaction(lender, connection)
        self._take_after(lender)
        self._borrowed = connection
        with lender.reading() as own:
            salt = book_salt(own)
        with self.transaction() as found:
            if book_salt(found) != salt:
                raise _unfit(
                    say("it leads to other books"), say("Connect it to {books}.", books=self.shown)
                )

    def close(self) -> None:
        """Nothing: the connection is the caller's."""

    def another(self) -> Database:
        """Refused: a worker never works inside a caller's transaction.

        Raises:
            LedgerError: always.
        """
        raise _unfit(
            say("it is in a caller's transaction"), say("Open the books for a worker of its own.")
        )

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A savepoint: kept if the caller commits, undone by an exception.

        Raises:
            BookUnavailable: if the database breaks off.
            LedgerError: if the database refuses what is written.
        """
        self._check_process()
        proxied = _Borrowed(self._borrowed, {CLOCK: self._clock})
        with (
            errors_explained(self._engine),
            Connection(self._engine, connection=proxied) as connection,
        ):
            with connection.begin_nested():
                before = connection.execute(_BEFORE).one()
                wait = postgresql.waiting(self._lock_seconds)
                proxied.info[NOW] = connection.execute(postgresql.BEGIN, wait).one()[-1]
                yield connection
                connection.execute(_AFTER, {f"v{place}": it for place, it in enumerate(before)})
            connection.commit()  # of SQLAlchemy's own bookkeeping: see ``_Borrowed``

    reading = transaction


class _Borrowed(PoolProxiedConnection):
    """A driver's connection for SQLAlchemy, which must not end its transaction.

    Args:
        connection: psycopg's.
        info: what the books keep beside a connection.
    """

    def __init__(self, connection: PsycopgConnection[Any], info: dict[Any, Any]) -> None:
        self.dbapi_connection: Any = connection
        self.driver_connection: Any = connection
        self._connection = connection
        self._info = info

    @property
    def info(self) -> dict[Any, Any]:
        """Kept beside it."""
        return self._info

    @property
    def record_info(self) -> dict[Any, Any]:
        """The same: no pool has it."""
        return self._info

    @property
    def is_valid(self) -> bool:
        """Whether it can be used."""
        return not self._connection.closed

    @property
    def is_detached(self) -> bool:
        """No pool has it."""
        return True

    def cursor(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401  # the same
        """A cursor whose rows are tuples, whatever the caller's are."""
        from psycopg.rows import tuple_row  # noqa: PLC0415  # an extra that may be absent

        return self._connection.cursor(row_factory=tuple_row)

    def commit(self) -> None:
        """Nothing: the caller does."""

    def rollback(self) -> None:
        """Nothing: the caller does."""

    def close(self) -> None:
        """Nothing: the caller does."""

    def _close_special(self, transaction_reset: bool = False) -> None:  # noqa: FBT001, FBT002  # SQLAlchemy's
        """The same, after an error."""

    def detach(self) -> None:
        """No pool has it."""

    def invalidate(self, e: BaseException | None = None, soft: bool = False) -> None:  # noqa: FBT001, FBT002  # the same
        """Nothing: the caller finds out."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # the dialect asks the driver's
        return getattr(self._connection, name)


def _check_in_transaction(lender: Database, connection: object) -> None:
    if not lender.is_postgresql:
        raise _unfit(
            say("these books are on SQLite"), say("Only PostgreSQL has transactions to share.")
        )
    from psycopg import Connection as Driver  # noqa: PLC0415  # an extra that may be absent
    from psycopg.pq import TransactionStatus  # noqa: PLC0415  # the same

    if not isinstance(connection, Driver):
        raise _unfit(
            say("it is a {type}, and not a psycopg.Connection", type=type(connection).__name__),
            say("Give the driver's own, such as Django's connection.connection."),
        )
    status = connection.info.transaction_status
    begins = status is TransactionStatus.IDLE and not connection.autocommit
    if status is not TransactionStatus.INTRANS and not begins:
        raise _unfit(
            say("it is in no transaction"), say("Begin one; nothing is stored until it commits.")
        )


def _unfit(problem: str, remedy: str) -> LedgerError:
    return LedgerError(
        code=LedgerCode.INVALID,
        problem=say("this connection cannot be used: {problem}", problem=problem),
        remedy=say("{remedy} Nothing was stored.", remedy=remedy),
    )
