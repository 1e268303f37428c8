"""What a process pays to send its first packet: CPU from the import on, and memory at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

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
    environment = dict(os.environ)
    # As installed by pip: compiled once, and not again by each process.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    samples = []
    with tempfile.TemporaryDirectory() as compiled:
        environment["PYTHONPYCACHEPREFIX"] = compiled
        for _ in range(1 + ROUNDS):
            done = subprocess.run(
                arguments, check=True, capture_output=True, text=True, env=environment
            )
            samples.append(json.loads(done.stdout))
    del samples[0]  # the one that compiled
    return Startup(median(sample[0] for sample in samples), median(sample[1] for sample in samples))
