"""Other engines on the same PostgreSQL, in the same run, with a call that does nothing.

Each stands in an environment of its own under ``.make/peers``, made at the first run. A peer that
cannot be installed is left out, and the table says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from postgres_process import PostgresProcess

_HERE = Path(__file__).parent
_ENVIRONMENTS = _HERE.parent / ".make" / "peers"
_SECONDS_MAX = 300.0
ROUNDS = 3


class Peer(NamedTuple):
    """Another engine.

    Attributes:
        name: it and how it is used.
        program: what measures it.
        packages: what it needs, each with its version.
        payouts: so many are enough for a figure.
        arguments: the program's further ones: the settings with which it was fastest here.
    """

    name: str
    program: str
    packages: tuple[str, ...]
    payouts: int
    arguments: tuple[str, ...]


_PGQUEUER = ("pgqueuer[asyncpg]==1.6.0", "uvloop>=0.21")
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


def side_by_side(server: PostgresProcess) -> list[Speed]:
    """Measure those that can be installed, in turns."""
    peers = [peer for peer in PEERS if _installed(peer)]
    rounds: dict[str, list[Speed]] = {peer.name: [] for peer in peers}
    for _ in range(ROUNDS):
        for peer in peers:
            rounds[peer.name].append(_one_round(peer, server))
    return [typical(speeds) for speeds in rounds.values()]


def typical(speeds: list[Speed]) -> Speed:
    """The medians of several rounds."""
    return Speed(
        speeds[0].name,
        speeds[0].payouts,
        median(speed.per_second for speed in speeds),
        median(speed.cpu_microseconds for speed in speeds),
    )


def _one_round(peer: Peer, server: PostgresProcess) -> Speed:
    url = server.create("peer")
    try:
        program = str(_HERE / f"{peer.program}.py")
        command = [str(_python(peer)), program, url, str(peer.payouts), *peer.arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS_MAX
        )
        if done.returncode:
            raise RuntimeError(f"{peer.name} failed: {done.stderr[-2000:]}")
    finally:
        server.drop("peer")
    seconds, cpu = json.loads(done.stdout)
    return Speed(peer.name, peer.payouts, peer.payouts / seconds, cpu / peer.payouts * 1e6)


def _python(peer: Peer) -> Path:
    return _ENVIRONMENTS / peer.program / "bin" / "python"


def _installed(peer: Peer) -> bool:
    """Make its environment if it is not there."""
    stamp = _ENVIRONMENTS / peer.program / "installed.txt"
    wanted = "\n".join(peer.packages)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    # Some systems ship Python without the pip of new environments: this one's serves it.
    venv.create(stamp.parent, clear=True, with_pip=False)
    command = [sys.executable, "-m", "pip", "--python", str(_python(peer)), "--no-input"]
    command += ["--disable-pip-version-check", "install", "--quiet", *peer.packages]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_SECONDS_MAX
    )
    if done.returncode:
        print(f"{peer.name} is left out, for it could not be installed: {done.stderr[-300:]}")
        return False
    stamp.write_text(wanted, encoding="utf-8")
    return True
