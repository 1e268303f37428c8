"""Who pays, and books on both databases: made once, and empty for each stage."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postgres_process import WHEEL

from proof_stage import Payers
from second_life import Life
from shelf import postgres_shelf, sqlite_shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from books import PostgresServers

    from shelf import Shelf

_MEMORY = Path("/dev/shm")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many lives were lived with which books; workers of xdist bring it too."""
    counts = Counter[str]()
    for report in terminalreporter.getreports("passed"):
        for name, lived in report.user_properties:
            if name in set(Life):
                counts[name] += int(str(lived))
    if counts:
        told = ", ".join(f"{counts[life]} with {life}" for life in Life if counts[life])
        terminalreporter.write_line(f"proven: {told}; nobody was paid twice")


@pytest.fixture(scope="session")
def payers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payers]:
    """Who pays."""
    payers = Payers(tmp_path_factory.mktemp("payers") / "wechat")
    yield payers
    payers.folder.close()


@pytest.fixture(scope="session")
def on_sqlite() -> Iterator[Shelf]:
    """Books in a file; in memory where that can be had, since it is not the disk that is proven."""
    parent = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="hongbao-proof-", dir=parent) as name:
        shelf = sqlite_shelf(Path(name))
        yield shelf
        shelf.close()


@pytest.fixture(scope="session")
def on_postgresql(postgres_servers: PostgresServers) -> Iterator[Shelf]:
    """Books on the wheel's server: what is proven here is not its version."""
    shelf = postgres_shelf(postgres_servers.server(WHEEL).url())
    yield shelf
    shelf.close()


@pytest.fixture(params=["on_sqlite", "on_postgresql"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """Either."""
    found: Shelf = request.getfixturevalue(request.param)
    return found
