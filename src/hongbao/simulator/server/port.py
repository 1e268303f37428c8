"""A listening port and its connections: how it starts and stops, and whom it admits."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from hongbao.simulator.server.connection import Connection
from hongbao.simulator.server.listening import BACKLOG, end_listening, listening_sockets
from hongbao.simulator.server.port_limits import PortLimits

try:
    import resource
except ImportError:  # Windows: no such limit
    resource = None  # type: ignore[assignment]  # a missing module, asked for below

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from hongbao.simulator.exchange import Answer
    from hongbao.simulator.server.http import Request

_FILES_SPARED = 100  # of the process's open files, for everything except connections


class Port:
    """One listening port; ``start`` and ``stop`` it on a running loop.

    Args:
        answer: answers a request without waiting.
        context: the TLS context; a port without one speaks plain HTTP.
        limits: see ``PortLimits``.
        refuses: called once for each connection; says whether to reset it.

    Attributes:
        number: the port number, once it is started.
        accepted: how many connections were ever admitted.
        stopping: whether it is stopping.
    """

    def __init__(
        self,
        answer: Callable[[Request, Connection], Answer],
        *,
        context: ssl.SSLContext | None = None,
        limits: PortLimits | None = None,
        refuses: Callable[[], bool] = bool,
    ) -> None:
        self.answer = answer
        self.context = context
        self.limits = limits or PortLimits()
        self.number = 0
        self.accepted = 0
        self.stopping = False
        self._refuses = refuses
        self._connections: set[Connection] = set()
        self._connections_max = _affordable(self.limits.connections_max)
        self._lines: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._emptied: asyncio.Event | None = None
        self._date = (0, "")

    async def start(self, host: str, number: int) -> int:
        """Listen.

        Args:
            host: an address, or ``localhost`` for both loopbacks.
            number: the port number; 0 for any free one.

        Returns:
            The port number.

        Raises:
            ConfigurationError: if the port cannot be used.
        """
        self._lines = listening_sockets(host, number)
        self.number = self._lines[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        for line in self._lines:
            server = await loop.create_server(lambda: Connection(self), sock=line, backlog=BACKLOG)
            self._servers.append(server)
        return self.number

    async def stop(self) -> None:
        """Admit no more connections, finish the answers in progress, and close everything."""
        self.stopping = True
        await end_listening(self._lines, self._servers)
        for connection in list(self._connections):
            connection.stop()
        if self._connections:
            self._emptied = asyncio.Event()
            try:
                await asyncio.wait_for(self._emptied.wait(), self.limits.stop_seconds)
            except TimeoutError:
                for connection in list(self._connections):
                    connection.abort()
                await self._emptied.wait()

    @property
    def open_connections(self) -> int:
        """How many connections there are now."""
        return len(self._connections)

    def admits(self, connection: Connection) -> bool:
        """Whether a new connection may stay; each asks once."""
        self._connections.add(connection)
        if len(self._connections) > self._connections_max or self.stopping or self._refuses():
            return False
        self.accepted += 1
        return True

    def forget(self, connection: Connection) -> None:
        """Note that a connection has ended."""
        self._connections.discard(connection)
        if self._emptied is not None and not self._connections:
            self._emptied.set()

    def date(self) -> str:
        """The present in HTTP's format."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = second, formatdate(second, usegmt=True)
        return self._date[1]


def _affordable(connections_max: int) -> int:
    if not hasattr(resource, "getrlimit"):
        return connections_max
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return connections_max
    return max(1, min(connections_max, soft - _FILES_SPARED))
