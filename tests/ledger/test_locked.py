"""Others that keep the books for too long: who they are, and what to do about it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
from stopped_writer import StoppedWriter

from hongbao.errors import BookLocked
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store import sqlite
from hongbao.ledger.store.database import LOCK_SECONDS, machine_time

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from desk import Desk, OpenDatabase

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="no other system tells who it is")
SOON = 0.3


def turn(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE channel SET turn = turn + 1")


def test_who_pauses_hears_within_ten_seconds() -> None:
    assert 1 < LOCK_SECONDS < 10 - 2


@ON_LINUX
def test_a_writer_that_is_stopped_is_named_with_the_way_out(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(sqlite_url, lock_seconds=SOON)
    with StoppedWriter(sqlite_url) as writer:
        began = machine_time()
        with pytest.raises(BookLocked) as caught:
            database.run(turn)
        told = caught.value
        assert told.process == writer.pid
        assert told.since is not None
        assert began <= told.since <= machine_time()
        assert f"locked by process {writer.pid} since 20" in told.problem
        assert f"kill -CONT {writer.pid}" in told.remedy
        assert told.undone
        assert (machine_time() - began) / SECOND < LOCK_SECONDS
        with database.reading() as connection:
            connection.exec_driver_sql("SELECT * FROM merchant")
    database.run(turn)


@ON_LINUX
def test_a_writer_that_only_takes_long_is_not_called_stopped(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    slow, database = open_database(sqlite_url), open_database(sqlite_url, lock_seconds=SOON)
    with slow.transaction(), pytest.raises(BookLocked) as caught:
        database.run(turn)
    assert "stopped" not in caught.value.remedy
    assert "Wait for it" in caught.value.remedy


def test_without_a_system_that_tells_it_is_another_process(tmp_path: Path) -> None:
    told = sqlite.locked(str(tmp_path / "books.db"), machine_time())
    assert told.process is None
    assert "locked by another process since" in told.problem
    assert "books.db" in told.remedy


def test_a_transaction_that_keeps_rows_of_a_server_is_named(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    with Book.open(postgresql_url) as book:
        book.set_channel("1900000001", "redpack", PayerLimits(), by="anna")
    database = open_database(postgresql_url, lock_seconds=SOON)
    began = machine_time()
    with StoppedWriter(postgresql_url):
        with database.reading() as connection:
            [pid] = connection.exec_driver_sql(
                "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            ).scalars()
        with pytest.raises(BookLocked) as caught:
            database.run(turn)
        told = caught.value
        assert told.process == pid
        assert f"pg_terminate_backend({pid})" in told.remedy
        assert told.since is not None
        assert began - SECOND < told.since < machine_time()


def test_work_is_done_as_soon_as_the_lock_is_free(
    desk: Desk, book_url: str, open_database: OpenDatabase
) -> None:
    desk.campaign()
    database = open_database(book_url, lock_seconds=60)
    with StoppedWriter(book_url) as writer:
        writer.go_on()
        began = time.monotonic()
        database.run(turn)
        assert time.monotonic() - began < 30
