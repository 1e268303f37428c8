"""More threads than the database can serve at once, and processes that are forked."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from forked import exit_with
from stopped_writer import StoppedWriter

from hongbao.errors import BookLocked, BookUnavailable, LedgerCode, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desk import OpenDatabase

CONNECTIONS = 15
"""As many as SQLAlchemy's pool gives at once."""
SOON = 0.3


def turn(connection: Connection) -> None:
    connection.exec_driver_sql("UPDATE channel SET turn = turn + 1")


def test_a_thread_that_gets_no_connection_in_time_hears_that_nothing_was_changed(
    book_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(book_url, lock_seconds=SOON)
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(database.reading())
        began = time.monotonic()
        with pytest.raises(BookUnavailable, match="all of its connections") as caught:
            database.run(turn)
        assert caught.value.undone
        with pytest.raises(BookUnavailable, match="all of its connections"):
            stack.enter_context(database.reading())
        assert time.monotonic() - began < 8 * SOON, "once for each, not eight times"
    database.run(turn)


def test_a_worker_has_connections_that_no_thread_of_the_program_keeps(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(postgresql_url)
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(database.reading())
        own = stack.enter_context(Book(database).for_worker())
        own.set_channel("1900000001", "redpack", PayerLimits(), by="anna")
        assert own.claim("worker-1", limit=1, lease_seconds=90).jobs == []


@pytest.mark.long
def test_threads_that_wait_for_another_process_wait_no_longer_than_one(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    database, most = open_database(sqlite_url, lock_seconds=1), 1.0

    def try_it(_: int) -> float:
        began = time.monotonic()
        with pytest.raises(BookLocked) as caught:
            database.run(turn)
        assert caught.value.undone
        return time.monotonic() - began

    with StoppedWriter(sqlite_url), ThreadPoolExecutor(8) as threads:
        assert max(threads.map(try_it, range(8))) < 4 * most
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: database.run(turn), range(8)))


def test_a_thread_that_has_waited_leaves_the_next_its_time(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(sqlite_url, lock_seconds=1)

    def waits(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())

    with ThreadPoolExecutor(1) as threads:
        with database.transaction() as connection:
            assert waits(connection) == 1000
            later = threads.submit(database.run, waits)
            with pytest.raises(TimeoutError):
                later.result(timeout=SOON)
        assert later.result() < 1000
    assert database.run(waits) == 1000
    with database.reading() as connection:
        assert waits(connection) == 1000


def test_a_process_that_was_forked_is_told_and_leaves_the_connections_alone(
    book_url: str,
) -> None:
    with Book.open(book_url) as book:
        book.set_channel("1900000001", "redpack", PayerLimits(), by="anna")
        child = os.fork()
        if child == 0:
            exit_with(lambda: _is_told(book))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert [it.number for it in book.channels()] == ["1900000001"]
        book.set_channel("1900000002", "redpack", PayerLimits(), by="anna")


def _is_told(book: Book) -> bool:
    codes = []
    for use in (book.channels, lambda: book.set_channel("1", "redpack", PayerLimits(), by="bert")):
        try:
            use()
        except LedgerError as error:
            codes.append(error.code)
    book.close()
    return codes == [LedgerCode.BUG] * 2
