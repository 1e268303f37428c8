"""The simulator as one thing: a simulation, its two ports, and the thread that they run in."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hongbao.simulator.control.routes import CONTROL_HOST, control_port
from hongbao.simulator.folder.folder import SimulatorFolder
from hongbao.simulator.kept.keeper import Keeper
from hongbao.simulator.server.listening import LOCALHOST
from hongbao.simulator.server.loop_thread import LoopThread
from hongbao.simulator.server.tls import server_context
from hongbao.simulator.server.wechat import wechat_port
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

    It runs in a thread of its own. Whoever touches ``simulation.app`` or ``simulation.world`` from
    another one does so with ``simulation.app.lock`` held.

    Attributes:
        simulation: what the ports stand before.
        port: WeChat's.
        control: for whoever plays the rest of the world.
        goes_on: whether it goes on with a world that was kept.
    """

    def __init__(
        self, simulation: Simulation, *, port: Port, control: Port, goes_on: bool = False
    ) -> None:
        self.simulation = simulation
        self.port = port
        self.control = control
        self.goes_on = goes_on
        self._thread = LoopThread("hongbao simulator")
        self._undo = ExitStack()  # what ``start`` did

    @classmethod
    def start(
        cls,
        folder: str | PathLike[str] | SimulatorFolder,
        *,
        host: str = LOCALHOST,
        port: int = 0,
        control_port_number: int = 0,
        names: Sequence[str] = (),
        clock: Clock | None = None,
        seed: int | None = None,
        settings: Settings | None = None,
        limits: PortLimits | None = None,
        keep: bool = False,
    ) -> Self:
        """Open the folder, listen, and write every merchant's settings with the address.

        Args:
            folder: a path, see ``SimulatorFolder.open``; or one that is open, and stays open.
            host: where WeChat's port listens: ``localhost`` for both loopback addresses, another
                address to be reached from other machines. The control port never is.
            port: WeChat's; 0 for any that is free.
            control_port_number: the control port; 0 for any that is free.
            names: more host names that the server's certificate must be valid for.
            clock: the simulated time; the real one if left out.
            seed: of all chance; drawn if left out.
            settings: how WeChat behaves where no source settles it.
            limits: of both ports.
            keep: keep the world in the folder, and go on with it if there is one: then its clock,
                seed and settings count, and not those given here. It is written before a reply
                leaves, so that no death of the process loses what was told.

        Raises:
            ConfigurationError: if the folder, its world or a port cannot be had.
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
            simulator._listen(host, port, control_port_number)  # noqa: SLF001  # the same
            simulator._undo = undo.pop_all()  # noqa: SLF001  # the same
        return simulator

    @property
    def base_url(self) -> str:
        """Where WeChat's calls go."""
        return self.simulation.base_url

    @property
    def control_url(self) -> str:
        """Where the control port listens, with a slash at the end."""
        return f"http://{CONTROL_HOST}:{self.control.number}/_sim/"

    @property
    def folder(self) -> SimulatorFolder:
        """Its certificates and merchants' files."""
        return self.simulation.folder

    def stop(self) -> None:
        """Answer what is under way, then close everything; again does nothing."""
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
        control = control_port(simulation, limits=limits)
        return cls(simulation, port=port, control=control, goes_on=goes_on)

    def _listen(self, host: str, port: int, control_port_number: int) -> None:
        number = self._thread.run(self.port.start(host, port))
        # What listens on any address is reached from here by its loopback name.
        self.simulation.base_url = (
            f"https://{LOCALHOST if host in _ANY else _in_url(host)}:{number}"
        )
        self._thread.run(self.control.start(CONTROL_HOST, control_port_number))
        self.folder.write_settings(self.base_url)

    def _end(self) -> None:
        self._thread.run(self.port.stop())
        self._thread.run(self.control.stop())
        self._thread.close()


_ANY = frozenset({"0.0.0.0", "::", LOCALHOST})  # noqa: S104  # compared with, not bound to


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
