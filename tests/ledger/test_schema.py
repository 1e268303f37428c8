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

from desk import accepted, refused, step
from hongbao.errors import LedgerError
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import STEPS, State
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.laws import ILLEGAL_STEP
from hongbao.ledger.store.metadata import METADATA
from hongbao.ledger.store.migrations.script import revisions, statements
from hongbao.ledger.store.standings import materialise
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


ANOTHER = (
    'INSERT INTO payout (id, merchant_id, campaign_id, key, "row", kind, payee, amount, people,'
    " terms_id, billno) SELECT 99, merchant_id, campaign_id, {}, {}, kind, payee, amount, people,"
    " terms_id, {} FROM payout WHERE id = 1"
)
RANGE = (
    "INSERT INTO call_range (campaign_id, first, last, at, actor, day, lease, due_at, open,"
    " open_amount) VALUES (1, {}, {}, 1, 'nobody', 1, 1, 1, 1, 100)"
)
TABLES_WITH_HISTORY = (
    "event", "decision", "payout", "attempt", "terms", "standing", "submission", "call_range",
)  # fmt: skip


def filled(desk: Desk) -> None:
    """Payouts that were refused and have another number, in a call, fresh, and taken over."""
    desk.campaign(4)
    [job] = desk.jobs(1)
    desk.record((job, refused(job)))
    desk.jobs(1)
    desk.book.reopen(job.payout.id, by="anna", reason="again")
    for name in ("summer", "autumn"):
        desk.draft(1, name=name)
        desk.book.cancel(name, by="anna", reason="typo")
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    plan = Plan(name="winter", channel_id=1, profile="demo", budget=None, source="list.csv",
                source_digest=bytes(32))  # fmt: skip
    rows = [Entry("autumn/0", "normal", "oUSER", 100, 1, terms_id)]
    desk.book.submit(desk.book.begin_import(plan, by="anna").id, [rows], by="anna")


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
    called = "calls = 1, first_call_at = 1, seq = 3"
    change = "UPDATE standing SET state = '{}' WHERE payout_id = {}"
    with desk.transaction() as connection:
        materialise(connection, range(1, len(pairs) + 1))
        connection.exec_driver_sql(f"UPDATE standing SET {called}")
        for row, (earlier, _) in enumerate(pairs, 1):
            for state in path_to(earlier):
                connection.exec_driver_sql(change.format(state, row))
    for row, (earlier, later) in enumerate(pairs, 1):
        legal = later in STEPS[earlier]
        says_no = pytest.raises(LedgerError, match="cannot take this step")
        with nullcontext() if legal else says_no, desk.transaction() as connection:
            connection.exec_driver_sql(change.format(later, row))


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
        "DELETE FROM standing",
        "DELETE FROM attempt",
        "DELETE FROM submission",
        "DELETE FROM call_range",
        "UPDATE attempt SET billno = 'X'",
        "UPDATE attempt SET number = 3",
        "INSERT INTO attempt SELECT payout_id, 1, merchant_id, 'X' FROM attempt",
        "INSERT INTO attempt SELECT payout_id + 1, 2, merchant_id, billno FROM attempt",
        "INSERT INTO attempt SELECT id, 2, merchant_id, billno FROM payout WHERE id = 1",
        "UPDATE payout SET id = id + 10",
        "UPDATE payout SET billno = 'X'",
        "UPDATE payout SET successor = 2 WHERE id = 1",
        "UPDATE payout SET successor = NULL WHERE id = 5",
        "UPDATE payout SET successor = NULL WHERE id = 6",
        "UPDATE payout SET amount = 20000",
        "UPDATE payout SET payee = 'oTHIEF'",
        "UPDATE payout SET kind = 'group'",
        "UPDATE payout SET terms_id = 7",
        "UPDATE payout SET key = 'another'",
        ANOTHER.format("'more'", '"row"', "'X'"),
        ANOTHER.format("'more'", 9, "billno"),
        "UPDATE submission SET at = at + 1",
        "UPDATE submission SET actor = 'nobody'",
        "UPDATE call_range SET at = at + 1",
        "UPDATE call_range SET actor = 'nobody'",
        "UPDATE call_range SET day = day + 1",
        "UPDATE call_range SET first = first + 1",
        "UPDATE call_range SET last = last + 1",
        "UPDATE call_range SET campaign_id = campaign_id + 1",
        "UPDATE call_range SET open = open + 1 WHERE open > 0",
        "UPDATE call_range SET open_amount = open_amount + 1 WHERE open > 0",
        "UPDATE call_range SET open = 0 WHERE open > 0",
        "UPDATE call_range SET lease = NULL WHERE open > 0",
        "UPDATE call_range SET open = 1, open_amount = 1, lease = 1, due_at = 1 WHERE open = 0",
        RANGE.format(2, 2),
        RANGE.format(2, 5),
        RANGE.format(1, 9),
        "UPDATE standing SET payout_id = 3 WHERE payout_id = 1",
        "UPDATE standing SET campaign_id = 9",
        "UPDATE standing SET row = row + 9",
        "UPDATE standing SET amount = 20000",
        "UPDATE standing SET attempt = 2",
        "UPDATE standing SET state = 'sent', seq = 3, calls = 1, first_call_at = 1",
        "UPDATE standing SET claimed = 60, refunded = 60",
        "UPDATE standing SET answers = 9",
        "UPDATE standing SET task = NULL WHERE task IS NOT NULL",
        "UPDATE standing SET state = 'lost'",
        "UPDATE campaign SET digest = source_digest",
        "UPDATE campaign SET budget = 1",
        "UPDATE channel SET day_amount = -1",
        "INSERT INTO book SELECT 2, salt FROM book",
    ],
)
def test_the_database_refuses_what_would_break_a_law(desk: Desk, statement: str) -> None:
    filled(desk)
    with pytest.raises(LedgerError), desk.transaction() as connection:
        connection.exec_driver_sql(statement)


