"""The laws in the database itself: what no code can do, ours or another's."""

from __future__ import annotations

import re
from collections import deque
from contextlib import nullcontext
from itertools import product
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from desk import accepted, step
from hongbao.errors import LedgerError
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import STEPS, State
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.migrations.script import revisions, statements
from hongbao.ledger.store.laws import ILLEGAL_STEP
from hongbao.ledger.store.schema import METADATA, PAYOUT
from hongbao.ledger.store.upgrade import NEWEST

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desk import Desk

VERSIONS = revisions()

CATALOGUE = """
SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = current_schema()
"""


def shape(connection: Connection, *, schema: str = "public") -> set[tuple[str, ...]]:
    """Tables, columns, constraints and indexes, but for those of Alembic itself."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(
            "SELECT tbl_name, name, sql FROM sqlite_master WHERE type <> 'trigger'"
        )
    else:
        rows = connection.exec_driver_sql(CATALOGUE)
    found = set()
    for row in rows:
        words = [re.sub(r"\s+", " ", str(value)).strip().replace("( ", "(") for value in row]
        words = [value.replace(" )", ")").replace(f"{schema}.", "") for value in words]
        if words[0] != "alembic_version":
            found.add(tuple(words))
    return found


def test_the_migrations_make_what_the_program_expects(desk: Desk, book_url: str) -> None:
    with desk.transaction() as connection:
        migrated = shape(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("CREATE SCHEMA expected")
            connection.exec_driver_sql("SET LOCAL search_path TO expected")
            METADATA.create_all(connection)
            assert shape(connection, schema="expected") == migrated
            return
    empty = Database(book_url.replace("book.db", "expected.db"))
    with empty.transaction() as connection:
        METADATA.create_all(connection)
        assert shape(connection) == migrated
    empty.close()


def test_the_newest_migration_is_the_one_that_the_program_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", "hongbao.ledger.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_trigger_of_steps_is_made_from_their_table(backend: str) -> None:
    made = [one for version in VERSIONS for one in statements(version, backend)]
    trigger = [one for one in made if "CREATE TRIGGER standing_step" in one][-1]
    assert ILLEGAL_STEP in re.sub(r"\s+", " ", trigger)


def path_to(state: State) -> list[State]:
    """Legal steps from the beginning."""
    paths = deque([[State.WAITING]])
    while paths[0][-1] is not state:
        path = paths.popleft()
        paths.extend([*path, later] for later in sorted(STEPS[path[-1]]) if later not in path)
    return paths[0][1:]


def test_the_database_refuses_each_step_that_is_not_in_the_table(desk: Desk) -> None:
    pairs = [pair for pair in product(State, State) if pair[0] is not pair[1]]
    desk.campaign(len(pairs))
    called = "calls = 1, first_call_at = 1, seq = 2"
    with desk.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE payout SET {called}")
        for row, (earlier, _) in enumerate(pairs, 1):
            for state in path_to(earlier):
                connection.exec_driver_sql(f"UPDATE payout SET state = '{state}' WHERE id = {row}")
    for row, (earlier, later) in enumerate(pairs, 1):
        change = f"UPDATE payout SET state = '{later}' WHERE id = {row}"
        legal = later in STEPS[earlier]
        says_no = pytest.raises(LedgerError, match="cannot take this step")
        with nullcontext() if legal else says_no, desk.transaction() as connection:
            connection.exec_driver_sql(change)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'nobody'",
        "DELETE FROM event",
        "UPDATE decision SET actor = 'nobody'",
        "DELETE FROM decision",
        "UPDATE terms SET body = '{}'",
        "DELETE FROM terms",
        "DELETE FROM payout",
        "DELETE FROM attempt",
        "UPDATE attempt SET billno = 'X'",
        "UPDATE attempt SET number = 2",
        "UPDATE payout SET billno = 'X'",
        "UPDATE payout SET attempt = 2, billno = 'X'",
        "UPDATE payout SET amount = 20000",
        "UPDATE payout SET payee = 'oTHIEF'",
        "UPDATE payout SET kind = 'group'",
        "UPDATE payout SET terms_id = 7",
        "UPDATE payout SET key = 'another'",
        "INSERT INTO attempt SELECT payout_id + 9, 1, merchant_id, billno FROM attempt",
        "UPDATE payout SET state = 'sent'",
        "UPDATE payout SET claimed = 60, refunded = 60",
        "UPDATE payout SET answers = 1",
        "UPDATE payout SET task = NULL",
        "UPDATE payout SET state = 'lost'",
        "UPDATE campaign SET digest = source_digest",
        "UPDATE campaign SET budget = 1",
        "UPDATE merchant SET day_amount = -1",
        "INSERT INTO book SELECT 2, salt FROM book",
    ],
)
def test_the_database_refuses_what_would_break_a_law(desk: Desk, statement: str) -> None:
    desk.campaign(amounts=[100])
    with pytest.raises(LedgerError), desk.transaction() as connection:
        connection.exec_driver_sql(statement)


def test_postgresql_empties_no_table_that_holds_history(desk: Desk) -> None:
    if not desk.database.is_postgresql:
        return  # SQLite has no such statement
    for table in ("event", "decision", "payout", "attempt", "terms"):
        with pytest.raises(LedgerError, match="never"), desk.transaction() as connection:
            connection.exec_driver_sql(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("change", "legal"),
    [
        ("attempt = 2, billno = 'X', state = 'waiting'", True),
        ("attempt = 3, billno = 'X', state = 'waiting'", False),
        ("attempt = 2, billno = 'X'", False),
        ("billno = 'X', state = 'waiting'", False),
    ],
)
def test_only_a_refused_payout_that_is_sent_again_gets_a_number_and_its_next_one(
    desk: Desk, change: str, *, legal: bool
) -> None:
    desk.campaign()
    with desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE payout SET seq = 2, state = 'refused'")
    says_no = pytest.raises(LedgerError, match="only a refused payout gets another number")
    with nullcontext() if legal else says_no, desk.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE payout SET {change}")


def test_a_payout_that_is_stored_as_paid_is_refused(desk: Desk) -> None:
    desk.campaign()
    columns = ", ".join(f'"{column.name}"' for column in PAYOUT.c)
    begun = columns.replace('"id"', "id + 1").replace('"row"', '"row" + 1')
    paid = begun.replace('"state"', "'sent'").replace('"calls"', "1")
    paid = paid.replace('"first_call_at"', "1")
    for values, fits in ((paid, False), (begun, True)):
        try:
            with desk.transaction() as connection:
                connection.exec_driver_sql(
                    f"INSERT INTO payout ({columns}) SELECT {values} FROM payout"
                )
        except LedgerError:
            assert not fits
        else:
            assert fits


def test_what_the_books_do_themselves_is_legal(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    desk.clock.pass_(1)
    [look] = desk.jobs()
    desk.record((look, step(look, EventKind.FOUND, State.RECEIVED, claimed=100)))
    assert desk.payout(job).state is State.RECEIVED
