"""Both transports behind one face, so that one suite can judge them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeAlias

import pytest
import uvloop

from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.blocking_transport import BlockingTransport
from hongbao.client.resolver import resolve_by_system
from hongbao.client.transport import HttpResponse, Limits, MaybeSent, NothingSent

if TYPE_CHECKING:
    import ssl
    import threading
    from collections.abc import Callable, Sequence

    from hongbao.client.proxy import Proxy
    from hongbao.client.resolver import Resolve
    from hongbao.client.transport import HttpRequest

Outcome: TypeAlias = HttpResponse | NothingSent | MaybeSent
KINDS = ("blocking", "asyncio", "uvloop")


class Driver(Protocol):
    """A transport."""

    def send(self, request: HttpRequest, timeout_seconds: float = 10.0) -> Outcome:
        """What came of it, as a value."""
        ...

    def send_at_once(
        self, requests: Sequence[HttpRequest], timeout_seconds: float = 10.0
    ) -> list[Outcome]:
        """All at the same time."""
        ...

    def send_behind(
        self,
        first: Sequence[HttpRequest],
        first_seconds: float,
        all_seen: threading.Event,
        then: HttpRequest,
        seconds: float,
    ) -> tuple[list[Outcome], Outcome]:
        """Some at once; and one more, when the server has seen these."""
        ...

    def close(self) -> None:
        """Close the transport."""
        ...


class BlockingDriver:
    """A ``Driver`` of threads."""

    def __init__(
        self, context: ssl.SSLContext, limits: Limits, resolve: Resolve, proxy: Proxy | None
    ) -> None:
        self.transport = BlockingTransport(context, limits=limits, resolve=resolve, proxy=proxy)

    def send(self, request: HttpRequest, timeout_seconds: float = 10.0) -> Outcome:
        """As ``Driver``."""
        try:
            return self.transport.send(request, timeout_seconds=timeout_seconds)
        except (NothingSent, MaybeSent) as error:
            return error

    def send_at_once(
        self, requests: Sequence[HttpRequest], timeout_seconds: float = 10.0
    ) -> list[Outcome]:
        """As ``Driver``."""
        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(lambda one: self.send(one, timeout_seconds), requests))

    def send_behind(
        self,
        first: Sequence[HttpRequest],
        first_seconds: float,
        all_seen: threading.Event,
        then: HttpRequest,
        seconds: float,
    ) -> tuple[list[Outcome], Outcome]:
        """As ``Driver``."""
        with ThreadPoolExecutor(1) as threads:
            others = threads.submit(self.send_at_once, first, first_seconds)
            assert all_seen.wait(10)
            last = self.send(then, seconds)
            return others.result(), last

    def close(self) -> None:
        """As ``Driver``."""
        self.transport.close()


class AsyncioDriver:
    """A ``Driver`` of an event loop, which stands still between the calls."""

    def __init__(
        self,
        context: ssl.SSLContext,
        limits: Limits,
        resolve: Resolve,
        proxy: Proxy | None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop],
    ) -> None:
        self.transport = AsyncioTransport(context, limits=limits, resolve=resolve, proxy=proxy)
        self._runner = asyncio.Runner(loop_factory=loop_factory)

    def send(self, request: HttpRequest, timeout_seconds: float = 10.0) -> Outcome:
        """As ``Driver``."""
        return self._runner.run(self._send(request, timeout_seconds))

    def send_at_once(
        self, requests: Sequence[HttpRequest], timeout_seconds: float = 10.0
    ) -> list[Outcome]:
        """As ``Driver``."""

        async def run() -> list[Outcome]:
            return await asyncio.gather(*[self._send(one, timeout_seconds) for one in requests])

        return self._runner.run(run())

    def send_behind(
        self,
        first: Sequence[HttpRequest],
        first_seconds: float,
        all_seen: threading.Event,
        then: HttpRequest,
        seconds: float,
    ) -> tuple[list[Outcome], Outcome]:
        """As ``Driver``."""

        async def run() -> tuple[list[Outcome], Outcome]:
            others = [asyncio.create_task(self._send(one, first_seconds)) for one in first]
            assert await asyncio.to_thread(all_seen.wait, 10)
            last = await self._send(then, seconds)
            return await asyncio.gather(*others), last

        return self._runner.run(run())

    async def _send(self, request: HttpRequest, timeout_seconds: float) -> Outcome:
        try:
            return await self.transport.send(request, timeout_seconds=timeout_seconds)
        except (NothingSent, MaybeSent) as error:
            return error

    def close(self) -> None:
        """As ``Driver``."""
        self._runner.run(self.transport.aclose())
        self._runner.close()


class Garage:
    """Makes drivers of one kind, and closes them when the test is over."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._made: list[Driver] = []

    def __call__(
        self,
        context: ssl.SSLContext,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        resolve: Resolve = resolve_by_system,
        proxy: Proxy | None = None,
    ) -> Driver:
        """Make one."""
        driver: Driver
        if self.kind == "blocking":
            driver = BlockingDriver(context, limits, resolve, proxy)
        else:
            factory = uvloop.new_event_loop if self.kind == "uvloop" else asyncio.new_event_loop
            driver = AsyncioDriver(context, limits, resolve, proxy, factory)
        self._made.append(driver)
        return driver

    def close(self) -> None:
        """As ``Driver``."""
        for driver in self._made:
            driver.close()


def nothing_sent(outcome: Outcome) -> str:
    """The reason, of what must be ``NothingSent``."""
    assert isinstance(outcome, NothingSent), outcome
    return outcome.why


def maybe_sent(outcome: Outcome) -> MaybeSent:
    """The error, which must be ``MaybeSent``."""
    assert isinstance(outcome, MaybeSent), outcome
    return outcome


def body(outcome: Outcome) -> bytes:
    """The body, of what must be a response."""
    if not isinstance(outcome, HttpResponse):
        pytest.fail(f"no response: {outcome!r}")
    return outcome.body
