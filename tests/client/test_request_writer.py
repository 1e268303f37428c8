"""How a request is written, and which ones are refused before a byte leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao import __version__
from hongbao.client.framing import PATHS_CACHED_MAX, RequestWriter
from hongbao.client.transport import Origin
from hongbao.errors import InvalidRequest

if TYPE_CHECKING:
    from hongbao.client.transport import SentHeaders

XML: SentHeaders = (("Accept", "*/*"), ("Content-Type", "text/xml; charset=utf-8"))


def test_a_request_is_written_like_this() -> None:
    writer = RequestWriter(Origin("api.mch.weixin.qq.com", 443))
    assert writer.write("POST", "/a/b", XML, b"<xml/>") == (
        b"POST /a/b HTTP/1.1\r\n"
        b"Host: api.mch.weixin.qq.com\r\n"
        b"User-Agent: hongbao/" + __version__.encode() + b"\r\n"
        b"Accept: */*\r\n"
        b"Content-Type: text/xml; charset=utf-8\r\n"
        b"Content-Length: 6\r\n"
        b"\r\n"
        b"<xml/>"
    )


def test_a_get_without_a_body_says_nothing_of_a_length() -> None:
    writer = RequestWriter(Origin("h", 443))
    assert writer.write("GET", "/a?b=c%20d", (("Accept", "application/json"),), b"") == (
        b"GET /a?b=c%20d HTTP/1.1\r\n"
        b"Host: h\r\n"
        b"User-Agent: hongbao/" + __version__.encode() + b"\r\n"
        b"Accept: application/json\r\n"
        b"\r\n"
    )


def test_a_post_without_a_body_says_that_its_length_is_0() -> None:
    written = RequestWriter(Origin("h", 443)).write("POST", "/", (), b"")
    assert written.endswith(b"\r\nContent-Length: 0\r\n\r\n")


def test_a_path_that_comes_again_with_another_method_or_header_is_written_anew() -> None:
    writer = RequestWriter(Origin("h", 443))
    for number in (0, 1, 2, 0, 1, 2):
        signed = (("Authorization", f"nonce {number}"),)
        for _ in range(2):
            written = writer.write("POST", "/a", signed, b"{}")
            assert written.startswith(b"POST /a ")
            assert b"\r\nAuthorization: nonce %d\r\n" % number in written
        assert writer.write("GET", "/a", signed, b"").startswith(b"GET /a ")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (Origin("localhost", 8443), b"localhost:8443"),
        (Origin("::1", 443), b"[::1]"),
        (Origin("::1", 8443), b"[::1]:8443"),
    ],
)
def test_the_host_header_names_another_port_and_brackets_ipv6(origin: Origin, host: bytes) -> None:
    written = RequestWriter(origin).write("POST", "/", (), b"")
    assert b"\r\nHost: " + host + b"\r\n" in written


def test_the_length_is_that_of_each_body() -> None:
    writer = RequestWriter(Origin("h", 443))
    for body in (b"", b"x", "红包".encode(), b"x" * 1000):
        written = writer.write("POST", "/", (), body)
        assert b"\r\nContent-Length: %d\r\n\r\n" % len(body) in written
        assert written.endswith(body)


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y", "/红包", "/\x00", "/a\tb", ""])
def test_a_path_that_would_break_the_head_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest, match="visible ASCII"):
        RequestWriter(Origin("h", 443)).write("POST", path, (), b"")


def test_a_host_that_would_break_the_head_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="visible ASCII"):
        RequestWriter(Origin("h\r\nX: y", 443)).write("POST", "/", (), b"")


@pytest.mark.parametrize("method", ["HEAD", "CONNECT", "get", "", "GET / HTTP/1.1\r\nX: y\r\n"])
def test_a_method_whose_reply_would_end_elsewhere_is_refused(method: Any) -> None:
    with pytest.raises(InvalidRequest, match="method must be one of GET, POST"):
        RequestWriter(Origin("h", 443)).write(method, "/", (), b"")


@pytest.mark.parametrize(
    "value",
    [
        "secret\r\nX: y",
        "secret\n",
        "secret\r",
        "sec\x00ret",
        "sec\x7fret",
        " secret",
        "secret ",
        "密钥",
    ],
)
def test_a_header_whose_value_would_be_read_otherwise_is_refused_and_not_quoted(value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        RequestWriter(Origin("h", 443)).write("POST", "/", (("Authorization", value),), b"")
    assert caught.value.field == "Authorization"
    assert "secret" not in str(caught.value)
    assert "密" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "A b", "A:", "A\r\nB", "Ä", "A\x00"])
def test_a_header_whose_name_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="token"):
        RequestWriter(Origin("h", 443)).write("POST", "/", ((name, "x"),), b"")


@pytest.mark.parametrize(
    "name", ["Host", "CONTENT-LENGTH", "transfer-encoding", "Connection", "Expect", "Upgrade"]
)
def test_a_header_that_says_where_a_request_ends_is_the_transports_own(name: str) -> None:
    with pytest.raises(InvalidRequest, match="left out: the transport writes it"):
        RequestWriter(Origin("h", 443)).write("POST", "/", ((name, "1"),), b"")


def test_an_empty_value_and_blanks_inside_one_are_sent_as_they_are() -> None:
    headers = (("A", ""), ("B", "b \t c"))
    written = RequestWriter(Origin("h", 443)).write("POST", "/", headers, b"")
    assert b"\r\nA: \r\nB: b \t c\r\n" in written


def test_the_heads_that_are_kept_are_bounded() -> None:
    writer = RequestWriter(Origin("h", 443))
    for number in range(3 * PATHS_CACHED_MAX):
        written = writer.write("POST", f"/{number}", (), b"")
        assert written.startswith(b"POST /%d HTTP/1.1\r\n" % number)
    assert len(writer._heads) <= PATHS_CACHED_MAX
