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
ROUNDS = 3


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


class Report(NamedTuple):
    """What came of all.

    Attributes:
        speeds: of those that took part.
        left_out: why, by the name of what could not be had.
        versions: of those that took part.
    """

    speeds: list[Speed]
    left_out: dict[str, str]
    versions: dict[str, str]


def side_by_side(server: PostgresProcess) -> Report:
    """Measure those that can be installed, in turns."""
    pythons: dict[Peer, str] = {}
    left_out: dict[str, str] = {}
    for peer in PEERS:
        try:
            found = interpreter(Kind.PYTHON, peer.program, peer.packages, CACHE)
            pythons[peer] = found.program
        except Skipped as why:
            left_out[peer.name] = str(why)
    rounds: dict[str, list[Speed]] = {peer.name: [] for peer in pythons}
    for _ in range(ROUNDS):
        for peer, python in pythons.items():
            rounds[peer.name].append(_one_round(peer, python, server))
    versions = dict(peer.packages[0].split("==") for peer in pythons)
    return Report([typical(speeds) for speeds in rounds.values()], left_out, versions)


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
