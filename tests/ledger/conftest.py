"""The fixtures of the ledger's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import Clock

    from hongbao.ledger.book import Book


@pytest.fixture
def desk(book: Book, book_url: str, clock: Clock) -> Iterator[Desk]:
    """A desk at empty books, on the one database and on the other."""
    desk = Desk(book, book_url, clock)
    yield desk
    desk.close()
