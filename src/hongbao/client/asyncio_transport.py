"""Carries requests on an event loop, asyncio's own or uvloop.

Knows tasks, futures and the loop's clock. Which connection serves stands in ``pool``, the exchange
itself in ``asyncio_connection``.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from hongbao.client.certificate import insist_on_verification
from hongbao.client.forking import forget_in_child
from hongbao.client.origin_pool import OriginPool
from hongbao.client.proxy import Route
from hongbao.client.resolver import Resolver, resolve_by_system
from hongbao.client.transport import Limits, NothingSent

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

    from hongbao.client.proxy import Proxy
    from hongbao.client.resolver import Resolve
    from hongbao.client.transport import HttpRequest, HttpResponse, Origin


class AsyncioTransport:
    """An ``AsyncTransport`` on the running event loop; each origin has a pool of connections.

    For one loop at a time: on another one it starts with no connections. Those of the old loop are
    closed when that ends (``asyncio.run`` and ``asyncio.Runner`` see to it), or now. A forked child
    starts with no connections and leaves its parent's alone.

    Args:
        context: from ``client_context``.
        limits: the bounds of connections, time and size.
        resolve: how a host name becomes addresses; by the operating system if left out.
        proxy: the way out; direct if left out. Names of hosts are left to it.

    Raises:
        ConfigurationError: if the context does not verify the server.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        resolve: Resolve = resolve_by_system,
        proxy: Proxy | None = None,
    ) -> None:
        insist_on_verification(context)
        self._context = context
        self._limits = limits
        self._resolve = resolve
        self._proxy = proxy
        self._closed = False
        self._home: _Home | None = None
        forget_in_child(self)

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once, within ``timeout_seconds`` from now.

        Raises:
            NothingSent: no byte was handed to the TLS layer.
            MaybeSent: one was, and no whole reply came.
            CancelledError: as ever; count it as "maybe sent". The connection is closed.
            InvalidRequest: see ``check_head``; nothing was sent.
        """
        if self._closed:
            raise NothingSent("the transport is closed")
        loop = asyncio.get_running_loop()
        now = loop.time()
        deadline = now + timeout_seconds
        home = self._home
        if home is None or home.loop is not loop:
            home = await self._settle(loop)
        method, origin, path, headers, body = request
        pool = home.pools.get(origin) or home.open_pool(origin)
        data = pool.writer.write(method, path, headers, body)
        connection = pool.take(now) or await pool.open_or_wait(deadline)
        try:
            response = await connection.start(data, deadline)
        except BaseException:
            # Cancellation too: half a reply must never meet the next request.
            pool.discard(connection)
            raise
        pool.release(connection)
        return response

    async def aclose(self) -> None:
        """Close the connections; those in use are closed when their exchange ends."""
        self._closed = True
        home, self._home = self._home, None
        if home is not None:
            await home.close()

    def forget_inherited(self) -> None:
        """For ``forking``: the connections and their loop are the parent's."""
        home, self._home = self._home, None
        if home is not None:
            home.forget_inherited()

    async def _settle(self, loop: asyncio.AbstractEventLoop) -> _Home:
        old, resolver = self._home, Resolver(self._resolve)
        self._home = new = _Home(loop, self._context, self._limits, resolver, self._proxy)
        await anext(new.until_loop_ends)
        if old is not None:
            old.leave()
        return new


class _Home:
    """What a transport has on one event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        context: ssl.SSLContext,
        limits: Limits,
        resolver: Resolver,
        proxy: Proxy | None,
    ) -> None:
        self.loop = loop
        self.pools: dict[Origin, OriginPool] = {}
        self.until_loop_ends = self._until_loop_ends()
        self._loop_ends = False
        self._context = context
        self._limits = limits
        self._resolver = resolver
        self._proxy = proxy

    def open_pool(self, origin: Origin) -> OriginPool:
        self.pools[origin] = pool = OriginPool(
            self.loop, Route(origin, self._proxy), self._context, self._limits, self._resolver
        )
        return pool

    async def close(self) -> None:
        for pool in self.pools.values():
            await pool.close()
        # While one is in use, the generator stays, and closes it if the loop ends before.
        if not self._loop_ends and not any(pool.busy for pool in self.pools.values()):
            await self.until_loop_ends.aclose()

    def leave(self) -> None:
        """Another loop has taken over. If this one lives in another thread, it closes there."""
        with suppress(RuntimeError):  # that loop is closed, and with it the connections
            self.loop.call_soon_threadsafe(self._close_later)

    def forget_inherited(self) -> None:
        for pool in self.pools.values():
            pool.forget_inherited()
        _INHERITED.append(self)

    def _close_later(self) -> None:
        self._closing = self.loop.create_task(self.close())

    async def _until_loop_ends(self) -> AsyncGenerator[None, None]:
        """A loop closes its asynchronous generators when it ends: the time to close connections.

        Otherwise they would be found open by the garbage collector, with the loop gone.
        """
        try:
            yield
        finally:
            self._loop_ends = True  # nobody else may close what is closing already
            for pool in self.pools.values():
                await pool.close(in_use=True)


# The parent's connections, kept in its forked children until they end: were they collected there,
# their destructors would touch the parent's loop.
_INHERITED: list[_Home] = []
