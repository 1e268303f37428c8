"""The fixtures of the command line's tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from campaign_office import Office, town_of
from hongbao.cli.app import app
from shop import Ran, Shop, write_merchant
from transfer_till import open_till

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import trustme

    from campaign_office import Town
    from hongbao.testing.wechat import SimulatedWeChat
    from shop import Run
    from transfer_till import Cashier


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in this process, with an environment that says nothing of a merchant."""

    def run_it(
        *args: str,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        result = CliRunner().invoke(app, list(args), input=stdin, env=dict(env or {}))
        return Ran(result.exit_code, result.stdout, result.stderr)

    for name in [name for name in os.environ if name.startswith("HONGBAO_")]:
        monkeypatch.delenv(name)
    return run_it


@pytest.fixture
def merchant_toml(test_ca: trustme.CA, tmp_path: Path) -> Path:
    """A merchant's file with a good certificate, for a host where nobody listens."""
    return write_merchant(tmp_path, test_ca)


@pytest.fixture
def shop(wechat_simulator: SimulatedWeChat) -> Shop:
    """The demo merchant of a simulator on a free port."""
    folder = wechat_simulator.simulation.folder.merchant_path(wechat_simulator.mch_id)
    return Shop(
        wechat_simulator,
        str(folder / "merchant.toml"),
        str(folder / "mini_program.toml"),
        wechat_simulator.simulation.merchant_settings(),
    )


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One simulator for all tests: making its keys takes a while."""
    with town_of(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture
def town(_town: Town) -> Town:
    """A simulated WeChat in a process of its own, in which nothing has happened."""
    _town.start_over()
    return _town


@pytest.fixture
def office(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A working directory with settings for that simulator."""
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, town.settings)


@pytest.fixture
def cashier(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Cashier:
    """A folder with a hongbao.toml for the simulator's merchant, by whose clock the books go."""
    monkeypatch.chdir(tmp_path)
    return open_till(town, tmp_path, run)
