"""One origin's connections on an event loop: hands them out, opens them, lets callers wait."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, cast

from hongbao.client import failures
from hongbao.client.asyncio_connection import AsyncioConnection
from hongbao.client.framing import RequestWriter
from hongbao.client.pool import Pool
from hongbao.client.resolver import shares
from hongbao.client.transport import NothingSent
from hongbao.client.tunnel import NoTunnel, Tunnel
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.client.proxy import Route
    from hongbao.client.resolver import Address, Resolver
    from hongbao.client.transport import Limits

    _Waiter: TypeAlias = "asyncio.Future[AsyncioConnection | None]"


class OriginPool:
    """One origin's connections.

    Attributes:
        writer: writes the requests to this origin.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        route: Route,
        context: ssl.SSLContext,
        limits: Limits,
        resolver: Resolver,
    ) -> None:
        self._loop = loop
        self._route = route
        self._context = context
        self._limits = limits
        self._resolver = resolver
        self._pool: Pool[AsyncioConnection] = Pool(limits)
        # Who waits, and until when. They are handed a connection, or the right to open one (None),
        # in the order of coming.
        self._waiting: deque[tuple[_Waiter, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[AsyncioConnection] = set()
        self._closed = False
        self.writer = RequestWriter(route.origin)

    def take(self, now: float) -> AsyncioConnection | None:
        """An idle connection for this caller alone, if there is one."""
        while True:
            try:
                connection = self._pool.pop_newest()
            except IndexError:
                return None
            if connection.is_fit(now):
                return connection
            self.discard(connection)

    async def open_or_wait(self, deadline: float) -> AsyncioConnection:
        """A connection for this caller alone, where none was idle.

        Raises:
            NothingSent: if there is none within the time.
        """
        while not self._pool.reserve():
            connection = await self._wait(deadline)
            if connection is None:
                break
            if connection.is_fit(self._loop.time()):
                return connection
            self.discard(connection)
        return await self._open(deadline)

    def release(self, connection: AsyncioConnection) -> None:
        """Take a connection back after a whole exchange."""
        if self._closed or not (connection.usable and connection.reader.reusable):
            self.discard(connection)
            return
        now = self._loop.time()
        if self._waiting:
            connection.stale_at = now + self._limits.idle_seconds
            if self._hand(connection):
                return
        if self._pool.put(connection, now):
            for stale in self._pool.pop_stale(now):
                self._abort(stale)

    def discard(self, connection: AsyncioConnection) -> None:
        """Close a connection; who waits may open another in its place."""
        self._pool.drop(connection)
        self._abort(connection)
        self._pass_on()

    async def close(self) -> None:
        """Close the idle connections, and wait until the loop has let go of them."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for waiter, _ in self._waiting:
            if not waiter.done():
                waiter.set_exception(NothingSent(say("the transport is closed")))
        self._waiting.clear()
        for connection in self._pool.pop_idle():
            self._abort(connection)
        # The loop takes two rounds for each, whatever the server does.
        while self._closing:
            await next(iter(self._closing)).lost

    def _abort(self, connection: AsyncioConnection) -> None:
        if not connection.lost.done():
            self._closing.add(connection)
            connection.abort()

    def _lost(self, connection: AsyncioConnection) -> None:
        self._closing.discard(connection)
        if self._pool.pop(connection):
            self._pass_on()

    def _hand(self, what: AsyncioConnection | None) -> bool:
        """Give it to whoever has waited longest; False if nobody waits."""
        while self._waiting:
            waiter, _ = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(what)
                return True
        return False

    def _pass_on(self) -> None:
        """A connection is gone: the right to open another goes to whoever waits."""
        if self._waiting and self._pool.reserve() and not self._hand(None):
            self._pool.unreserve()

    async def _wait(self, deadline: float) -> AsyncioConnection | None:
        waiter: _Waiter = self._loop.create_future()
        self._waiting.append((waiter, deadline))
        self._ring_by(deadline)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                with suppress(ValueError):  # it has been passed over already
                    self._waiting.remove((waiter, deadline))
            elif waiter.exception() is None:
                self._give_back(waiter.result())
            raise

    def _give_back(self, handed: AsyncioConnection | None) -> None:
        """Whoever waited was cancelled after it was handed something."""
        if handed is not None:
            self.release(handed)
        else:
            self._pool.unreserve()
            self._pass_on()

    def _ring_by(self, deadline: float) -> None:
        """One timer serves all who wait: most are handed something long before it rings."""
        if self._timer is None or self._timer.when() > deadline:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        """Whoever's time is up waits in vain."""
        self._timer = None
        now, busy = self._loop.time(), self._limits.connections_max
        why = say("no connection came free until the time was up; in use: {busy}", busy=busy)
        waiting, self._waiting = self._waiting, deque()
        for waiter, deadline in waiting:
            if not waiter.done() and deadline <= now:
                waiter.set_exception(NothingSent(why))
            elif not waiter.done():
                self._waiting.append((waiter, deadline))
                self._ring_by(deadline)

    async def _open(self, deadline: float) -> AsyncioConnection:
        """Open a connection on a reserved right."""
        try:
            until = min(deadline, self._loop.time() + self._limits.connect_seconds)
            async with asyncio.timeout_at(until):
                connection = await self._connect_to_any(await self._addresses(), until)
        except BaseException as error:
            self._pool.unreserve()
            self._pass_on()
            if isinstance(error, (OSError, ValueError)):
                raise failures.not_connected(self._route, error) from error
            raise
        self._pool.add(connection)
        return connection

    async def _addresses(self) -> Sequence[Address]:
        with failures.reaching(self._route):
            lookup = self._resolver.look_up(self._route.first)
            answered = self._loop.create_future()
            lookup.when_done(lambda: _tell(self._loop, answered))
            await answered
            return lookup.addresses()

    async def _connect_to_any(
        self, addresses: Sequence[Address], deadline: float
    ) -> AsyncioConnection:
        failure = OSError(say("the name has no address"))
        for address, until in shares(addresses, deadline, self._loop.time):
            try:
                async with asyncio.timeout_at(until):
                    connection = await self._connect_to(address)
            except ssl.SSLError:
                raise  # somebody answered; the next address would say the same of the certificates
            except OSError as error:
                failure = error
            else:
                return await self._heard(connection)
        raise failure

    async def _heard(self, connection: AsyncioConnection) -> AsyncioConnection:
        try:
            await connection.hear_before_first_byte()
        except BaseException:
            self._abort(connection)
            raise
        return connection

    async def _connect_to(self, address: Address) -> AsyncioConnection:
        connection = AsyncioConnection(self._loop, self._route, self._limits, self._lost)
        # TLS is begun on a transport that is in hand here: the loop would go on with a handshake
        # whose caller is gone, and nobody would ever close what comes of it.
        bare = await self._connect_bare(address)
        host = self._route.origin.host
        try:
            tls = await self._loop.start_tls(bare, connection, self._context, server_hostname=host)
        except BaseException:
            bare.abort()
            raise
        if tls is None:
            bare.abort()
            raise ConnectionResetError(say("the connection was lost before TLS began"))
        connection.connection_made(tls)  # which the loop leaves to its caller here
        return connection

    async def _connect_bare(self, address: Address) -> asyncio.Transport:
        proxy = self._route.proxy
        if proxy is not None:
            with failures.reaching(self._route):
                return await _open_tunnel(self._loop, address, Tunnel(self._route, proxy))
        # The loop sets TCP_NODELAY by itself.
        bare, _ = await self._loop.create_connection(
            asyncio.Protocol, *address.sockaddr[:2], family=address.family
        )
        return bare


def _tell(loop: asyncio.AbstractEventLoop, answered: asyncio.Future[None]) -> None:
    """Called in the resolver's thread."""
    with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
        loop.call_soon_threadsafe(_set, answered)


def _set(answered: asyncio.Future[None]) -> None:
    if not answered.done():
        answered.set_result(None)


async def _open_tunnel(
    loop: asyncio.AbstractEventLoop, address: Address, tunnel: Tunnel
) -> asyncio.Transport:
    """Connect to a proxy, and wait until the tunnel stands.

    Over a connection that is the loop's from the beginning, not over a socket that is handed to it
    afterwards: with uvloop, such a socket's number was closed when it was another's already.

    Raises:
        NoTunnel: the proxy does not lead on.
        OSError: it cannot be reached.
    """
    transport, asking = await loop.create_connection(
        lambda: _Asking(loop, tunnel), *address.sockaddr[:2], family=address.family
    )
    try:
        await asking.stands
    except BaseException:
        transport.abort()
        raise
    return transport


class _Asking(asyncio.Protocol):
    """The connection until the proxy has answered.

    Attributes:
        stands: done when the tunnel does.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, tunnel: Tunnel) -> None:
        self.stands: asyncio.Future[None] = loop.create_future()
        self._tunnel = tunnel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        cast("asyncio.Transport", transport).write(self._tunnel.request)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            stands = self._tunnel.feed(data)
        except NoTunnel as error:
            self._end(error)
        else:
            if stands and not self.stands.done():
                self.stands.set_result(None)

    def eof_received(self) -> None:
        """Called by the loop, which closes the connection then."""
        self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._end(exc or NoTunnel(say("the connection to the proxy was closed")))

    def _end(self, error: Exception) -> None:
        if not self.stands.done():
            self.stands.set_exception(error)
