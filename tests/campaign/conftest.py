"""The fixtures of the tests of lists and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def books(book_url: str) -> Iterator[Book]:
    """Empty books, on the one database and on the other, at the real time."""
    with Book.open(book_url) as book:
        yield book
