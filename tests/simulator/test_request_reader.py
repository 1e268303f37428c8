"""The reading of HTTP requests, without a socket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hongbao.simulator.exchange import Answer
from hongbao.simulator.server.http import HttpLimits, RequestReader, reply_bytes

SMALL = HttpLimits(head_bytes_max=200, body_bytes_max=100)


def read(data: bytes, *, limits: HttpLimits = SMALL, pieces: int = 1) -> RequestReader:
    reader = RequestReader(limits)
    size = max(1, -(-len(data) // pieces))
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return reader


@given(st.binary(max_size=500))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing that comes over the line raises."""
    read(data)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.integers(1, 300))
def test_requests_are_found_however_the_line_cuts_them(bodies: list[bytes], pieces: int) -> None:
    data = b"".join(
        b"POST /p?q=1 HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        for body in bodies
    )
    reader = read(data, pieces=pieces)
    assert [(found.path, found.query, found.body) for found in reader.requests] == [
        ("/p", "q=1", body) for body in bodies
    ]
    assert reader.refused is None
    assert not reader.receiving


def test_a_whole_url_as_proxies_send_it_is_understood() -> None:
    (found,) = read(b"GET https://api.mch.weixin.qq.com/a/b?c=d HTTP/1.1\r\n\r\n").requests
    assert (found.path, found.query) == ("/a/b", "c=d")


def test_the_wish_for_another_protocol_is_ignored() -> None:
    """Java's client sends it with every request, and the body is not to be lost over it."""
    head = (
        b"POST /a HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"Content-Length: 3\r\n\r\n"
    )
    reader = read(head + b"one" + head + b"two")
    assert [found.body for found in reader.requests] == [b"one", b"two"]


def test_a_tunnel_is_refused() -> None:
    assert read(b"CONNECT a:443 HTTP/1.1\r\n\r\n").refused == 405


def test_what_follows_a_last_request_is_dropped() -> None:
    reader = read(b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
    assert [found.path for found in reader.requests] == ["/a"]
    assert reader.refused is None


def test_lengths_that_smuggle_are_refused() -> None:
    """Two lengths, or a length beside chunks: whoever stands in between may see other requests."""
    for headers in (
        b"Content-Length: 1\r\nContent-Length: 1",
        b"Content-Length: 1\r\nTransfer-Encoding: chunked",
        b"Content-Length: +1",
        b"Content-Length : 1",
    ):
        assert read(b"POST / HTTP/1.1\r\n" + headers + b"\r\n\r\na").refused == 400


def test_a_body_is_refused_by_its_declared_length() -> None:
    assert read(b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n").refused == 413


def test_a_body_at_the_limit_is_taken() -> None:
    (found,) = read(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + b"x" * 100).requests
    assert len(found.body) == 100


def test_requests_before_it_do_not_count_for_the_length_of_one() -> None:
    one = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\none"
    reader = read(one * 20 + one[:-1])
    assert (len(reader.requests), reader.refused, reader.receiving) == (20, None, True)
    reader.feed(b"X" * SMALL.head_bytes_max)
    assert len(reader.requests) == 21


def test_trailers_come_to_an_end() -> None:
    """A head behind the body counts too."""
    start = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
    assert read(start + b"x" * 1000, pieces=20).refused == 413


def test_it_is_only_told_to_go_on_before_it_has_sent_the_body() -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert read(head).wants_continue
    assert not read(head + b"a").wants_continue
    assert not read(head.replace(b"1.1", b"1.0")).wants_continue
    assert not read(head.replace(b": 2", b": 0")).wants_continue


def test_a_reply_says_how_long_it_is_and_whether_it_is_the_last() -> None:
    answer = Answer(200, "红包".encode(), "text/plain")
    whole = reply_bytes(answer, date="now", keep_alive=False)
    head, body = whole.split(b"\r\n\r\n")
    assert head.splitlines()[0] == b"HTTP/1.1 200 OK"
    assert b"Content-Length: 6" in head.splitlines()
    assert b"Connection: close" in head.splitlines()
    assert body == answer.body
    assert reply_bytes(answer, date="now", keep_alive=False, head=True) == head + b"\r\n\r\n"
