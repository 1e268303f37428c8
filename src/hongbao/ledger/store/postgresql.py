"""PostgreSQL's part of opening a database: connections, settings, and which servers are fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text

from hongbao.errors import ConfigurationError
from hongbao.ledger.store import failures
from hongbao.ledger.store.address import check_parameters, prepare_threshold, read_url, shown
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.pool import ConnectionPoolEntry

    from hongbao.errors import BookLocked

OLDEST = 14
"""The oldest major version that the books can stand on: the tests run on it or on a neighbour."""
_ENCODING = "UTF8"

# What the URL says goes before these: https://www.postgresql.org/docs/current/libpq-connect.html.
_CONNECTION = {
    "application_name": "hongbao",
    "connect_timeout": 10,  # seconds, as the next three
    # A machine or a way to it that is gone says nothing; the system would wait for hours.
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
SETTINGS = {
    # A worker that is stopped in the middle of a transaction must not hold its channels for ever.
    "idle_in_transaction_session_timeout": "60s",
    # All that is written is found by an index. What the planner knows of a table dates from before
    # a list of a million was stored, and so do its doubts about that.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
}
"""What a transaction that writes needs, for itself alone."""
_TIME = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
TIME = text(f"SELECT {_TIME}")
"""Asks a server for its time, in microseconds since the epoch."""

# Of whatever else holds locks in this database, the transaction that began first: whom one waited
# for is not known any more when one has given up. Of other roles' transactions less is shown.
_HOLDER = text("""
SELECT pid, CAST(extract(epoch FROM min(xact_start)) * 1000000 AS bigint)
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND granted AND pid <> pg_backend_pid() AND mode NOT IN ('AccessShareLock', 'SIReadLock')
GROUP BY pid ORDER BY min(xact_start) NULLS LAST, pid LIMIT 1
""")


_SET = "".join(f"set_config('{name}', '{to}', true), " for name, to in SETTINGS.items())
BEGIN = text(f"SELECT {_SET}set_config('lock_timeout', :lock_timeout, true), {_TIME}")
"""The first statement of a transaction that writes; its last column is the server's time.

Its settings are for the transaction alone, so that they hold behind a pool that gives each another
connection; and stand in one statement with the time, because each costs a round trip.
"""
ALONG_INDEXES = text(f"SELECT {_SET.removesuffix(', ')}")
"""Lets a transaction that reads find payouts along indexes, as those do that write."""


def waiting(seconds: float) -> dict[str, str]:
    """What ``BEGIN`` is given, so that its transaction waits for locks for so long at most."""
    # Of 0 the server makes no limit.
    return {"lock_timeout": f"{max(1, round(seconds * 1000))}ms"}


def engine(url: str, *, wait_seconds: float) -> Engine:
    """An engine for a server; each of its connections is to a server that will do.

    Args:
        url: of the database.
        wait_seconds: how long a thread waits for a connection when others have all of them.

    Raises:
        ConfigurationError: if the URL cannot be read, or psycopg is not installed.
    """
    try:
        from psycopg.pq import Conninfo  # noqa: PLC0415  # an extra that may be absent
    except ModuleNotFoundError:
        raise ConfigurationError(
            setting="database",
            problem=say("the books on PostgreSQL need psycopg, which is not installed"),
            remedy=say("Install the extra: pip install '.[postgres]' in a clone of hongbao."),
        ) from None
    read = read_url(url)
    check_parameters(read, {option.keyword.decode() for option in Conninfo.get_defaults()})
    made = create_engine(
        read,
        connect_args={
            **{name: to for name, to in _CONNECTION.items() if name not in read.query},
            # Whatever PGCLIENTENCODING or the database's own encoding would have it be.
            "client_encoding": _ENCODING,
            "prepare_threshold": prepare_threshold(url),
        },
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_timeout=wait_seconds,
    )
    event.listen(made, "connect", _check(read))
    return made


def unfit(server: str, version: int, encoding: str | None) -> ConfigurationError | None:
    """Why the books cannot use a server's database.

    Args:
        server: its URL, without a password.
        version: the server's, as libpq has it.
        encoding: the database's.
    """
    major = version // 10_000
    if major < OLDEST:
        return ConfigurationError(
            setting="database",
            problem=say(
                "{server} is on PostgreSQL {major}, which is too old", server=server, major=major
            ),
            remedy=say("Use PostgreSQL {oldest} or later.", oldest=OLDEST),
        )
    if encoding != _ENCODING:
        return ConfigurationError(
            setting="database",
            problem=say(
                "the encoding of {server} is {encoding}, not {needed}: it cannot hold "
                "every text of a list",
                server=server,
                encoding=encoding,
                needed=_ENCODING,
            ),
            remedy=say(
                "Make another database: CREATE DATABASE hongbao ENCODING 'UTF8' LOCALE 'C' "
                "TEMPLATE template0; and run `hongbao db upgrade` for it."
            ),
        )
    return None


def _check(url: URL) -> Callable[[Any, ConnectionPoolEntry], None]:
    def connected(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 # a driver's
        # All were set when the connection was made: nothing is asked.
        info = connection.info
        encoding = info.parameter_status("server_encoding")
        if (problem := unfit(shown(url), info.server_version, encoding)) is not None:
            connection.close()
            raise problem
        # Where a database or a role has it off, `\\` in what is written here is one backslash, and
        # a text is another one in the books. A pool like PgBouncer keeps it for each client.
        if info.parameter_status("standard_conforming_strings") != "on":
            connection.execute("SET standard_conforming_strings = on")
            connection.commit()

    return connected


def locked(connection: Connection) -> BookLocked:
    """Who may have locked a row that a transaction waited for.

    Args:
        connection: another one.
    """
    found = connection.execute(_HOLDER).first()
    if found is None:
        return failures.locked()
    process, since = found
    return failures.locked(
        process,
        since,
        remedy=say(
            "If its program is stopped, let that go on, or have the server end it: "
            "pg_terminate_backend({process}). The server does so itself after 60 "
            "seconds without a word from it.",
            process=process,
        ),
    )
