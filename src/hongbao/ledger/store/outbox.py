"""What happened, in the order in which it was committed: for whoever passes it on.

``changes`` writes a row for what a transaction changes of payouts, with the events that it names.
A row names them by runs of payouts, so that a list of a million is stored with hardly more. Each
decision about a campaign that is published is a row, too.

On PostgreSQL several transactions have taken positions and not ended, and may end in another order.
Each therefore holds a lock, before it takes its position, on the highest one that it sees; its own
will be higher. By these locks ``feed`` knows up to where nothing can come in between.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, text

from hongbao.ledger.model.event import quoted
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.schema import OUTBOX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant

LOCK = 0x6862
"""The upper 16 bits of the numbers that are locked; the others are a position."""

LOCKED = LOCK << 48
"""The number that is locked for position 0."""

_PUT = insert(OUTBOX)
_PUT_IN_POSTGRESQL = text(f"""
INSERT INTO outbox (at, body) SELECT :at, :body FROM pg_advisory_xact_lock_shared(
    {LOCKED} + (SELECT coalesce(max(position), 0) FROM outbox))
""")  # noqa: S608 - a number of ours


class Run(NamedTuple):
    """Events of one kind, of payouts that follow each other by their ids.

    Attributes:
        kind: of all of them; with the name of what they are about and a point before it, unless
            that is payouts.
        seq: of all of them.
        first: the first payout, or what else it is.
        last: the last one.
    """

    kind: str
    seq: int
    first: int
    last: int


def put(
    connection: Connection, events: Mapping[tuple[str, int], Sequence[int]], *, now: Instant
) -> None:
    """Put down what a transaction changes, after it has locked all that it changes so.

    Args:
        connection: in the transaction.
        events: payouts, or what else it is, by the kind and the place of their events as a ``Run``
            has them; each payout once.
        now: the books' time.
    """
    runs = [
        f"[{quoted(kind)},{seq},{first},{last}]"
        for (kind, seq), ids in sorted(events.items())
        for first, last in _following(sorted(ids))
    ]
    if runs:
        row = {"at": now, "body": f"[{','.join(runs)}]"}
        connection.execute(_PUT_IN_POSTGRESQL if is_postgresql(connection) else _PUT, row)


def _following(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of those that follow each other."""
    first = last = ids[0]
    if ids[-1] - first + 1 == len(ids):
        last = ids[-1]
    else:
        for one in ids[1:]:
            if one != last + 1:
                yield first, last
                first = one
            last = one
    yield first, last


def runs_of(body: str) -> list[Run]:
    """The runs that a row holds."""
    return [Run(*run) for run in json.loads(body)]
