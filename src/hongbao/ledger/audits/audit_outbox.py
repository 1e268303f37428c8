"""Compares the outbox with the histories: each event that it names must have happened then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import func, select, text

from hongbao.english import counted
from hongbao.ledger.audits.audit_page import ranges_of, submissions_of
from hongbao.ledger.model.endpoint import EndpointEventKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.outgoing import PUBLISHED, RECONCILED, About
from hongbao.ledger.store.bill_schema import RECONCILIATION_EVENT
from hongbao.ledger.store.database import is_postgresql
from hongbao.ledger.store.first_events import CALLED, SUBMITTED
from hongbao.ledger.store.outbox import runs_of
from hongbao.ledger.store.schema import DECISION, OUTBOX
from hongbao.ledger.store.webhook_schema import ENDPOINT_EVENT
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from hongbao.ledger.model.payout import Instant
    from hongbao.ledger.store.outbox import Run

    _DatedRun: TypeAlias = tuple[str, int, int, int, int]

_ROWS_AT_ONCE = 200
_DISABLED = f"{About.ENDPOINT}.{EndpointEventKind.DISABLED}"
_KINDS = {
    *map(str, EventKind),
    *(f"{About.CAMPAIGN}.{kind}" for kind in PUBLISHED),
    *(f"{About.RECONCILIATION}.{kind}" for kind in RECONCILED),
    _DISABLED,
}
_HISTORIES = {
    About.CAMPAIGN: (DECISION, DECISION.c.campaign_id),
    About.ENDPOINT: (ENDPOINT_EVENT, ENDPOINT_EVENT.c.endpoint_id),
    About.RECONCILIATION: (RECONCILIATION_EVENT, RECONCILIATION_EVENT.c.merchant_id),
}
_ID_MAX = 2**63 - 1
_SEQ_MAX = 2**31 - 1
# How many of the events that each run names are stored, and how many are at their place, whatever
# they are. Then the rows, by campaign, of the payouts that it names.
_COUNTS = """
SELECT {place}, (
    SELECT count(*) FROM event WHERE payout_id BETWEEN {first} AND {last} AND seq = {seq}
        AND kind = {kind} AND at = {at}
), (
    SELECT count(*) FROM event WHERE payout_id BETWEEN {first} AND {last} AND seq = {seq}
) FROM {runs}
"""
_PAYOUTS = """
SELECT {place}, campaign_id, min("row"), max("row"), count(*)
FROM {runs} JOIN payout ON payout.id BETWEEN {first} AND {last}
GROUP BY {place}, campaign_id
"""
_NAMES = ("kind", "seq", "first", "last", "at")
_SQLITE = {
    "runs": "json_each(:runs) AS run",
    "place": "run.key",
    **{name: f"json_extract(run.value, '$[{place}]')" for place, name in enumerate(_NAMES)},
}
_POSTGRESQL = {
    "runs": "jsonb_array_elements(CAST(:runs AS jsonb)) WITH ORDINALITY AS run (it, place)",
    "place": "run.place - 1",
    **{name: f"CAST(run.it ->> {place} AS bigint)" for place, name in enumerate(_NAMES)},
    "kind": "run.it ->> 0",
}
_STATEMENTS = {
    postgresql: (text(_COUNTS.format(**words)), text(_PAYOUTS.format(**words)))
    for postgresql, words in ((True, _POSTGRESQL), (False, _SQLITE))
}


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
                yield f"outbox {position}", say("it cannot be read")
            for run in runs or ():
                about, _, kind = run.kind.rpartition(".")
                if not about:
                    named.append((position, run, at))
                elif not _decided(connection, About(about), run._replace(kind=kind), at):
                    yield f"outbox {position}", say("it names a decision that nobody took then")
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
    return say(
        "it names event {seq} ({kind}) of {payouts} from {first} on, and not all of their "
        "histories have that event then",
        seq=run.seq,
        kind=run.kind,
        payouts=payouts,
        first=run.first,
    )


def _decided(connection: Connection, about: About, run: Run, at: Instant) -> bool:
    """Whether all campaigns or endpoints of a run have the decision that it names, of then."""
    table, number = _HISTORIES[about]
    found = connection.scalar(
        select(func.count()).where(
            number.between(run.first, run.last),
            table.c.seq == run.seq,
            table.c.kind == run.kind,
            table.c.at == at,
        )
    )
    return found == run.last - run.first + 1


def _missing(connection: Connection, runs: Sequence[_DatedRun]) -> list[int]:
    """The places of the runs that name an event which is in no history."""
    counts, _ = _STATEMENTS[is_postgresql(connection)]
    named = {"runs": json.dumps(runs)}
    left: dict[int, int] = {}
    for place, same, of_its_place in connection.execute(counts, named):
        kind, _, first, last, _ = runs[place]
        if missing := last - first + 1 - same:
            left[place] = missing
            if kind == SUBMITTED:
                # The first event of so many is stored, so that a submission says nothing of it.
                left[place] += of_its_place
    for kind, seq, of in ((SUBMITTED, 1, _submitted), (CALLED, 2, _called)):
        places = [place for place in left if runs[place][:2] == (kind, seq)]
        for place, count in of(connection, runs, places):
            left[place] -= count
    return sorted(place for place, missing in left.items() if missing)


def _submitted(
    connection: Connection, runs: Sequence[_DatedRun], places: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """How many payouts of some runs were stored when the runs say."""
    parts = _parts(connection, runs, places)
    found = submissions_of(connection, [it[1:] for it in parts])
    for place, campaign, first, last in parts:
        at, ends = runs[place][-1], last
        for it in reversed(found[campaign].items):
            if it.at == at and it.first <= ends:
                yield place, ends + 1 - max(it.first, first)
            ends = min(ends, it.first - 1)
            if ends < first:
                break


def _called(
    connection: Connection, runs: Sequence[_DatedRun], places: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """How many payouts of some runs are in a range of first calls that began when the runs say."""
    parts = _parts(connection, runs, places)
    found = ranges_of(connection, [it[1:] for it in parts])
    for place, campaign, first, last in parts:
        for it in found[campaign].from_row(first):
            if it.first > last:
                break
            if it.at == runs[place][-1] and it.last >= first:
                yield place, min(it.last, last) + 1 - max(it.first, first)


def _parts(
    connection: Connection, runs: Sequence[_DatedRun], places: Sequence[int]
) -> list[tuple[int, int, int, int]]:
    """Places of runs, with the campaigns, the first and the last rows of their payouts."""
    if not places:
        return []
    _, payouts = _STATEMENTS[is_postgresql(connection)]
    rows = connection.execute(payouts, {"runs": json.dumps([runs[place] for place in places])})
    return [
        (places[place], campaign, first, last)
        for place, campaign, first, last, count in rows
        if last - first + 1 == count
    ]
