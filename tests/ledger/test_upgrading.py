"""Books of the first version, as commit 9dd4890 wrote them, are upgraded in place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import LargeBinary, MetaData

from desk import Desk, step
from hongbao.errors import LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.death import Proof
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.payout_filter import PayoutFilter
from hongbao.ledger.read.figures import Span
from hongbao.ledger.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock
    from sqlalchemy import Connection

BOOKS = Path(__file__).parent / "books_0001.json"
"""A campaign of five: paid, refused by a send, refused and reopened, found FAILED, in doubt."""


@pytest.fixture
def old(book_url: str, clock: Clock) -> Iterator[Desk]:
    """A desk at books of the first version that were upgraded."""
    clock.pass_(3700)
    database = Database(book_url, clock=clock)
    with database.transaction() as connection:
        _empty(connection)
        config = Config()
        config.set_main_option("script_location", "hongbao.ledger.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _fill(connection)
    database.close()
    Book.upgrade(book_url)
    with Book.open(book_url, clock=clock) as book:
        desk = Desk(book, book_url, clock)
        yield desk
        desk.close()


def _empty(connection: Connection) -> None:
    """Away with the newest books that every test finds."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        return
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.tables:
        connection.exec_driver_sql(f"DROP TABLE {table}")


def _fill(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    rows: dict[str, list[dict[str, Any]]] = json.loads(BOOKS.read_text("utf-8"))
    connection.execute(tables.tables["book"].delete())
    for table in tables.sorted_tables:
        for row in rows.get(table.name, ()):
            values = {name: _value(table.c[name].type, value) for name, value in row.items()}
            connection.execute(table.insert().values(values))


def _value(kind: object, value: Any) -> Any:
    if isinstance(kind, LargeBinary) and value is not None:
        return bytes.fromhex(value)
    return bool(value) if str(kind) == "BOOLEAN" else value


def test_books_of_the_first_version_are_sound_after_the_upgrade(old: Desk) -> None:
    assert old.book.audit().findings == ()
    assert [payout.state for payout in old.payouts()] == [
        State.SENT, State.REFUSED, State.WAITING, State.REFUSED, State.IN_DOUBT,
    ]  # fmt: skip
    assert old.book.standing("spring").adds_up


def test_their_payouts_are_found_by_receiver_and_state_and_counted_in_the_hour_of_their_payment(
    old: Desk,
) -> None:
    now, everything = old.clock.now, list(old.payouts())
    for payout in everything:
        found = old.book.payouts(PayoutFilter(payee=payout.payee)).items
        assert payout in found
    for state in State:
        asked = PayoutFilter(states=frozenset({state}))
        of_it = [it for it in everything if it.state is state and not it.on_its_way(now)]
        assert old.book.payouts(asked).items == of_it
    [paid] = [payout for payout in everything if payout.state is State.SENT]
    [figures] = old.book.figures(Span.HOUR, since=0, until=now)
    assert figures.begin <= (paid.sent_at or 0) < figures.begin + 3_600_000_000
    assert (figures.payouts, figures.amount) == (1, paid.amount)


def test_what_happened_before_the_upgrade_is_not_in_their_outbox(old: Desk) -> None:
    assert old.book.changes() == []
    _, refused, *_ = old.payouts()
    old.book.query_now(refused.id, by="anna")
    [change] = old.book.changes()
    assert (change.subject, change.kind, change.at) == (refused.id, "requested", old.clock.now)


def test_what_they_call_refused_on_the_word_of_a_send_is_asked_about_before_it_is_reopened(
    old: Desk,
) -> None:
    _, refused, _, failed, _ = old.payouts()
    with pytest.raises(LedgerError, match="Ask first: hongbao payout query spring/1"):
        old.book.reopen(refused.id, by="anna", reason="again")
    assert old.book.reopen(failed.id, by="anna", reason="a query had said so").attempt == 2
    old.book.query_now(refused.id, by="anna")
    [job] = [job for job in old.jobs() if job.payout.id == refused.id]
    assert job.submitted_at == 1_795_399_200_000_000
    unknown = step(job, EventKind.PROVEN_DEAD, State.REFUSED, proof=Proof.NOT_FOUND)
    old.record((job, unknown))
    again = old.book.reopen(refused.id, by="anna", reason="again")
    assert (again.attempt, again.billno) == (1, refused.billno)
    assert old.book.audit().findings == ()


def test_what_they_call_refused_and_the_payer_has_paid_is_paid(old: Desk) -> None:
    _, refused, *_ = old.payouts()
    old.book.query_now(refused.id, by="anna")
    [job] = [job for job in old.jobs() if job.payout.id == refused.id]
    alive = step(job, EventKind.FOUND, State.IN_DOUBT, task=Task.QUERY, due_at=job.at)
    old.record((job, alive))
    assert old.book.audit().findings == ()
    old.clock.pass_(1)
    [job] = [job for job in old.jobs() if job.payout.id == refused.id]
    look = {"task": Task.LOOK, "due_at": job.at + 1}
    old.record((job, step(job, EventKind.FOUND, State.SENT, sent_at=job.at, **look)))
    assert old.payout(refused.id).state is State.SENT
    assert old.book.audit().findings == ()
