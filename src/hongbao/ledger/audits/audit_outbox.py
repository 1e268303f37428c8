"""Compares the outbox with the histories: each event that it names must have happened then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from hongbao.english import counted
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.outbox import runs_of
from hongbao.ledger.store.schema import OUTBOX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from hongbao.ledger.store.outbox import Run

_ROWS_AT_ONCE = 200
_KINDS = frozenset(map(str, EventKind))
_ID_MAX = 2**63 - 1
_SEQ_MAX = 2**31 - 1
# The indexes in ``:runs``, from 0, of the runs that name an event which is in no history.
_IN_SQLITE = text("""
SELECT key FROM json_each(:runs) WHERE (
    SELECT count(*) FROM event
    WHERE payout_id BETWEEN json_extract(value, '$[2]') AND json_extract(value, '$[3]')
        AND seq = json_extract(value, '$[1]') AND kind = json_extract(value, '$[0]')
        AND at = json_extract(value, '$[4]')
) <> json_extract(value, '$[3]') - json_extract(value, '$[2]') + 1
""")
_IN_POSTGRESQL = text("""
SELECT place - 1 FROM jsonb_array_elements(CAST(:runs AS jsonb)) WITH ORDINALITY AS run (it, place)
WHERE (
    SELECT count(*) FROM event
    WHERE payout_id BETWEEN CAST(it ->> 2 AS bigint) AND CAST(it ->> 3 AS bigint)
        AND seq = CAST(it ->> 1 AS integer) AND kind = it ->> 0 AND at = CAST(it ->> 4 AS bigint)
) <> CAST(it ->> 3 AS bigint) - CAST(it ->> 2 AS bigint) + 1
""")


def outbox_problems(connection: Connection) -> Iterator[tuple[str, str]]:
    """The rows of the outbox that are wrong, and why, in words."""
    rows = (
        select(OUTBOX.c.position, OUTBOX.c.at, OUTBOX.c.body)
        .order_by(OUTBOX.c.position)
        .limit(_ROWS_AT_ONCE)
    )
    done = None
    while some := connection.execute(
        rows if done is None else rows.where(OUTBOX.c.position > done)
    ).all():
        named: list[tuple[int, Run, int]] = []
        for position, at, body in some:
            runs = _read(body)
            if runs is None:
                yield f"outbox {position}", "it cannot be read"
            named += [(position, run, at) for run in runs or ()]
        for place in _missing(connection, [(*run, at) for _, run, at in named]):
            position, run, _ = named[place]
            yield f"outbox {position}", _words(run)
        done = some[-1].position


def _read(body: str) -> list[Run] | None:
    """The runs of a row; None if somebody else wrote it."""
    try:
        runs = runs_of(body)
        sound = [
            run.kind in _KINDS
            and 1 <= run.seq <= _SEQ_MAX
            and 1 <= run.first <= run.last <= _ID_MAX
            and {type(run.seq), type(run.first), type(run.last)} == {int}
            for run in runs
        ]
    except (ValueError, TypeError, RecursionError):
        return None
    return runs if all(sound) else None


def _words(run: Run) -> str:
    payouts = counted(run.last - run.first + 1, "payout")
    return (
        f"it names event {run.seq} ({run.kind}) of {payouts} from {run.first} on, and not all of "
        "their histories have that event then"
    )


def _missing(connection: Connection, runs: list[tuple[str | int, ...]]) -> list[int]:
    statement = _IN_POSTGRESQL if is_postgresql(connection) else _IN_SQLITE
    return sorted(connection.scalars(statement, {"runs": json.dumps(runs)}).all())
