"""One worker over real TLS, and the simulator beside it: how fast, and where the time goes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from engine import run_worker
from filled_books import fill
from hongbao.testing.control_client import ControlClient
from process_use import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from one_worker import Spent


class Whole(NamedTuple):
    """One run.

    Attributes:
        worker: what its process used.
        simulator_seconds: CPU of the simulator's.
        database_seconds: CPU of PostgreSQL's; 0 with SQLite, which is in the worker's.
    """

    worker: Spent
    simulator_seconds: float
    database_seconds: float


def measure(
    url: str, folder: Path, payouts: int, *, database_cpu: Callable[[], float] = lambda: 0.0
) -> Whole:
    """Pay so many over TLS; the simulator's limit of calls a second is lifted."""
    with _simulator(folder) as (pid, control):
        mch_id = next(iter(control.index()["merchants"]))
        control.change_merchant(mch_id, limits={"calls_per_second": None, "packets_per_day": None})
        settings = control.merchant_settings(mch_id)
        settings.pop("work", None)
        fill(url, campaign="tls", merchants=range(1), payouts=payouts)
        simulator, database = cpu_seconds(pid), database_cpu()
        spent = run_worker(url, payouts, json.dumps(settings))
        simulator, database = cpu_seconds(pid) - simulator, database_cpu() - database
        if control.totals().debited != payouts * 100:
            raise RuntimeError(f"the simulator paid {control.totals()}")
    return Whole(spent, simulator, database)


@contextmanager
def _simulator(folder: Path) -> Iterator[tuple[int, ControlClient]]:
    command = [sys.executable, "-m", "hongbao", "simulator", "--json", "--stop-with-stdin"]
    command += ["--port", "0", "--control-port", "0", "--dir", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            ready = json.loads(process.stdout.readline())
            yield process.pid, ControlClient(ready["control_url"], timeout_seconds=120)
        finally:
            process.terminate()
