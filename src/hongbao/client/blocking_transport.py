"""Carries requests over blocking sockets, from any number of threads.

Knows threads, locks and the clock. Which connection serves stands in ``pool``, the exchange itself
in ``blocking_connection``.
"""

from __future__ import annotations

import os
from threading import Condition, Event, Lock
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakSet

from hongbao.client import failures
from hongbao.client.blocking_connection import BlockingConnection, connect_to_any
from hongbao.client.certificate import insist_on_verification
from hongbao.client.framing import RequestWriter
from hongbao.client.pool import Pool
from hongbao.client.proxy import Route
from hongbao.client.resolver import Resolver, resolve_by_system
from hongbao.client.streamed_reply import StreamedReplyReader
from hongbao.client.transport import Limits, NothingSent
from hongbao.sentences import say

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from hongbao.client.proxy import Proxy
    from hongbao.client.resolver import Address, Resolve
    from hongbao.client.transport import HttpRequest, HttpResponse, Origin, Receive


class BlockingTransport:
    """A ``Transport`` on the standard library's ``ssl``; each origin has a pool of connections.

    Thread-safe. A forked child starts with no connections and leaves its parent's alone.

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
        self._pools: dict[Origin, _OriginPool] = {}
        self._start_afresh()
        _TRANSPORTS.add(self)

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once, within ``timeout_seconds`` from now.

        Raises:
            NothingSent: no byte was handed to the TLS layer.
            MaybeSent: one was, and no whole reply came.
            InvalidRequest: see ``check_head``; nothing was sent.
        """
        now = monotonic()
        deadline = now + timeout_seconds
        method, origin, path, headers, body = request
        pool = self._pools.get(origin) or self._pool(origin)
        data = pool.writer.write(method, path, headers, body)
        connection = pool.acquire(now, deadline)
        try:
            response = connection.exchange(data, deadline)
        except BaseException:
            # KeyboardInterrupt too: half a reply must never meet the next request.
            pool.discard(connection)
            raise
        pool.release(connection)
        return response

    def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``DownloadTransport.download``; its connection is closed behind it."""
        now = monotonic()
        deadline = now + timeout_seconds
        pool = self._pools.get(request.origin) or self._pool(request.origin)
        data = pool.writer.write(request.method, request.path, request.headers, request.body)
        connection = pool.acquire(now, deadline)
        try:
            connection.reader = StreamedReplyReader(self._limits, receive)
            return connection.exchange(data, deadline)
        finally:
            pool.discard(connection)

    def close(self) -> None:
        """Close the connections; those in use are closed when their exchange ends."""
        with self._lock:
            self._closed = True
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def forget_inherited(self) -> None:
        """In a child process: the connections are the parent's; lost threads may hold the locks."""
        for pool in self._pools.values():
            pool.close_copies()
        self._start_afresh()

    def _start_afresh(self) -> None:
        self._lock = Lock()
        self._pools = {}
        self._resolver = Resolver(self._resolve)

    def _pool(self, origin: Origin) -> _OriginPool:
        with self._lock:
            if self._closed:
                raise NothingSent(say("the transport is closed"))
            if origin not in self._pools:
                route = Route(origin, self._proxy)
                self._pools[origin] = _OriginPool(
                    route, self._context, self._limits, self._resolver
                )
            return self._pools[origin]


_TRANSPORTS: WeakSet[BlockingTransport] = WeakSet()
"""Those of this process. Two processes that write on one TLS session destroy it, and one may read
the other's reply; so every forked child forgets its connections.
"""


def _forget_all() -> None:
    for transport in tuple(_TRANSPORTS):
        transport.forget_inherited()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_forget_all)


