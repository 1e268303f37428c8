"""Finds the version of a database's schema, and upgrades it to the newest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import inspect, text

from hongbao.errors import ConfigurationError
from hongbao.ledger.store.address import read_url
from hongbao.ledger.store.database import Database, is_postgresql
from hongbao.sentences import say

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEWEST = "0005"
"""The version that this program reads and writes."""

# PostgreSQL locks a number for us: two that upgrade at once go one after the other.
_LOCK = text("SELECT pg_advisory_xact_lock(29395917549494639)")
_VERSION_TABLE = "alembic_version"
_VERSION = text("SELECT version_num FROM alembic_version")


class Version(NamedTuple):
    """The version of a schema.

    Attributes:
        found: the database's version; None if there are no books.
        newest: the version that this program reads and writes.
        kept: whether the database exists; SQLite's is created when it is first needed.
    """

    found: str | None
    newest: str
    kept: bool


def version_of(url: str) -> Version:
    """Which version the schema of a database has. Makes and changes nothing.

    Raises:
        ConfigurationError: if the URL names no fit database.
        BookUnavailable: if the database cannot be reached.
    """
    where = read_url(url)
    if where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists():
        return Version(None, NEWEST, kept=False)
    database = Database(url)
    try:
        with database.reading() as connection:
            return Version(_version(connection), NEWEST, kept=True)
    finally:
        database.close()


def check_or_upgrade(database: Database) -> None:
    """Bring SQLite to the newest version; insist on it with PostgreSQL.

    Raises:
        ConfigurationError: if PostgreSQL has an older schema, or either has a newer one.
    """
    with database.reading() as connection:
        version = _version(connection)
    if version == NEWEST:
        return
    if database.is_postgresql:
        raise ConfigurationError(
            setting="database",
            problem=say("{books} has no books yet", books=database.shown)
            if version is None
            else say(
                "{books} has books of version {version}, not {newest}",
                books=database.shown,
                version=version,
                newest=NEWEST,
            ),
            remedy=_NEWER if version is not None and version > NEWEST else _OLDER,
        )
    upgrade(database)


_OLDER = say("Run: hongbao db upgrade")
_NEWER = say("Upgrade this program.")


def upgrade(database: Database) -> None:
    """Upgrade it to the newest version, unless it already has that.

    Raises:
        ConfigurationError: if it is newer than this program.
    """
    with database.transaction() as connection:
        if is_postgresql(connection):
            connection.execute(_LOCK)
        version = _version(connection)
        if version is not None and version > NEWEST:
            raise ConfigurationError(
                setting="database",
                problem=say(
                    "{books} has books of version {version}, newer than this program",
                    books=database.shown,
                    version=version,
                ),
                remedy=_NEWER,
            )
        if version != NEWEST:
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    version: str | None = connection.execute(_VERSION).scalar()
    return version


def _migrate(connection: Connection) -> None:
    # It takes 0.2 s to import, which only who upgrades should pay.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", "hongbao.ledger.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
