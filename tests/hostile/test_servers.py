"""Servers that mean harm against all transports, over real TLS: slow, huge, lying, changing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import pytest
from drivers import KINDS, Garage, body, maybe_sent, nothing_sent
from peers import BODY, OK, OK_HEAD, Line, Peer, client_tls, server_tls, world

from hongbao.client.transport import Limits, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.long  # it waits for real time-outs

SHORT = Limits(connect_seconds=0.3)
LAST = OK.replace(b"keep-alive", b"close")
TOO_LATE = 5.0  # seconds: a deadline of 0.3 that takes longer was not kept


@pytest.fixture(params=KINDS)
def drive(request: pytest.FixtureRequest) -> Iterator[Garage]:
    """Makes transports of each kind, and closes them when the test is over."""
    garage = Garage(request.param)
    yield garage
    garage.close()


class Between:
    """Stands between a client and a server and passes on what the server says byte by byte."""

    def __init__(self, behind: Origin) -> None:
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._pass_on)
        self.origin = Origin("127.0.0.1", self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._listener.close()

    def _pass_on(self) -> None:
        line, _ = self._listener.accept()
        with line, socket.create_connection(self._behind) as server, suppress(OSError):
            server.sendall(line.recv(65536))  # the client's first flight
            while (byte := server.recv(1)) and not self._stopping.wait(0.02):
                line.sendall(byte)


def test_a_handshake_that_drips_in_ends_at_the_deadline(drive: Garage) -> None:
    with Peer() as peer, Between(peer.origin) as between:
        request = peer.request()._replace(origin=between.origin)
        started = time.monotonic()
        outcome = drive(client_tls(), limits=SHORT).send(request)
        assert time.monotonic() - started < TOO_LATE
    assert "too long" in nothing_sent(outcome)
    assert peer.requests == []


def test_a_chain_of_certificates_without_end_is_not_read(drive: Garage, tmp_path: Path) -> None:
    """OpenSSL reads 100 KB of certificates at most."""
    own = world().server
    chain = [own.cert_chain_pems[0].bytes(), *[world().ca.cert_pem.bytes()] * 300]
    (tmp_path / "chain.pem").write_bytes(own.private_key_pem.bytes() + b"".join(chain))
    tls = server_tls()
    tls.load_cert_chain(tmp_path / "chain.pem")
    with Peer(tls=tls) as peer:
        assert "excessive message size" in nothing_sent(drive(client_tls()).send(peer.request()))
    assert peer.requests == []


def test_session_tickets_in_masses_are_no_reply_and_do_no_harm(drive: Garage) -> None:
    tls = server_tls(version=ssl.TLSVersion.TLSv1_3)
    tls.num_tickets = 200
    with Peer(tls=tls) as peer:
        driver = drive(client_tls())
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
    assert peer.handshakes == 1


def test_older_tls_is_not_spoken(drive: Garage) -> None:
    tls = server_tls()
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        tls.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    with Peer(tls=tls) as peer:
        nothing_sent(drive(client_tls()).send(peer.request()))
    assert peer.requests == []


@pytest.mark.parametrize("wrong", ["server_of_another_name", "expired_server", "stranger"])
def test_each_new_connection_must_prove_itself_anew(drive: Garage, wrong: str) -> None:
    """The first connection was good, and so was its certificate; then another machine answers."""

    def answer_once(line: Line) -> None:
        line.peer.serve_with(server_tls(getattr(world(), wrong)))
        line.send(LAST)
        line.say_goodbye()

    with Peer(answer_once) as peer:
        driver = drive(client_tls())
        assert body(driver.send(peer.request())) == BODY
        assert "the server is not trusted" in nothing_sent(driver.send(peer.request()))
        assert len(peer.requests) == 1
        peer.serve_with(server_tls())
        assert body(driver.send(peer.request())) == BODY


def test_a_session_of_an_old_certificate_is_not_resumed(drive: Garage) -> None:
    """No session outlives its connection, so none can stand in for a certificate."""
    resumed: list[bool | None] = []

    def look(line: Line) -> None:
        resumed.append(line.tls.session_reused)
        line.send(LAST)
        line.say_goodbye()

    with Peer(look) as peer:
        driver = drive(client_tls())
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
    assert resumed == [False] * 3


def test_a_server_that_reads_nothing_holds_nobody_beyond_the_deadline(drive: Garage) -> None:
    big = b"x" * 20_000_000  # more than the buffers of both sides take
    with Peer(greeting=Line.stall_unread) as peer:
        started = time.monotonic()
        error = maybe_sent(drive(client_tls()).send(peer.request(big), 0.3))
        assert time.monotonic() - started < TOO_LATE
    assert "time was up" in error.why


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 18446744073709551616\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x10\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx",
        b"Transfer-Encoding: identity, chunked, identity\r\n",
        b"X:" + b" " * 20_000 + b"\r\n",
        b"X: y\r\n" * 5_000,
    ],
    ids=lambda head: repr(head[:40]),
)
def test_a_head_that_lies_or_swells_is_no_reply(drive: Garage, head: bytes) -> None:
    def lie(line: Line) -> None:
        with suppress(OSError):  # it hangs up as soon as it has seen enough
            line.send(OK_HEAD + head + b"\r\n" + BODY)
            line.say_goodbye()

    with Peer(lie) as peer:
        maybe_sent(drive(client_tls()).send(peer.request()))
        assert len(peer.requests) == 1
