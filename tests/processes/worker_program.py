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

from hongbao import AsyncMerchantTransfer, AsyncRedPack, Merchant, V3Credentials
from hongbao.dispatch.offload import Threads
from hongbao.dispatch.ports import Bounds
from hongbao.dispatch.worker import Worker
from hongbao.ledger.book import Book
from hongbao.rails.port import Rail, Rails
from hongbao.rails.redpack.caller import RedPackCaller
from hongbao.rails.redpack.rail import RED_PACK
from hongbao.rails.transfer.caller import TransferCaller
from hongbao.rails.transfer.rail import TRANSFER_RAIL

if TYPE_CHECKING:
    from pathlib import Path

    from hongbao.rails.redpack.caller import Account

CALL_SECONDS_MAX = 2.0
BOUNDS = Bounds(lease_seconds=4.0, poll_seconds=0.25)


def _sooner(rail: Rail) -> Rail:
    retry = replace(rail.retry, query_seconds=1, not_found_seconds=2, not_found_seconds_max=8)
    return replace(rail, retry=retry)


_TRANSFERS = replace(
    TRANSFER_RAIL.retry,
    looks=(1, 2, 4, 7, 11, 16, 22, 30),
    look_seconds=10,
    processing_seconds=2,
)
RAILS = Rails(_sooner(RED_PACK), _sooner(replace(TRANSFER_RAIL, retry=_TRANSFERS)))


def main(name: str, url: str, settings: dict[str, Any], log: Path) -> None:
    """Work until SIGTERM.

    Args:
        name: of the worker; it is said when the work begins.
        url: of the books.
        settings: of the merchant who pays, whoever it is; of a ``V3Credentials``, by transfers.
        log: what the process says goes there.
    """
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    asyncio.run(_work(name, url, settings))


async def _work(name: str, url: str, settings: dict[str, Any]) -> None:
    threads = Threads(2 if url.startswith("postgresql") else 1)
    with Book.open(url) as book:
        caller = _caller(book, settings, threads)
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


def _caller(
    book: Book, settings: dict[str, Any], threads: Threads
) -> RedPackCaller | TransferCaller:
    if "api_v3_key" in settings:
        payer = V3Credentials(**settings, total_seconds=CALL_SECONDS_MAX)
        return TransferCaller(
            lambda _profile: AsyncMerchantTransfer(payer), terms=book.terms_body, carrier=threads,
            timeout_seconds=CALL_SECONDS_MAX, requests=book,
        )  # fmt: skip
    merchant = Merchant(**settings, total_seconds=CALL_SECONDS_MAX)

    def client(_account: Account) -> AsyncRedPack:
        return AsyncRedPack(merchant)

    return RedPackCaller(
        client, terms=book.terms_body, carrier=threads, timeout_seconds=CALL_SECONDS_MAX
    )
