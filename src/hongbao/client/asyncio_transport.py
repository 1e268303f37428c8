"""Carries requests on an event loop, asyncio's own or uvloop.

Knows tasks, futures and the loop's clock. Which connection serves stands in ``pool``, the exchange
itself in ``asyncio_connection``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hongbao.client.certificate import insist_on_verification
from hongbao.client.origin_pool import OriginPool
from hongbao.client.proxy import Route
from hongbao.client.resolver import Resolver, resolve_by_system
from hongbao.client.streamed_reply import StreamedReplyReader
from hongbao.client.transport import Limits, NothingSent
from hongbao.sentences import say

if TYPE_CHECKING:
    import ssl

    from hongbao.client.proxy import Proxy
    from hongbao.client.resolver import Resolve
    from hongbao.client.transport import HttpRequest, HttpResponse, Origin, Receive


class AsyncioTransport:
    """An ``AsyncTransport`` on the running event loop; each origin has a pool of connections.

    For one event loop, that of the first call, and for no process that is forked after it: another
    gets ``NothingSent``. Close it before the loop ends.

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
        self._resolver = Resolver(resolve)
        self._proxy = proxy
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pools: dict[Origin, OriginPool] = {}

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once, within ``timeout_seconds`` from now.

        Raises:
            NothingSent: no byte was handed to the TLS layer; or this is another loop than before.
            MaybeSent: one was, and no whole reply came.
            CancelledError: as ever; count it as "maybe sent". The connection is closed.
            InvalidRequest: see ``check_head``; nothing was sent.
        """
        if self._closed:
            raise NothingSent(say("the transport is closed"))
        loop = asyncio.get_running_loop()
        now = loop.time()
        deadline = now + timeout_seconds
        if loop is not self._loop:
            self._settle(loop)
        method, origin, path, headers, body = request
        pool = self._pools.get(origin) or self._open_pool(origin, loop)
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

    async def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``AsyncDownloadTransport.download``; its connection is closed behind it."""
        if self._closed:
            raise NothingSent(say("the transport is closed"))
        loop = asyncio.get_running_loop()
        now = loop.time()
        deadline = now + timeout_seconds
        if loop is not self._loop:
            self._settle(loop)
        pool = self._pools.get(request.origin) or self._open_pool(request.origin, loop)
        data = pool.writer.write(request.method, request.path, request.headers, request.body)
        connection = pool.take(now) or await pool.open_or_wait(deadline)
        try:
            connection.reader = StreamedReplyReader(self._limits, receive)
            return await connection.start(data, deadline)
        finally:
            pool.discard(connection)

    async def aclose(self) -> None:
        """Close the connections; those in use are closed when their exchange ends.

        On another loop than theirs it only sees that no further one is opened.
        """
        self._closed = True
        pools, self._pools = self._pools, {}
        if self._loop is asyncio.get_running_loop():
            for pool in pools.values():
                await pool.close()

    def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            raise NothingSent(
                say(
                    "this client belongs to another event loop, or to the process from which this "
                    "one was forked: make one for each"
                )
            )
        self._loop = loop

    def _open_pool(self, origin: Origin, loop: asyncio.AbstractEventLoop) -> OriginPool:
        self._pools[origin] = pool = OriginPool(
            loop, Route(origin, self._proxy), self._context, self._limits, self._resolver
        )
        return pool
