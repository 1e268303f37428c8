from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from hongbao.simulator.server.loop_thread import LoopThread
from hongbao.simulator.server.tls import server_context
from hongbao.simulator.server.wechat import wechat_port
from wechat_line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

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

    @contextmanager
    def start(app: Application, limits: PortLimits | None = None, **more: object) -> Iterator[Line]:
        certificate, key = folder.server_paths
        context = server_context(certificate=certificate, key=key, client_ca=folder.ca_path)
        port = wechat_port(app, context=context, limits=limits, **more)  # type: ignore[arg-type]  # passed on
        thread = LoopThread("test server")
        try:
            thread.run(port.start("localhost", 0))
            yield Line(folder=folder, port=port, thread=thread)
        finally:
            thread.run(port.stop())
            thread.close()

    return start
