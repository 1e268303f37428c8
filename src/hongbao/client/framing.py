"""HTTP/1.1 as bytes: how a POST is written, when a reply is whole. Knows no socket and no clock.

The parsing is llhttp's (through httptools) in its strict mode, which refuses folded headers,
repeated or malformed Content-Length, and Content-Length beside Transfer-Encoding. This module adds
the bounds, and the judgement on what llhttp leaves open:

- Informational replies (1xx) are skipped; 101 is refused, for nothing asked for another protocol.
- A reply without any length ends with the connection. It is taken as whole only if it said so
  (``Connection: close``, or HTTP/1.0) and the end was a TLS close_notify, which a cut line cannot
  forge.
- Bytes behind a whole reply do not spoil it, but the connection is not used again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httptools

from hongbao.client.transport import HttpResponse
from hongbao.version import __version__

if TYPE_CHECKING:
    from hongbao.client.transport import Limits, Origin

HTTPS_PORT = 443
PATHS_CACHED_MAX = 64  # there are seven calls; bounded in case somebody makes up paths

# llhttp by itself skips blank lines before a reply, and takes RTSP, ICE, HTTP/0.9 and HTTP/2.0 too.
_FIRST_BYTES = b"HTTP/1."
_INFORMATIONAL_MIN = 100
_INFORMATIONAL_MAX = 199
_SWITCHING_PROTOCOLS = 101


class RequestWriter:
    """Writes requests to one origin; a path's head is made once."""

    __slots__ = ("_heads", "_origin")

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._heads: dict[str, bytes] = {}

    def write(self, path: str, body: bytes) -> bytes:
        """The whole request, head and body.

        Raises:
            ValueError: if the host or the path is not plain visible ASCII.
        """
        head = self._heads.get(path) or self._head(path)
        return b"%b%d\r\n\r\n%b" % (head, len(body), body)

    def _head(self, path: str) -> bytes:
        host, port = self._origin
        authority = f"[{host}]" if ":" in host else host
        if port != HTTPS_PORT:
            authority = f"{authority}:{port}"
        for part in (authority, path):
            # A blank or a line break would end the line: what follows would be another header.
            if not part.isascii() or not part.isprintable() or " " in part:
                raise ValueError("the host and the path of a request must be visible ASCII")
        if len(self._heads) >= PATHS_CACHED_MAX:
            self._heads.clear()
        self._heads[path] = head = (
            f"POST {path} HTTP/1.1\r\n"
            f"Host: {authority}\r\n"
            f"User-Agent: hongbao/{__version__}\r\n"
            "Accept: */*\r\n"
            "Content-Type: text/xml; charset=utf-8\r\n"
            "Content-Length: "
        ).encode("ascii")
        return head


class FramingError(Exception):
    """What came is not one whole reply; ``args[0]`` says why, without quoting the body."""


class ReplyReader:
    """Reads the replies of one connection, one after another; the same parser serves them all.

    Attributes:
        reusable: whether, as far as the last reply tells, another request may follow.
    """

    __slots__ = (
        "_body_bytes_max",
        "_head_bytes_max",
        "_head_done",
        "_head_pieces",
        "_one_piece_bytes_max",
        "_parser",
        "_parts",
        "_received_bytes",
        "_response",
        "on_body",
        "reusable",
    )

    def __init__(self, limits: Limits) -> None:
        self._head_bytes_max = limits.head_bytes_max
        self._body_bytes_max = limits.body_bytes_max
        self._one_piece_bytes_max = min(limits.head_bytes_max, limits.body_bytes_max)
        self._parts: list[bytes] = []
        self._head_pieces: list[bytes] = []
        self._head_done = False
        self._received_bytes = 0
        self._response: HttpResponse | None = None
        self.on_body = self._parts.append  # httptools calls it for each piece: no frame of ours
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
            self._head_pieces.append(data)
        self._response = None
        return response

    def eof(self) -> HttpResponse:
        """The server has closed the connection in good order (TLS close_notify).

        Raises:
            FramingError: if that leaves the reply unfinished.
        """
        if not self._head_done or not _ends_with_connection(self._head_pieces):
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
            return "the server closed the connection without a reply"
        return f"the connection ended in the middle of the reply's {self._part()}"

    def on_message_begin(self) -> None:
        """Called by httptools, also for bytes behind a whole reply."""
        if self._response is not None:
            self.reusable = False

    def on_headers_complete(self) -> None:
        """Called by httptools."""
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
                raise FramingError(f"the reply has the status {status}")
            return
        self._response = HttpResponse(status, b"".join(self._parts))
        self._parts.clear()
        self.reusable = parser.should_keep_alive()

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
            raise FramingError(f"the reply's {self._part()} is malformed: {error}") from error
        self.reusable = False  # bytes behind a whole reply

    def _feed_with_care(self, data: bytes) -> HttpResponse | None:
        """As ``feed``, for a reply that comes in pieces, or is long, or strange."""
        before = self._received_bytes
        if before < len(_FIRST_BYTES):
            start = b"".join((*self._head_pieces, data[: len(_FIRST_BYTES)]))
            if not _FIRST_BYTES.startswith(start[: len(_FIRST_BYTES)]):
                raise FramingError("the reply is not HTTP/1.1")
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
        self._head_pieces.append(data)
        if len(data) <= room:
            return data
        self._parse(data[:room])
        if not self._head_done and self._response is None:
            raise FramingError(f"the reply's head is longer than {self._head_bytes_max} bytes")
        return data[room:]

    def _whole(self) -> HttpResponse | None:
        response, self._response = self._response, None
        if response is None:
            return None
        if len(response.body) > self._body_bytes_max:
            raise FramingError(self._too_long())
        self._received_bytes = 0
        self._head_pieces.clear()
        return response

    def _too_long(self) -> str:
        return f"the reply's body is longer than {self._body_bytes_max} bytes"


class _Headers(dict[bytes, bytes]):
    """The headers of the last head that a parser saw."""

    def on_message_begin(self) -> None:
        self.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        self[name.lower()] = value.lower()


def _ends_with_connection(head_pieces: list[bytes]) -> bool:
    """Whether the server said that the end of the connection is the end of the reply.

    Reads the head once more, with its headers: no ordinary reply has to pay for that.
    """
    headers = _Headers()
    parser = httptools.HttpResponseParser(headers)
    for piece in head_pieces:
        parser.feed_data(piece)
    if b"content-length" in headers or b"transfer-encoding" in headers:
        return False
    options = [option.strip() for option in headers.get(b"connection", b"").split(b",")]
    return b"close" in options or parser.get_http_version() == "1.0"
