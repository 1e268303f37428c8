"""What happened, told to others: events a second from the outbox, webhooks to one receiver.

    python benchmarks/outgoing.py [PAYOUTS]

The goals are 10,000 events a second, and 500 webhooks a second while the deliverer is killed every
second: none lost, and of no payout a version after a later one. Nothing here is a test.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

_ROOT = Path(__file__).parent.parent
sys.path += [str(_ROOT / "tests"), str(_ROOT)]

import webhook_books  # noqa: E402  # see above
from deliverer_process import killed_deliverers  # noqa: E402  # see above
from postgres_process import PostgresProcess  # noqa: E402  # see above

from hongbao.ledger.book import Book  # noqa: E402  # see above
from hongbao.ledger.webhook_book import WebhookBook  # noqa: E402  # see above
from hongbao.views.event import line  # noqa: E402  # see above

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PAYOUTS = 5_000
_REPLY = b"HTTP/1.1 204 No Content\r\n\r\n"


class Counting(asyncio.Protocol):
    """Answers every request with 204, and remembers which versions came."""

    came: ClassVar[defaultdict[object, list[int]]] = defaultdict(list)

    def __init__(self) -> None:
        self._left = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Whole requests are counted; what is left of one whose sender has died is not."""
        self._left += data
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            head = self._left[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(self._left) < end + 4 + length:
                return
            body = json.loads(self._left[end + 4 : end + 4 + length])
            self._left = self._left[end + 4 + length :]
            told = body["data"]
            self.came[told.get("payout", told["campaign"])].append(told["version"])
            if self._transport is not None:
                self._transport.write(_REPLY)


def receive(told: Connection) -> None:
    """Listen until somebody asks what came."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Counting, "127.0.0.1", 0, backlog=256)
        told.send(server.sockets[0].getsockname()[1])
        while not await asyncio.to_thread(told.poll, 0.2):
            pass
        told.send(dict(Counting.came))

    asyncio.run(run())


def read_events(url: str) -> float:
    """Events a second, read and written as lines of JSON."""
    with Book.open(url) as book:
        started, count, after = time.process_time(), 0, 0
        while (page := book.events(after=after)).last is not None:
            count += len([json.dumps(line(it)) for it in page.events])
            after = page.last.position
        return count / (time.process_time() - started)


def deliver(url: str, payouts: int) -> str:
    """Webhooks a second while the deliverer is killed every second."""
    ours, its = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=receive, args=(its,), daemon=True)
    process.start()
    port = ours.recv()
    with Book.open(url) as book, killed_deliverers(url) as replace:
        hooks = book.through(WebhookBook)
        hooks.add("shop", f"http://127.0.0.1:{port}/", by="bench", after=0)
        started = began = time.monotonic()
        killed, turn = 0, hooks.endpoint("shop").delivered_at
        while (shop := hooks.endpoint("shop")).waiting or shop.position < book.last_position():
            if shop.delivered_at == turn:  # the one that was started last is not at work yet
                began = time.monotonic()
            elif time.monotonic() >= began + 1:
                replace()
                killed, began, turn = killed + 1, time.monotonic(), shop.delivered_at
            time.sleep(0.1)
        seconds = time.monotonic() - started
    ours.send("what came?")
    came = ours.recv()
    reversed_ones = sum(its != sorted(its) for its in came.values())
    events = sum(len(set(its)) for its in came.values())
    lost = 2 * payouts + 1 - events
    again = sum(map(len, came.values())) - events
    return (
        f"{events / seconds:,.0f} webhooks/s, {events} events in {seconds:.1f} s, {killed} killed, "
        f"{lost} lost, {again} came twice, {reversed_ones} reversed"
    )


def main() -> None:
    """Measure on both databases, and print."""
    payouts = int(sys.argv[1]) if len(sys.argv) > 1 else PAYOUTS
    with tempfile.TemporaryDirectory() as folder, PostgresProcess() as server:
        for name, url in (
            ("SQLite", f"sqlite:///{folder}/books.db"),
            ("PostgreSQL", server.create("books")),
        ):
            Book.upgrade(url)
            with Book.open(url) as book:
                webhook_books.draft(book, "spring", payouts)
                webhook_books.cancel(book, "spring")
            print(f"{name}: {read_events(url):,.0f} events/s of CPU time")
            print(f"{name}: {deliver(url, payouts)}", flush=True)


if __name__ == "__main__":
    main()
