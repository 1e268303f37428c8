"""Which PostgreSQL databases the books stand on, and what a URL says of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from desk import Desk, accepted, step
from hongbao.errors import ConfigurationError, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State
from hongbao.ledger.store.address import prepare_threshold, read_url
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.postgresql import unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock
    from postgres_process import PostgresProcess

    from desk import OpenDatabase

URL = "postgresql://anna@db.invalid/books"


@pytest.fixture(params=["SQL_ASCII", "LATIN1", "EUC_CN"])
def other_encoding(
    request: pytest.FixtureRequest, postgres_server: PostgresProcess
) -> Iterator[str]:
    """A database whose encoding is not UTF8."""
    name = f"in_{request.param}".lower()
    yield postgres_server.create(name, encoding=request.param)
    postgres_server.drop(name)


@pytest.fixture
def postgresql_empty(postgres_server: PostgresProcess) -> Iterator[str]:
    """A database without books."""
    yield postgres_server.create("empty")
    postgres_server.drop("empty")


def test_a_database_in_another_encoding_is_refused_before_anything_is_made(
    other_encoding: str, request: pytest.FixtureRequest
) -> None:
    encoding = request.node.callspec.params["other_encoding"]
    for touch in (Book.upgrade, Book.open, Book.version):
        with pytest.raises(ConfigurationError, match=f"{encoding}, not UTF8"):
            touch(other_encoding)


def test_no_environment_changes_the_encoding_of_a_connection(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for asked in ("SQL_ASCII", "LATIN1", "EUC_CN"):
        monkeypatch.setenv("PGCLIENTENCODING", asked)
        for url in (postgresql_url, f"{postgresql_url}?client_encoding={asked}"):
            with Book.open(url) as book:
                [number] = book.terms([{"wishing": "恭喜发财 🧧"}])
                assert book.terms_body(number) == {"wishing": "恭喜发财 🧧"}


@pytest.mark.parametrize(
    "setting",
    [
        "standard_conforming_strings=off", "backslash_quote=off", "quote_all_identifiers=on",
        "bytea_output=escape", "default_transaction_isolation=serializable", "datestyle=German",
        "timezone=Asia/Kathmandu", "extra_float_digits=-15", "transform_null_equals=on",
    ],
)  # fmt: skip
def test_no_setting_of_a_role_or_a_database_changes_what_is_stored(
    postgresql_url: str, clock: Clock, setting: str
) -> None:
    options = f"options=-c%20{setting.replace('=', '%3D')}"
    wishing = "\\x00 恭喜\\\\发财 '' \\' $1 %s"
    with Book.open(f"{postgresql_url}?{options}", clock=clock) as book:
        desk = Desk(book, postgresql_url, clock)
        desk.campaign(2)
        [number] = book.terms([{"wishing": wishing}])
        assert book.terms_body(number) == {"wishing": wishing}
        first, second = desk.jobs()
        reason = step(second, EventKind.REFUSED, State.REFUSED, reason=wishing)
        desk.record((first, accepted(first)), (second, reason))
        assert desk.payout(second).reason == wishing
        assert not book.audit().findings_count
        desk.close()


def test_books_stand_in_a_schema_whose_name_wants_quotes(postgresql_empty: str) -> None:
    with psycopg.connect(postgresql_empty, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "my-App"')
    url = f"{postgresql_empty}?options=-c%20search_path%3D%22my-App%22"
    Book.upgrade(url)
    with Book.open(url) as book:
        assert not book.audit().findings_count


def test_a_database_without_a_schema_for_books_says_what_to_do(postgresql_empty: str) -> None:
    with pytest.raises(LedgerError, match="no schema has been selected") as caught:
        Book.upgrade(f"{postgresql_empty}?options=-c%20search_path%3D%22%22")
    assert "rights of docs/howto/postgresql.md" in caught.value.remedy


@pytest.mark.parametrize("version", [90_624, 130_021, 139_999])
def test_a_server_that_is_too_old_is_refused(version: int) -> None:
    error = unfit(URL, version, "UTF8")
    assert error is not None
    assert "too old" in error.problem
    assert "14 or later" in error.remedy


@pytest.mark.parametrize("version", [140_000, 150_018, 180_004, 190_000])
def test_a_server_that_is_new_enough_will_do(version: int) -> None:
    assert unfit(URL, version, "UTF8") is None


@pytest.mark.parametrize(
    ("parameters", "threshold"),
    [
        ("", 5),
        ("?sslmode=require", 5),
        ("?prepare_threshold=", None),
        ("?prepare_threshold", None),
        ("?prepare_threshold=none", None),
        ("?prepare_threshold=None&sslmode=require", None),
        ("?prepare_threshold=0", 0),
        ("?sslmode=require&prepare_threshold=12", 12),
    ],
)
def test_a_url_says_when_statements_are_prepared(parameters: str, threshold: int | None) -> None:
    assert prepare_threshold(URL + parameters) == threshold
    assert "prepare_threshold" not in read_url(URL + parameters).query


@pytest.mark.parametrize("value", ["-1", "five", "1.5", "٣", "0x5", "9" * 5000])
def test_anything_else_about_prepared_statements_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="prepare_threshold is not a whole number"):
        Database(f"{URL}?prepare_threshold={value}")


@pytest.mark.parametrize("name", ["autocommit", "row_factory", "sslmod", "preparethreshold"])
def test_a_parameter_that_no_server_knows_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is not a parameter"):
        Database(f"{URL}?{name}=1")


def test_a_password_among_the_parameters_is_not_shown() -> None:
    assert "Secret" not in Database(f"{URL}?password=Secret").shown


@pytest.mark.parametrize(("threshold", "prepared"), [("none", 0), ("0", 1), ("", 0)])
def test_statements_are_prepared_as_the_url_says(
    postgresql_url: str, threshold: str, prepared: int, open_database: OpenDatabase
) -> None:
    database = open_database(f"{postgresql_url}?prepare_threshold={threshold}")
    with database.reading() as connection:
        for _ in range(10):
            connection.exec_driver_sql("SELECT 4 + %s", (5,))
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ("SELECT 4 +%",)
        )
        assert found.scalar() == prepared


@pytest.mark.parametrize(
    "changes",
    [{"reason": "half \ud83e of a character"}, {"listid": "\ud83e"}, {"claimed": 2**70}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_no_database_can_hold_is_refused_and_told_without_the_value(
    desk: Desk, changes: dict[str, Any]
) -> None:
    desk.campaign(2)
    good, bad = desk.jobs()
    odd = step(bad, EventKind.ACCEPTED, State.SENT, **changes)
    with pytest.raises(LedgerError) as caught:
        desk.record((good, accepted(good)), (bad, odd))
    assert not any(str(value) in str(caught.value) for value in changes.values())
    assert desk.record((good, accepted(good))) == frozenset()
    assert [payout.state for payout in desk.payouts()] == [State.SENT, State.IN_DOUBT]
