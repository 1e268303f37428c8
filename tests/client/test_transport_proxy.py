"""What both transports must keep of the border of money on the way through an HTTP proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from drivers import KINDS, Garage, body, maybe_sent, nothing_sent
from peers import BODY, GOOD, MCH_ID, OK, Line, Peer, client_tls, server_tls, world
from proxies import STANDS, ProxyServer, Tunnel, refuse

from asyncio_stage import ONE, pool_of, seen, send, whole
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.proxy import Proxy
from hongbao.client.resolver import Address
from hongbao.client.transport import HttpRequest, HttpResponse, Limits, NothingSent, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import peers
    from drivers import Outcome
    from proxies import Manner

pytestmark = pytest.mark.long  # it waits for real time-outs

SHORT = Limits(connect_seconds=0.3)
TOO_LATE = 5.0  # seconds: a deadline of 0.3 that takes longer was not kept
SECRET = "Basic cGF5Om9wZW4tc2VzYW1l"  # pay:open-sesame


@pytest.fixture(params=KINDS)
def drive(request: pytest.FixtureRequest) -> Iterator[Garage]:
    """Makes transports of each kind, and closes them when the test is over."""
    garage = Garage(request.param)
    yield garage
    garage.close()


def no_names(host: str, port: int) -> list[Address]:
    """A machine without DNS."""
    raise AssertionError(host, port)


# The ordinary course


def test_a_call_goes_through_the_proxy_which_alone_looks_the_name_up(drive: Garage) -> None:
    with Peer() as peer, ProxyServer(leads_to=peer.origin) as way:
        driver = drive(client_tls(), resolve=no_names, proxy=way.proxy)
        request = HttpRequest("POST", Origin("api.example", 443), "/pay", (), b"<xml>1</xml>")
        assert body(driver.send(request)) == BODY
    (head,) = way.heads
    assert head.startswith(b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n")
    assert b"Authorization" not in head
    assert b"\r\nHost: api.example\r\n" in peer.requests[0]


def test_tls_goes_from_end_to_end_with_the_clients_certificate(drive: Garage) -> None:
    with Peer(tls=server_tls(asks=True)) as peer, ProxyServer() as way:
        driver = drive(client_tls(world().merchant), proxy=way.proxy)
        assert body(driver.send(peer.request(b"<key>plain</key>"))) == BODY
    assert len(peer.requests) == 1
    assert way.heard
    assert b"plain" not in way.heard


def test_one_tunnel_serves_many_calls(drive: Garage) -> None:
    with Peer() as peer, ProxyServer() as way:
        driver = drive(client_tls(), proxy=way.proxy)
        for _ in range(20):
            assert body(driver.send(peer.request())) == BODY
    assert (len(peer.requests), peer.handshakes, len(way.heads)) == (20, 1, 1)


def test_many_at_once_open_no_more_tunnels_than_the_bound(drive: Garage) -> None:
    with Peer() as peer, ProxyServer() as way:
        driver = drive(client_tls(), limits=Limits(connections_max=3), proxy=way.proxy)
        outcomes = driver.send_at_once([peer.request()] * 30)
    assert [body(outcome) for outcome in outcomes] == [BODY] * 30
    assert len(way.heads) <= 3


def test_user_and_password_go_to_the_proxy_and_not_into_the_tunnel(drive: Garage) -> None:
    with Peer() as peer, ProxyServer() as way:
        proxy = replace(way.proxy, authorization=SECRET)
        assert body(drive(client_tls(), proxy=proxy).send(peer.request())) == BODY
    assert b"\r\nProxy-Authorization: Basic cGF5Om9wZW4tc2VzYW1l\r\n" in way.heads[0]
    assert b"Authorization" not in peer.requests[0]


def test_an_ipv6_host_stands_in_brackets(drive: Garage) -> None:
    with Peer() as peer, ProxyServer(refuse(b"403 No")) as way:
        request = peer.request()._replace(origin=Origin("::1", 8443))
        why = nothing_sent(drive(client_tls(), proxy=way.proxy).send(request))
    assert way.heads[0].startswith(b"CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n")
    assert why.startswith("[::1]:8443 through the proxy 127.0.0.1:")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",  # to be ignored: RFC 9110, section 9.3.6
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 299 Fine\r\nVia: 1.1 x\r\n\r\n",
    ],
)
def test_any_success_opens_the_tunnel(drive: Garage, answer: bytes) -> None:
    def lead_on(tunnel: Tunnel) -> None:
        tunnel.say(answer[:20])
        tunnel.stands = answer[20:]
        tunnel.lead_on()

    with Peer() as peer, ProxyServer(lead_on) as way:
        assert body(drive(client_tls(), proxy=way.proxy).send(peer.request())) == BODY


# The proxy does not lead on: nothing was sent


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (b"407 Proxy Authentication Required", "wants a user and password"),
        (b"403 Forbidden", "have CONNECT to 127.0.0.1:"),
        (b"502 Bad Gateway", "it could not reach 127.0.0.1:"),
        (b"504 Gateway Timeout", "it could not reach 127.0.0.1:"),
        (b"405 Method Not Allowed", "it opens no tunnel"),
        (b"302 Found", "it opens no tunnel"),
        (b"101 Switching Protocols", "it opens no tunnel"),
    ],
)
def test_a_proxy_that_refuses_is_nothing_sent(drive: Garage, status: bytes, why: str) -> None:
    with Peer() as peer, ProxyServer(refuse(status)) as way:
        said = nothing_sent(drive(client_tls(), proxy=way.proxy).send(peer.request()))
        assert (
            f"through the proxy 127.0.0.1:{way.port}: the proxy answered {status[:3].decode()}:"
            in said
        )
    assert why in said
    assert (peer.requests, peer.handshakes) == ([], 0)


@pytest.mark.parametrize("status", [b"407", b"401"])
def test_a_wrong_password_is_told_apart_and_not_shown(drive: Garage, status: bytes) -> None:
    with Peer() as peer, ProxyServer(refuse(status + b" You said open-sesame")) as way:
        proxy = replace(way.proxy, authorization=SECRET)
        error = drive(client_tls(), proxy=proxy).send(peer.request())
    assert "does not take the user and password" in nothing_sent(error)
    assert isinstance(error, NothingSent)
    for shown in (repr(proxy), str(proxy), repr(error), repr(error.__cause__)):
        assert "sesame" not in shown
        assert SECRET[6:] not in shown


def _say(data: bytes) -> Manner:
    return lambda tunnel: tunnel.say(data)


def _stand_and_reset(tunnel: Tunnel) -> None:
    tunnel.say(STANDS)
    tunnel.reset()


def _endless(tunnel: Tunnel) -> None:
    tunnel.say(b"HTTP/1.1 200 OK\r\n")
    for _ in range(10_000):
        tunnel.say(b"X-More: and more\r\n" * 100)


RUDE: dict[str, Manner] = {
    "closes in CONNECT": lambda tunnel: None,
    "resets in CONNECT": Tunnel.reset,
    "closes in the middle of its answer": _say(STANDS[:-2]),
    "closes behind its answer": _say(STANDS),
    "resets behind its answer": _stand_and_reset,
    "speaks no HTTP": _say(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "speaks TLS": _say(b"\x15\x03\x03\x00\x02\x02\x28\r\n\r\n"),
    "speaks HTTP/2": _say(b"HTTP/2 200\r\n\r\n"),
    "says no status": _say(b"HTTP/1.1 OK\r\n\r\n"),
    "says no end": _endless,
    "writes into the tunnel": _say(STANDS + b"hello"),
    "writes a reply into the tunnel": _say(STANDS + OK),
}


@pytest.mark.parametrize("manner", RUDE.values(), ids=RUDE.keys())
def test_a_rude_proxy_is_nothing_sent(drive: Garage, manner: Manner) -> None:
    with Peer() as peer, ProxyServer(manner) as way:
        why = nothing_sent(drive(client_tls(), proxy=way.proxy).send(peer.request()))
        assert f"through the proxy 127.0.0.1:{way.port}: " in why
    assert (peer.requests, peer.handshakes) == ([], 0)


@pytest.mark.parametrize(
    "manner",
    [
        pytest.param(Tunnel.stall, id="silence"),
        pytest.param(lambda tunnel: tunnel.drip(STANDS, seconds_each=0.05), id="a slow drip"),
        pytest.param(
            lambda tunnel: (tunnel.say(STANDS), tunnel.stall()), id="silence in the tunnel"
        ),
    ],
)
def test_the_connect_deadline_covers_the_tunnel(drive: Garage, manner: Manner) -> None:
    with Peer() as peer, ProxyServer(manner) as way:
        started = time.monotonic()
        driver = drive(client_tls(), limits=SHORT, proxy=way.proxy)
        assert "too long" in nothing_sent(driver.send(peer.request()))
        assert time.monotonic() - started < TOO_LATE
    assert peer.requests == []


def test_where_no_proxy_listens_it_is_said(drive: Garage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        origin = Origin("127.0.0.1", gone.getsockname()[1])
    driver = drive(client_tls(), proxy=Proxy(origin=origin))
    why = nothing_sent(driver.send(HttpRequest("POST", Origin("api.example", 443), "/", (), b"")))
    assert why.startswith(f"api.example:443 through the proxy 127.0.0.1:{origin.port}: ")
    assert "the proxy cannot be reached" in why


def test_the_proxys_own_name_is_looked_up_here(drive: Garage) -> None:
    with Peer() as peer, ProxyServer() as way:
        asked: list[tuple[str, int]] = []
        with socket.create_server(("127.0.0.1", 0)) as gone:
            dead = gone.getsockname()

        def resolve(host: str, port: int) -> list[Address]:
            asked.append((host, port))
            where = (dead, ("127.0.0.1", way.port))
            return [Address(socket.AF_INET, it) for it in where] if len(asked) == 1 else []

        proxy = Proxy(origin=Origin("proxy.example", 3128))
        driver = drive(client_tls(), resolve=resolve, limits=Limits(idle_seconds=0), proxy=proxy)
        assert body(driver.send(peer.request())) == BODY
        why = nothing_sent(driver.send(peer.request()))
    assert asked == [("proxy.example", 3128)] * 2
    assert why.endswith("the proxy cannot be reached (the name has no address)")


def test_a_proxy_does_not_lessen_what_the_server_must_prove(drive: Garage) -> None:
    with Peer(tls=server_tls(world().server_of_another_name)) as peer, ProxyServer() as way:
        why = nothing_sent(drive(client_tls(), proxy=way.proxy).send(peer.request()))
    assert "the server is not trusted" in why
    assert peer.requests == []


# The proxy cuts the tunnel: the border stands where the first byte of the request is


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("side", ["up", "down"])
def test_wherever_the_tunnel_is_cut_nothing_sent_means_that_and_no_call_is_repeated(
    drive: Garage, side: str, version: ssl.TLSVersion
) -> None:
    outcomes: list[Outcome] = []
    tls = server_tls(asks=True, version=version)
    with Peer(_in_two_records, tls=tls) as peer, ProxyServer() as way:
        while not outcomes or not isinstance(outcomes[-1], HttpResponse):
            way.behave(_cut(side, len(outcomes) + 1))
            driver = drive(client_tls(world().merchant), proxy=way.proxy)
            outcomes.append(driver.send(peer.request(b"%d" % len(outcomes) + b" " * 40_000)))
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds[0] == "NothingSent"
    assert "MaybeSent" in kinds
    sent = {number for number, kind in enumerate(kinds) if kind != "NothingSent"}
    seen = [int(request.rpartition(b"\n")[2]) for request in peer.requests]
    assert len(set(seen)) == len(seen)
    assert {len(kinds) - 1} <= set(seen) <= sent
    assert len(way.heads) == len(kinds)


def _cut(side: str, records_max: int) -> Manner:
    if side == "up":
        return lambda tunnel: tunnel.lead_on(up_max=records_max)
    return lambda tunnel: tunnel.lead_on(down_max=records_max)


def _in_two_records(line: Line) -> None:
    line.send(OK[:40])
    line.send(OK[40:])


def _half_a_reply(line: Line) -> None:
    line.send(OK[:40])
    line.hang_up()


def test_a_tunnel_that_is_cut_in_the_middle_of_the_reply_is_maybe_sent(drive: Garage) -> None:
    with Peer(_half_a_reply) as peer, ProxyServer() as way:
        error = maybe_sent(drive(client_tls(), proxy=way.proxy).send(peer.request()))
    assert "in the middle of the reply" in error.why
    assert (len(peer.requests), len(way.heads)) == (1, 1)


@pytest.mark.parametrize("end", [Line.say_goodbye, Line.hang_up, Line.reset])
def test_a_tunnel_that_died_while_idle_is_noticed_before_the_first_byte(
    drive: Garage, end: peers.Script
) -> None:
    idle, ended = threading.Event(), threading.Event()

    def reply_and_end(line: Line) -> None:
        line.send(OK)
        idle.wait(10)
        idle.clear()
        end(line)

    def lead_on(tunnel: Tunnel) -> None:
        with suppress(ConnectionError):
            tunnel.lead_on()
        tunnel.client.close()
        ended.set()

    with Peer(reply_and_end) as peer, ProxyServer(lead_on) as way:
        driver = drive(client_tls(), proxy=way.proxy)
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
            idle.set()
            assert ended.wait(10)
            ended.clear()
    assert (len(peer.requests), peer.handshakes, len(way.heads)) == (3, 3, 3)


def test_the_mch_id_is_not_told_to_the_proxy(drive: Garage) -> None:
    with Peer() as peer, ProxyServer() as way:
        driver = drive(client_tls(world().merchant), proxy=way.proxy)
        assert body(driver.send(peer.request(MCH_ID.encode()))) == BODY
    assert MCH_ID.encode() not in way.heads[0] + way.heard


def test_a_call_that_is_cancelled_in_connect_leaves_no_litter(run: Callable[..., None]) -> None:
    asked = threading.Event()

    def hold(tunnel: Tunnel) -> None:
        asked.set()
        tunnel.stall()

    async def main(peer: Peer, way: ProxyServer) -> None:
        transport = AsyncioTransport(client_tls(), limits=ONE, proxy=way.proxy)
        call = asyncio.create_task(send(transport, peer))
        await seen(asked)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert whole(pool_of(transport), 1)
        way.behave(Tunnel.lead_on)
        assert await send(transport, peer) == GOOD
        await transport.aclose()

    with Peer() as peer, ProxyServer(hold) as way:
        run(main(peer, way))
    assert (len(peer.requests), len(way.heads)) == (1, 2)
