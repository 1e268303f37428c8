"""What both transports must keep of time and of addresses, over real TLS."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from drivers import KINDS, Garage, body, maybe_sent, nothing_sent
from peers import BODY, OK, OK_HEAD, Line, Peer, client_tls

from hongbao.client.resolver import Address
from hongbao.client.transport import HttpRequest, Limits, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    import peers

pytestmark = pytest.mark.long  # it waits for real time-outs

SHORT = Limits(connect_seconds=0.3)
TOO_LATE = 5.0  # seconds: a deadline of 0.3 that takes longer was not kept


@pytest.fixture(params=KINDS)
def drive(request: pytest.FixtureRequest) -> Iterator[Garage]:
    """Makes transports of each kind, and closes them when the test is over."""
    garage = Garage(request.param)
    yield garage
    garage.close()


# Deadlines


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Line.stall, id="silence"),
        pytest.param(lambda line: line.drip(OK, seconds_each=0.05), id="a slow drip"),
        pytest.param(
            lambda line: (line.send(OK_HEAD + b"Content-Length: 9\r\n\r\nx"), line.stall()),
            id="half a reply",
        ),
    ],
)
def test_the_total_deadline_covers_the_whole_reply(drive: Garage, script: peers.Script) -> None:
    with Peer(script) as peer:
        started = time.monotonic()
        error = maybe_sent(drive(client_tls()).send(peer.request(), 0.3))
        took = time.monotonic() - started
        assert len(peer.requests) == 1
    assert 0.29 <= took < TOO_LATE
    assert "time was up" in error.why


def test_the_connect_deadline_covers_the_tls_handshake(drive: Garage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = Origin("127.0.0.1", silent.getsockname()[1])
        started = time.monotonic()
        outcome = drive(client_tls(), limits=SHORT).send(HttpRequest("POST", origin, "/", (), b""))
        took = time.monotonic() - started
    assert "too long" in nothing_sent(outcome)
    assert took < TOO_LATE


def test_the_total_deadline_covers_connecting_too(drive: Garage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = Origin("127.0.0.1", silent.getsockname()[1])
        started = time.monotonic()
        nothing_sent(drive(client_tls()).send(HttpRequest("POST", origin, "/", (), b""), 0.2))
        assert time.monotonic() - started < TOO_LATE


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_a_deadline_that_has_passed_sends_nothing(drive: Garage, seconds: float) -> None:
    with Peer() as peer:
        driver = drive(client_tls())
        nothing_sent(driver.send(peer.request(), seconds))
        assert body(driver.send(peer.request())) == BODY
        nothing_sent(driver.send(peer.request(), seconds))
    assert len(peer.requests) == 1


def test_who_waits_too_long_for_a_connection_has_sent_nothing(drive: Garage) -> None:
    both_seen = threading.Event()

    def hold(line: Line) -> None:
        if len(line.peer.requests) == 2:
            both_seen.set()
        line.stall()

    with Peer(hold) as peer:
        driver = drive(client_tls(), limits=Limits(connections_max=2))
        request = peer.request()
        others, last = driver.send_behind([request] * 2, 0.8, both_seen, request, 0.2)
    assert "no connection came free until the time was up; in use: 2" in nothing_sent(last)
    assert all(maybe_sent(other) for other in others)
    assert len(peer.requests) == 2


def test_a_connection_that_failed_leaves_its_place_to_the_next(drive: Garage) -> None:
    def first_dies(line: Line) -> None:
        if len(line.peer.requests) <= 3:
            line.reset()
        else:
            line.send(OK)

    with Peer(first_dies) as peer:
        driver = drive(client_tls(), limits=Limits(connections_max=1))
        outcomes = driver.send_at_once([peer.request()] * 6)
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds == ["HttpResponse"] * 3 + ["MaybeSent"] * 3
    assert len(peer.requests) == 6


# Names and addresses


def test_nobody_listening_is_nothing_sent(drive: Garage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin("127.0.0.1", listener.getsockname()[1])
    outcome = drive(client_tls()).send(HttpRequest("POST", origin, "/", (), b""))
    assert "cannot connect" in nothing_sent(outcome)


def test_localhost_needs_no_resolver(drive: Garage) -> None:
    def forbidden(host: str, port: int) -> list[Address]:
        raise AssertionError(host, port)

    with Peer() as peer:
        request = peer.request()._replace(origin=Origin("localhost", peer.origin.port))
        driver = drive(client_tls(), resolve=forbidden)
        assert body(driver.send(request)) == BODY
        assert body(driver.send(peer.request())) == BODY


def test_the_addresses_of_a_name_are_tried_in_order(drive: Garage) -> None:
    with Peer() as peer, socket.create_server(("127.0.0.1", 0)) as silent:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            dead = gone.getsockname()
        addresses = [
            Address(socket.AF_INET, where) for where in (dead, silent.getsockname(), peer.origin)
        ]
        asked: list[tuple[str, int]] = []

        def resolve(host: str, port: int) -> list[Address]:
            asked.append((host, port))
            return addresses

        driver = drive(client_tls(), resolve=resolve, limits=Limits(connect_seconds=1.0))
        request = HttpRequest("POST", Origin("api.example", 443), "/", (), b"")
        assert body(driver.send(request)) == BODY
        assert body(driver.send(request)) == BODY
    assert asked == [("api.example", 443)]
    assert b"\r\nHost: api.example\r\n" in peer.requests[0]


def test_a_resolver_that_hangs_is_left_at_the_deadline_and_asked_once(drive: Garage) -> None:
    release = threading.Event()
    asked: list[str] = []

    def hang(host: str, port: int) -> list[Address]:
        asked.append(host)
        release.wait(10)
        return []

    driver = drive(client_tls(), resolve=hang, limits=SHORT)
    request = HttpRequest("POST", Origin("api.example", 443), "/", (), b"")
    started = time.monotonic()
    outcomes = driver.send_at_once([request] * 3)
    assert time.monotonic() - started < TOO_LATE
    assert all("too long" in nothing_sent(outcome) for outcome in outcomes)
    assert asked == ["api.example"]
    release.set()


def test_a_name_without_address_is_nothing_sent(drive: Garage) -> None:
    def unknown(host: str, port: int) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    request = HttpRequest("POST", Origin("api.example", 443), "/", (), b"")
    driver = drive(client_tls(), resolve=unknown)
    assert "Name or service not known" in nothing_sent(driver.send(request))
    driver = drive(client_tls(), resolve=lambda host, port: [])
    assert "no address" in nothing_sent(driver.send(request))