def test_postgresql_empties_no_table_that_holds_history(desk: Desk) -> None:
    if not desk.database.is_postgresql:
        return  # SQLite has no such statement
    for table in TABLES_WITH_HISTORY:
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
        materialise(connection, [1])
        connection.exec_driver_sql("UPDATE standing SET seq = 2, state = 'refused'")
    says_no = pytest.raises(LedgerError, match="only a refused payout gets another number")
    with nullcontext() if legal else says_no, desk.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE standing SET {change}")


@pytest.mark.parametrize(
    ("seq", "state", "calls", "fits"),
    [
        (1, "waiting", 0, True), (1, "cancelled", 0, False), (1, "in_doubt", 1, False),
        (2, "cancelled", 0, True), (2, "in_doubt", 1, True), (2, "sent", 1, False),
        (2, "returned", 1, False), (3, "sent", 1, True), (3, "sent", 0, False),
    ],
)  # fmt: skip
def test_a_standing_is_that_of_a_payout_with_so_many_events(
    desk: Desk, seq: int, state: str, calls: int, *, fits: bool
) -> None:
    desk.campaign()
    says_no = pytest.raises(LedgerError)
    with nullcontext() if fits else says_no, desk.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO standing (payout_id, campaign_id, row, amount, state, attempt, calls,"
            " first_call_at, answers, tries, claimed, refunded, seq, hash)"
            f" SELECT id, campaign_id, \"row\", amount, '{state}', 1, {calls},"
            f" {calls or 'NULL'}, 0, 0, 0, 0, {seq}, digest FROM payout, (SELECT digest FROM terms)"
            " AS said"
        )


def test_what_the_books_do_themselves_is_legal(desk: Desk) -> None:
    desk.campaign()
    [job] = desk.jobs()
    desk.record((job, accepted(job, look_after=1)))
    desk.clock.pass_(1)
    [look] = desk.jobs()
    desk.record((look, step(look, EventKind.FOUND, State.RECEIVED, claimed=100)))
    assert desk.payout(job).state is State.RECEIVED
