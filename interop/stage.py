"""The simulated WeChat that the SDKs meet: its TLS port, and a fresh world for each case.

Seed and clock are the same each time, so that the same request gets the same reply, to the byte,
today over TLS and later in a test.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator.clock import ManualClock
from hongbao.simulator.folder.folder import SimulatorFolder
from hongbao.simulator.server.loop_thread import LoopThread
from hongbao.simulator.server.tls import server_context
from hongbao.simulator.server.wechat_port import wechat_port
from hongbao.simulator.simulation import Simulation
from hongbao.testing.wechat import SimulatedWeChat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hongbao.simulator.exchange import Answer, Exchange
    from hongbao.simulator.journal import RecordedRequest
    from interop.cases import Case
    from interop.sdks import Sdk

NOON = 1_795_406_400.0
"""2026-11-23 12:00:00 in Beijing."""
SEED = 1


class Seen(NamedTuple):
    """A request that reached WeChat's side, its answer, and what the journal says of both."""

    exchange: Exchange
    answer: Answer
    entry: RecordedRequest


def fresh(folder: SimulatorFolder, case: Case, base_url: str = "") -> SimulatedWeChat:
    """A world in which nothing has happened but what the case needs."""
    simulation = Simulation(folder, clock=ManualClock(NOON), seed=SEED)
    simulation.base_url = base_url
    wechat = SimulatedWeChat(simulation)
    wechat.simulated().limits.calls_per_second = None  # the clock stands still
    wechat.set(same_number_seconds=0.0)  # the same
    case.prepare(wechat)
    return wechat


def answer(wechat: SimulatedWeChat, exchange: Exchange) -> Seen:
    """Let WeChat's side answer one request."""
    with wechat.app.lock:
        answer = wechat.app.handle(exchange)
        return Seen(exchange, answer, wechat.journal()[-1])


class Stage:
    """What stands behind the port, one world after the other, and a record of what came in.

    Attributes:
        folder: the merchant's files.
        base_url: of the port.
        wechat: the world of this case.
        seen: what reached it.
    """

    def __init__(self, folder: SimulatorFolder) -> None:
        self.folder = folder
        self.base_url = ""
        self.wechat = SimulatedWeChat(Simulation(folder))
        self.seen: list[Seen] = []

    def begin(self, case: Case, sdk: Sdk) -> None:
        """Let a case of an SDK begin."""
        self.wechat = fresh(self.folder, case, self.base_url)
        self.wechat.set(content_type=case.content_type or sdk.content_type)
        self.seen = []

    def handle(self, exchange: Exchange, /) -> Answer:
        """Answer one request, as the port asks it to."""
        seen = answer(self.wechat, exchange)
        self.seen.append(seen)
        return seen.answer

    def refuses_connection(self) -> bool:
        """Whether to reset the next connection."""
        return self.wechat.app.refuses_connection()


@contextmanager
def open_stage(path: Path) -> Iterator[Stage]:
    """Open a folder and listen."""
    with SimulatorFolder.open(path, datetime.now(UTC)) as folder:
        stage = Stage(folder)
        certificate, key = folder.server_paths
        context = server_context(certificate=certificate, key=key, client_ca=folder.ca_path)
        port = wechat_port(stage, context=context)
        thread = LoopThread("interop")
        try:
            number = thread.run(port.start("localhost", 0))
            stage.base_url = f"https://localhost:{number}"
            yield stage
        finally:
            thread.run(port.stop())
            thread.close()
