"""Opening a database, its transactions, and how its failures are told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from postgres_process import PostgresProcess

from hongbao.errors import BookUnavailable, ConfigurationError, LedgerError
from hongbao.ledger.book import Book
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND
from hongbao.ledger.store.address import read_url
from hongbao.ledger.store.database import Again, Database, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from books import Clock
    from sqlalchemy import Connection

    from desk import Desk, OpenDatabase

OPEN = "import sys; from hongbao.ledger.book import Book; Book.open(sys.argv[1]).close()"


@pytest.fixture
def database(book_url: str, clock: Clock) -> Iterator[Database]:
    """Empty books, without a book over them."""
    database = Database(book_url, clock=clock)
    yield database
    database.close()


def merchants(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT number FROM merchant").scalars())


def add(connection: Connection, number: str) -> None:
    connection.exec_driver_sql(f"INSERT INTO merchant (number) VALUES ('{number}')")


@pytest.mark.parametrize(
    ("url", "backend", "database"),
    [
        ("books.db", "sqlite", "books.db"),
        ("/var/lib/books.db", "sqlite", "/var/lib/books.db"),
        ("C:\\books\\books.db", "sqlite", "C:\\books\\books.db"),
        ("sqlite:///books.db", "sqlite", "books.db"),
        ("sqlite:////var/lib/books.db", "sqlite", "/var/lib/books.db"),
        ("postgresql://anna@db.invalid/books", "postgresql", "books"),
        ("postgresql+psycopg://anna@db.invalid/books", "postgresql", "books"),
        ("postgres://anna@db.invalid/books", "postgresql", "books"),
    ],
)
def test_a_path_or_a_url_says_where_the_books_are(url: str, backend: str, database: str) -> None:
    read = read_url(url)
    assert (read.get_backend_name(), read.database) == (backend, database)
    assert read.get_driver_name() in {"pysqlite", "psycopg"}


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db.invalid/books",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://db.invalid:port/books",
        "://",
    ],
)
def test_a_url_where_books_cannot_stand_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError, match="database"):
        Book.open(url)


def test_no_password_is_shown() -> None:
    database = Database("postgresql://anna:Se%40cret@db.invalid/books")
    assert "cret" not in database.shown
    assert database.shown == "postgresql://anna:***@db.invalid/books"


def test_a_folder_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Book.open(str(tmp_path / "nowhere" / "books.db"))


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    path.write_text("openid,amount\n" * 200)
    with pytest.raises(LedgerError, match="not a database"):
        Book.open(str(path))


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(BookUnavailable) as caught:
        Book.open("postgresql://anna@127.0.0.1:1/books")
    assert caught.value.__cause__ is None


def test_postgresql_without_books_says_what_to_run(postgres: str) -> None:
    with pytest.raises(ConfigurationError, match="hongbao db upgrade"):
        Book.open(postgres)


def test_books_of_a_newer_program_are_left_alone(desk: Desk, book_url: str) -> None:
    with desk.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="9999"):
        Book.open(book_url)
    with pytest.raises(ConfigurationError, match="newer"):
        Book.upgrade(book_url)


def test_an_upgrade_of_the_newest_books_changes_nothing(desk: Desk, book_url: str) -> None:
    desk.campaign()
    before = list(desk.payouts())
    Book.upgrade(book_url)
    assert list(desk.payouts()) == before


def test_many_processes_may_open_new_books_at_once(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    opening = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate()[1] for process in opening] == [""] * 4
    assert [process.returncode for process in opening] == [0] * 4


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Book.open(str(path)) as book:
        book.set_channel("1900000001", "redpack", PayerLimits(), by="anna")
        modes = {found.name: found.stat().st_mode & 0o777 for found in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("books.db", "books.db-wal", "books.db-shm"), 0o600)


def test_sqlite_keeps_its_word_in_a_power_cut_and_checks_references(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(sqlite_url)
    with database.transaction() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


def test_an_exception_undoes_a_transaction(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            add(connection, "1900000001")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert merchants(database) == []


def test_a_database_that_refuses_is_reported_without_the_row(desk: Desk) -> None:
    desk.campaign(payees=["oSECRETPAYEE"])
    columns = '"row", kind, payee, amount, people, terms_id, attempt, billno, state, calls'
    with pytest.raises(LedgerError) as caught, desk.transaction() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO payout (id, merchant_id, campaign_id, key, answers, tries, claimed,"
            f" refunded, seq, {columns}) SELECT 99, merchant_id, campaign_id, key, 0, 0, 0, 0, 1,"
            f" {columns} FROM payout"
        )
    error: BaseException | None = caught.value
    assert "payout" in str(error)
    assert "oSECRET" not in str(error)
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_transaction_that_the_server_gave_up_may_be_tried_again(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database, other = open_database(postgresql_url), open_database(postgresql_url)

    def pause(connection: Connection) -> None:
        add(connection, "1900000001")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '1ms'")
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        there = f"SELECT pg_stat_clear_snapshot() FROM pg_stat_activity WHERE pid = {own}"
        with other.reading() as watching:
            while watching.exec_driver_sql(there).first():
                pass
        connection.exec_driver_sql("SELECT 1")

    with pytest.raises(BookUnavailable):
        database.run(pause)
    assert merchants(database) == []


def test_a_server_that_reads_only_while_another_takes_over_may_be_tried_again(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(postgresql_url)

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        add(connection, "1900000001")

    with pytest.raises(BookUnavailable):
        database.run(write)


def test_a_database_that_this_user_may_not_write_says_what_to_do(database: Database) -> None:
    forbid = (
        "SET LOCAL ROLE pg_read_all_data" if database.is_postgresql else "PRAGMA query_only = 1"
    )

    def write(connection: Connection) -> None:
        connection.exec_driver_sql(forbid)
        add(connection, "1900000001")

    with pytest.raises(LedgerError, match="Let this user write"):
        database.run(write)


def test_a_server_that_vanishes_without_a_word_is_noticed_within_a_minute(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(postgresql_url)
    with database.reading() as connection:
        raw: Any = connection.connection.driver_connection
        with socket.socket(fileno=os.dup(raw.fileno())) as line:
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) < 60
            assert 0 < line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) < 60_000


def test_what_the_url_says_of_a_connection_holds(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(f"{postgresql_url}?application_name=payouts")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "payouts"


def test_work_that_asks_for_it_is_done_again_from_the_beginning(database: Database) -> None:
    seen: list[list[str]] = []

    def work(connection: Connection) -> int:
        seen.append(list(connection.exec_driver_sql("SELECT number FROM merchant").scalars()))
        add(connection, f"190000000{len(seen)}")
        if len(seen) < 3:
            raise Again
        return len(seen)

    assert database.run(work) == 3
    assert seen == [[], [], []]
    assert merchants(database) == ["1900000003"]


def test_work_that_never_succeeds_ends_as_unavailable(database: Database) -> None:
    def work(_connection: Connection) -> None:
        raise Again

    with pytest.raises(BookUnavailable) as caught:
        database.run(work)
    assert caught.value.undone


def test_two_that_wait_for_each_other_both_get_their_turn(
    postgresql_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(postgresql_url)
    with database.transaction() as connection:
        add(connection, "1900000001")
        add(connection, "1900000002")
    both_have_one = threading.Barrier(2, timeout=20)
    tries: list[str] = []

    def touch(first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            tries.append(first)
            lock = "UPDATE merchant SET number = number || '+' WHERE substr(number, 1, 10) = '{}'"
            connection.exec_driver_sql(lock.format(first))
            if len(tries) <= 2:
                both_have_one.wait()
            connection.exec_driver_sql(lock.format(second))

        database.run(work)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(touch, ("1900000001", "1900000002"), ("1900000002", "1900000001")))
    assert sorted(merchants(database)) == ["1900000001++", "1900000002++"]
    assert len(tries) > 2, "none was undone"


def test_threads_that_write_at_once_lose_nothing(database: Database) -> None:
    def work(place: int) -> None:
        database.run(lambda connection: add(connection, f"19000000{place:02}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert len(merchants(database)) == 40


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.reading() as connection:
        count = "SELECT count(*) FROM merchant"
        before = connection.exec_driver_sql(count).scalar()
        with database.transaction() as other:
            add(other, "1900000001")
        assert connection.exec_driver_sql(count).scalar() == before
    assert merchants(database) == ["1900000001"]


def test_time_is_what_the_clock_says(database: Database, clock: Clock) -> None:
    with database.transaction() as connection:
        assert now(connection) == clock.now
    with database.reading() as connection:
        clock.pass_(5)
        assert now(connection) == clock.now


def test_without_a_clock_time_is_that_of_the_world(
    book_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(book_url)
    for opened in (database.transaction, database.reading):
        manager: Any = opened()
        with manager as connection:
            assert abs(now(connection) - time.time_ns() // 1000) < 10 * SECOND


def test_books_on_a_server_that_crashed_go_on_when_it_is_back(clock: Clock) -> None:
    with PostgresProcess() as server:
        url = server.create("books")
        Book.upgrade(url)
        with Book.open(url, clock=clock) as book:
            book.set_channel("1900000001", "redpack", PayerLimits(), by="anna")
            server.crash()
            for _ in range(2):
                with pytest.raises(BookUnavailable):
                    book.claim("worker-1", limit=1, lease_seconds=1)
            server.start()
            assert [merchant.number for merchant in book.channels()] == ["1900000001"]
