"""The port for this machine alone: control calls for programs, the phone view for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.control.routes import Control
from hongbao.simulator.phone.frame import ROOT
from hongbao.simulator.phone.routes import Phone
from hongbao.simulator.server.port import Port

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Answer
    from hongbao.simulator.server.connection import Connection
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.server.port_limits import PortLimits
    from hongbao.simulator.simulation import Simulation


def local_port(simulation: Simulation, *, limits: PortLimits | None = None) -> Port:
    """The port, not started yet; start it on ``control.routes.CONTROL_HOST``."""
    control, phone = Control(simulation), Phone(simulation)

    def answer(request: Request, connection: Connection) -> Answer:
        of_phone = request.path == ROOT or request.path.startswith(f"{ROOT}/")
        return (phone if of_phone else control).answer(request, connection)

    return Port(answer, limits=limits)
