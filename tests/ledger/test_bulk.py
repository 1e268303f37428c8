"""Many rows with one statement: what goes in comes out, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    select,
)

from hongbao.ledger.store import bulk
from hongbao.ledger.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

METADATA = MetaData()
THING = Table(
    "thing",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("row", BigInteger),  # a word of SQL's own
    Column("text", Text),
    Column("raw", LargeBinary),
    Column("flag", Boolean),
)
SUM = Table(
    "sum",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
NAMES = ("id", "row", "text", "raw", "flag")
NASTY = [
    "",
    "NULL",
    "null",
    "None",
    '"',
    "\\",
    "\\N",
    "{}",
    "a,b",
    "tab\there",
    "new\nline",
    "红包🧧",
]

# PostgreSQL's texts hold no NUL, and neither database holds half a surrogate pair.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
things = st.tuples(
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | texts | st.sampled_from(NASTY),
    st.none() | st.binary(),
    st.none() | st.booleans(),
)


@pytest.fixture
def database(book_url: str) -> Iterator[Database]:
    """A database with two more tables."""
    database = Database(book_url)
    with database.transaction() as connection:
        METADATA.create_all(connection)
    yield database
    database.close()


def stored(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(THING).order_by(THING.c.id))]


many = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@many
@given(rows=st.lists(things, max_size=20))
def test_what_is_inserted_is_there(
    database: Database, rows: list[tuple[int, str, bytes, bool]]
) -> None:
    numbered = [(number, *row) for number, row in enumerate(rows)]
    with database.transaction() as connection:
        connection.execute(THING.delete())
        bulk.insert(connection, THING, NAMES, numbered)
        assert stored(connection) == numbered


@many
@given(rows=st.lists(things, max_size=20), alike=things)
def test_what_all_inserted_rows_have_in_common_is_in_each(
    database: Database,
    rows: list[tuple[int, str, bytes, bool]],
    alike: tuple[int, str, bytes, bool],
) -> None:
    row, text, data, flag = alike
    own = [(number, it[0], it[2]) for number, it in enumerate(rows)]
    with database.transaction() as connection:
        connection.execute(THING.delete())
        same = {NAMES[2]: text, NAMES[4]: flag}
        bulk.insert(connection, THING, (NAMES[0], NAMES[1], NAMES[3]), own, alike=same)
        assert stored(connection) == [(it[0], it[1], text, it[2], flag) for it in own]
        bulk.insert(
            connection, THING, NAMES[:1], [(-1,)], alike=dict(zip(NAMES[1:], alike, strict=True))
        )
        assert stored(connection)[0] == (-1, row, text, data, flag)


@many
@given(rows=st.lists(things, min_size=1, max_size=20))
def test_what_is_updated_is_there(
    database: Database, rows: list[tuple[int, str, bytes, bool]]
) -> None:
    with database.transaction() as connection:
        connection.execute(THING.delete())
        empty = [(number, 1, None, None, None) for number in range(len(rows))]
        bulk.insert(connection, THING, NAMES, empty)
        changed = bulk.update(
            connection, THING, NAMES[1:], ("id", "row"),
            [(*row, number, 1) for number, row in enumerate(rows)],
        )  # fmt: skip
        assert changed == len(rows)
        assert stored(connection) == [(number, *row) for number, row in enumerate(rows)]


def test_an_update_leaves_rows_that_are_not_as_said_and_tells_how_many_it_changed(
    database: Database,
) -> None:
    with database.transaction() as connection:
        bulk.insert(connection, THING, ("id", "row"), [(1, 10), (2, 20), (3, None)])
        changed = bulk.update(
            connection, THING, ("row",), ("id", "row"),
            [(11, 1, 10), (21, 2, 99), (31, 3, 30), (41, 4, 40)],
            alike={"text": "seen", "flag": True},
        )  # fmt: skip
        assert changed == 1
        assert stored(connection) == [
            (1, 11, "seen", None, True),
            (2, 20, None, None, None),
            (3, None, None, None, None),
        ]


def test_an_update_may_change_only_what_is_alike(database: Database) -> None:
    with database.transaction() as connection:
        bulk.insert(connection, THING, ("id", "row"), [(1, 10), (2, 20)])
        assert bulk.update(connection, THING, (), ("id",), [(2,)], alike={"text": "two"}) == 1
        assert [row[2] for row in stored(connection)] == [None, "two"]


def test_no_rows_are_no_statement(database: Database) -> None:
    with database.transaction() as connection:
        bulk.insert(connection, THING, NAMES, [])
        bulk.add(connection, SUM, [])
        assert bulk.update(connection, THING, ("row",), ("id",), []) == 0
        assert stored(connection) == []


def test_figures_are_added_to_those_that_are_there(database: Database) -> None:
    with database.transaction() as connection:
        bulk.add(connection, SUM, [(1, "a", 5), (1, "b", 7)])
        bulk.add(connection, SUM, [(1, "a", -2), (2, "a", 1)])
        found = {tuple(row) for row in connection.execute(select(SUM))}
    assert found == {(1, "a", 3), (1, "b", 7), (2, "a", 1)}
