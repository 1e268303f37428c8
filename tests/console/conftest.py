"""A served console for each test, over books of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from console_stage import CHEAP, ConsoleStage, Wall, configured
from full_stage import fill
from hongbao.console.serving import serving
from hongbao.console.site import ConsoleSite
from hongbao.engine import Ledger
from hongbao.ledger.model.account import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.configuration.file import Configuration


@pytest.fixture
def wall() -> Wall:
    """The wall's clock."""
    return Wall()


@pytest.fixture
def console_settings() -> dict[str, Any]:
    """``[console]`` of the settings; a module of tests may have another."""
    return {"port": 0}


@pytest.fixture
def configuration(
    sqlite_url: str, tmp_path: Path, console_settings: dict[str, Any]
) -> Configuration:
    """Settings of a merchant at a simulator, with books on SQLite."""
    return configured(sqlite_url, tmp_path, console_settings)


@pytest.fixture
def console(configuration: Configuration, wall: Wall) -> Iterator[ConsoleStage]:
    """A console that answers."""
    with _served(configuration, wall) as stage:
        yield stage


@pytest.fixture(scope="module")
def still_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleStage]:
    """One for all tests of a module that change nothing: with a campaign, and an admin ``root``."""
    folder = tmp_path_factory.mktemp("console")
    with _served(configured(str(folder / "books.db"), folder, {"port": 0}), Wall()) as stage:
        stage.account("root", Role.ADMIN)
        stage.campaign()
        yield stage


@pytest.fixture(scope="module")
def full_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleStage]:
    """The same, with something on every page, and names and reasons as long as they may be."""
    folder = tmp_path_factory.mktemp("full")
    with _served(configured(str(folder / "books.db"), folder, {"port": 0}), Wall()) as stage:
        fill(stage, folder)
        yield stage


@contextmanager
def _served(configuration: Configuration, wall: Wall) -> Iterator[ConsoleStage]:
    with Ledger.of(configuration) as book:
        site = ConsoleSite(book=book, configuration=configuration, clock=wall, passwords=CHEAP)
        with serving(site) as url:
            stage = ConsoleStage(site, url, wall)
            yield stage
            stage.close()
