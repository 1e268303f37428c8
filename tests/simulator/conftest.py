from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wechat_line import serving

from hongbao.simulator.simulator import Simulator
from hongbao.testing.control_client import ControlClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from wechat_line import Line

    from hongbao.simulator.clock import ManualClock
    from hongbao.simulator.exchange import Application
    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.server.port_limits import PortLimits


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


@pytest.fixture
def simulator(wechat_folder: SimulatorFolder, wechat_clock: ManualClock) -> Iterator[Simulator]:
    """Both ports on the loopback; merchants that a test makes are forgotten."""
    before = frozenset(wechat_folder.merchants)
    with Simulator.start(wechat_folder, clock=wechat_clock, seed=1) as running:
        yield running
    for mch_id in wechat_folder.merchants.keys() - before:
        wechat_folder.forget_merchant(mch_id)


@pytest.fixture
def control(simulator: Simulator) -> ControlClient:
    """Asks the control port."""
    return ControlClient(simulator.control_url)
