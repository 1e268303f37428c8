"""WeChat's port over real sockets and real TLS, with an application of the tests behind it."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
import warnings
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from wechat_line import SEND, FakeApp, ask, read_all, request_bytes

from hongbao.errors import ConfigurationError
from hongbao.simulator.exchange import Answer
from hongbao.simulator.folder.folder import DEMO
from hongbao.simulator.server.http import HttpLimits
from hongbao.simulator.server.port_limits import PortLimits
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from wechat_line import Line

    Serve = Callable[..., AbstractContextManager[Line]]

IMPATIENT = PortLimits(
    handshake_seconds=0.2, request_seconds=0.2, idle_seconds=0.2, linger_seconds=0.2
)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_call_reaches_the_application(serve: Serve, endpoint: Any) -> None:
    """With its method, headers and body, the certificate's mch_id and the caller's address."""
    app = FakeApp()
    with serve(app) as line:
        reply = line.post(b"body", endpoint.path + "?a=1")
    assert (reply.status, reply.body) == (200, b"<xml>body</xml>")
    (seen,) = app.seen
    assert seen[:5] == (endpoint.path, b"body", DEMO.mch_id, "127.0.0.1", False)
    assert (seen.method, seen.headers[b"content-length"]) == ("POST", b"4")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_its_certificate_is_valid_for_every_loopback_name(serve: Serve, host: str) -> None:
    """And both loopback addresses are listened to, on the same port."""
    app = FakeApp()
    with serve(app) as line:
        connection = line.connect(host=host)
        assert ask(connection).status == 200
        connection.close()
    assert app.seen[0].remote_ip == "127.0.0.1"


@pytest.mark.parametrize("host", ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"])
def test_its_certificate_is_valid_for_wechats_hosts(serve: Serve, host: str) -> None:
    """So that a hosts file or a proxy can lead an unchangeable SDK here."""
    with serve(FakeApp()) as line, line.raw(name=host) as raw:
        raw.sendall(request_bytes(more="Connection: close\r\n"))
        assert read_all(raw).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(serve: Serve, version: ssl.TLSVersion) -> None:
    with serve(FakeApp()) as line:
        context = line.tls()
        context.minimum_version = context.maximum_version = version
        assert line.post(context=context).status == 200


def test_older_tls_is_not_spoken(serve: Serve) -> None:
    with serve(FakeApp()) as line:
        context = line.tls()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            line.post(context=context)


def test_a_caller_without_certificate_is_let_in_to_be_told_so(serve: Serve) -> None:
    """The application sees that there was none, and answers nginx's page."""
    app = FakeApp()
    with serve(app) as line:
        line.post(context=line.tls(shown=False))
    assert app.seen[0].certificate_mch_id is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_certificate_of_another_authority_ends_the_handshake(
    serve: Serve, version: ssl.TLSVersion, tmp_path: Path
) -> None:
    """With the alert unknown_ca, and nothing reaches the application."""
    stranger = trustme.CA().issue_cert("1999000001")
    with serve(app := FakeApp()) as line:
        context = line.tls(shown=False)
        context.minimum_version = context.maximum_version = version
        stranger.configure_cert(context)
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            line.post(context=context)
    assert app.seen == []


def test_of_a_certificate_that_has_run_out_the_application_is_reported(serve: Serve) -> None:
    """The server's clock is put ahead of the certificate's end."""
    later = (datetime.now(UTC) + timedelta(days=3650)).timestamp()
    with serve(app := FakeApp(), now=lambda: later) as line:
        assert line.post().status == 200
    assert app.seen[0].certificate_expired


