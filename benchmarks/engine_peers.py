"""Other engines on the same PostgreSQL, in the same run, with a call that does nothing.

Each stands in an environment of its own, made at the first run. A peer that cannot be installed is
left out, and is told as left out.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from interop.environments import CACHE, Skipped, interpreter
from interop.sdks import Kind

if TYPE_CHECKING:
    from postgres_process import PostgresProcess

_HERE = Path(__file__).parent
_SECONDS_MAX = 300.0


class Peer(NamedTuple):
    """Another engine.

    Attributes:
        name: it and how it is used.
        program: what measures it.
        packages: it, with its version, and what it needs.
        payouts: so many are enough for a figure.
        arguments: the program's further ones: the settings with which it was fastest here.
    """

    name: str
    program: str
    packages: tuple[str, ...]
    payouts: int
    arguments: tuple[str, ...]


_PGQUEUER = ("pgqueuer==1.6.0", "asyncpg>=0.30", "uvloop>=0.21")
_DBOS = ("dbos==3.4.0", "psycopg[binary]>=3.2")

# pgqueuer was tried with 1 to 5 consumers and batches of 10 to 2,000; its own benchmark's 5 by 10
# gave a third of this. DBOS was tried with 1 to 50 workflows at once, in threads, on asyncio and
# from its queue, with pools of 5 to 50 connections.
PEERS = (
    Peer("pgqueuer 1.6, 2 consumers, batches of 500", "pgqueuer_peer", _PGQUEUER, 20_000,
         ("2", "500")),
    Peer("DBOS 3.4, a workflow a payout", "dbos_peer", _DBOS, 500, ("8", "0")),
    Peer("DBOS 3.4, a workflow with a step a payout", "dbos_peer", _DBOS, 500, ("8", "1")),
)  # fmt: skip


class Speed(NamedTuple):
    """How fast an engine was: medians of several rounds.

    Attributes:
        name: which.
        payouts: of a round.
        per_second: payouts.
        cpu_microseconds: CPU of its process for each.
    """

    name: str
    payouts: int
    per_second: float
    cpu_microseconds: float


class Peers:
    """Those that can be installed here.

    Args:
        server: for their databases.

    Attributes:
        left_out: why, by the name of what could not be had.
        versions: of the others.
        rounds: how fast each was, round by round, by its name.
    """

    def __init__(self, server: PostgresProcess) -> None:
        self.left_out: dict[str, str] = {}
        self._server = server
        self._pythons: dict[Peer, str] = {}
        for peer in PEERS:
            try:
                found = interpreter(Kind.PYTHON, peer.program, peer.packages, CACHE)
                self._pythons[peer] = found.program
            except Skipped as why:
                self.left_out[peer.name] = str(why)
        self.versions = dict(peer.packages[0].split("==") for peer in self._pythons)
        self.rounds: dict[str, list[Speed]] = {peer.name: [] for peer in self._pythons}

    def take_turns(self) -> None:
        """Let each have one round."""
        for peer, python in self._pythons.items():
            self.rounds[peer.name].append(_one_round(peer, python, self._server))

    @property
    def speeds(self) -> list[Speed]:
        """How fast they are."""
        return [typical(speeds) for speeds in self.rounds.values()]


def typical(speeds: list[Speed]) -> Speed:
    """The medians of several rounds."""
    return Speed(
        speeds[0].name,
        speeds[0].payouts,
        median(speed.per_second for speed in speeds),
        median(speed.cpu_microseconds for speed in speeds),
    )


def _one_round(peer: Peer, python: str, server: PostgresProcess) -> Speed:
    url = server.create("peer")
    try:
        program = str(_HERE / f"{peer.program}.py")
        command = [python, program, url, str(peer.payouts), *peer.arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS_MAX
        )
        if done.returncode:
            raise RuntimeError(f"{peer.name} failed: {done.stderr[-2000:]}")
    finally:
        server.drop("peer")
    seconds, cpu = json.loads(done.stdout)
    return Speed(peer.name, peer.payouts, peer.payouts / seconds, cpu / peer.payouts * 1e6)
