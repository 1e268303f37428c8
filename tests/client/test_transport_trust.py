"""Whom both transports trust, and what they say when nobody trusts them, over real TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

import peers
import pytest
from drivers import KINDS, Garage, body, nothing_sent
from peers import BODY, OK, Line, Peer, client_tls, server_tls, world

from hongbao.client.transport import HttpRequest, HttpResponse, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=KINDS)
def drive(request: pytest.FixtureRequest) -> Iterator[Garage]:
    """Makes transports of each kind, and closes them when the test is over."""
    garage = Garage(request.param)
    yield garage
    garage.close()


# Whom to trust


@pytest.mark.parametrize(
    ("certificate", "advice"),
    [
        ("server_of_another_name", "for another host"),
        ("expired_server", "has expired"),
        ("stranger", "not trusted"),
    ],
)
def test_a_server_that_cannot_prove_itself_gets_nothing_and_the_reason_is_reported(
    drive: Garage, certificate: str, advice: str
) -> None:
    with Peer(tls=server_tls(getattr(world(), certificate))) as peer:
        why = nothing_sent(drive(client_tls()).send(peer.request()))
    assert "the server is not trusted" in why
    assert advice in why
    assert peer.requests == []


def test_a_server_without_tls_gets_nothing(drive: Garage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak_plainly() -> None:
            line, _ = listener.accept()
            with line:
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                received.append(line.recv(4096))

        received: list[bytes] = []
        thread = threading.Thread(target=speak_plainly)
        thread.start()
        origin = Origin("127.0.0.1", listener.getsockname()[1])
        nothing_sent(
            drive(client_tls()).send(HttpRequest("POST", origin, "/secret", (), b"secret"))
        )
        thread.join()
    assert b"secret" not in received[0]


# Who we are

REFUSED = [
    pytest.param(None, "certificate_required", id="no certificate"),
    pytest.param("stranger", "unknown_ca", id="wrong CA"),
    pytest.param("expired_merchant", "certificate_expired", id="expired"),
]


@pytest.mark.parametrize(("shown", "alert"), REFUSED)
def test_under_tls_1_3_a_refused_certificate_shows_as_an_alert(
    drive: Garage, shown: str | None, alert: str
) -> None:
    tls = server_tls(asks=True, version=ssl.TLSVersion.TLSv1_3)
    certificate = None if shown is None else getattr(world(), shown)
    with Peer(tls=tls) as peer:
        outcome = drive(client_tls(certificate)).send(peer.request())
    assert not isinstance(outcome, HttpResponse)
    assert f"refused the client certificate (TLS alert {alert})" in outcome.why
    # The verdict races with the first byte: which comes first decides the class.
    assert getattr(outcome, "certificate_alert", alert) == alert
    assert peer.requests == []


def test_a_refusal_whose_alert_is_overtaken_by_the_end_of_the_line_is_never_a_reply(
    drive: Garage,
) -> None:
    tls = server_tls(asks=True, version=ssl.TLSVersion.TLSv1_3)
    with Peer(tls=tls, abrupt=True) as peer:
        driver = drive(client_tls())
        for _ in range(10):
            outcome = driver.send(peer.request())
            assert not isinstance(outcome, HttpResponse)
            assert "refused the client certificate" in outcome.why
    assert peer.requests == []


@pytest.mark.parametrize(("shown", "alert"), REFUSED)
def test_under_tls_1_2_a_refused_certificate_is_nothing_sent(
    drive: Garage, shown: str | None, alert: str
) -> None:
    tls = server_tls(asks=True, version=ssl.TLSVersion.TLSv1_2)
    certificate = None if shown is None else getattr(world(), shown)
    with Peer(tls=tls) as peer:
        why = nothing_sent(drive(client_tls(certificate)).send(peer.request()))
    # TLS 1.2 has no alert of its own for a certificate that is missing.
    assert ("no client certificate" if shown is None else alert) in why
    assert peer.requests == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_good_certificate_is_shown(drive: Garage, version: ssl.TLSVersion) -> None:
    seen: list[object] = []

    def look(line: Line) -> None:
        seen.append(line.tls.getpeercert())
        line.send(OK)

    with Peer(look, tls=server_tls(asks=True, version=version)) as peer:
        driver = drive(client_tls(world().merchant))
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
    assert peer.handshakes == 1
    assert peers.MCH_ID in str(seen[0])


def test_another_merchants_certificate_gets_the_servers_own_answer(drive: Garage) -> None:
    def judge(line: Line) -> None:
        certificate = str(line.tls.getpeercert())
        page = b"<html>The SSL certificate error</html>"
        refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
        line.send(OK if peers.MCH_ID in certificate else refusal)

    with Peer(judge, tls=server_tls(asks=True)) as peer:
        outcome = drive(client_tls(world().other_merchant)).send(peer.request())
    assert isinstance(outcome, HttpResponse)
    assert outcome.status == 400


@pytest.mark.parametrize("leave", [Line.say_goodbye, Line.hang_up, Line.reset])
def test_a_server_that_leaves_before_the_request_has_seen_nothing(
    drive: Garage, leave: peers.Script
) -> None:
    with Peer(greeting=leave) as peer:
        outcome = drive(client_tls()).send(peer.request())
    assert not isinstance(outcome, HttpResponse)
    assert peer.requests == []
