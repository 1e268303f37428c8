"""The fixtures of the ledger's tests."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from desk import Desk
from hongbao.ledger.book import Book
from hongbao.ledger.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock

    from desk import OpenDatabase


@pytest.fixture
def desk(book: Book, book_url: str, clock: Clock) -> Iterator[Desk]:
    """A desk at empty books, on the one database and on the other."""
    desk = Desk(book, book_url, clock)
    yield desk
    desk.close()


@pytest.fixture
def postgresql_desk(postgresql_url: str, clock: Clock) -> Iterator[Desk]:
    """A desk at empty books on PostgreSQL, where several write at once."""
    with Book.open(postgresql_url, clock=clock) as book:
        desk = Desk(book, postgresql_url, clock)
        yield desk
        desk.close()


@pytest.fixture
def open_database() -> Iterator[OpenDatabase]:
    """Opens databases that are closed when the test ends, also when it fails."""
    with ExitStack() as opened:

        def open_it(url: str, **options: Any) -> Database:
            return opened.enter_context(closing(Database(url, **options)))

        yield open_it
