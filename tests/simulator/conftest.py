from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wechat_line import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from wechat_line import Line

    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.server.limits import PortLimits
    from hongbao.simulator.server.wechat import Application


@pytest.fixture(scope="session")
def folder(wechat_folder: SimulatorFolder) -> SimulatorFolder:
    """A folder with the demo merchant: the one of the fixtures that hongbao brings along."""
    return wechat_folder


@pytest.fixture
def serve(folder: SimulatorFolder) -> Callable[..., AbstractContextManager[Line]]:
    """Starts WeChat's port in front of an application and gives a line to it."""

    def start(
        app: Application, limits: PortLimits | None = None, **more: object
    ) -> AbstractContextManager[Line]:
        return serving(folder, app, limits, **more)

    return start
