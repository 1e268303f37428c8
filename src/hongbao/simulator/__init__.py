"""WeChat's side of red packets: a stateful, honest server for any SDK in any language.

It shares ``wire`` with the client and nothing else.
"""

from hongbao.simulator.clock import ManualClock, RealClock
from hongbao.simulator.folder.folder import SimulatorFolder
from hongbao.simulator.settings import Settings
from hongbao.simulator.simulation import Simulation
from hongbao.simulator.simulator import Simulator

__all__ = [
    "ManualClock",
    "RealClock",
    "Settings",
    "Simulation",
    "Simulator",
    "SimulatorFolder",
]
