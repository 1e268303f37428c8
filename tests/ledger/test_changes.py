"""The one writer, and the bytes of what it writes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from desk import accepted, held_back, not_stored, refused, unknown
from hongbao.ledger.model.event import BodyTemplate, EventKind, body_of, joined, quoted
from hongbao.ledger.store import standings
from hongbao.ledger.store.changes import Changes, Shape
from hongbao.ledger.store.database import Again
from hongbao.ledger.store.schema import (
    CALL_RANGE,
    CHANNEL,
    EVENT,
    OUTBOX,
    PAYOUT,
    STANDING,
    TALLY,
)
from waiting_transactions import wait_for_a_waiting_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from desk import Desk
    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step

NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
VALUES = st.integers(-(2**63), 2**63 - 1) | st.text() | st.booleans() | st.none()
STATE = Shape(("state", "task", "due_at", "seq", "hash"), ("payout_id", "seq"))


@given(
    differing=st.dictionaries(NAMES, st.integers(-(2**63), 2**63 - 1) | st.text()),
    plain=st.dictionaries(NAMES, st.from_regex(r"[0-9A-Za-z]*", fullmatch=True)),
    same=st.dictionaries(NAMES, VALUES),
)
def test_a_form_writes_the_bytes_that_the_encoder_writes(
    differing: dict[str, int | str], plain: dict[str, str], same: dict[str, object]
) -> None:
    plain = {name: value for name, value in plain.items() if name not in differing}
    same = {name: value for name, value in same.items() if name not in differing | plain}
    written = plain | {
        name: quoted(it) if isinstance(it, str) else it for name, it in differing.items()
    }
    form = BodyTemplate(*differing, plain=plain, **same)
    body = form.body(tuple(written[name] for name in sorted(written)))
    assert body == body_of({**differing, **plain, **same})


@pytest.mark.long
@given(facts=st.dictionaries(NAMES, VALUES, min_size=2), data=st.data())
def test_joined_bodies_are_the_body_of_all_their_facts(
    facts: dict[str, object], data: st.DataObject
) -> None:
    names = sorted(facts)
    place = data.draw(st.integers(1, len(names) - 1))
    first, later = ({name: facts[name] for name in some} for some in (names[:place], names[place:]))
    assert joined(body_of(first), body_of(later)) == body_of(facts)


@given(facts=st.dictionaries(NAMES, VALUES))
def test_a_body_is_json_with_sorted_names_and_no_blanks(facts: dict[str, object]) -> None:
    separators = (",", ":")
    plain = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=separators)
    assert body_of(facts) == plain


def accepted_plainly(job: Job) -> Step:
    """As a worker says it, who knows of no code."""
    return accepted(job)._replace(code=None, listid='10"\\多')


def test_every_stored_body_is_what_the_encoder_makes_of_its_facts(desk: Desk) -> None:
    payees = [f'o"多_%s_{row}\\' for row in range(7)]
    desk.campaign(payees=payees)
    ends: list[Callable[[Job], Step]] = [
        accepted, refused, not_stored, unknown, held_back, accepted_plainly,
    ]  # fmt: skip
    for job, end in zip(desk.jobs(6), ends, strict=True):
        desk.record((job, end(job)))
    desk.clock.pass_(4000)
    again = [job for job in desk.jobs() if job.task == 1]
    assert any(job.payout.calls == 2 for job in again)
    [dead] = [it for it in desk.payouts() if it.row == 3]
    desk.book.reopen(dead.id, by="anna", reason="owed")
    desk.book.cancel("spring", by="anna", reason="wrong list")
    desk.draft(payees=payees, name="spring2")
    with desk.transaction() as connection:
        bodies = connection.scalars(select(EVENT.c.body)).all()
    assert len({body.partition(":")[0] for body in bodies}) > 1
    assert [body_of(json.loads(body)) for body in bodies] == bodies


def test_what_a_worker_says_of_most_is_written_as_what_it_says_of_the_others(desk: Desk) -> None:
    """Nearly every payout is accepted, without a code, so that goes a shorter way."""
    desk.campaign(2)
    plain, other = desk.jobs()
    desk.record(
        (plain, accepted_plainly(plain)), (other, accepted_plainly(other)._replace(tries=1))
    )
    one, two = desk.payout(plain), desk.payout(other)
    assert one == replace(
        two, id=one.id, row=one.row, key=one.key, payee=one.payee, billno=one.billno, tries=0
    )
    bodies = [json.loads(desk.book.history(it.id)[-1].body) for it in (one, two)]
    assert bodies[0] == {**bodies[1], "tries": 0}
    assert desk.book.audit().findings == ()


def _state_of(connection: Connection) -> list[tuple[Any, ...]]:
    tables = (PAYOUT, STANDING, EVENT, OUTBOX, TALLY, CHANNEL)
    rows = [connection.execute(table.select()).all() for table in tables]
    return [tuple(row) for table in rows for row in table]


def test_one_row_that_is_not_as_it_was_read_keeps_all_from_being_written(desk: Desk) -> None:
    desk.draft(2)
    first, second = desk.payouts()
    with desk.transaction() as connection:
        standings.materialise(connection, [first.id, second.id])
        before = _state_of(connection)

    def change(connection: Connection) -> None:
        changes = Changes("anna", desk.clock.now)
        for payout, seq in ((first, 1), (second, 2)):
            last = changes.event(b"", payout.id, seq + 1, EventKind.CANCELLED.value, body_of({}))
            changes.rows(STATE).append(("cancelled", None, None, seq + 1, last, payout.id, seq))
            changes.totals.move(payout.campaign_id, "waiting", "cancelled", payout.amount)
        changes.of_channel(1).due(desk.clock.now)
        changes.write(connection)

    with pytest.raises(Again), desk.transaction() as connection:
        change(connection)
    with desk.transaction() as connection:
        assert _state_of(connection) == before


def test_whoever_waits_for_a_merchant_holds_no_payout_yet(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    desk.campaign()
    [job] = desk.jobs()
    with ThreadPoolExecutor() as threads:
        with desk.transaction() as claiming:
            claiming.execute(select(CHANNEL.c.id).with_for_update(key_share=True))
            recording = threads.submit(desk.record, (job, unknown(job)))
            wait_for_a_waiting_one(desk, until=recording.done)
            with desk.transaction() as other:
                free = select(CALL_RANGE.c.id).with_for_update(key_share=True, skip_locked=True)
                assert other.scalars(free).all() == [job.range_id]
        assert recording.result() == frozenset()
    assert desk.payout(job).lease is None
