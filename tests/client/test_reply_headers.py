"""Which headers a reply has, whatever stands in and behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao.client.framing import FramingError, ReplyReader
from hongbao.client.transport import Limits

if TYPE_CHECKING:
    from hongbao.client.transport import HttpResponse

HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"


def read(*pieces: bytes, limits: Limits = Limits()) -> HttpResponse | None:  # noqa: B008 - frozen
    """What a fresh reader makes of these pieces."""
    reader = ReplyReader(limits)
    response = None
    for piece in pieces:
        response = reader.feed(piece)
    return response


def with_headers(head: bytes, size: int = 10**6) -> HttpResponse:
    """A reply without a body, which came in pieces of this size."""
    reply = HEAD + head + b"Content-Length: 0\r\n\r\n"
    response = read(*(reply[at : at + size] for at in range(0, len(reply), size)))
    assert response is not None
    return response


@pytest.mark.parametrize("size", [10**6, 7, 1])
def test_the_headers_of_a_reply_are_found_in_any_case(size: int) -> None:
    response = with_headers(b"wechatpay-SERIAL: PUB_KEY_ID_1\r\nRequest-ID:\tx y \r\n", size)
    for name in ("Wechatpay-Serial", "WECHATPAY-SERIAL", "wechatpay-serial"):
        assert response.header(name) == "PUB_KEY_ID_1"
    assert response.header("request-id") == "x y"
    assert response.header("Wechatpay-Signature") is None
    assert set(response.headers) == {b"wechatpay-SERIAL", b"Request-ID", b"Content-Length"}


@pytest.mark.parametrize("size", [10**6, 7, 1])
def test_strange_bytes_in_a_header_leave_the_reply_readable(size: int) -> None:
    response = with_headers(b"A: \xff\xfe\x80\r\nB:\r\nC: \xe7\xba\xa2\r\n", size)
    assert (response.header("a"), response.header("b")) == ("ÿþ\x80", "")
    assert response.header("c") == "红".encode().decode("latin-1")


def test_a_name_that_no_header_can_have_is_not_there() -> None:
    assert with_headers(b"A: b\r\n").header("红") is None


def test_a_reply_may_have_as_many_headers_as_the_limit_and_not_one_more() -> None:
    limits = Limits(headers_max=3)
    few = HEAD + b"A: a\r\nB: b\r\nContent-Length: 0\r\n\r\n"
    for size in (len(few), 1):
        pieces = [few[at : at + size] for at in range(0, len(few), size)]
        response = read(*pieces, limits=limits)
        assert response is not None
        assert len(response.headers) == 3
    many = few.replace(b"B: b", b"B: b\r\nC: c")
    for size in (len(many), 1):
        pieces = [many[at : at + size] for at in range(0, len(many), size)]
        with pytest.raises(FramingError, match="more than 3 headers"):
            read(*pieces, limits=limits)


def test_headers_belong_to_one_reply_alone() -> None:
    reader = ReplyReader(Limits())
    first = reader.feed(HEAD + b"A: 1\r\nContent-Length: 0\r\n\r\n")
    second = reader.feed(HEAD + b"B: 2\r\nContent-Length: 0\r\n\r\n")
    assert first is not None
    assert second is not None
    assert set(first.headers) == {b"A", b"Content-Length"}
    assert set(second.headers) == {b"B", b"Content-Length"}


def test_the_headers_of_an_informational_reply_are_not_the_replys() -> None:
    response = read(b"HTTP/1.1 103 E\r\nA: early\r\n\r\n" + WHOLE)
    assert response is not None
    assert set(response.headers) == {b"Content-Length"}


def test_what_stands_behind_a_reply_changes_none_of_its_headers() -> None:
    surplus = HEAD + b"".join(b"X%d: x\r\n" % number for number in range(200)) + b"\r\n"
    response = read(HEAD + b"A: 1\r\nContent-Length: 0\r\n\r\n" + surplus)
    assert response is not None
    assert response.headers == {b"A": b"1", b"Content-Length": b"0"}


def test_a_trailer_is_no_header() -> None:
    trailer = b"Wechatpay-Signature: forged\r\n\r\n"
    reply = CHUNKED[:-2] + trailer
    for size in (len(reply), 1):
        response = read(*(reply[at : at + size] for at in range(0, len(reply), size)))
        assert response is not None
        assert response.body == b"hello"
        assert set(response.headers) == {b"Transfer-Encoding"}
