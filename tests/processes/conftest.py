"""A simulated WeChat in a process of its own, with certificates that are made once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator.folder.folder import SimulatorFolder
from ordeal import SEED
from wechat_process import WeChatProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, made once."""
    folder = tmp_path_factory.mktemp("certificates") / "wechat"
    SimulatorFolder.open(folder, datetime.now(UTC)).close()
    return folder


@pytest.fixture
def wechat(certificates: Path, tmp_path: Path) -> Iterator[WeChatProcess]:
    """WeChat."""
    shutil.copytree(certificates, tmp_path / "wechat")
    with WeChatProcess(tmp_path, seed=SEED) as running:
        yield running
