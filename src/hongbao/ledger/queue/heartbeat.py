"""Heartbeats: each worker regularly updates a row of its own, by the database's clock.

They are for people. Nothing that workers do depends on them: leases show which worker is dead.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, or_, select, update

from hongbao.beijing import DAY
from hongbao.ledger.model.actor import check_actor
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.schema import WORKER
from hongbao.version import __version__

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

QUIET_SECONDS_MAX = 120
"""A worker that is alive has said so within this time, even if all its calls hang."""

_KEPT = 7 * DAY
"""So long a worker that has ended without a word is remembered."""


class WorkerAlive(NamedTuple):
    """A worker that has sent heartbeats and has not ended properly.

    Attributes:
        name: its name, as in the history of what it sent.
        version: the version of its program.
        host: the machine that it runs on.
        process: its process id there.
        since: when it began.
        seen_at: when its last heartbeat came.
        quiet: how long ago that is, in microseconds.
    """

    name: str
    version: str
    host: str
    process: int
    since: Instant
    seen_at: Instant
    quiet: Instant

    @property
    def alive(self) -> bool:
        """Whether a heartbeat came lately; if not, it is dead, hangs, or cannot reach the books."""
        return self.quiet <= QUIET_SECONDS_MAX * SECOND


def beat(connection: Connection, name: str, *, now: Instant) -> None:
    """Record a heartbeat of a worker in this process; delete workers that were silent for a week.

    Raises:
        LedgerError: if a history cannot hold its name.
    """
    who = {"version": __version__, "host": socket.gethostname(), "process": os.getpid()}
    same = (WORKER.c.name == name, *(WORKER.c[column] == value for column, value in who.items()))
    if connection.execute(update(WORKER).where(*same).values(seen_at=now)).rowcount:
        return
    # Rows from a clock that was ahead would otherwise stay for ever.
    silent = or_(WORKER.c.seen_at < now - _KEPT, WORKER.c.seen_at > now + _KEPT)
    connection.execute(delete(WORKER).where(or_(silent, WORKER.c.name == name)))
    row = {"name": check_actor(name), **who, "since": now, "seen_at": now}
    connection.execute(insert(WORKER).values(row))


def leave(connection: Connection, name: str) -> None:
    """Record that a worker has ended."""
    connection.execute(delete(WORKER).where(WORKER.c.name == name))


def workers(connection: Connection, *, now: Instant) -> list[WorkerAlive]:
    """The workers that have sent heartbeats, in the order in which they began."""
    rows = connection.execute(select(WORKER).order_by(WORKER.c.since, WORKER.c.name))
    return [WorkerAlive._make((*row, max(0, now - row.seen_at))) for row in rows]
