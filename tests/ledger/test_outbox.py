"""What happened, in the order of its commits: nothing is missing, and nothing comes too late."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, insert, select, text

from desk import Desk, accepted, held_back, not_stored, refused, unknown
from hongbao.errors import LedgerCode, LedgerError
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.book import Book
from hongbao.ledger.model.outgoing import About
from hongbao.ledger.model.payout import State
from hongbao.ledger.read.feed import changes, end
from hongbao.ledger.store.address import read_url
from hongbao.ledger.store.outbox import LOCKED, put, runs_of
from hongbao.ledger.store.schema import OUTBOX
from tampering import audited_after
from waiting_transactions import wait_for_a_waiting_one

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from books import Clock
    from sqlalchemy import Connection

    from hongbao.ledger.model.job import Job
    from hongbao.ledger.model.step import Step
    from hongbao.ledger.read.feed import Change

TAKEN = "SELECT is_called FROM outbox_position_seq"


def life(desk: Desk) -> None:
    """Whatever can happen to payouts."""
    desk.campaign(6)
    outcomes: tuple[Callable[[Job], Step], ...] = (
        accepted, refused, not_stored, unknown, held_back,
    )  # fmt: skip
    for job, outcome in zip(desk.jobs(5), outcomes, strict=True):
        desk.record((job, outcome(job)), worker="worker-2")
    dead = next(it for it in desk.payouts() if it.row == 3)
    desk.book.reopen(dead.id, by="anna", reason="owed")
    desk.clock.pass_(4000)
    again = [job for job in desk.jobs() if job.payout.state is State.IN_DOUBT]
    desk.record(*((job, unknown(job)) for job in again))
    desk.book.cancel("spring", by="anna", reason="wrong list")
    desk.draft(payees=[f"oUSER_spring_{row}" for row in range(6)], name="spring2")


def positions(desk: Desk) -> list[int]:
    """Of all that may be read."""
    return sorted({change.position for change in desk.book.changes(limit=10_000)})


def test_it_names_every_event_once_and_each_payout_in_its_order(desk: Desk) -> None:
    life(desk)
    changes = [it for it in desk.book.changes(limit=10_000) if it.about is About.PAYOUT]
    events = [event for payout in desk.payouts() for event in desk.book.history(payout.id)]
    assert len(changes) == len(events) > 20
    assert {(it.subject, it.seq, it.kind, it.at) for it in changes} == {
        (it.payout_id, it.seq, it.kind, it.at) for it in events
    }
    seqs = defaultdict(list)
    for change in changes:
        seqs[change.subject].append(change.seq)
    assert all(of_one == sorted(of_one) for of_one in seqs.values())
    assert [it.position for it in changes] == sorted(it.position for it in changes)


def test_a_reader_goes_on_after_what_he_has_read(desk: Desk) -> None:
    life(desk)
    everything = desk.book.changes(limit=10_000)
    read: list[Change] = []
    while some := desk.book.changes(after=read[-1].position if read else 0, limit=2):
        assert [it.position for it in some].count(some[-1].position) >= 1
        read += some
    assert read == everything
    assert desk.book.last_position() == everything[-1].position


def test_what_one_transaction_has_changed_is_read_as_a_whole(desk: Desk) -> None:
    desk.draft(7)
    assert len(desk.book.changes(limit=1)) == 7
    assert len({change.position for change in desk.book.changes()}) == 1


def test_there_is_nothing_to_read_before_anything_happened(desk: Desk) -> None:
    assert desk.book.changes() == []
    assert desk.book.last_position() == 0


def test_a_lease_for_a_query_is_no_event_and_not_named(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, unknown(job)))
    desk.clock.pass_(10)
    last = desk.book.last_position()
    assert len(desk.jobs()) == 1
    assert desk.book.changes(after=last) == []


def test_a_list_of_thousands_takes_one_short_row(desk: Desk) -> None:
    desk.draft(3000)
    with desk.transaction() as connection:
        [body] = connection.scalars(select(OUTBOX.c.body)).all()
    assert len(body) < 40
    assert len(desk.book.changes()) == 3000


@pytest.mark.parametrize(
    ("ids", "runs"),
    [
        ([5], [(5, 5)]),
        ([7, 5, 6], [(5, 7)]),
        ([1, 3, 4, 9], [(1, 1), (3, 4), (9, 9)]),
        ([8, 1, 2], [(1, 2), (8, 8)]),
    ],
)
def test_payouts_that_follow_each_other_are_one_run(
    desk: Desk, ids: list[int], runs: list[tuple[int, int]]
) -> None:
    with desk.transaction() as connection:
        put(connection, {("called", 2): ids}, now=7)
        [row] = connection.execute(select(OUTBOX.c.at, OUTBOX.c.body)).all()
    assert row.at == 7
    assert runs_of(row.body) == [("called", 2, *run) for run in runs]


def test_what_all_have_read_may_be_deleted(desk: Desk) -> None:
    life(desk)
    everything = desk.book.changes(limit=10_000)
    read = positions(desk)[3]
    with desk.transaction() as connection:
        connection.execute(delete(OUTBOX).where(OUTBOX.c.position < read))
    left = [change for change in everything if change.position > read]
    assert desk.book.changes(after=read, limit=10_000) == left
    assert desk.book.audit().findings == ()


def test_whoever_may_have_missed_something_is_told(desk: Desk) -> None:
    life(desk)
    first, second, *_, last = positions(desk)
    with desk.transaction() as connection:
        connection.execute(delete(OUTBOX).where(OUTBOX.c.position < second))
    for gone in (first, last + 1):
        with pytest.raises(LedgerError, match=f"the outbox has no position {gone}"):
            desk.book.changes(after=gone)
    assert desk.book.changes(after=last) == []


def test_no_position_is_given_twice(desk: Desk) -> None:
    desk.draft()
    [first] = positions(desk)
    with desk.transaction() as connection:
        connection.execute(delete(OUTBOX))
    desk.draft(name="summer")
    assert positions(desk)[0] > first


def _happened(connection: Connection) -> int:
    """Something that names no event, as the last thing in a transaction; its position."""
    put(connection, {("called", 2): [1]}, now=7)
    return int(connection.scalar(select(func.max(OUTBOX.c.position))) or 0)


def test_a_slow_transaction_with_a_lower_position_is_not_passed_over(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with desk.transaction() as slow:
        first = _happened(slow)
        with desk.transaction() as quick:
            second = _happened(quick)
        assert second > first
        assert positions(desk) == []
        assert desk.book.last_position() == 0
    assert positions(desk) == [first, second]


def test_what_is_below_everything_open_is_read_while_the_rest_waits(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with desk.transaction() as done:
        first = _happened(done)
    with desk.transaction() as slow:
        second = _happened(slow)
        with desk.transaction() as quick:
            third = _happened(quick)
        assert positions(desk) == [first]
        assert desk.book.changes(after=first) == []
    assert positions(desk) == [first, second, third]


def test_one_that_has_no_position_yet_keeps_nobody_waiting(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with desk.transaction() as slow:
        slow.exec_driver_sql("SELECT pg_current_xact_id()")
        with desk.transaction() as quick:
            first = _happened(quick)
        assert positions(desk) == [first]
        second = _happened(slow)
    assert positions(desk) == [first, second]


def test_what_ends_while_somebody_reads_is_not_passed_over(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with desk.transaction() as slow:
        first = _happened(slow)
        with desk.transaction() as quick:
            second = _happened(quick)
        reader = desk.database.reading()
        with reader as begun:
            slow.commit()
            read_to = end(begun)
    assert read_to == second
    with desk.database.reading() as connection:
        found = changes(connection, after=0, end=read_to, limit=10)
    assert [it.position for it in found] == [first, second]


def test_a_lock_is_held_before_a_position_is_taken(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with ThreadPoolExecutor() as threads:
        with desk.transaction() as holder:
            holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCKED})")
            waiting = threads.submit(desk.draft)
            wait_for_a_waiting_one(desk, until=waiting.done)
            assert not holder.exec_driver_sql(TAKEN).scalar_one()
        waiting.result()
    assert positions(desk) == [1]


def test_what_was_undone_keeps_nobody_waiting(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    with desk.transaction() as undone:
        _happened(undone)
        undone.rollback()
    with desk.transaction() as done:
        last = _happened(done)
    assert positions(desk) == [last]


def test_a_row_is_never_changed(desk: Desk) -> None:
    desk.draft()
    with pytest.raises(LedgerError, match="never changed"), desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE outbox SET at = 1")


@pytest.mark.parametrize(
    "body",
    [
        '[["accepted",2,1,1]]',
        '[["submitted",2,1,1]]',
        '[["submitted",1,1,4]]',
        '[["submitted",1,1,9223372036854775807]]',
        '[["submitted",1,1,9223372036854775808]]',
        '[["submitted",1,3,1]]',
        '[["submitted",1,1]]',
        '[["submitted",1,1,"1"]]',
        '[["submitted",true,1,1]]',
        '[["sub\\u0000mitted",1,1,1]]',
        "[7]",
        "{}x",
        "[" * 100_000,
    ],
)
def test_a_row_that_names_what_never_happened_is_found(desk: Desk, body: str) -> None:
    desk.draft(3)
    with desk.transaction() as connection:
        connection.execute(insert(OUTBOX), {"at": desk.clock.now, "body": body})
    [finding] = desk.book.audit().findings
    assert finding.code is FindingCode.REFERENCE
    assert finding.subject.startswith("outbox ")


def test_a_row_that_says_another_time_is_found(desk: Desk) -> None:
    desk.draft(3)
    report = audited_after(desk, ["UPDATE outbox SET at = at + 1"])
    [finding] = report.findings
    assert "names event 1 (submitted) of 3 payouts from" in finding.words


def test_rows_of_many_transactions_are_all_looked_at(desk: Desk) -> None:
    desk.draft(3)
    rows: list[dict[str, Any]] = [
        {"at": desk.clock.now, "body": f'[["submitted",1,1,{last}]]'} for last in (3, 2, 1) * 100
    ]
    rows[250] |= {"body": '[["submitted",1,1,4]]'}
    with desk.transaction() as connection:
        connection.execute(insert(OUTBOX), rows)
        wrong = connection.scalar(text("SELECT max(position) FROM outbox")) - 49
    assert [it.subject for it in desk.book.audit().findings] == [f"outbox {wrong}"]


def test_a_reader_is_told_of_an_older_copy_that_has_gone_on_since(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    with Book.open(sqlite_url, clock=clock) as book, closing(Desk(book, sqlite_url, clock)) as desk:
        desk.draft(1, name="before")
        with closing(sqlite3.connect(read_url(sqlite_url).database or "")) as books:
            copied(books, tmp_path / "copy.db")
        clock.pass_(1)
        desk.draft(1, name="lost")
        *_, last = book.changes()
        assert book.changes(after=last.position, at=last.at) == []
    with Book.open(str(tmp_path / "copy.db"), clock=clock) as book:
        clock.pass_(1)
        with closing(Desk(book, str(tmp_path / "copy.db"), clock)) as desk:
            for name in ("next", "after"):
                desk.draft(1, name=name)
        assert len(book.changes(after=last.position)) == 1, "and the one before was never told"
        with pytest.raises(LedgerError, match="an older copy that has gone on") as caught:
            book.changes(after=last.position, at=last.at)
        assert caught.value.code is LedgerCode.GONE
        first = book.changes()[0]
        assert len(book.changes(after=first.position, at=first.at)) == 2


def copied(books: sqlite3.Connection, path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        books.backup(copy)
