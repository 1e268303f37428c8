"""What starting costs: a process that sends its first packet, and the command line.

``startup.py`` alone prints what commands take. Which modules each loads is held by a test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from import_list import write_list, write_settings

if TYPE_CHECKING:
    from hongbao import Merchant

ROUNDS = 7

_PROGRAM = """
import json, resource, sys
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000
settings, packet = json.loads(sys.argv[1]), json.loads(sys.argv[2])
started = cpu()
from hongbao import Merchant, RedPack
with RedPack(Merchant(**settings)) as red_pack:
    red_pack.send_normal(**packet)
    used = cpu() - started
with open("/proc/self/status") as status:
    resident = next(line for line in status if line.startswith("VmRSS"))
print(json.dumps([used, int(resident.split()[1]) / 1024]))
"""


class Startup(NamedTuple):
    """Medians over several processes."""

    cpu_milliseconds: float
    resident_megabytes: float


def first_call(merchant: Merchant, packet: dict[str, object]) -> Startup:
    """Start a process that imports hongbao, sends one packet and looks at itself."""
    settings = {
        "app_id": merchant.app_id,
        "mch_id": merchant.mch_id,
        "key": merchant.key,
        "cert_path": str(merchant.cert_path),
        "key_path": str(merchant.key_path),
        "ca_path": str(merchant.ca_path),
        "base_url": merchant.base_url,
        "client_ip": merchant.client_ip,
    }
    arguments = [sys.executable, "-c", _PROGRAM, json.dumps(settings), json.dumps(packet)]
    with tempfile.TemporaryDirectory() as compiled:
        samples = [json.loads(_run(arguments, compiled)) for _ in range(1 + ROUNDS)]
    del samples[0]  # the one that compiled
    return Startup(median(sample[0] for sample in samples), median(sample[1] for sample in samples))


def commands(folder: Path) -> dict[str, float]:
    """Milliseconds of CPU of commands that should answer at once, from ``exec`` to the end.

    Args:
        folder: empty, for books with a campaign of a thousand payouts.
    """
    write_list(folder / "list.csv", range(1_000))
    config = str(write_settings(folder, f"sqlite:///{folder / 'books.db'}"))
    program = [sys.executable, "-m", "hongbao"]
    of_list = ["--merchant", "demo", "--name", "spring", "--unit", "yuan", "--config", config]
    asked = {
        "hongbao --help": ["--help"],
        "hongbao campaign status": ["campaign", "status", "spring", "--config", config],
    }
    taken: dict[str, list[float]] = {name: [] for name in asked}
    compiled = str(folder / "compiled")
    _run([*program, "campaign", "new", str(folder / "list.csv"), *of_list], compiled)
    for _ in range(1 + ROUNDS):  # in turns, so that a noisy machine slows all of them
        for name, arguments in asked.items():
            before = os.times()
            _run([*program, *arguments], compiled)
            after = os.times()
            used = after.children_user + after.children_system
            taken[name].append((used - before.children_user - before.children_system) * 1000)
    return {name: median(samples[1:]) for name, samples in taken.items()}


def _run(arguments: list[str], compiled: str) -> str:
    """Run a program as pip installs one: compiled once, and not again by each process."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, env=environment)
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        for command, milliseconds in commands(Path(empty)).items():
            print(f"{command:30} {milliseconds:6.0f} ms of CPU")
