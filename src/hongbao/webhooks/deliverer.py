"""Delivers what happened to the endpoints in the books, until it is asked to stop.

Any number may run. Each delivery is leased to one of them; what one leaves behind when it dies is
taken over when the lease ends. So each event arrives at least once, and of each payout and campaign
one after the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hongbao.dispatch.offload import Threads
from hongbao.errors import BookUnavailable
from hongbao.ledger.model.endpoint import Attempt, Handed
from hongbao.sentences import say
from hongbao.telemetry import spans
from hongbao.views.event import body
from hongbao.webhooks import retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hongbao.ledger.model.endpoint import WebhookDelivery
    from hongbao.ledger.webhook_book import WebhookBook
    from hongbao.webhooks.sender import ReceiverAnswer, Sender

LEASE_SECONDS = 60.0
"""After that another deliverer takes over what a dead one had. Longer than any post."""

AT_ONCE = 32
"""How many deliveries one endpoint has on their way at once. Each turn to the books costs about the
same for few as for many; more connections than this are no small receiver's."""

_IDLE_SECONDS = 0.5
_LOOK_SECONDS = 5.0
"""How often the list of endpoints is read."""


@dataclass(slots=True, kw_only=True)
class DeliveryProgress:
    """What a deliverer has done so far.

    Attributes:
        arrived: how many deliveries have arrived.
        failed: how many tries have failed.
    """

    arrived: int = 0
    failed: int = 0


class Deliverer:
    """Delivers to the endpoints for which it is given a sender. ``run`` it once.

    Args:
        book: the books.
        senders: makes the sender of an endpoint, by its name and its URL; None if the settings do
            not have it: then another deliverer may.
        name: for the history of an endpoint that it disables; made up if left out.
        lease_seconds: see ``LEASE_SECONDS``.
        dice: from 0 to 1.

    Attributes:
        name: as given, or made up.
        progress: how far it is.
    """

    def __init__(
        self,
        book: WebhookBook,
        senders: Callable[[str, str], Sender | None],
        *,
        name: str | None = None,
        lease_seconds: float = LEASE_SECONDS,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.name = name or f"webhooks on {socket.gethostname()[:64]}, process {os.getpid()}"
        self.progress = DeliveryProgress()
        self._book = book
        self._make = senders
        self._lease_seconds = lease_seconds
        self._dice = dice
        self._senders: dict[int, Sender] = {}
        self._look_at = 0.0
        self._failures: Counter[int] = Counter()
        self._on_way: dict[asyncio.Task[Attempt], int] = {}

    async def run(self, stop: asyncio.Event, *, leave_idle: bool = False) -> DeliveryProgress:
        """Deliver until ``stop`` is set; then wait for what is on its way, and record it.

        Args:
            stop: set it to end.
            leave_idle: whether to end when nothing can be delivered now.

        Raises:
            LedgerError: if the books refuse what no retry can fix.
        """
        ended: list[Attempt] = []
        async with AsyncExitStack() as stack:
            carrier = Threads(1)
            stack.callback(carrier.close)
            stack.push_async_callback(self._abandon)
            while True:
                await self._look(carrier, stack)
                rooms = {} if stop.is_set() else self._rooms()
                try:
                    handed = await carrier(partial(self._exchange, tuple(ended), rooms))
                except BookUnavailable:  # it may pass, and nothing is lost meanwhile
                    await asyncio.sleep(_IDLE_SECONDS)
                    continue
                until = asyncio.get_running_loop().time() + self._lease_seconds / 2
                for it in handed.deliveries:
                    task = asyncio.create_task(self._deliver(it, until))
                    self._on_way[task] = it.endpoint
                # What was recorded may be what something else has waited for.
                again = handed.more or (bool(ended) and not self._on_way)
                self._count(ended)
                if not (again or self._on_way) and (leave_idle or stop.is_set()):
                    return self.progress
                ended = await self._wait(stop, 0.0 if again else _IDLE_SECONDS)

    def _exchange(self, attempts: Sequence[Attempt], rooms: Mapping[int, int]) -> Handed:
        return self._book.exchange(attempts, rooms, lease_seconds=self._lease_seconds, by=self.name)

    def _count(self, attempts: Sequence[Attempt]) -> None:
        arrived = sum(it.arrived for it in attempts)
        self.progress.arrived += arrived
        self.progress.failed += len(attempts) - arrived
        spans.tell_of_deliveries(arrived=arrived, failed=len(attempts) - arrived)

    def _rooms(self) -> dict[int, int]:
        on_way = Counter(self._on_way.values())
        return {it: AT_ONCE - on_way[it] for it in self._senders}

    async def _look(self, carrier: Threads, stack: AsyncExitStack) -> None:
        """Make senders for endpoints that are new or have moved."""
        now = asyncio.get_running_loop().time()
        if now < self._look_at:
            return
        try:
            endpoints = await carrier(self._book.endpoints)
        except BookUnavailable:
            return
        for it in endpoints:
            known = self._senders.get(it.id)
            if known is None or known.url != it.url:
                self._senders.pop(it.id, None)
                sender = self._make(it.name, it.url)
                if sender is not None:
                    # One that is replaced may still be posting: all are closed at the end.
                    self._senders[it.id] = await stack.enter_async_context(sender)
        self._look_at = now + _LOOK_SECONDS

    async def _deliver(self, delivery: WebhookDelivery, until: float) -> Attempt:
        if asyncio.get_running_loop().time() > until:
            # This process was stopped for so long that another may be posting it by now.
            return Attempt(delivery, arrived=False, answer=say("not posted: too late"), wait=0)
        event = delivery.event
        text = json.dumps(body(event), ensure_ascii=False, separators=(",", ":")).encode()
        answer = await self._senders[delivery.endpoint].post(event.id, text)
        return self._attempt(delivery, answer)

    def _attempt(self, delivery: WebhookDelivery, answer: ReceiverAnswer) -> Attempt:
        if answer.arrived:
            self._failures[delivery.endpoint] = 0
            return Attempt(delivery, arrived=True, answer=answer.words)
        pause = 0
        if answer.troubled or answer.retry_after is not None:
            self._failures[delivery.endpoint] += 1
            failures = self._failures[delivery.endpoint]
            pause = retry.pause(failures, dice=self._dice(), retry_after=answer.retry_after)
        wait = retry.wait(delivery.tries + 1, dice=self._dice(), retry_after=answer.retry_after)
        return Attempt(
            delivery,
            arrived=False,
            answer=answer.words,
            wait=None if answer.gone else wait,
            pause=pause,
            gone=answer.gone,
        )

    async def _wait(self, stop: asyncio.Event, seconds: float) -> list[Attempt]:
        """Wait until there may be something to do; give what has ended."""
        if not self._on_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await stop.wait()
            return []
        done, _ = await asyncio.wait(
            self._on_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            del self._on_way[task]
        return [task.result() for task in done]

    async def _abandon(self) -> None:
        """Leave what is on its way to others, if this ends by an error."""
        for task in self._on_way:
            task.cancel()
        await asyncio.gather(*self._on_way, return_exceptions=True)
