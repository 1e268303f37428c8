"""HTTP/1.1 as bytes: how a request is written, when a reply is whole. Knows no socket and no clock.

The parsing is llhttp's (through httptools) in its strict mode, which refuses folded headers,
repeated or malformed Content-Length, and Content-Length beside Transfer-Encoding. This module adds
the bounds, and the judgement on what llhttp leaves open:

- Informational replies (1xx) are skipped; 101 is refused, for nothing asked for another protocol.
- A reply without any length ends with the connection. It is taken as whole only if it said so
  (``Connection: close``, or HTTP/1.0) and the end was a TLS close_notify, which a cut line cannot
  forge.
- Bytes behind a whole reply do not spoil it, but the connection is not used again.
- Trailers, which stand behind a chunked body, are no headers (RFC 9110, section 6.5.1): left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httptools

from hongbao.client.transport import HttpRequest, HttpResponse, check_head
from hongbao.sentences import say
from hongbao.version import __version__

if TYPE_CHECKING:
    from hongbao.client.transport import Limits, Method, Origin, SentHeaders

HTTPS_PORT = 443
PATHS_CACHED_MAX = 64  # there are seven calls; bounded, for other paths hold numbers

# llhttp by itself skips blank lines before a reply, and takes RTSP, ICE, HTTP/0.9 and HTTP/2.0 too.
_FIRST_BYTES = b"HTTP/1."
_INFORMATIONAL_MIN = 100
_INFORMATIONAL_MAX = 199
_SWITCHING_PROTOCOLS = 101


class RequestWriter:
    """Writes requests to one origin; a head that comes again is made once."""

    __slots__ = ("_heads", "_origin")

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._heads: dict[str, tuple[Method, SentHeaders, bytes]] = {}

    def write(self, method: Method, path: str, headers: SentHeaders, body: bytes) -> bytes:
        """The whole request, head and body.

        Raises:
            InvalidRequest: see ``check_head``.
        """
        known = self._heads.get(path)
        if known is None or known[0] != method or known[1] != headers:
            known = self._head(method, path, headers)
        if body or method != "GET":
            return b"%bContent-Length: %d\r\n\r\n%b" % (known[2], len(body), body)
        return known[2] + b"\r\n"  # no body, and so no length of it

    def _head(
        self, method: Method, path: str, headers: SentHeaders
    ) -> tuple[Method, SentHeaders, bytes]:
        check_head(HttpRequest(method, self._origin, path, headers, b""))
        host, port = self._origin
        authority = f"[{host}]" if ":" in host else host
        if port != HTTPS_PORT:
            authority = f"{authority}:{port}"
        own = (("Host", authority), ("User-Agent", f"hongbao/{__version__}"))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {it}" for name, it in (*own, *headers))]
        head = "".join([f"{line}\r\n" for line in lines]).encode("ascii")
        if len(self._heads) >= PATHS_CACHED_MAX:
            self._heads.clear()
        self._heads[path] = made = (method, headers, head)
        return made


class FramingError(Exception):
    """What came is not one whole reply; ``args[0]`` says why, without quoting the body."""


class ReplyReader:
    """Reads the replies of one connection, one after another; the same parser serves them all.

    Attributes:
        reusable: whether, as far as the last reply tells, another request may follow.
    """

    __slots__ = (
        "_body_bytes_max",
        "_came",
        "_head_bytes_max",
        "_head_done",
        "_headers",
        "_headers_max",
        "_one_piece_bytes_max",
        "_parser",
        "_parts",
        "_received_bytes",
        "_response",
        "_start",
        "on_body",
        "on_header",
        "reusable",
    )

    def __init__(self, limits: Limits) -> None:
        self._head_bytes_max = limits.head_bytes_max
        self._headers_max = limits.headers_max
        self._body_bytes_max = limits.body_bytes_max
        self._one_piece_bytes_max = min(limits.head_bytes_max, limits.body_bytes_max)
        self._parts: list[bytes] = []
        self._came: dict[bytes, bytes] = {}
        self._headers: dict[bytes, bytes] = {}
        self._start = b""
        self._head_done = False
        self._received_bytes = 0
        self._response: HttpResponse | None = None
        # httptools calls these for each piece and each header: no frame of ours.
        self.on_body = self._parts.append
        self.on_header = self._came.__setitem__
        self._parser = httptools.HttpResponseParser(self)
        self.reusable = False

    @property
    def started(self) -> bool:
        """Whether a part of a reply has come, and not yet the whole."""
        return self._received_bytes > 0

    def feed(self, data: bytes) -> HttpResponse | None:
        """Take at least one byte that came from the connection; the reply, once it is whole.

        Raises:
            FramingError: if it breaks HTTP/1.1 or a limit. The connection is of no further use.
        """
        if (
            self._received_bytes
            or len(data) > self._one_piece_bytes_max
            or not data.startswith(_FIRST_BYTES)
        ):
            return self._feed_with_care(data)
        # An ordinary reply comes in one piece, which is too short to break a limit.
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._judge(error)
        response = self._response
        if response is None:
            self._received_bytes = len(data)
        self._response = None
        return response

    def eof(self) -> HttpResponse:
        """The server has closed the connection in good order (TLS close_notify).

        Raises:
            FramingError: if that leaves the reply unfinished.
        """
        if not self._head_done or not self._ends_with_connection():
            raise FramingError(self.unfinished())
        self.on_message_complete()
        self.reusable = False
        response = self._whole()
        if response is None:
            raise FramingError(self.unfinished())
        return response

    def unfinished(self) -> str:
        """Where the reply broke off, for a message."""
        if not self.started:
            return say("the server closed the connection without a reply")
        return say("the connection ended in the middle of the reply's {part}", part=self._part())

    def on_message_begin(self) -> None:
        """Called by httptools, also for bytes behind a whole reply."""
        self._came.clear()
        if self._response is not None:
            self.reusable = False

    def on_headers_complete(self) -> None:
        """Called by httptools."""
        if len(self._came) > self._headers_max and self._response is None:
            raise FramingError(
                say("the reply has more than {most} headers", most=self._headers_max)
            )
        self._headers = self._came.copy()  # trailers would be added to the other
        self._head_done = True

    def on_message_complete(self) -> None:
        """Called by httptools at the end of a reply, informational ones included."""
        if self._response is not None:
            return
        parser = self._parser
        status = parser.get_status_code()
        self._head_done = False
        if status <= _INFORMATIONAL_MAX:
            if status < _INFORMATIONAL_MIN or status == _SWITCHING_PROTOCOLS:
                raise FramingError(say("the reply has the status {status}", status=status))
            return
        self._response = HttpResponse(status, self._headers, b"".join(self._parts))
        self._parts.clear()
        self.reusable = parser.should_keep_alive()

    def _ends_with_connection(self) -> bool:
        """Whether the server said that the end of the connection is the end of the reply."""
        headers = {name.lower(): value.lower() for name, value in self._headers.items()}
        if b"content-length" in headers or b"transfer-encoding" in headers:
            return False
        options = headers.get(b"connection", b"").split(b",")
        closes = b"close" in [option.strip() for option in options]
        return closes or self._parser.get_http_version() == "1.0"

    def _part(self) -> str:
        return "body" if self._head_done else "head"

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._judge(error)

    def _judge(self, error: httptools.HttpParserError) -> None:
        if isinstance(error, httptools.HttpParserCallbackError):
            # What one of our callbacks raised, or a KeyboardInterrupt that struck inside.
            raise error.__context__ or error from None
        if self._response is None:
            raise FramingError(
                say("the reply's {part} is malformed: {error}", part=self._part(), error=error)
            ) from error
        self.reusable = False  # bytes behind a whole reply

    def _feed_with_care(self, data: bytes) -> HttpResponse | None:
        """As ``feed``, for a reply that comes in pieces, or is long, or strange."""
        before = self._received_bytes
        if before < len(_FIRST_BYTES):
            self._start = (self._start + data)[: len(_FIRST_BYTES)]
            if not _FIRST_BYTES.startswith(self._start):
                raise FramingError(say("the reply is not HTTP/1.1"))
        self._received_bytes = before + len(data)
        if not self._head_done:
            data = self._feed_head(data, self._head_bytes_max - before)
        self._parse(data)
        # The framing of chunks counts too, and gets the head's room for that.
        if self._received_bytes > self._head_bytes_max + self._body_bytes_max:
            raise FramingError(self._too_long())
        return self._whole()

    def _feed_head(self, data: bytes, room: int) -> bytes:
        """Feed what may still be head, and return the rest: so the bound holds to the byte."""
        if len(data) <= room:
            return data
        self._parse(data[:room])
        if not self._head_done and self._response is None:
            raise FramingError(
                say(
                    "the reply's head is longer than {most} bytes",
                    most=self._head_bytes_max,
                )
            )
        return data[room:]

    def _whole(self) -> HttpResponse | None:
        response, self._response = self._response, None
        if response is None:
            return None
        if len(response.body) > self._body_bytes_max:
            raise FramingError(self._too_long())
        self._received_bytes = 0
        self._start = b""
        return response

    def _too_long(self) -> str:
        return say(
            "the reply's body is longer than {most} bytes",
            most=self._body_bytes_max,
        )
