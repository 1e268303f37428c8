"""DBOS: one workflow a payout, with and without a step of its own for the call.

Runs in an environment of its own (see ``engine_peers.py``), as
``dbos_peer.py URL WORKFLOWS THREADS STEP``, STEP being 1 or 0. Prints
``[seconds, CPU seconds]`` as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS  # type: ignore[import-not-found]  # stands in the peer's environment alone


def run(url: str, workflows: int, threads: int, *, stepped: bool) -> tuple[float, float]:
    """Start as many workflows as there are threads, each at the end of another."""
    done: list[int] = []
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR"})

    def call(number: int) -> None:
        done.append(number)

    pay_by = DBOS.step()(call) if stepped else call

    def pay(number: int) -> None:
        pay_by(number)

    pay = DBOS.workflow()(pay)
    DBOS.launch()
    with ThreadPoolExecutor(threads) as pool:
        started, cpu = time.perf_counter(), time.process_time()
        list(pool.map(pay, range(workflows)))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    if sorted(done) != list(range(workflows)):
        raise RuntimeError(f"{len(done)} of {workflows} were done")
    return seconds, cpu


if __name__ == "__main__":
    _url, *_numbers = sys.argv[1:]
    _workflows, _threads, _step = map(int, _numbers)
    print(json.dumps(run(_url, _workflows, _threads, stepped=bool(_step))), flush=True)
    os._exit(0)  # its background threads would take a minute to end
