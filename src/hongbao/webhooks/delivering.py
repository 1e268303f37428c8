"""Runs a deliverer to its end, or beside something else of this process."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hongbao.errors import HongbaoError
from hongbao.webhooks.deliverer import LEASE_SECONDS, Deliverer
from hongbao.webhooks.sender import TIMEOUT_SECONDS
from hongbao.webhooks.senders import senders_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.configuration.file import Configuration
    from hongbao.ledger.webhook_book import WebhookBook
    from hongbao.webhooks.deliverer import DeliveryProgress

_LOOK_SECONDS = 0.1
_log = logging.getLogger("hongbao.worker")  # which whoever works shows


def deliver(
    configuration: Configuration,
    book: WebhookBook,
    stop: threading.Event,
    *,
    leave_idle: bool = False,
    lease_seconds: float = LEASE_SECONDS,
) -> DeliveryProgress:
    """Deliver until ``stop`` is set; then wait for what is on its way.

    Args:
        configuration: the settings, with the secrets.
        book: the books.
        stop: set it, in any thread or by a signal, to end.
        leave_idle: see ``Deliverer.run``.
        lease_seconds: see ``Deliverer``.

    Raises:
        ConfigurationError: if a secret is missing, or is none.
        LedgerError: if the books refuse what no retry can fix.
    """
    senders = senders_of(configuration, timeout_seconds=min(TIMEOUT_SECONDS, lease_seconds / 2))
    deliverer = Deliverer(book, senders, lease_seconds=lease_seconds)

    async def run() -> DeliveryProgress:
        ending = asyncio.Event()
        watching = asyncio.create_task(_watch(stop, ending))
        try:
            return await deliverer.run(ending, leave_idle=leave_idle)
        finally:
            watching.cancel()

    return asyncio.run(run())


async def _watch(stop: threading.Event, ending: asyncio.Event) -> None:
    # A thread that waits for it could not be called off, and a signal wakes no event loop.
    while not stop.is_set():  # noqa: ASYNC110  # see above
        await asyncio.sleep(_LOOK_SECONDS)
    ending.set()


@contextmanager
def delivering(configuration: Configuration, book: WebhookBook) -> Iterator[None]:
    """Deliver in a thread of its own as long as this lasts, beside a worker.

    The worker goes on if the books refuse the deliverer something; the log says so.

    Raises:
        ConfigurationError: if a secret is missing, or is none.
    """
    senders_of(configuration)  # what is wrong is reported before anything begins
    stop = threading.Event()

    def run() -> None:
        try:
            deliver(configuration, book, stop)
        except HongbaoError as error:
            _log.error("webhooks are not delivered any more: %s", error)  # it is known

    thread = threading.Thread(target=run, name="hongbao webhooks")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
