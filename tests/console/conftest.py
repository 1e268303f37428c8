"""A served console for each test, over books of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from console_stage import ConsoleStage, Wall
from hongbao.console.serving import serving
from hongbao.console.signing_in.passwords import Passwords
from hongbao.console.site import ConsoleSite
from hongbao.engine import Ledger, parse_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.configuration.file import Configuration

CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)
"""A hash that takes no time, and is worth as much."""
_MERCHANT = {
    "app_id": "wx00aa11bb22cc33dd", "mch_id": "1900012345", "key_env": "NOBODY_HAS_IT",
    "cert_path": "cert.pem", "key_path": "key.pem", "client_ip": "203.0.113.7",
    "base_url": "https://127.0.0.1:8443",
}  # fmt: skip


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
    values = {
        "database": sqlite_url, "merchants": {"demo": _MERCHANT}, "console": console_settings,
    }  # fmt: skip
    return parse_configuration(values, tmp_path / "hongbao.toml")


@pytest.fixture
def console(configuration: Configuration, wall: Wall) -> Iterator[ConsoleStage]:
    """A console that answers."""
    with Ledger.of(configuration) as book:
        site = ConsoleSite(book=book, configuration=configuration, clock=wall, passwords=CHEAP)
        with serving(site) as url:
            stage = ConsoleStage(site, url, wall)
            yield stage
            stage.close()
