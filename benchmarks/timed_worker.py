"""A worker as a program that notes when it calls for whom, and prints that as JSON.

``timed_worker.py URL NAME UNTIL``: it works until that moment, in seconds since the epoch, and
leaves. Nothing is sent: every call is accepted at once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from hongbao.dispatch.offload import Threads
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book
from hongbao.rails.known import RAILS
from hongbao.rails.outcome import SendAccepted

if TYPE_CHECKING:
    from hongbao.ledger.model.job import Job


class Noting:
    """Accepts every send and notes the moment.

    Attributes:
        calls: merchant and moment of each, in their order.
    """

    timeout_seconds = 30.0

    def __init__(self) -> None:
        self.calls: list[tuple[int, float]] = []

    async def call(self, job: Job) -> SendAccepted:
        """Note it and accept it."""
        self.calls.append((job.channel_id, time.time()))
        return SendAccepted(listid="1000041701202611230000000000001")


async def work(url: str, name: str, until: float) -> list[tuple[int, float]]:
    """Work until then; gives the calls."""
    caller = Noting()
    threads = Threads(2)
    with Book.open(url) as book:
        worker = Worker(
            book,
            {it.id: caller for it in book.channels()},
            name=name,
            rails=RAILS,
            carrier=threads,
        )
        asyncio.get_running_loop().call_later(until - time.time(), worker.drain)
        await worker.run()
    threads.close()
    return caller.calls


if __name__ == "__main__":
    _url, _name, _until = sys.argv[1:]
    print(json.dumps(asyncio.run(work(_url, _name, float(_until)))))
