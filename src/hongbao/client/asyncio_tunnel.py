"""Has a proxy lead a connection on, on an event loop; TLS begins in the tunnel afterwards."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from hongbao.client.tunnel import NoTunnel

if TYPE_CHECKING:
    from hongbao.client.resolver import Address
    from hongbao.client.tunnel import Tunnel


async def open_tunnel(
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
        self._end(exc or NoTunnel("the connection to the proxy was closed"))

    def _end(self, error: Exception) -> None:
        if not self.stands.done():
            self.stands.set_exception(error)
