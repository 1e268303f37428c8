"""The fixtures of the tests of lists and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Book]:
    """Books in a file; tests of what SQL does run on both databases elsewhere."""
    with Book.open(str(tmp_path / "book.db")) as book:
        yield book
