"""HTTP/1.1 as a server reads and writes it. Sans-IO: knows no socket, no TLS, no WeChat.

The parsing is llhttp's (through httptools) in its strict mode. This module adds the bounds, and
what to do about clients that ask first (``Expect: 100-continue``) or hope for another protocol
(``Upgrade``, which is ignored, as a server may).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import httptools

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Answer

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
"""The reply to a client that asks before it sends a body."""

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_PATH = ord("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """The bounds of one request.

    Attributes:
        head_bytes_max: of the request line and the headers. SDKs send under 1 KiB; nginx takes 32.
            It is checked after each read, so a head that comes in one read may be longer.
        body_bytes_max: nginx's own default. A red packet's request is about 1 KiB.
    """

    head_bytes_max: int = 16 * 1024
    body_bytes_max: int = 1024 * 1024


class Request(NamedTuple):
    """One request as it was read.

    Attributes:
        method: such as ``POST``.
        path: the URL's path as it was sent, without the query.
        query: the URL's query, without the question mark.
        headers: names in lower case; if a name came twice, its last value.
        body: the whole body.
        keep_alive: whether another request may follow on the connection.
    """

    method: str
    path: str
    query: str
    headers: dict[bytes, bytes]
    body: bytes
    keep_alive: bool


class RequestReader:
    """Reads the requests of one connection, one after another.

    Attributes:
        requests: the whole requests in their order; take them out from the left.
        refused: the HTTP status that ends the connection, once something broke a rule or a limit.
            Nothing more is read then.
        wants_continue: whether the client waits for ``CONTINUE`` before it sends a body; whoever
            sends that resets it.
    """

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._begin()
        self._receiving = False
        self._ended = False
        self.requests: deque[Request] = deque()
        self.refused: HTTPStatus | None = None
        self.wants_continue = False

    @property
    def receiving(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._receiving

    def feed(self, data: bytes) -> None:
        """Parse data; look at ``requests``, ``refused`` and ``wants_continue`` afterwards."""
        rest, whole = data, len(self.requests)
        while rest and self.refused is None and not self._ended:
            try:
                self._parser.feed_data(rest)
                rest = b""
            except httptools.HttpParserUpgrade as upgrade:
                rest = self._head_without_upgrade() + rest[upgrade.args[0] :]
                self._parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError:
                if not self._ended:
                    self._refuse(HTTPStatus.BAD_REQUEST)
        if self._receiving:
            # If the read also held the end of another request, this one's share is not known.
            self._check_received(len(data) if len(self.requests) == whole else 0)

    def on_message_begin(self) -> None:
        """Called by httptools."""
        self._begin()
        self._receiving = True

    def on_url(self, url: bytes) -> None:
        """Called by httptools, with a piece of the URL."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools."""
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Called by httptools."""
        self._head_done = True
        length = self._headers.get(b"content-length", b"0")
        if self._parser.get_method() == b"CONNECT":
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED)
        elif int(length) > self._limits.body_bytes_max:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif self._headers.get(b"expect", b"").lower() == b"100-continue":
            self.wants_continue = self._parser.get_http_version() != "1.0"

    def on_body(self, piece: bytes) -> None:
        """Called by httptools, with a piece of the body."""
        self.wants_continue = False  # the client did not wait
        self._body_bytes += len(piece)
        if self._body_bytes <= self._limits.body_bytes_max:
            self._parts.append(piece)
        else:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """Called by httptools."""
        if self.refused is not None or self._parser.should_upgrade():
            return
        self._receiving = self.wants_continue = False
        path, query = _split(self._url)
        keep_alive = self._parser.should_keep_alive()
        self._ended = not keep_alive
        method = self._parser.get_method().decode("ascii")
        body = b"".join(self._parts)
        self.requests.append(Request(method, path, query, self._headers, body, keep_alive))

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        self._head_done = False
        self._received_bytes = 0
        self._body_bytes = 0

    def _check_received(self, more: int) -> None:
        self._received_bytes += more
        head_max, body_max = self._limits.head_bytes_max, self._limits.body_bytes_max
        if not self._head_done and self._received_bytes > head_max:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        # Twice the body: the framing of chunks counts here, and trailers must end some time.
        elif self._received_bytes > head_max + 2 * body_max:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def _head_without_upgrade(self) -> bytes:
        """The head that was just read, for a parser that would otherwise skip the body."""
        lines = [b"%b %b HTTP/1.1" % (self._parser.get_method(), self._url)]
        kept = [pair for pair in self._headers.items() if pair[0] != b"upgrade"]
        return b"\r\n".join([*lines, *(b"%b: %b" % pair for pair in kept), b"\r\n"])

    def _refuse(self, status: HTTPStatus) -> None:
        if self.refused is None:
            self.refused = status
        self._receiving = False


def reply_bytes(answer: Answer, *, date: str, keep_alive: bool, head: bool = False) -> bytes:
    """A whole reply, even if the answer says to cut it.

    Args:
        answer: its status, body and content type.
        date: in HTTP's format.
        keep_alive: whether another request may follow on the connection.
        head: whether the request was a HEAD, which is answered without the body.
    """
    status, body = answer.status, answer.body
    connection = "keep-alive" if keep_alive else "close"
    content_type = f"Content-Type: {answer.content_type}\r\n" if answer.content_type else ""
    more = "".join([f"{name}: {value}\r\n" for name, value in answer.headers])
    start = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\n"
        f"Server: hongbao-simulator\r\nDate: {date}\r\n{content_type}{more}"
        f"Content-Length: {len(body)}\r\nConnection: {connection}\r\n\r\n"
    ).encode("latin-1")
    return start if head else start + body


def _split(url: bytes) -> tuple[str, str]:
    """Path and query of a request's target, which may be a whole URL (as proxies send it)."""
    if not url or url[0] != _PATH:
        try:
            parsed = httptools.parse_url(url)
        except httptools.HttpParserInvalidURLError:
            return url.decode("latin-1"), ""
        return (parsed.path or b"/").decode("latin-1"), (parsed.query or b"").decode("latin-1")
    path, _, query = url.decode("latin-1").partition("?")
    return path, query
