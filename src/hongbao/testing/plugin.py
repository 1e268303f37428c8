"""The pytest plugin, registered by an entry point: fixtures with a simulated WeChat.

pytest loads it in every project that has hongbao installed, so it imports nothing slow until a
fixture is used.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.client.merchant import Merchant
    from hongbao.simulator.clock import ManualClock
    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.simulation import Simulation
    from hongbao.testing.wechat import SimulatedWeChat

WECHAT_NOON = 1_795_406_400.0
"""2026-11-23 12:00:00 in Beijing: the time at the start of every test."""
WECHAT_SEED = 1


@pytest.fixture(scope="session")
def wechat_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorFolder]:
    """Certificates and merchants' files. Making keys is slow, so all tests share them."""
    from datetime import UTC, datetime  # noqa: PLC0415  # only when it is asked for

    from hongbao.simulator.folder.folder import SimulatorFolder  # noqa: PLC0415  # the same

    path = tmp_path_factory.mktemp("hongbao") / "wechat"
    with SimulatorFolder.open(path, datetime.now(UTC)) as folder:
        yield folder


@pytest.fixture
def wechat_clock() -> ManualClock:
    """The simulated time; it only moves by hand. Override it to start at another time."""
    from hongbao.simulator.clock import ManualClock  # noqa: PLC0415  # only when it is asked for

    return ManualClock(WECHAT_NOON)


@pytest.fixture
def wechat_simulator(
    wechat_folder: SimulatorFolder, wechat_clock: ManualClock
) -> Iterator[SimulatedWeChat]:
    """A fresh simulated WeChat on a free port, with real TLS.

    The limit of calls per second and the second between two sends of a number are off, since the
    clock stands still.
    """
    from hongbao.simulator.simulator import Simulator  # noqa: PLC0415  # only when it is asked for
    from hongbao.testing.wechat import SimulatedWeChat  # noqa: PLC0415  # the same

    with (
        _unchanged(wechat_folder),
        Simulator.start(wechat_folder, clock=wechat_clock, seed=WECHAT_SEED) as running,
    ):
        yield SimulatedWeChat(_at_rest(running.simulation))


@pytest.fixture
def wechat_in_memory(
    wechat_folder: SimulatorFolder, wechat_clock: ManualClock
) -> Iterator[SimulatedWeChat]:
    """The same without a socket: give its ``transport()`` to the client."""
    from hongbao.simulator.simulation import Simulation  # noqa: PLC0415  # only when asked for
    from hongbao.testing.wechat import SimulatedWeChat  # noqa: PLC0415  # the same

    with _unchanged(wechat_folder):
        simulation = Simulation(wechat_folder, clock=wechat_clock, seed=WECHAT_SEED)
        yield SimulatedWeChat(_at_rest(simulation))


@pytest.fixture
def wechat_merchant(wechat_simulator: SimulatedWeChat) -> Merchant:
    """The demo merchant, as ``hongbao.RedPack`` takes it, for ``wechat_simulator``."""
    return wechat_simulator.merchant()


@contextmanager
def _unchanged(folder: SimulatorFolder) -> Iterator[None]:
    """Forget the merchants that a test adds."""
    before = frozenset(folder.merchants)
    try:
        yield
    finally:
        for mch_id in folder.merchants.keys() - before:
            folder.forget_merchant(mch_id)


def _at_rest(simulation: Simulation) -> Simulation:
    from dataclasses import replace  # noqa: PLC0415  # only when it is asked for

    world = simulation.world
    world.settings = replace(world.settings, same_number_seconds=0.0)
    for merchant in world.merchants.values():
        merchant.limits.calls_per_second = None
    return simulation
