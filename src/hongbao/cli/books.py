"""The books of hongbao.toml, opened for one command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.configuration.file import read_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.configuration.file import Configuration
    from hongbao.ledger.book import Book


@contextmanager
def opened(config: Path | None) -> Iterator[Book]:
    """The books alone, closed afterwards.

    Raises:
        ConfigurationError: if the settings are wrong, or the books cannot be opened.
    """
    with open_books(read_configuration(config)) as book:
        yield book


def open_books(configuration: Configuration) -> Book:
    """The books that the settings name.

    Raises:
        ConfigurationError: if they cannot be opened.
    """
    # SQLAlchemy takes 0.2 s to import, and most commands have no books.
    from hongbao.cli.rehearsal import simulated_clock  # noqa: PLC0415  # see above
    from hongbao.ledger.book import Book  # noqa: PLC0415  # see above

    rehearsal = configuration.rehearsal_clock
    clock = None if rehearsal is None else simulated_clock(rehearsal)
    return Book.open(configuration.database_url(), clock=clock)
