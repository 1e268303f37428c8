"""What the asyncio transport alone has to keep: fairness, loops that come and go."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest
from forked import exit_with
from peers import GOOD, OK, Peer, client_tls

from asyncio_stage import ONE, Holding, pool_of, seen, send, whole
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.transport import Limits, NothingSent
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Line


def test_who_waits_first_is_served_first(run: Callable[..., None]) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        holder = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        bodies = [b"%d<xml/>" % number for number in range(10)]
        waiting = [asyncio.create_task(send(transport, peer, body)) for body in bodies]
        await asyncio.sleep(0)
        hold.let_go.set()
        assert await asyncio.gather(holder, *waiting) == [GOOD] * 11
        await transport.aclose()

    with Peer(hold) as peer:
        run(main(peer))
    said = [request.rpartition(b"\n")[2] for request in peer.requests]
    assert said == [b"hold", *[b"%d<xml/>" % number for number in range(10)]]


def test_who_waits_for_a_connection_waits_until_its_own_deadline(run: Callable[..., None]) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        holder = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        patient = asyncio.create_task(send(transport, peer))
        await asyncio.sleep(0)
        for _ in range(2):
            with pytest.raises(NothingSent, match="no connection came free"):
                await send(transport, peer, seconds=0.05)
        assert not patient.done()
        hold.let_go.set()
        assert [await holder, await patient] == [GOOD, GOOD]
        assert whole(pool_of(transport), 1)
        await transport.aclose()

    with Peer(hold) as peer:
        run(main(peer))
    assert len(peer.requests) == 2


def test_closing_wakes_who_waits_and_spares_the_exchange_under_way(
    run: Callable[..., None],
) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE)
        holder = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        waiting = asyncio.create_task(send(transport, peer))
        await asyncio.sleep(0)
        origin_pool = pool_of(transport)
        await transport.aclose()
        with pytest.raises(NothingSent, match="closed"):
            await waiting
        hold.let_go.set()
        assert await holder == GOOD
        assert origin_pool._pool.connections == set()

    with Peer(hold) as peer:
        run(main(peer))
    assert len(peer.requests) == 1


def test_an_idle_connection_that_the_server_closes_leaves_the_pool_by_itself(
    run: Callable[..., None],
) -> None:
    end = threading.Event()

    def then_leave(line: Line) -> None:
        line.send(OK)
        end.wait(10)
        line.say_goodbye()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls())
        assert await send(transport, peer) == GOOD
        origin_pool = pool_of(transport)
        (connection,) = origin_pool._pool.connections
        end.set()
        await asyncio.wait_for(connection.lost, 10)
        assert whole(origin_pool, Limits().connections_max)
        assert origin_pool._pool.connections == set()
        await transport.aclose()

    with Peer(then_leave) as peer:
        run(main(peer))


def test_another_loop_is_refused_before_a_byte_leaves() -> None:
    with Peer() as peer, asyncio.Runner() as one, asyncio.Runner() as other:
        transport = AsyncioTransport(client_tls())
        assert one.run(send(transport, peer)) == GOOD
        for _ in range(2):
            with pytest.raises(NothingSent, match="belongs to another event loop"):
                other.run(send(transport, peer))
        assert one.run(send(transport, peer)) == GOOD
        one.run(transport.aclose())
    assert (len(peer.requests), peer.handshakes) == (2, 1)


def test_who_closes_it_from_another_loop_lets_nothing_more_through() -> None:
    with Peer() as peer, asyncio.Runner() as one, asyncio.Runner() as other:
        transport = AsyncioTransport(client_tls())
        assert one.run(send(transport, peer)) == GOOD
        (connection,) = pool_of(transport)._pool.connections
        other.run(transport.aclose())
        with pytest.raises(NothingSent, match="closed"):
            one.run(send(transport, peer))
        connection.abort()
        one.run(asyncio.sleep(0))


def test_a_loop_that_ends_closes_the_connections_in_use_too(run: Callable[..., None]) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls())
        task = asyncio.create_task(send(transport, peer, b"hold"))
        await seen(hold.came)
        await transport.aclose()
        assert not task.done()  # and so it is cancelled when the loop ends

    with Peer(hold) as peer:
        run(main(peer))
        hold.let_go.set()
    assert len(peer.requests) == 1


@pytest.mark.filterwarnings(
    "ignore:This process:DeprecationWarning"
)  # fork beside threads: our case
def test_a_forked_child_is_refused_and_leaves_the_parents_connection_alone(
    run: Callable[..., None],
) -> None:
    transport = AsyncioTransport(client_tls())

    async def in_child(peer: Peer) -> bool:
        with pytest.raises(NothingSent, match="or to the process from which this one was forked"):
            await send(transport, peer, b"child")
        await transport.aclose()
        return True

    async def main(peer: Peer) -> None:
        assert await send(transport, peer, b"parent before") == GOOD
        (connection,) = pool_of(transport)._pool.connections
        child = os.fork()
        if child == 0:
            exit_with(lambda: asyncio.run(in_child(peer)))
        _, status = await asyncio.to_thread(os.waitpid, child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert await send(transport, peer, b"parent after") == GOOD
        assert pool_of(transport)._pool.connections == {connection}
        await transport.aclose()

    with Peer() as peer:
        run(main(peer))
    said = [request.rpartition(b"\n")[2] for request in peer.requests]
    assert said == [b"parent before", b"parent after"]
    assert peer.handshakes == 1


@pytest.mark.long
def test_one_timer_serves_many_exchanges_and_still_keeps_each_deadline(
    run: Callable[..., None],
) -> None:
    hold = Holding()

    async def main(peer: Peer) -> None:
        loop = asyncio.get_running_loop()
        transport = AsyncioTransport(client_tls(), limits=ONE)
        for seconds in (0.2, 10, 0.25, 10):
            assert await send(transport, peer, seconds=seconds) == GOOD
        # The timer of the first rings during this one, which has more time.
        started = loop.time()
        with pytest.raises(Exception, match="time was up"):
            await send(transport, peer, b"hold", seconds=0.6)
        assert 0.59 <= loop.time() - started < 5
        hold.let_go.set()
        await transport.aclose()

    with Peer(hold) as peer:
        run(main(peer))
    assert peer.handshakes == 1


def test_a_context_that_does_not_verify_the_server_is_refused() -> None:
    context = client_tls()
    context.check_hostname = False
    with pytest.raises(ConfigurationError, match="does not verify the server"):
        AsyncioTransport(context)
