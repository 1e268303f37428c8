"""A door for code that calls WeChat's own host names: a proxy that leads them to the simulator.

Some SDKs sign for no other host, and cannot be given another. With this as their proxy they ask it,
by CONNECT, for ``api.mch.weixin.qq.com``, and reach WeChat's port here, whose certificate is valid
for that name. It leads nowhere else.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from hongbao.simulator.server.listening import BACKLOG, LOCALHOST, end_listening, listening_sockets

if TYPE_CHECKING:
    import socket
    from asyncio import StreamReader, StreamWriter

_HOSTS = rb"(?:api|api2)\.(?:mch\.weixin\.qq\.com|wechatpay\.cn)"
_CONNECT = re.compile(rb"CONNECT " + _HOSTS + rb":443 HTTP/1\.[01]\r\n", re.IGNORECASE)
_HEAD_SECONDS, _HEAD_BYTES_MAX = 10.0, 16 * 1024
_PIECE_BYTES = 64 * 1024
_STANDS = b"HTTP/1.1 200 Connection established\r\n\r\n"
_FORBIDDEN = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n"
    b"X-Reason: this leads to WeChat's API hosts alone, at port 443\r\n\r\n"
)


class WechatDoor:
    """One listening proxy; ``start`` and ``stop`` it on a running loop.

    Args:
        port: the number of WeChat's port on this machine.

    Attributes:
        number: its own port number, once it is started.
    """

    def __init__(self, port: int) -> None:
        self.number = 0
        self._port = port
        self._lines: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._tunnels: set[asyncio.Task[None]] = set()

    async def start(self, number: int) -> int:
        """Listen on this machine's loopback.

        Raises:
            ConfigurationError: if the port cannot be used.
        """
        self._lines = listening_sockets(LOCALHOST, number)
        self.number = self._lines[0].getsockname()[1]
        for line in self._lines:
            server = await asyncio.start_server(
                self._serve, sock=line, backlog=BACKLOG, limit=_HEAD_BYTES_MAX
            )
            self._servers.append(server)
        return self.number

    async def stop(self) -> None:
        """Close everything."""
        await end_listening(self._lines, self._servers)
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tunnels.add(task)
            task.add_done_callback(self._tunnels.discard)
        try:
            await self._lead(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # the caller is gone, or said nothing that can be answered
        except asyncio.CancelledError:
            pass  # by ``stop``; before 3.12 asyncio prints a task that ends so as an error
        finally:
            await _close(writer)

    async def _lead(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        if _CONNECT.match(head) is None:
            writer.write(_FORBIDDEN)
            await writer.drain()
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(_STANDS)
            await writer.drain()
            await asyncio.gather(_pump(reader, onward), _pump(there, writer))
        finally:
            await _close(onward)


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _close(writer: StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
