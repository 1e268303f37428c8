"""A running simulator: a simulation, its two ports, and the thread that they run in."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hongbao.simulator.control.routes import CONTROL_HOST
from hongbao.simulator.folder.folder import SimulatorFolder
from hongbao.simulator.kept.keeper import Keeper
from hongbao.simulator.local_port import local_port
from hongbao.simulator.phone.frame import ROOT as PHONE_ROOT
from hongbao.simulator.server.listening import LOCALHOST
from hongbao.simulator.server.loop_thread import LoopThread
from hongbao.simulator.server.notifier import Notifier
from hongbao.simulator.server.tls import server_context
from hongbao.simulator.server.wechat_door import WechatDoor
from hongbao.simulator.server.wechat_port import wechat_port
from hongbao.simulator.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from hongbao.simulator.clock import Clock
    from hongbao.simulator.server.port import Port
    from hongbao.simulator.server.port_limits import PortLimits
    from hongbao.simulator.settings import Settings


class Simulator:
    """A running simulator; ``stop`` it, or use it as a context manager. Make it with ``start``.

    It runs in a thread of its own. Hold ``simulation.app.lock`` to use ``simulation.app`` or
    ``simulation.world`` from another thread.

    Attributes:
        simulation: what the ports give access to.
        port: WeChat's port.
        control: the control port, for a test that plays the rest of the world.
        door: a proxy by which WeChat's own host names lead here; None unless it was asked for.
        goes_on: whether it continues a world that was kept.
    """

    def __init__(
        self, simulation: Simulation, *, port: Port, control: Port, goes_on: bool = False
    ) -> None:
        self.simulation = simulation
        self.port = port
        self.control = control
        self.door: WechatDoor | None = None
        self.goes_on = goes_on
        self._thread = LoopThread("hongbao simulator")
        self._undo = ExitStack()  # undoes what ``start`` did

    @classmethod
    def start(
        cls,
        folder: str | PathLike[str] | SimulatorFolder,
        *,
        host: str = LOCALHOST,
        port: int = 0,
        control_port_number: int = 0,
        proxy_port_number: int | None = None,
        names: Sequence[str] = (),
        clock: Clock | None = None,
        seed: int | None = None,
        settings: Settings | None = None,
        limits: PortLimits | None = None,
        keep: bool = False,
    ) -> Self:
        """Open the folder, listen, and write every merchant's settings with the address.

        Args:
            folder: a path, see ``SimulatorFolder.open``; or an open folder, which stays open.
            host: where WeChat's port listens: ``localhost`` for both loopback addresses, or
                another address for use from other machines. The control port is always local.
            port: the number of WeChat's port; 0 for any free one.
            control_port_number: the number of the control port; 0 for any free one.
            proxy_port_number: that of a ``WechatDoor``; 0 for any free one, None for no door.
            names: more host names that the server's certificate must be valid for.
            clock: the simulated time; the real time if left out.
            seed: seeds all randomness; random if left out.
            settings: how WeChat behaves where no source settles it.
            limits: the bounds of both ports.
            keep: keep the world in the folder, written before each reply. If there is one already,
                it continues, with its own clock, seed and settings instead of those given here.

        Raises:
            ConfigurationError: if the folder, its world or a port cannot be used.
        """
        with ExitStack() as undo:
            if not isinstance(folder, SimulatorFolder):
                folder = SimulatorFolder.open(folder, datetime.now(UTC), names=names)
                undo.callback(folder.close)
            simulation = Simulation(folder, clock=clock, seed=seed, settings=settings)
            goes_on = False
            if keep:
                keeper = Keeper.open(folder.world_path, simulation)
                undo.callback(keeper.close)
                goes_on = keeper.goes_on
            simulator = cls._over(simulation, limits, goes_on=goes_on)
            undo.callback(simulator._end)  # noqa: SLF001  # its own class
            simulator._listen(host, port, control_port_number, proxy_port_number)  # noqa: SLF001  # the same
            simulator._undo = undo.pop_all()  # noqa: SLF001  # the same
        return simulator

    @property
    def base_url(self) -> str:
        """The address for WeChat's calls."""
        return self.simulation.base_url

    @property
    def control_url(self) -> str:
        """The address of the control port, with a slash at the end."""
        return f"http://{CONTROL_HOST}:{self.control.number}/_sim/"

    @property
    def phone_url(self) -> str:
        """The address of the phone view."""
        return f"http://{CONTROL_HOST}:{self.control.number}{PHONE_ROOT}"

    @property
    def proxy_url(self) -> str | None:
        """The address of the proxy for WeChat's own host names; None if there is none."""
        return None if self.door is None else f"http://{CONTROL_HOST}:{self.door.number}"

    @property
    def folder(self) -> SimulatorFolder:
        """The certificates and the merchants' files."""
        return self.simulation.folder

    def post_notifications(self, server: str) -> None:
        """Post V3 notifications by itself from now on, with repeats; see ``Notifier``.

        Args:
            server: the merchant's, such as ``http://127.0.0.1:9000``.

        Raises:
            ConfigurationError: if it is no such address.
        """
        notifier = Notifier(self.simulation, server)
        notifier.start()
        self._undo.callback(notifier.stop)

    def stop(self) -> None:
        """Answer the requests in progress, then close everything. It may be called twice."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @classmethod
    def _over(cls, simulation: Simulation, limits: PortLimits | None, *, goes_on: bool) -> Self:
        certificate, key = simulation.folder.server_paths
        context = server_context(
            certificate=certificate, key=key, client_ca=simulation.folder.ca_path
        )
        port = wechat_port(simulation.app, context=context, limits=limits)
        control = local_port(simulation, limits=limits)
        return cls(simulation, port=port, control=control, goes_on=goes_on)

    def _listen(
        self, host: str, port: int, control_port_number: int, proxy_port_number: int | None
    ) -> None:
        number = self._thread.run(self.port.start(host, port))
        # A port that listens on all addresses is reached from here by its loopback name.
        self.simulation.base_url = (
            f"https://{LOCALHOST if host in _ANY else _in_url(host)}:{number}"
        )
        self._thread.run(self.control.start(CONTROL_HOST, control_port_number))
        self.folder.write_settings(self.base_url)
        if proxy_port_number is not None:
            self.door = WechatDoor(self.port.number)
            self._thread.run(self.door.start(proxy_port_number))

    def _end(self) -> None:
        if self.door is not None:
            self._thread.run(self.door.stop())
        self._thread.run(self.port.stop())
        self._thread.run(self.control.stop())
        self._thread.close()


_ANY = frozenset({"0.0.0.0", "::", LOCALHOST})  # noqa: S104  # compared with, not bound to


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