class _OriginPool:
    """The way to one origin: hands out connections, and opens them."""

    __slots__ = (
        "_changed",
        "_closed",
        "_context",
        "_limits",
        "_pool",
        "_resolver",
        "_route",
        "_waiting",
        "writer",
    )

    def __init__(
        self, route: Route, context: ssl.SSLContext, limits: Limits, resolver: Resolver
    ) -> None:
        self._route = route
        self._context = context
        self._limits = limits
        self._resolver = resolver
        self._pool: Pool[BlockingConnection] = Pool(limits)
        self._changed = Condition(Lock())
        self._closed = False
        self._waiting = 0
        self.writer = RequestWriter(route.origin)

    def acquire(self, now: float, deadline: float) -> BlockingConnection:
        """An open connection for this caller alone; raises ``NothingSent``."""
        while True:
            try:
                connection = self._pool.pop_newest()
            except IndexError:
                if not self._reserve_or_wait(deadline):
                    continue
                return self._open(deadline)
            # What can be read from an idle connection is its end, or nothing that was asked for.
            if now < connection.stale_at and not connection.has_come(0):
                return connection
            self.discard(connection)

    def release(self, connection: BlockingConnection) -> None:
        """Take a connection back after a whole exchange."""
        if not connection.reader.reusable:
            self.discard(connection)
            return
        now = monotonic()
        # No lock in the ordinary case. Who waits raises ``_waiting`` first and looks into the pool
        # then; here it goes the other way round, so that one of the two sees the other.
        if self._pool.put(connection, now) or self._waiting or self._closed:
            self._tidy(now)

    def discard(self, connection: BlockingConnection) -> None:
        connection.close()
        with self._changed:
            self._pool.drop(connection)
            self._changed.notify()

    def close(self) -> None:
        """Close the idle ones; wake all who wait, in vain."""
        self._closed = True
        with self._changed:
            self._changed.notify_all()
        self._tidy(monotonic())

    def close_copies(self) -> None:
        """In a forked child: close its descriptors. That sends nothing: the parent has them too."""
        for connection in self._pool.connections:
            connection.close()

    def _tidy(self, now: float) -> None:
        with self._changed:
            gone = self._pool.pop_idle() if self._closed else self._pool.pop_stale(now)
            self._changed.notify()
        for connection in gone:
            connection.close()

    def _reserve_or_wait(self, deadline: float) -> bool:
        """Take the right to open a connection, or wait until it is worth looking again."""
        with self._changed:
            self._waiting += 1
            try:
                if self._closed:
                    raise NothingSent(say("the transport is closed"))
                if self._pool.has_idle():
                    return False
                if self._pool.reserve():
                    return True
                # The bound on waiting is the caller's own deadline.
                seconds = deadline - monotonic()
                if seconds > 0 and self._changed.wait(seconds):
                    return False
            finally:
                self._waiting -= 1
        busy = self._limits.connections_max
        raise NothingSent(
            say("no connection came free until the time was up; in use: {busy}", busy=busy)
        )

    def _open(self, deadline: float) -> BlockingConnection:
        """Open a connection on a reserved right."""
        try:
            connection = self._connect(min(deadline, monotonic() + self._limits.connect_seconds))
        except BaseException:
            with self._changed:
                self._pool.unreserve()
                self._changed.notify()
            raise
        with self._changed:
            self._pool.add(connection)
        return connection

    def _connect(self, deadline: float) -> BlockingConnection:
        try:
            tls = connect_to_any(self._addresses(deadline), self._route, self._context, deadline)
        except (OSError, ValueError) as error:
            raise failures.not_connected(self._route, error) from error
        connection = BlockingConnection(tls, self._route, self._limits)
        try:
            connection.hear_before_first_byte()
        except BaseException:
            connection.close()
            raise
        return connection

    def _addresses(self, deadline: float) -> Sequence[Address]:
        with failures.reaching(self._route):
            lookup = self._resolver.look_up(self._route.first)
            answered = Event()
            lookup.when_done(answered.set)
            if not answered.wait(max(0.0, deadline - monotonic())):
                raise TimeoutError
            return lookup.addresses()
