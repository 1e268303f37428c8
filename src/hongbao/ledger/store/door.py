"""Opens and closes the books, and runs their transactions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from hongbao.ledger.store.database import Database, now
from hongbao.ledger.store.upgrade import check_or_upgrade, upgrade, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.upgrade import Version

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", bound="Door")


class Door:
    """Open books, without their verbs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], Instant] | None = None) -> Self:
        """Open the books; on SQLite, begin them where there are none.

        Args:
            url: ``sqlite:///path``, a bare path, or ``postgresql://user@host/name``.
            clock: microseconds since the epoch; None for the database's own clock on PostgreSQL,
                and the machine's on SQLite.

        Raises:
            ConfigurationError: if the URL names no fit database, or PostgreSQL's schema is not the
                newest.
            BookUnavailable: if the database cannot be reached.
        """
        database = Database(url, clock=clock)
        try:
            check_or_upgrade(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    @staticmethod
    def upgrade(url: str) -> None:
        """Bring the schema of a database to the newest version.

        Raises:
            ConfigurationError: if the URL names no fit database, or the schema is newer than this
                program.
            BookUnavailable: if the database cannot be reached.
        """
        database = Database(url)
        try:
            upgrade(database)
        finally:
            database.close()

    @staticmethod
    def version(url: str) -> Version:
        """Which version the schema of a database has. It makes and changes nothing.

        Raises:
            ConfigurationError: if the URL names no fit database.
            BookUnavailable: if the database cannot be reached.
        """
        return version_of(url)

    def now(self) -> Instant:
        """What time it is in the books."""
        with self._database.reading() as connection:
            return now(connection)

    @property
    def is_postgresql(self) -> bool:
        """Whether others write at the same time; SQLite writes one transaction after another."""
        return self._database.is_postgresql

    @contextmanager
    def for_worker(self) -> Iterator[Self]:
        """The same books, with connections that no other thread of the program can keep.

        On SQLite they are these books: all threads take turns there, whatever they have.
        """
        if not self.is_postgresql:
            yield self
            return
        with type(self)(self._database.another()) as own:
            yield own

    def through(self, door: type[D]) -> D:
        """The same books, with the verbs of another door. Closing either closes both."""
        return door(self._database)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read(
        self, verb: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._database.reading() as connection:
            return verb(connection, *args, **kwargs)

    def _change(self, verb: Callable[..., T], /, *args: object, **kwargs: object) -> T:
        """Run a verb that needs the time."""
        return self._database.run(
            lambda connection: verb(connection, *args, now=now(connection), **kwargs)
        )
