"""The asyncio transport before a peer that holds answers back, and its pool from inside."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from peers import OK

from hongbao.client.transport import Limits

if TYPE_CHECKING:
    from peers import Line, Peer

    from hongbao.client.asyncio_transport import AsyncioTransport
    from hongbao.client.origin_pool import OriginPool
    from hongbao.client.transport import HttpResponse

ONE = Limits(connections_max=1)


async def send(
    transport: AsyncioTransport, peer: Peer, body: bytes = b"<xml/>", seconds: float = 10
) -> HttpResponse:
    return await transport.send(peer.request(body), timeout_seconds=seconds)


async def seen(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


def pool_of(transport: AsyncioTransport) -> OriginPool:
    (origin_pool,) = transport._pools.values()
    return origin_pool


def whole(origin_pool: OriginPool, connections_max: int) -> bool:
    """Whether no slot has leaked."""
    pool = origin_pool._pool
    return (
        pool._slots_free + len(pool.connections) == connections_max
        and not pool.in_use()
        and not origin_pool._waiting
    )


class Holding:
    """A script that answers ``<xml/>`` at once, and holds the others until they are let go."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, line: Line) -> None:
        """Called by the peer."""
        if not line.request.endswith(b"<xml/>"):
            self.came.set()
            self.let_go.wait(10)
        line.send(OK)