def test_a_certificate_that_is_not_valid_yet_gets_nginx_s_page(serve: Serve) -> None:
    """The server's clock is put before the certificate's begin."""
    earlier = (datetime.now(UTC) - timedelta(days=3650)).timestamp()
    with serve(app := FakeApp(), now=lambda: earlier) as line:
        reply = line.post()
    assert reply.status == 400
    assert b"The SSL certificate error" in reply.body
    assert app.seen == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_a_known_path_takes_only_post(serve: Serve, method: str) -> None:
    with serve(app := FakeApp()) as line:
        connection = line.connect()
        reply = ask(connection, b"", method=method)
        assert ask(connection).status == 200, "the connection is still good"
        connection.close()
    assert reply.status == 405
    assert (b"405 Not Allowed" in reply.body) is (method != "HEAD")
    assert len(app.seen) == 1


def test_many_requests_go_over_one_connection(serve: Serve) -> None:
    with serve(app := FakeApp()) as line:
        connection = line.connect()
        for number in range(20):
            reply = ask(connection, b"%d" % number)
            assert reply.body == b"<xml>%d</xml>" % number
            assert reply.headers["Connection"] == "keep-alive"
        connection.close()
        assert line.port.accepted == 1
    assert len(app.seen) == 20


@pytest.mark.parametrize(
    "head", ["HTTP/1.1\r\nConnection: close", "HTTP/1.0\r\nConnection: close", "HTTP/1.0"]
)
def test_a_connection_ends_when_the_client_wants_it(serve: Serve, head: str) -> None:
    """In good order: the reply whole, then TLS's farewell."""
    with serve(FakeApp()) as line, line.raw() as raw:
        raw.sendall(f"POST {SEND} {head}\r\nContent-Length: 1\r\n\r\na".encode())
        reply = read_all(raw)
    assert reply.endswith(b"Connection: close\r\n\r\n<xml>a</xml>")


def test_http_1_0_may_ask_to_keep_the_connection(serve: Serve) -> None:
    head = f"POST {SEND} HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na".encode()
    with serve(FakeApp()) as line, line.raw() as raw:
        for _ in range(2):
            raw.sendall(head)
            assert raw.recv(65536).endswith(b"Connection: keep-alive\r\n\r\n<xml>a</xml>")


def test_a_client_that_asks_first_is_told_to_go_on(serve: Serve) -> None:
    """As curl, PHP and Java do for larger bodies."""
    with serve(FakeApp()) as line, line.raw() as raw:
        head, body = request_bytes(b"later", more="Expect: 100-continue\r\n").split(b"\r\n\r\n")
        raw.sendall(head + b"\r\n\r\n")
        assert raw.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(body)
        assert raw.recv(65536).endswith(b"<xml>later</xml>")


def test_bodies_may_come_in_chunks(serve: Serve) -> None:
    with serve(FakeApp()) as line:
        connection = line.connect()
        connection.request("POST", SEND, iter([b"one", b"two"]), encode_chunked=True)
        with connection.getresponse() as response:
            assert response.read() == b"<xml>onetwo</xml>"
        connection.close()


def test_requests_that_come_at_once_are_answered_in_their_order(serve: Serve) -> None:
    """More than may wait, and each a while after the other."""
    count = PortLimits().pipelined_max * 3
    app = FakeApp(lambda exchange: Answer(200, exchange.body + b".", delay_seconds=0.001))
    with serve(app) as line, line.raw() as raw:
        many = b"".join(request_bytes(b"%03d" % number) for number in range(count))
        raw.sendall(many + request_bytes(b"end", more="Connection: close\r\n"))
        bodies = [part.split(b"\r\n\r\n")[-1] for part in read_all(raw).split(b"HTTP/1.1 200 OK")]
    assert bodies == [b"", *(b"%03d." % number for number in range(count)), b"end."]


def test_a_request_in_small_pieces_is_put_together(serve: Serve) -> None:
    with serve(FakeApp()) as line, line.raw() as raw:
        for byte in request_bytes(b"slow", more="Connection: close\r\n"):
            raw.send(bytes([byte]))
        assert read_all(raw).endswith(b"<xml>slow</xml>")


