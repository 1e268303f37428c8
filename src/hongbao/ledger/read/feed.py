"""What happened, read in the order in which it was committed.

A reader keeps the last position that it has dealt with, and must never meet a lower one later. So
it first looks for the highest position that is there, and then for locks: see ``outbox``. Whoever
holds none by then takes a higher position than that one; and below the lowest position that is
locked, whoever has one has ended. The numbers of PostgreSQL's transactions cannot say that: the
newest one that is open may be no lower than the end of a snapshot, and they begin anew where a copy
of the books is restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select, text

from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.model.outgoing import About
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.outbox import LOCK, LOCKED, runs_of
from hongbao.ledger.store.schema import OUTBOX
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.outbox import Run

_ROWS_AT_ONCE = 20
_OPEN = text(f"""
SELECT min((CAST(classid AS bigint) << 32 | CAST(objid AS bigint)) - {LOCKED}) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND CAST(classid AS bigint) >> 16 = {LOCK}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")  # noqa: S608 - numbers of ours


class Change(NamedTuple):
    """An event, where it stands among all that happened.

    Attributes:
        position: where; all that one transaction changed of payouts has the same.
        at: when, by the books' clock.
        about: what it happened to.
        subject: the books' number of that payout, or what else it is.
        seq: its place in the history of that.
        kind: the value of its ``EventKind``, or of its ``DecisionKind``.
    """

    position: int
    at: Instant
    about: About
    subject: int
    seq: int
    kind: str


def end(connection: Connection) -> int:
    """The position up to which a transaction that begins after this one may read; 0 if none is."""
    last: int = connection.scalar(select(func.coalesce(func.max(OUTBOX.c.position), 0))) or 0
    # What ends after this transaction has begun is not to be seen in it.
    lowest = connection.scalar(_OPEN) if is_postgresql(connection) else None
    return last if lowest is None else min(last, lowest)


def changes(
    connection: Connection, *, after: int, at: Instant | None = None, end: int, limit: int
) -> list[Change]:
    """What happened next, up to a position that ``end`` has given; see ``Book.changes``.

    Raises:
        LedgerError: if the outbox does not have the position ``after``, or has another change
            there.
    """
    _check(connection, after, at)
    found: list[Change] = []
    while len(found) < limit and (rows := _rows(connection, after, end)):
        for position, then, body in rows:
            if len(found) < limit:
                found += _changes(position, then, runs_of(body))
        after = rows[-1][0]
    return found


def _rows(connection: Connection, after: int, end: int) -> Sequence[tuple[int, Instant, str]]:
    rows = connection.execute(
        select(OUTBOX.c.position, OUTBOX.c.at, OUTBOX.c.body)
        .where(OUTBOX.c.position > after, OUTBOX.c.position <= end)
        .order_by(OUTBOX.c.position)
        .limit(_ROWS_AT_ONCE)
    )
    return [tuple(row) for row in rows]


def _changes(position: int, at: Instant, runs: Iterable[Run]) -> Iterator[Change]:
    for key, seq, first, last in runs:
        about, _, kind = key.rpartition(".")
        what = About(about or About.PAYOUT)
        for subject in range(first, last + 1):
            yield Change(position, at, what, subject, seq, kind)


def _check(connection: Connection, after: int, at: Instant | None) -> None:
    if not after:
        return
    there = connection.scalar(select(OUTBOX.c.at).where(OUTBOX.c.position == after))
    if there is None:
        problem = say(
            "the outbox has no position {after}: it was removed, and perhaps more that "
            "nobody has read, or the books are an older copy",
            after=after,
        )
    elif at not in {None, there}:
        problem = say(
            "position {after} of the outbox is of another moment than what was read "
            "there: the books are an older copy that has gone on since",
            after=after,
        )
    else:
        return
    raise LedgerError(
        code=LedgerCode.GONE,
        problem=problem,
        remedy=say("Compare all payouts with what you know, then go on after the last position."),
    )
