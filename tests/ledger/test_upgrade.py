"""Books of an earlier version become the newest in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.book import Book
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.database import Database
from hongbao.ledger.store.migrations.script import statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from books import Clock
    from postgres_process import PostgresProcess

HOUR = 3600 * SECOND
MERCHANT = """
INSERT INTO merchant
    (number, interval, burst, arrival, turn, ready_at, day, day_amount, opens, closes)
VALUES ('1900000001', 0, 1, 0, 0, 0, 20000, 500, 0, 1440)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def first_books(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes books of the first version; gives their URL."""
    backend = request.param

    def make(extra: str) -> str:
        url = f"sqlite:///{tmp_path / 'old.db'}"
        if backend == "postgresql":
            server: PostgresProcess = request.getfixturevalue("postgres_servers").server(backend)
            url = server.create("old_books")
            request.addfinalizer(lambda: server.drop("old_books"))
        database = Database(url)
        with database.transaction() as connection:
            for statement in statements("0001", backend):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0001')")
            connection.exec_driver_sql(MERCHANT)
            connection.exec_driver_sql(extra)
        database.close()
        return url

    return make


def test_a_merchant_keeps_what_it_had(first_books: Callable[[str], str], clock: Clock) -> None:
    url = first_books("SELECT 1")
    assert Book.version(url).found == "0001"
    Book.upgrade(url)
    with Book.open(url, clock=clock) as book:
        [merchant] = book.channels()
        assert (merchant.number, merchant.clock_behind) == ("1900000001", 0)
        [finding] = book.audit().findings
        assert finding.words.startswith("500 fen were begun on its day")
        assert book.claim("worker-1", limit=1, lease_seconds=90).jobs == []


def test_what_a_wrong_clock_has_left_in_them_is_noticed(
    first_books: Callable[[str], str], clock: Clock
) -> None:
    empty = "''"
    url = first_books(
        "INSERT INTO event (payout_id, seq, at, kind, actor, body, hash)"
        f" VALUES (1, 1, {clock.now + HOUR}, 'submitted', 'anna', '', {empty})"
    )
    Book.upgrade(url)
    with Book.open(url, clock=clock) as book:
        assert [it.clock_behind for it in book.channels()] == [HOUR]
