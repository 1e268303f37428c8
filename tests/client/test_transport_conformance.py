"""What both transports must keep of requests, replies and connections, over real TLS."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from drivers import KINDS, Garage, body, maybe_sent, nothing_sent
from peers import BODY, GOOD, OK, OK_HEAD, Line, Peer, answer, client_tls

from hongbao.client.transport import HttpResponse, Limits
from hongbao.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import peers


@pytest.fixture(params=KINDS)
def drive(request: pytest.FixtureRequest) -> Iterator[Garage]:
    """Makes transports of each kind, and closes them when the test is over."""
    garage = Garage(request.param)
    yield garage
    garage.close()


# The ordinary course


def test_an_exchange_gives_status_and_body_and_writes_the_request_as_it_is(drive: Garage) -> None:
    with Peer() as peer:
        outcome = drive(client_tls()).send(peer.request(b"<xml>1</xml>", "/mmpaymkttransfers/x"))
    assert outcome == GOOD
    assert len(peer.requests) == 1
    head, _, sent = peer.requests[0].partition(b"\r\n\r\n")
    assert sent == b"<xml>1</xml>"
    assert head.startswith(b"POST /mmpaymkttransfers/x HTTP/1.1\r\nHost: 127.0.0.1:")


def test_method_and_headers_go_out_and_headers_come_back(drive: Garage) -> None:
    signed = b"HTTP/1.1 200 OK\r\nWechatpay-Serial: PUB_KEY_ID_1\r\nX: \xff\r\n"
    with Peer(answer(signed + b"Content-Length: 2\r\n\r\n{}")) as peer:
        driver = drive(client_tls())
        headers = (("Accept", "application/json"), ("Authorization", 'S mchid="1"'))
        for _ in range(2):
            outcome = driver.send(peer.request(b"", "/v3/x?y=z", method="GET", headers=headers))
            assert isinstance(outcome, HttpResponse)
            assert outcome.body == b"{}"
            assert outcome.header("wechatpay-serial") == "PUB_KEY_ID_1"
            assert outcome.header("x") == "ÿ"
    assert peer.handshakes == 1
    for request in peer.requests:
        assert request.startswith(b"GET /v3/x?y=z HTTP/1.1\r\n")
        assert b'\r\nAccept: application/json\r\nAuthorization: S mchid="1"\r\n' in request
        assert b"content-length" not in request.lower()


def test_a_header_that_would_break_the_head_is_refused_before_a_connection_is_opened(
    drive: Garage,
) -> None:
    with Peer() as peer:
        driver = drive(client_tls())
        hostile = peer.request(headers=(("A", "b\r\nContent-Length: 0"),))
        with pytest.raises(InvalidRequest):
            driver.send(hostile)
        assert (peer.requests, peer.handshakes) == ([], 0)
        assert driver.send(peer.request()) == GOOD


def test_a_reply_with_more_headers_than_the_limit_may_have_been_sent(drive: Garage) -> None:
    with Peer() as peer:
        driver = drive(client_tls(), limits=Limits(headers_max=2))
        assert "more than 2 headers" in maybe_sent(driver.send(peer.request())).why


def test_a_connection_is_used_again(drive: Garage) -> None:
    with Peer() as peer:
        driver = drive(client_tls())
        for _ in range(20):
            assert body(driver.send(peer.request())) == BODY
    assert (len(peer.requests), peer.handshakes) == (20, 1)


def test_a_hundred_at_once_open_no_more_connections_than_the_bound(drive: Garage) -> None:
    with Peer() as peer:
        driver = drive(client_tls(), limits=Limits(connections_max=4))
        bodies = [b"<xml>%d</xml>" % number for number in range(100)]
        outcomes = driver.send_at_once([peer.request(one) for one in bodies])
    assert [body(outcome) for outcome in outcomes] == [BODY] * 100
    assert sorted(one.partition(b"\r\n\r\n")[2] for one in peer.requests) == sorted(bodies)
    assert peer.handshakes <= 4


def test_each_caller_gets_the_reply_to_its_own_request(drive: Garage) -> None:
    def echo(line: Line) -> None:
        said = line.request.partition(b"\r\n\r\n")[2]
        line.send(OK_HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(said), said))

    with Peer(echo) as peer:
        driver = drive(client_tls(), limits=Limits(connections_max=8))
        bodies = [b"<xml>%d</xml>" % number for number in range(64)]
        outcomes = driver.send_at_once([peer.request(one) for one in bodies])
    assert [body(outcome) for outcome in outcomes] == bodies


def test_a_large_request_is_written_whole(drive: Garage) -> None:
    with Peer() as peer:
        assert body(drive(client_tls()).send(peer.request(b"x" * 4_000_000))) == BODY
    assert peer.requests[0].endswith(b"x" * 4_000_000)


def test_a_reply_may_come_in_chunks_and_pieces(drive: Garage) -> None:
    def in_pieces(line: Line) -> None:
        line.send(b"HTTP/1.1 100 Continue\r\n\r\nHTT")
        line.send(b"P/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
        line.send(b"c\r\n2\r\nde\r\n0\r\n\r\n")

    with Peer(in_pieces) as peer:
        driver = drive(client_tls())
        assert [body(driver.send(peer.request())) for _ in range(3)] == [b"abcde"] * 3
    assert peer.handshakes == 1


def test_a_status_that_is_no_success_is_a_response_too(drive: Garage) -> None:
    with Peer(answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad")) as peer:
        outcome = drive(client_tls()).send(peer.request())
    assert isinstance(outcome, HttpResponse)
    assert (outcome.status, outcome.body) == (502, b"bad")


def test_no_redirect_is_followed(drive: Garage) -> None:
    with Peer() as other:
        reply = b"HTTP/1.1 307 Go\r\nLocation: https://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
        with Peer(answer(reply % other.origin.port)) as peer:
            outcome = drive(client_tls()).send(peer.request())
    assert isinstance(outcome, HttpResponse)
    assert outcome.status == 307
    assert (len(peer.requests), len(other.requests), other.handshakes) == (1, 0, 0)


# Connections that may not be used again


@pytest.mark.long
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(OK.replace(b"keep-alive", b"close"), id="which the server will close"),
        pytest.param(OK.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"keep-alive", b"x"), id="1.0"),
        pytest.param(OK + b"surplus", id="with bytes behind the reply"),
        pytest.param(OK + OK, id="with a second reply"),
    ],
)
def test_a_connection_is_not_used_again(drive: Garage, reply: bytes) -> None:
    with Peer(answer(reply)) as peer:
        driver = drive(client_tls())
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
    assert (len(peer.requests), peer.handshakes) == (3, 3)


def test_a_connection_that_was_idle_for_too_long_is_not_used_again(drive: Garage) -> None:
    with Peer() as peer:
        driver = drive(client_tls(), limits=Limits(idle_seconds=0))
        for _ in range(3):
            assert body(driver.send(peer.request())) == BODY
    assert (len(peer.requests), peer.handshakes) == (3, 3)


@pytest.mark.long
@pytest.mark.parametrize("end", [Line.say_goodbye, Line.hang_up, Line.reset])
def test_a_connection_that_died_while_idle_is_noticed_before_the_first_byte(
    drive: Garage, end: peers.Script
) -> None:
    idle, ended = threading.Event(), threading.Event()

    def reply_and_end(line: Line) -> None:
        line.send(OK)
        idle.wait(10)
        idle.clear()
        end(line)
        ended.set()

    with Peer(reply_and_end) as peer:
        driver = drive(client_tls())
        for _ in range(5):
            assert body(driver.send(peer.request())) == BODY
            idle.set()
            assert ended.wait(10)
            ended.clear()
    assert (len(peer.requests), peer.handshakes) == (5, 5)


def test_bytes_that_come_while_a_connection_is_idle_spoil_it(drive: Garage) -> None:
    idle, spoiled = threading.Event(), threading.Event()

    def reply_twice(line: Line) -> None:
        line.send(OK)
        idle.wait(10)
        idle.clear()
        line.send(OK.replace(b"SUCCESS", b"POISON!"))
        line.deliver()
        spoiled.set()

    with Peer(reply_twice) as peer:
        driver = drive(client_tls())
        for _ in range(2):
            assert body(driver.send(peer.request())) == BODY
            idle.set()
            assert spoiled.wait(10)
            spoiled.clear()
    assert peer.handshakes == 2


# Never twice


@pytest.mark.long
@pytest.mark.parametrize("end", [Line.say_goodbye, Line.hang_up, Line.reset])
def test_a_reused_connection_that_dies_with_the_request_is_maybe_sent_and_not_sent_again(
    drive: Garage, end: peers.Script
) -> None:
    def second_kills(line: Line) -> None:
        if len(line.peer.requests) % 2:
            line.send(OK)
        else:
            end(line)

    with Peer(second_kills) as peer:
        driver = drive(client_tls())
        for round_ in range(1, 4):
            assert body(driver.send(peer.request(b"first"))) == BODY
            error = maybe_sent(driver.send(peer.request(b"second")))
            assert error.certificate_alert is None
            assert len(peer.requests) == 2 * round_
    assert [one.rpartition(b"\n")[2] for one in peer.requests] == [b"first", b"second"] * 3


def _endless_head(line: Line) -> None:
    line.send(OK_HEAD)
    while line.open:
        line.send(b"X-More: and more\r\n" * 100)


def _endless_body(line: Line) -> None:
    line.send(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while line.open:
        line.send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")


def _then(end: peers.Script, data: bytes) -> peers.Script:
    def script(line: Line) -> None:
        line.send(data)
        end(line)

    return script


HOSTILE = {
    "a head that never ends": _endless_head,
    "a body that never ends": _endless_body,
    "a body over the limit": answer(
        OK_HEAD + b"Content-Length: 2000000\r\n\r\n" + b"x" * 2_000_000
    ),
    "a length that promises more": _then(
        Line.say_goodbye, OK_HEAD + b"Content-Length: 999\r\n\r\nx"
    ),
    "the same, cut": _then(Line.hang_up, OK_HEAD + b"Content-Length: 999\r\n\r\nx"),
    "a reset in the middle": _then(Line.reset, OK_HEAD + b"Content-Length: 999\r\n\r\nx"),
    "a chunk that is cut": _then(
        Line.hang_up, OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nx"
    ),
    "two lengths": answer(OK_HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
    "a length and chunks": answer(
        OK_HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    ),
    "a folded header": answer(OK_HEAD + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    "garbage": answer(b"\x00\x01\x02 not http at all\r\n\r\n"),
    "another protocol": answer(
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    ),
    "nothing, in good order": Line.say_goodbye,
    "nothing, cut": Line.hang_up,
    "nothing, reset": Line.reset,
    "no length and a cut": _then(Line.hang_up, OK_HEAD + b"Connection: close\r\n\r\nhalf"),
    "no length and no word of closing": _then(Line.say_goodbye, OK_HEAD + b"\r\nhalf"),
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_reply_is_maybe_sent_and_the_request_is_seen_once(
    drive: Garage, script: peers.Script
) -> None:
    with Peer(script) as peer:
        driver = drive(client_tls())
        error = maybe_sent(driver.send(peer.request()))
        assert (len(peer.requests), peer.handshakes) == (1, 1)
    assert error.why
    assert error.certificate_alert is None


def test_a_reply_without_length_is_whole_if_it_says_close_and_tls_ends_in_order(
    drive: Garage,
) -> None:
    with Peer(_then(Line.say_goodbye, OK_HEAD + b"Connection: close\r\n\r\n" + BODY)) as peer:
        assert body(drive(client_tls()).send(peer.request())) == BODY


# The end


def test_a_closed_transport_sends_nothing_and_may_be_closed_twice(drive: Garage) -> None:
    with Peer() as peer:
        driver = drive(client_tls())
        assert body(driver.send(peer.request())) == BODY
        transport = driver.transport  # type: ignore[attr-defined]  # both have one
        if drive.kind == "blocking":
            transport.close()
            transport.close()
        else:
            driver._runner.run(transport.aclose())  # type: ignore[attr-defined]  # as above
            driver._runner.run(transport.aclose())  # type: ignore[attr-defined]  # as above
        assert "closed" in nothing_sent(driver.send(peer.request()))
    assert len(peer.requests) == 1
