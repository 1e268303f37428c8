"""HTTP/1.1 as bytes, without a socket: what is a whole reply, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.client.framing import FramingError, ReplyReader
from hongbao.client.transport import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.client.transport import HttpResponse

HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
HELLO = (200, b"hello")
SMALL = Limits(head_bytes_max=64, body_bytes_max=10)


def read(*pieces: bytes, limits: Limits = Limits()) -> HttpResponse | None:  # noqa: B008 - frozen
    """What a fresh reader makes of these pieces; None if it waits for more."""
    reader = ReplyReader(limits)
    response = None
    for piece in pieces:
        response = reader.feed(piece)
    return response


def said(response: HttpResponse | None) -> tuple[int, bytes] | None:
    """A reply without its headers."""
    return None if response is None else (response.status, response.body)


def reader_after(*pieces: bytes) -> ReplyReader:
    """A reader that has been fed these pieces."""
    reader = ReplyReader(Limits())
    for piece in pieces:
        reader.feed(piece)
    return reader


# Whole replies


@pytest.mark.parametrize("reply", [WHOLE, CHUNKED])
def test_a_reply_is_whole_at_its_last_byte_however_it_is_cut(reply: bytes) -> None:
    assert said(read(reply)) == HELLO
    for cut in range(1, len(reply)):
        assert read(reply[:cut]) is None
        assert said(read(reply[:cut], reply[cut:])) == HELLO
    assert said(read(*(reply[at : at + 1] for at in range(len(reply))))) == HELLO


def test_one_reader_reads_many_replies() -> None:
    reader = ReplyReader(Limits())
    for cut in range(1, len(WHOLE)):
        assert said(reader.feed(WHOLE)) == HELLO
        assert reader.reusable
        assert said(reader.feed(CHUNKED)) == HELLO
        assert reader.feed(WHOLE[:cut]) is None
        assert reader.started
        assert said(reader.feed(WHOLE[cut:])) == HELLO
        assert not reader.started


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_body_ends_with_its_head(status: int) -> None:
    assert said(read(b"HTTP/1.1 %d X\r\n\r\n" % status)) == (status, b"")


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 E\r\nA: b\r\n\r\n"]
)
def test_informational_replies_are_skipped(interim: bytes) -> None:
    assert said(read(interim + WHOLE)) == HELLO
    assert said(read(interim, interim, WHOLE)) == HELLO
    assert said(read(interim + interim + WHOLE[:20], WHOLE[20:])) == HELLO
    assert read(interim) is None


def test_a_gzip_coding_of_the_transfer_without_an_end_is_not_whole() -> None:
    reader = reader_after(HEAD + b"Connection: close\r\nTransfer-Encoding: gzip\r\n\r\nhello")
    with pytest.raises(FramingError, match="body"):
        reader.eof()


# The connection afterwards


@pytest.mark.parametrize(
    ("reply", "reusable"),
    [
        (WHOLE, True),
        (CHUNKED, True),
        (HEAD + b"Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", True),
        (HEAD + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", False),
        (HEAD + b"connection: Close\r\nContent-Length: 5\r\n\r\nhello", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", True),
        (WHOLE + WHOLE, False),
        (WHOLE + b"H", False),
        (WHOLE + b"surplus", False),
        (HEAD + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello surplus", False),
    ],
)
def test_a_connection_may_be_used_again_or_not(reply: bytes, reusable: bool) -> None:  # noqa: FBT001 - a table
    for cut in (len(reply), 10, 30):
        reader = ReplyReader(Limits())
        # A transport feeds nothing behind a whole reply; what comes with its last byte is enough.
        response = reader.feed(reply[:cut]) or reader.feed(reply[cut:])
        assert said(response) == HELLO
        assert reader.reusable is reusable


# Replies that end with the connection


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Connection: close\r\n\r\n",
        HEAD + b"Connection: x, CLOSE\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nConnection: keep-alive\r\n\r\n"
        + HEAD
        + b"Connection: close\r\n\r\n",
    ],
)
def test_a_reply_that_says_so_ends_with_the_connection(head: bytes) -> None:
    for pieces in ((head + b"hello",), (head, b"hello"), (head[:9], head[9:] + b"he", b"llo")):
        reader = reader_after(*pieces)
        assert said(reader.eof()) == HELLO
        assert not reader.reusable


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ((), "without a reply"),
        ((b"HTT",), "head"),
        ((HEAD,), "head"),
        ((HEAD + b"Connection: close\r\n",), "head"),
        ((HEAD + b"\r\nhello",), "body"),
        ((HEAD + b"Connection: keep-alive\r\n\r\nhello",), "body"),
        ((HEAD + b"Connection: closed\r\n\r\nhello",), "body"),
        ((HEAD + b"Connection: close\r\nContent-Length: 9\r\n\r\nhello",), "body"),
        ((CHUNKED[:-2],), "body"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n",), "head"),
    ],
)
def test_any_other_end_leaves_the_reply_unfinished(pieces: tuple[bytes, ...], why: str) -> None:
    reader = reader_after(*pieces)
    with pytest.raises(FramingError, match=why):
        reader.eof()


def test_the_end_after_a_whole_reply_is_no_reply() -> None:
    reader = reader_after(WHOLE)
    with pytest.raises(FramingError, match="without a reply"):
        reader.eof()


# What is refused


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", id="two lengths"),
        pytest.param(
            HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nab", id="two, differing"
        ),
        pytest.param(HEAD + b"Content-Length: 2, 2\r\n\r\nab", id="a list of lengths"),
        pytest.param(HEAD + b"Content-Length: -2\r\n\r\nab", id="a negative length"),
        pytest.param(HEAD + b"Content-Length: +2\r\n\r\nab", id="a signed length"),
        pytest.param(HEAD + b"Content-Length: 0x2\r\n\r\nab", id="a length in hex"),
        pytest.param(
            HEAD + b"Content-Length: 9" + b"9" * 30 + b"\r\n\r\nab", id="a length past 64 bits"
        ),
        pytest.param(
            HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="a length, then chunks",
        ),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
            id="chunks, then a length",
        ),
        pytest.param(HEAD + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n", id="a folded header"),
        pytest.param(HEAD + b"Content-Length:\r\n 2\r\n\r\nab", id="a folded length"),
        pytest.param(HEAD + b"Content-Length : 2\r\n\r\nab", id="a blank before the colon"),
        pytest.param(HEAD + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n", id="a NUL"),
        pytest.param(HEAD + b"X: a\rb\r\nContent-Length: 0\r\n\r\n", id="a bare CR"),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", id="bare LFs"),
        pytest.param(b"\r\n" + WHOLE, id="a blank line first"),
        pytest.param(b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="HTTP/2.0"),
        pytest.param(b"RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="RTSP"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", id="a request"),
        pytest.param(b"HTTP/1.1 9999 OK\r\nContent-Length: 0\r\n\r\n", id="four digits of status"),
        pytest.param(b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", id="a status under 100"),
        pytest.param(b"HTTP/1.1 000 OK\r\nConnection: close\r\n\r\n", id="a status of 0"),
        pytest.param(
            b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", id="an upgrade"
        ),
        pytest.param(b"HTTP/1.1 101 S\r\n\r\n" + WHOLE, id="101 alone"),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
            id="no size of a chunk",
        ),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", id="a chunk too long"
        ),
        pytest.param(b"<html>", id="no HTTP"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x28", id="a TLS record"),
    ],
)
def test_what_breaks_http_is_refused_in_one_piece_or_many(reply: bytes) -> None:
    for size in (len(reply), 7, 1):
        pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
        reader = ReplyReader(Limits())
        with pytest.raises(FramingError):
            _feed_all_then_end(reader, pieces)


def _feed_all_then_end(reader: ReplyReader, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        assert reader.feed(piece) is None
    reader.eof()


def test_an_error_does_not_quote_the_reply() -> None:
    with pytest.raises(FramingError) as caught:
        read(HEAD + b"X: secret\r\n secret\r\n\r\n")
    assert "secret" not in str(caught.value)


# Limits


def test_a_head_may_be_as_long_as_its_limit_and_no_byte_longer() -> None:
    head = HEAD + b"Content-Length: 2\r\nX: "
    fits = head + b"x" * (64 - len(head) - 4) + b"\r\n\r\n"
    assert len(fits) == 64
    too_long = fits.replace(b"X: ", b"X: x")
    for size in (100, 64, 10, 1):
        reply = fits + b"ab"
        pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
        assert said(read(*pieces, limits=SMALL)) == (200, b"ab")
        reply = too_long + b"ab"
        pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
        with pytest.raises(FramingError, match="head is longer than 64 bytes"):
            read(*pieces, limits=SMALL)


def test_informational_replies_share_the_limit_of_the_head() -> None:
    with pytest.raises(FramingError, match="head is longer"):
        read(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 4, limits=SMALL)


@pytest.mark.parametrize("framing", ["length", "chunks", "close"])
def test_a_body_may_be_as_long_as_its_limit_and_no_byte_longer(framing: str) -> None:
    def outcome(body: bytes, size: int) -> tuple[int, bytes] | None:
        headers = {
            "length": b"Content-Length: %d\r\n\r\n" % len(body),
            "chunks": b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body),
            "close": b"Connection: close\r\n\r\n",
        }
        reply = HEAD + headers[framing] + body + (b"\r\n0\r\n\r\n" if framing == "chunks" else b"")
        reader = ReplyReader(SMALL)
        response = None
        for at in range(0, len(reply), size):
            response = reader.feed(reply[at : at + size])
        return said(response or reader.eof())

    for size in (200, 50, 1):
        assert outcome(b"x" * 10, size) == (200, b"x" * 10)
        with pytest.raises(FramingError, match="body is longer than 10 bytes"):
            outcome(b"x" * 11, size)


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(b"X-More: and more\r\n", id="headers"),
        pytest.param(b"\r\n" + b"x" * 100, id="a body until the end"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 9, id="small chunks"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 99, id="a chunk's extension"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"e" * 99, id="a trailer"),
    ],
)
def test_what_never_ends_is_refused_before_it_fills_the_memory(endless: bytes) -> None:
    reader = ReplyReader(Limits(head_bytes_max=1000, body_bytes_max=5000))
    reader.feed(HEAD)
    reader.feed(endless)
    rest = (endless[-18:] for _ in range(7000 // 18))
    with pytest.raises(FramingError, match="longer than"):
        _feed_all_then_end(reader, rest)


# Any bytes


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_any_bytes_give_a_response_or_wait_or_are_refused(pieces: list[bytes]) -> None:
    reader = ReplyReader(SMALL)
    try:
        for piece in pieces:
            if reader.feed(piece) is not None:
                return
        reader.eof()
    except FramingError:
        pass


@given(
    st.binary(max_size=300),
    st.integers(200, 599),
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
    st.booleans(),
)
def test_what_a_server_writes_is_what_is_read(
    body: bytes,
    status: int,
    sizes: list[int],
    chunked: bool,  # noqa: FBT001 - drawn
) -> None:
    expected = b"" if status in (204, 304) else body
    head = b"HTTP/1.1 %d X\r\n" % status
    if not chunked:
        reply = head + b"Content-Length: %d\r\n\r\n%b" % (len(expected), expected)
    else:
        parts = [expected[at : at + sizes[0]] for at in range(0, len(expected), sizes[0])]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        reply = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    if chunked and status in (204, 304):
        return
    reader, responses, at, turn = ReplyReader(Limits()), [], 0, 0
    while at < len(reply):
        size = sizes[turn % len(sizes)]
        responses.append(reader.feed(reply[at : at + size]))
        at, turn = at + size, turn + 1
    assert said(responses[-1]) == (status, expected)
    assert responses[:-1] == [None] * (len(responses) - 1)
    assert reader.reusable
