"""One worker in a process of its own. SIGTERM lets it finish what it has begun.

Its times are shorter than a user's, so that what a dead worker left is taken up while a test waits.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hongbao import AsyncRedPack, Merchant
from hongbao.dispatch.offload import Threads
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book
from hongbao.rails.port import Rails
from hongbao.rails.redpack.caller import RedPackCaller
from hongbao.rails.redpack.rail import RED_PACK

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.rails.redpack.caller import Account

CALL_SECONDS_MAX = 2.0
BOUNDS = Bounds(lease_seconds=4.0, poll_seconds=0.25)
RETRY = replace(RED_PACK.retry, query_seconds=1, not_found_seconds=2, not_found_seconds_max=8)
RAILS = Rails(replace(RED_PACK, retry=RETRY))


def main(name: str, url: str, settings: dict[str, Any], log: Path) -> None:
    """Work until SIGTERM.

    Args:
        name: of the worker; it is said when the work begins.
        url: of the books.
        settings: of the merchant who pays, whoever it is.
        log: what the process says goes there.
    """
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    asyncio.run(_work(name, url, settings))


async def _work(name: str, url: str, settings: dict[str, Any]) -> None:
    merchant = Merchant(**settings, total_seconds=CALL_SECONDS_MAX)
    threads = Threads(2 if url.startswith("postgresql") else 1)

    def client(_account: Account) -> AsyncRedPack:
        return AsyncRedPack(merchant)

    with Book.open(url) as book:
        caller = RedPackCaller(
            client, terms=book.terms_body, carrier=threads, timeout_seconds=CALL_SECONDS_MAX
        )
        worker = Worker(
            book,
            {it.id: caller for it in book.channels()},
            name=name,
            rails=RAILS,
            carrier=threads,
            bounds=BOUNDS,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        await worker.run()
        await caller.aclose()
    threads.close()
