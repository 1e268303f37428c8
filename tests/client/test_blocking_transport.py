"""What the blocking transport alone has to keep: threads, forks, interrupts, idle neighbours."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import pytest
from forked import exit_with
from peers import GOOD, OK, OK_HEAD, Peer, client_tls

from hongbao.client.blocking_transport import BlockingTransport
from hongbao.client.certificate import insist_on_verification
from hongbao.client.transport import (
    HttpRequest,
    Limits,
    MaybeSent,
    NothingSent,
    Origin,
)
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peers import Line

    from hongbao.client.transport import (
        HttpResponse,
        Transport,
    )


@pytest.fixture
def transport() -> Iterator[BlockingTransport]:
    transport = BlockingTransport(client_tls())
    yield transport
    transport.close()


def send(transport: Transport, peer: Peer, body: bytes = b"<xml/>") -> HttpResponse:
    return transport.send(peer.request(body), timeout_seconds=10)


def test_64_threads_share_one_transport_and_each_gets_its_own_reply() -> None:
    def echo(line: Line) -> None:
        said = line.request.partition(b"\r\n\r\n")[2]
        line.send(OK_HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(said), said))

    transport = BlockingTransport(client_tls(), limits=Limits(connections_max=16))
    with Peer(echo) as peer, ThreadPoolExecutor(64) as threads:
        together = threading.Barrier(64)

        def work(number: int) -> list[bool]:
            together.wait(10)
            bodies = [b"<xml>%d-%d</xml>" % (number, turn) for turn in range(10)]
            return [send(transport, peer, body).body == body for body in bodies]

        assert all(all(result) for result in threads.map(work, range(64)))
        (origin_pool,) = transport._pools.values()
        assert len(origin_pool._pool.connections) == peer.handshakes <= 16
        transport.close()
        assert origin_pool._pool.connections == set()
    assert len(peer.requests) == len(set(peer.requests)) == 640


def test_64_threads_against_a_server_that_kills_connections_lose_no_slot() -> None:
    def kill_some(line: Line) -> None:
        if line.request.endswith(b"kill"):
            line.reset()
        else:
            line.send(OK)

    transport = BlockingTransport(client_tls(), limits=Limits(connections_max=8))
    with Peer(kill_some) as peer, ThreadPoolExecutor(64) as threads:

        def work(number: int) -> object:
            try:
                return send(transport, peer, b"kill" if number % 3 == 0 else b"live")
            except MaybeSent as error:
                return type(error).__name__

        outcomes = list(threads.map(work, range(300)))
        assert outcomes == ["MaybeSent" if n % 3 == 0 else GOOD for n in range(300)]
        (origin_pool,) = transport._pools.values()
        assert origin_pool._pool._slots_free + len(origin_pool._pool.connections) == 8
        assert not origin_pool._pool.in_use()
        transport.close()
    assert len(peer.requests) == 300


@pytest.mark.filterwarnings(
    "ignore:This process:DeprecationWarning"
)  # fork beside threads: our case
def test_a_forked_child_leaves_the_parents_connection_alone(transport: BlockingTransport) -> None:
    with Peer() as peer:
        assert send(transport, peer, b"parent before") == GOOD
        (origin_pool,) = transport._pools.values()
        (connection,) = origin_pool._pool.connections
        # Another thread of the parent may hold a lock just then: the child must not wait for it.
        with transport._lock, origin_pool._changed:
            child = os.fork()
            if child == 0:
                exit_with(lambda: _in_child(transport, peer, connection))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert send(transport, peer, b"parent after") == GOOD
        assert transport._pools[peer.origin]._pool.connections == {connection}
    said = [request.rpartition(b"\n")[2] for request in peer.requests]
    assert said == [b"parent before", b"child", b"child", b"parent after"]
    assert peer.handshakes == 2


def _in_child(transport: BlockingTransport, peer: Peer, inherited: Any) -> bool:
    good = [send(transport, peer, b"child") == GOOD for _ in range(2)]
    transport.close()
    return all(good) and inherited._tls.fileno() == -1


def test_an_interrupt_in_the_middle_of_an_exchange_closes_the_connection(
    transport: BlockingTransport,
) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def first_interrupts(line: Line) -> None:
        if len(line.peer.requests) == 1:
            line.send(OK[:20])
            signal.pthread_kill(main, signal.SIGUSR1)
            line.stall()
        else:
            line.send(OK)

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with Peer(first_interrupts) as peer:
            with pytest.raises(KeyboardInterrupt):
                send(transport, peer)
            (origin_pool,) = transport._pools.values()
            assert origin_pool._pool.connections == set()
            assert not origin_pool._pool.in_use()
            assert send(transport, peer) == GOOD
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert (len(peer.requests), peer.handshakes) == (2, 2)


def test_closing_wakes_who_waits_and_spares_the_exchange_under_way() -> None:
    under_way, let_go = threading.Event(), threading.Event()

    def hold(line: Line) -> None:
        under_way.set()
        let_go.wait(10)
        line.send(OK)

    transport = BlockingTransport(client_tls(), limits=Limits(connections_max=1))
    with Peer(hold) as peer, ThreadPoolExecutor(2) as threads:
        first = threads.submit(send, transport, peer)
        assert under_way.wait(10)
        second = threads.submit(send, transport, peer)
        origin_pool = transport._pools[peer.origin]
        while not origin_pool._waiting:
            os.sched_yield()
        transport.close()
        with pytest.raises(NothingSent, match="closed"):
            second.result(10)
        let_go.set()
        assert first.result(10) == GOOD
        assert origin_pool._pool.connections == set()
    assert len(peer.requests) == 1


def test_connections_that_are_not_needed_any_more_are_closed() -> None:
    all_there = threading.Barrier(4)

    def meet(line: Line) -> None:
        if line.request.endswith(b"meet"):
            all_there.wait(10)
        line.send(OK)

    transport = BlockingTransport(client_tls(), limits=Limits(idle_seconds=0.2))
    with Peer(meet) as peer, ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(send, transport, peer, b"meet") for _ in range(4)]:
            assert done.result(10) == GOOD
        origin_pool = transport._pools[peer.origin]
        assert len(origin_pool._pool.connections) == 4
        # One of them is in use all the time; the others grow old beside it.
        until = time.monotonic() + 10
        while len(origin_pool._pool.connections) > 1 and time.monotonic() < until:
            assert send(transport, peer) == GOOD
        assert len(origin_pool._pool.connections) == 1
        assert peer.handshakes == 4
        transport.close()


def test_the_origins_have_pools_of_their_own() -> None:
    transport = BlockingTransport(client_tls(), limits=Limits(connections_max=1))
    with Peer() as one, Peer() as other:
        for peer in (one, other, one, other):
            assert send(transport, peer) == GOOD
        transport.close()
    assert (one.handshakes, other.handshakes) == (1, 1)


def test_a_path_that_would_break_the_head_sends_nothing(transport: BlockingTransport) -> None:
    with Peer() as peer:
        with pytest.raises(ValueError, match="visible ASCII"):
            transport.send(peer.request(path="/a b"), timeout_seconds=1)
        assert send(transport, peer) == GOOD
    assert len(peer.requests) == 1


def test_small_requests_are_not_held_back(transport: BlockingTransport) -> None:
    with Peer() as peer:
        send(transport, peer)
        (connection,) = transport._pools[peer.origin]._pool.connections
        assert connection._tls.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_context_that_does_not_verify_the_server_is_refused() -> None:
    context = client_tls()
    insist_on_verification(context)
    context.check_hostname = False
    with pytest.raises(ConfigurationError, match="does not verify the server"):
        BlockingTransport(context)


def test_a_host_name_that_cannot_be_one_is_nothing_sent(transport: BlockingTransport) -> None:
    with Peer() as peer:
        for host in ("a" * 300, ".", "a..b"):
            request = peer.request()._replace(origin=Origin(host, peer.origin.port))
            with pytest.raises(NothingSent):
                transport.send(request, timeout_seconds=5)


def test_a_connection_that_is_reset_before_tls_begins_is_closed() -> None:
    made: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))
    origin = Origin("127.0.0.1", listener.getsockname()[1])

    class Struck(ssl.SSLSocket):
        def __new__(cls, *args: Any, **more: Any) -> Self:
            listener.close()  # resets whoever it has not accepted
            self = super().__new__(cls)
            made.append(self)
            return self

    context = client_tls()
    context.sslsocket_class = Struck
    transport = BlockingTransport(context)
    with pytest.raises(NothingSent):
        transport.send(HttpRequest("POST", origin, "/", (), b""), timeout_seconds=5)
    assert [one.fileno() for one in made] == [-1]
