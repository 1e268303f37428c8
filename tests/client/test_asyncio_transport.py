"""What the asyncio transport alone has to keep: cancellation, fairness, loops that come and go."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from peers import BODY, OK, Line, Peer, client_tls

from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.transport import HttpRequest, HttpResponse, Limits, NothingSent, Origin
from hongbao.errors import ConfigurationError
from test_blocking_transport import _exit_with

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hongbao.client.asyncio_lane import Lane
    from hongbao.client.resolver import Address

GOOD = HttpResponse(200, BODY)
ONE = Limits(connections_max=1)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    """Runs a coroutine on a loop of its own, as ``asyncio.run``."""

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(coroutine)
        gc.collect()  # whatever was left open complains now, not in another test

    return run


async def send(
    transport: AsyncioTransport, peer: Peer, body: bytes = b"<xml/>", seconds: float = 10
) -> HttpResponse:
    return await transport.send(peer.request(body), timeout_seconds=seconds)


async def seen(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


def lane_of(transport: AsyncioTransport) -> Lane:
    assert transport._home is not None
    (lane,) = transport._home.lanes.values()
    return lane


def whole(lane: Lane, connections_max: int) -> bool:
    """Whether no slot has leaked."""
    pool = lane._pool
    return (
        pool._slots_free + len(pool.connections) == connections_max
        and not pool.in_use()
        and not lane._waiting
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
        assert whole(lane_of(transport), 1)
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
        assert whole(lane_of(transport), 1)
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
        assert whole(lane_of(transport), 1)
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
        lane = lane_of(transport)
        (connection,) = lane._pool.connections
        assert connection._outcome is not None
        # Runs right behind the holder, which hands over what it has: before the first one knows.
        connection._outcome.add_done_callback(lambda _: first.cancel())
        if dies:
            holder.cancel()
        hold.let_go.set()
        await asyncio.gather(holder, return_exceptions=True)
        assert await second == GOOD
        assert first.cancelled()
        assert whole(lane, 1)
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
        slow = HttpRequest(Origin("api.example", 443), "/", b"")
        task = asyncio.create_task(transport.send(slow, timeout_seconds=10))
        await seen(asked)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert whole(lane_of(transport), 1)
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
            request = HttpRequest(Origin(*listener.getsockname()), "/", b"")
            task = asyncio.create_task(transport.send(request, timeout_seconds=10))
            line, _ = await asyncio.to_thread(listener.accept)
            with line:
                assert await asyncio.to_thread(line.recv, 4096)  # the client's hello
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        assert whole(lane_of(transport), 1)
        await transport.aclose()

    run(main())


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
        assert whole(lane_of(transport), 3)
        await transport.aclose()

    with Peer() as peer:
        run(main(peer))


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
        lane = lane_of(transport)
        await transport.aclose()
        with pytest.raises(NothingSent, match="closed"):
            await waiting
        hold.let_go.set()
        assert await holder == GOOD
        assert lane._pool.connections == set()

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
        lane = lane_of(transport)
        (connection,) = lane._pool.connections
        end.set()
        await asyncio.wait_for(connection.lost, 10)
        assert whole(lane, Limits().connections_max)
        assert lane._pool.connections == set()
        await transport.aclose()

    with Peer(then_leave) as peer:
        run(main(peer))


def test_another_loop_starts_with_no_connections_and_leaves_no_litter(
    run: Callable[..., None],
) -> None:
    transport = AsyncioTransport(client_tls())

    async def main(peer: Peer) -> None:
        for _ in range(2):
            assert await send(transport, peer) == GOOD

    with Peer() as peer:
        for _ in range(3):
            run(main(peer))  # none of them closes the transport
    assert (len(peer.requests), peer.handshakes) == (6, 3)


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


def test_a_transport_that_is_forgotten_leaves_no_litter(run: Callable[..., None]) -> None:
    async def main(peer: Peer) -> None:
        transport = AsyncioTransport(client_tls())
        assert await send(transport, peer) == GOOD
        del transport
        gc.collect()
        await asyncio.sleep(0)

    with Peer() as peer:
        run(main(peer))


def test_two_loops_in_turn_get_right_answers_and_nothing_is_closed_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Peer() as peer:
        transport = AsyncioTransport(client_tls())
        with asyncio.Runner() as one, asyncio.Runner() as other:
            for runner in (one, other, one, other):
                assert runner.run(send(transport, peer)) == GOOD
            other.run(transport.aclose())
    gc.collect()  # asyncio tells of what a task raised when the task is collected
    assert len(peer.requests) == 4
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.filterwarnings(
    "ignore:This process:DeprecationWarning"
)  # fork beside threads: our case
def test_a_forked_child_leaves_the_parents_connection_alone(run: Callable[..., None]) -> None:
    transport = AsyncioTransport(client_tls())

    async def in_child(peer: Peer) -> bool:
        good = [await send(transport, peer, b"child") == GOOD for _ in range(2)]
        await transport.aclose()
        return all(good)

    async def main(peer: Peer) -> None:
        assert await send(transport, peer, b"parent before") == GOOD
        (connection,) = lane_of(transport)._pool.connections
        child = os.fork()
        if child == 0:
            _exit_with(lambda: asyncio.run(in_child(peer)))
        _, status = await asyncio.to_thread(os.waitpid, child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert await send(transport, peer, b"parent after") == GOOD
        assert lane_of(transport)._pool.connections == {connection}
        await transport.aclose()

    with Peer() as peer:
        run(main(peer))
    said = [request.rpartition(b"\n")[2] for request in peer.requests]
    assert said == [b"parent before", b"child", b"child", b"parent after"]
    assert peer.handshakes == 2


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
