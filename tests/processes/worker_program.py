"""One worker as a program: ``worker_program.py URL NAME SETTINGS``. SIGTERM lets it finish.

Its times are shorter than a user's, so that what a dead worker left is taken up while a test waits.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING, Any

from hongbao import AsyncRedPack, Merchant
from hongbao.dispatch.caller import RedPackCaller
from hongbao.dispatch.carriage import Threads
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.rules import Rules
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book

if TYPE_CHECKING:
    from hongbao.dispatch.caller import Account

CALL_SECONDS_MAX = 2.0
BOUNDS = Bounds(lease_seconds=4.0, poll_seconds=0.25)
RULES = Rules(query_seconds=1, not_found_seconds=2, not_found_seconds_max=8)


async def work(url: str, name: str, settings: dict[str, Any]) -> None:
    """Work until SIGTERM."""
    merchant = Merchant(**settings, total_timeout=CALL_SECONDS_MAX)
    threads = Threads(2 if url.startswith("postgresql") else 1)

    def client(_account: Account) -> AsyncRedPack:
        return AsyncRedPack(merchant)

    with Book.open(url) as book:
        caller = RedPackCaller(
            client, terms=book.terms_body, carrier=threads, timeout_seconds=CALL_SECONDS_MAX
        )
        worker = Worker(book, caller, name=name, rules=RULES, carrier=threads, bounds=BOUNDS)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        await worker.run()
        await caller.aclose()
    threads.close()


if __name__ == "__main__":
    _url, _name, _settings = sys.argv[1:]
    _told = json.loads(_settings)
    _told.pop("work", None)  # WeCom packets are not sent here
    asyncio.run(work(_url, _name, _told))