@pytest.mark.parametrize("asks_first", [True, False])
def test_a_body_that_is_too_long_gets_413(serve: Serve, *, asks_first: bool) -> None:
    """The client gets the page though it goes on sending."""
    limits = PortLimits(http=HttpLimits(body_bytes_max=1000))
    with serve(app := FakeApp(), limits) as line, line.raw() as raw:
        head = request_bytes(b"x" * 500_000, more="Expect: 100-continue\r\n" * asks_first)
        raw.sendall(head[:120] if asks_first else head)
        reply = read_all(raw)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert app.seen == []


def test_chunks_that_become_too_long_get_413(serve: Serve) -> None:
    limits = PortLimits(http=HttpLimits(body_bytes_max=1000))
    with serve(FakeApp(), limits) as line, line.raw() as raw:
        raw.sendall(f"POST {SEND} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        raw.sendall(b"200\r\n" + b"x" * 512 + b"\r\n")
        raw.sendall(b"200\r\n" + b"x" * 512 + b"\r\n")
        assert read_all(raw).startswith(b"HTTP/1.1 413 ")


def test_a_head_that_is_too_long_gets_431(serve: Serve) -> None:
    with serve(app := FakeApp()) as line, line.raw() as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nX: " + b"x" * 100_000)
        assert read_all(raw).startswith(b"HTTP/1.1 431 ")
    assert app.seen == []


@pytest.mark.parametrize("junk", [b"\x00\x01\x02\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_what_is_no_http_1_gets_400(serve: Serve, junk: bytes) -> None:
    with serve(app := FakeApp()) as line, line.raw() as raw:
        raw.sendall(junk)
        assert read_all(raw).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert app.seen == []


def test_http_without_tls_is_told_so(serve: Serve) -> None:
    with serve(app := FakeApp()) as line, line.plain() as plain:
        plain.sendall(request_bytes())
        reply = read_all(plain)
    assert reply.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"The plain HTTP request was sent to HTTPS port" in reply
    assert app.seen == []


@pytest.mark.parametrize("cut", [0, 1, 60, 10**6])
def test_a_cut_reply_is_never_whole(serve: Serve, cut: int) -> None:
    """And the connection ends without TLS's farewell, as a broken line does."""
    with serve(FakeApp()) as line, line.raw() as raw:
        raw.sendall(request_bytes())
        whole = raw.recv(65536)
    app = FakeApp(lambda exchange: Answer(200, b"<xml>a</xml>", cut=cut))
    with serve(app) as line, line.raw() as raw:
        raw.sendall(request_bytes())
        got: list[bytes] = []
        with pytest.raises(ssl.SSLEOFError):
            got.extend(iter(lambda: raw.recv(65536), b""))
    assert len(b"".join(got)) == min(cut, len(whole) - 1)


def test_a_delayed_answer_comes_late_and_others_do_not_wait_for_it(serve: Serve) -> None:
    def respond(exchange: Any) -> Answer:
        return Answer(200, exchange.body, delay_seconds=0.3 if exchange.body == b"late" else 0.0)

    with serve(FakeApp(respond)) as line, line.raw() as raw:
        began = time.monotonic()
        raw.sendall(request_bytes(b"late"))
        assert line.post(b"now").body == b"now"
        assert time.monotonic() - began < 0.3
        assert raw.recv(65536).endswith(b"late")
        assert time.monotonic() - began >= 0.3


def test_a_hanging_answer_never_comes_and_ends_with_the_client(serve: Serve) -> None:
    with serve(FakeApp(lambda exchange: Answer(200, b"", hang=True)), IMPATIENT) as line:
        with line.raw() as raw:
            raw.sendall(request_bytes() * 3)
            raw.settimeout(0.5)
            with pytest.raises(TimeoutError):
                raw.recv(1)
            assert line.port.open_connections == 1
        line.wait_until(lambda: line.port.open_connections == 0)


def test_a_refused_connection_is_reset(serve: Serve) -> None:
    """Once, as the application says; the next one is let in."""
    app = FakeApp()
    app.refuse = 1
    with serve(app) as line:
        with pytest.raises(ConnectionError):
            line.raw()
        assert line.post().status == 200


def test_connections_beyond_the_limit_are_reset(serve: Serve) -> None:
    limits = PortLimits(connections_max=2)
    with serve(FakeApp(), limits) as line, line.raw(), line.raw() as second:
        with pytest.raises(ConnectionError):
            line.raw()
        second.close()
        line.wait_until(lambda: line.port.open_connections == 1)
        assert line.post().status == 200


def test_a_thousand_idle_connections_do_not_stop_it(serve: Serve) -> None:
    resource = pytest.importorskip("resource")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2500:
        pytest.skip("this process may not open so many files")
    with serve(FakeApp()) as line, ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(line.plain())
        for _ in range(20):
            stack.enter_context(line.raw())
        assert line.post().status == 200
        assert line.port.open_connections >= 1020


def test_a_handshake_that_stops_half_way_is_given_up(serve: Serve) -> None:
    with serve(FakeApp(), IMPATIENT) as line, line.plain() as plain:
        plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        assert plain.recv(1) == b""


def test_a_request_that_stops_half_way_is_given_up(serve: Serve) -> None:
    with serve(app := FakeApp(), IMPATIENT) as line, line.raw() as raw:
        raw.sendall(request_bytes()[:-1])
        with pytest.raises((ssl.SSLError, ConnectionError)):
            raw.recv(1)
    assert app.seen == []


def test_an_idle_connection_is_closed_in_good_order(serve: Serve) -> None:
    with serve(FakeApp(), IMPATIENT) as line, line.raw() as raw:
        raw.sendall(request_bytes())
        raw.recv(65536)
        assert raw.recv(1) == b"", "TLS's farewell, not a broken line"


def test_it_stops_after_what_is_under_way_is_answered(serve: Serve) -> None:
    """And closes idle and hanging connections at once."""
    answers = {b"hang": Answer(200, b"", hang=True), b"late": Answer(200, b"!", delay_seconds=0.3)}
    app = FakeApp(lambda exchange: answers[exchange.body])
    with serve(app) as line, line.raw() as idle, line.raw() as hanging, line.raw() as late:
        hanging.sendall(request_bytes(b"hang"))
        late.sendall(request_bytes(b"late"))
        line.wait_until(lambda: line.port.open_connections == 3 and len(app.seen) == 2)
        line.thread.run(line.port.stop())
        assert read_all(late).endswith(b"Connection: close\r\n\r\n!")
        assert idle.recv(1) == b""
        with pytest.raises((ssl.SSLError, ConnectionError)):
            hanging.recv(1)
        with pytest.raises(ConnectionRefusedError):
            line.plain()


@pytest.mark.parametrize("rounds", range(4))
def test_it_closes_what_it_has_just_accepted_when_it_stops(serve: Serve, rounds: int) -> None:
    """How far the loop has come with it makes no difference."""

    async def stop(line: Line) -> list[socket.socket]:
        came = [line.plain() for _ in range(3)]
        for _ in range(rounds):
            await asyncio.sleep(0)
        await line.port.stop()
        return came

    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always")
        with serve(FakeApp()) as line:
            for plain in line.thread.run(stop(line)):
                plain.close()
        gc.collect()
    assert left_open == []


def test_it_does_not_wait_for_ever_when_it_stops(serve: Serve) -> None:
    app = FakeApp(lambda exchange: Answer(200, b"", delay_seconds=3600.0))
    with serve(app, PortLimits(stop_seconds=0.1)) as line, line.raw() as raw:
        raw.sendall(request_bytes())
        line.wait_until(lambda: len(app.seen) == 1)
        line.thread.run(line.port.stop())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            raw.recv(1)


def test_a_port_that_is_taken_is_said_to_be(serve: Serve) -> None:
    with serve(FakeApp()) as line, socket.create_server(("127.0.0.1", 0)) as other:
        taken = line.port.start("127.0.0.1", other.getsockname()[1])
        with pytest.raises(ConfigurationError, match="cannot be used"):
            line.thread.run(taken)
