"""Deliverers as processes that are killed one after another, and each replaced at once.

They are forked from a process that has imported all they need, so that a slow machine does not
spend its time on starting them.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.ledger.webhook_book import WebhookBook
from hongbao.webhooks.deliverer import Deliverer
from hongbao.webhooks.sender import Sender
from hongbao.webhooks.signature import SigningSecret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = SigningSecret(bytes(range(32)))
LEASE_SECONDS = 2.0

_FORKING = multiprocessing.get_context("forkserver")


def deliver(url: str) -> None:
    """Deliver until somebody kills it."""

    def sender(_name: str, to: str) -> Sender:
        return Sender(to, [SECRET], allow_private=True, timeout_seconds=LEASE_SECONDS / 2)

    with WebhookBook.open(url) as book:
        asyncio.run(Deliverer(book, sender, lease_seconds=LEASE_SECONDS).run(asyncio.Event()))


@contextmanager
def killed_deliverers(url: str) -> Iterator[Callable[[], None]]:
    """A deliverer, and what kills it and starts the next one."""
    _FORKING.set_forkserver_preload([__name__])
    running = [_FORKING.Process(target=deliver, args=(url,), daemon=True)]
    running[0].start()

    def replace() -> None:
        running[0].kill()
        running[0].join()
        running[0] = _FORKING.Process(target=deliver, args=(url,), daemon=True)
        running[0].start()

    try:
        yield replace
    finally:
        running[0].kill()
        running[0].join()
