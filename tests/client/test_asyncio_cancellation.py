"""A cancelled call closes its connection and leaks no slot, whenever it comes."""

from __future__ import annotations

import asyncio
import socket
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from peers import GOOD, Line, Peer, client_tls

from asyncio_stage import ONE, Holding, pool_of, seen, send, whole
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.transport import HttpRequest, Limits, MaybeSent, NothingSent, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.resolver import Address

pytestmark = pytest.mark.long  # it waits for real time-outs


def test_a_cancellation_after_the_first_byte_passes_through_and_closes_the_connection(
    run: Callable[..., None],
) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        assert await send(transport, peer) == GOOD
        task = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        hold.let_go.set()
        assert await send(transport, peer) == GOOD
        assert whole(pool_of(transport), 1)
        await transport.aclose()

    with Peer(hold) as peer:
        run(main(peer))
    assert (len(peer.requests), peer.handshakes) == (3, 2)


def test_a_timeout_around_the_call_is_a_cancellation(run: Callable[..., None]) -> None:
    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await send(transport, peer)
        assert whole(pool_of(transport), 1)
        await transport.aclose()

    with Peer(Line.stall) as peer:
        run(main(peer))
    assert len(peer.requests) == 1


def test_a_cancellation_while_waiting_for_a_connection_leaves_the_queue(
    run: Callable[..., None],
) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        holder = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        waiting = [asyncio.create_task(send(transport, peer)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[1].cancel()
        hold.let_go.set()
        assert await holder == GOOD
        assert await waiting[2] == GOOD
        assert all(task.cancelled() for task in waiting[:2])
        assert whole(pool_of(transport), 1)
        await transport.aclose()

    with Peer(hold) as peer:
        run(main(peer))
    assert (len(peer.requests), peer.handshakes) == (2, 1)


@pytest.mark.parametrize("dies", [False, True])
def test_a_cancellation_just_after_something_was_handed_over_gives_it_on(
    run: Callable[..., None],
    dies: bool,  # noqa: FBT001 - whether a connection is handed over, or the right to open one
) -> None:
    hold = Holding()

    def script(line: Line) -> None:
        hold(line)
        if dies and line.request.endswith(b"hold"):
            line.reset()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        holder = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        first = asyncio.create_task(send(transport, peer, b"<never/>"))
        second = asyncio.create_task(send(transport, peer))
        await asyncio.sleep(0)
        origin_pool = pool_of(transport)
        (connection,) = origin_pool._pool.connections
        assert connection._outcome is not None
        # Runs right behind the holder, which hands over what it has: before the first one knows.
        connection._outcome.add_done_callback(lambda _: first.cancel())
        if dies:
            holder.cancel()
        hold.let_go.set()
        await asyncio.gather(holder, return_exceptions=True)
        assert await second == GOOD
        assert first.cancelled()
        assert whole(origin_pool, 1)
        await transport.aclose()

    with Peer(script) as peer:
        run(main(peer))
    assert len(peer.requests) == 2


def test_a_cancellation_while_connecting_gives_the_slot_back(run: Callable[..., None]) -> None:
    asked, answer = threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> list[Address]:
        asked.set()
        answer.wait(10)
        return []

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE, resolve=resolve)
        slow = HttpRequest("POST", Origin("api.example", 443), "/", (), b"")
        task = asyncio.create_task(transport.send(slow, timeout_seconds=10))
        await seen(asked)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert whole(pool_of(transport), 1)
        answer.set()
        await transport.aclose()

    with Peer() as peer:
        run(main(peer))


def test_a_cancellation_during_the_handshake_gives_the_slot_back(
    run: Callable[..., None],
) -> None:
    async def main() -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            request = HttpRequest("POST", Origin(*listener.getsockname()), "/", (), b"")
            task = asyncio.create_task(transport.send(request, timeout_seconds=10))
            line, _ = await asyncio.to_thread(listener.accept)
            with line:
                assert await asyncio.to_thread(line.recv, 4096)  # the client's hello
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        assert whole(pool_of(transport), 1)
        await transport.aclose()

    run(main())


def test_a_time_that_is_up_while_it_connects_leaves_nothing_open_when_the_loop_ends(
    run: Callable[..., None],
) -> None:
    """Whenever it is up: TLS that is just there is not ended in order, which takes a peer."""

    async def main(peer: Peer, seconds: float) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        with suppress(NothingSent, MaybeSent):
            await send(transport, peer, b"hold", seconds=seconds)
        await transport.aclose()

    with warnings.catch_warnings(record=True) as left_open, Peer(Line.stall) as peer:
        warnings.simplefilter("always")
        for turn in range(20):
            run(main(peer, turn / 1_250))
    assert left_open == []


def test_many_cancellations_at_any_moment_lose_no_slot(run: Callable[..., None]) -> None:
    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=Limits(connections_max=3))
        for turns in range(40):
            tasks = [asyncio.create_task(send(transport, peer)) for _ in range(6)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in tasks[turns % 2 :: 2]:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for outcome in outcomes:
                assert outcome == GOOD or isinstance(outcome, asyncio.CancelledError)
        assert whole(pool_of(transport), 3)
        await transport.aclose()

    with Peer() as peer:
        run(main(peer))
