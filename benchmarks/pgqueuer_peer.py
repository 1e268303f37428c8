"""pgqueuer at its best: a queue that was filled in bulk is drained, as its own benchmark does it.

Runs in an environment of its own (see ``engine_peers.py``), as
``pgqueuer_peer.py URL JOBS CONSUMERS BATCH``. Prints
``[seconds, CPU seconds]`` of the draining as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import asyncpg  # type: ignore[import-not-found]  # stands in the peer's environment alone
import uvloop
from pgqueuer import PgQueuer  # type: ignore[import-not-found]  # the same
from pgqueuer.db import AsyncpgDriver  # type: ignore[import-not-found]  # the same
from pgqueuer.queries import Queries  # type: ignore[import-not-found]  # the same
from pgqueuer.types import QueueExecutionMode  # type: ignore[import-not-found]  # the same

_ENTRYPOINT = "pay"
_ENQUEUE_BATCH = 5_000


async def drain(url: str, jobs: int, consumers: int, batch: int) -> tuple[float, float]:
    """Fill the queue, then time how it is emptied by ``consumers`` in this one process."""
    filler = Queries(AsyncpgDriver(await asyncpg.connect(url)))
    await filler.install()
    for start in range(0, jobs, _ENQUEUE_BATCH):
        count = min(_ENQUEUE_BATCH, jobs - start)
        payloads = [b"%d" % number for number in range(start, start + count)]
        await filler.enqueue([_ENTRYPOINT] * count, payloads, [0] * count)
    done = 0

    async def pay(_: object) -> None:
        nonlocal done
        done += 1

    queuers = [PgQueuer(AsyncpgDriver(await asyncpg.connect(url))) for _ in range(consumers)]
    for queuer in queuers:
        queuer.entrypoint(_ENTRYPOINT)(pay)
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(
        *[queuer.run(batch_size=batch, mode=QueueExecutionMode.drain) for queuer in queuers]
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    if done != jobs:
        raise RuntimeError(f"{done} of {jobs} were done")
    return seconds, cpu


if __name__ == "__main__":
    _url, *_numbers = sys.argv[1:]
    print(json.dumps(uvloop.run(drain(_url, *map(int, _numbers)))))
