"""Which workers are alive: each says so now and then, in a row of its own, by the database's clock.

It is for people. Nothing that workers do depends on it: whoever is dead is known by leases.
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
    """A worker that has said that it is alive, and has not said farewell.

    Attributes:
        name: as in the history of what it sent.
        version: of its program.
        host: the machine that it runs on.
        process: its number there.
        since: when it began.
        seen_at: when it last said so.
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
        """Whether it has said so lately; else it has ended, hangs, or cannot reach the books."""
        return self.quiet <= QUIET_SECONDS_MAX * SECOND


def beat(connection: Connection, name: str, *, now: Instant) -> None:
    """Let a worker of this process say that it is alive; forget who has been silent for a week.

    Raises:
        LedgerError: if its name is none that a history can hold.
    """
    who = {"version": __version__, "host": socket.gethostname(), "process": os.getpid()}
    same = (WORKER.c.name == name, *(WORKER.c[column] == value for column, value in who.items()))
    if connection.execute(update(WORKER).where(*same).values(seen_at=now)).rowcount:
        return
    # A clock that was ahead has left rows that would stay for ever.
    silent = or_(WORKER.c.seen_at < now - _KEPT, WORKER.c.seen_at > now + _KEPT)
    connection.execute(delete(WORKER).where(or_(silent, WORKER.c.name == name)))
    row = {"name": check_actor(name), **who, "since": now, "seen_at": now}
    connection.execute(insert(WORKER).values(row))


def leave(connection: Connection, name: str) -> None:
    """Let a worker say farewell."""
    connection.execute(delete(WORKER).where(WORKER.c.name == name))


def workers(connection: Connection, *, now: Instant) -> list[WorkerAlive]:
    """Who has said that he is alive, those that began first before the others."""
    rows = connection.execute(select(WORKER).order_by(WORKER.c.since, WORKER.c.name))
    return [WorkerAlive._make((*row, max(0, now - row.seen_at))) for row in rows]
