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

from functools import lru_cache
from typing import TYPE_CHECKING

import httptools

from hongbao import __version__

if TYPE_CHECKING:
    from hongbao.client.transport import HttpRequest, Limits, Origin

HTTPS_PORT = 443
PATHS_CACHED_MAX = 64  # seven calls on two hosts; a bound for the case that somebody makes paths up

_FIRST_BYTES = (
    b"HTTP/1."  # llhttp would skip blank lines and take RTSP, ICE, HTTP/0.9 and HTTP/2.0 too
)
_SWITCHING_PROTOCOLS = 101


def request_bytes(request: HttpRequest) -> bytes:
    """The whole request, head and body.

    Raises:
        ValueError: if the host or the path is not plain visible ASCII.
    """
    body = request.body
    return b"%b%d\r\n\r\n%b" % (_head_until_length(request.origin, request.path), len(body), body)


@lru_cache(maxsize=PATHS_CACHED_MAX)
def _head_until_length(origin: Origin, path: str) -> bytes:
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    if origin.port != HTTPS_PORT:
        host = f"{host}:{origin.port}"
    for part in (host, path):
        # A blank or a line break would end the request line or the header: request smuggling.
        if not part.isascii() or not part.isprintable() or " " in part:
            raise ValueError("the host and the path of a request must be visible ASCII")
    return (
        f"POST {path} HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        f"User-Agent: hongbao/{__version__}\r\n"
        "Accept: */*\r\n"
        "Content-Type: text/xml; charset=utf-8\r\n"
        "Content-Length: "
    ).encode("ascii")


class FramingError(Exception):
    """What came is not one whole reply; ``args[0]`` says why, without quoting the body."""


class ReplyReader:
    """Reads the replies of one connection, one after another; the same parser serves them all.

    Attributes:
        done: whether the reply is whole; then ``status`` and ``body`` hold.
        status: the HTTP status code.
        body: the whole body.
        reusable: whether, as far as this reply tells, another request may follow on the connection.
    """

    __slots__ = (
        "_body_bytes_max",
        "_head_bytes_max",
        "_head_done",
        "_headers",
        "_parser",
        "_parts",
        "_received_bytes",
        "body",
        "done",
        "on_body",
        "on_header",
        "reusable",
        "status",
    )

    def __init__(self, limits: Limits) -> None:
        self._head_bytes_max = limits.head_bytes_max
        self._body_bytes_max = limits.body_bytes_max
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        # httptools calls these for each header and each piece of the body: no frame of ours.
        self.on_header = self._headers.__setitem__
        self.on_body = self._parts.append
        self._parser = httptools.HttpResponseParser(self)
        self.expect()

    def expect(self) -> None:
        """Get ready for the reply to the next request."""
        self._headers.clear()
        self._parts.clear()
        self._head_done = False
        self._received_bytes = 0
        self.done = False
        self.reusable = False
        self.status = 0
        self.body = b""

    @property
    def started(self) -> bool:
        """Whether any byte of the reply has come."""
        return self._received_bytes > 0

    def feed(self, data: bytes) -> None:
        """Take what came from the connection, at least one byte.

        Raises:
            FramingError: if it breaks HTTP/1.1 or a limit. The connection is of no further use.
        """
        before = self._received_bytes
        if before == 0 and not _FIRST_BYTES.startswith(data[: len(_FIRST_BYTES)]):
            raise FramingError("the reply is not HTTP/1.1")
        self._received_bytes = received = before + len(data)
        if received > self._head_bytes_max:
            data = self._feed_head(data, self._head_bytes_max - before)
        self._parse(data)
        if received > self._body_bytes_max:
            self._check_body(received)

    def eof(self) -> None:
        """The server has closed the connection in good order (TLS close_notify).

        Raises:
            FramingError: if that leaves the reply unfinished.
        """
        if self.done:
            self.reusable = False
            return
        if not self._ends_with_connection():
            raise FramingError(self.unfinished())
        self._finish()
        self._check_body(self._received_bytes)

    def unfinished(self) -> str:
        """Where the reply broke off, for a message."""
        if not self.started:
            return "the server closed the connection without a reply"
        return f"the connection ended in the middle of the reply's {self._part()}"

    def on_message_begin(self) -> None:
        """Called by httptools, also for bytes behind a whole reply."""
        if self.done:
            self.reusable = False

    def on_headers_complete(self) -> None:
        """Called by httptools."""
        self._head_done = True

    def on_message_complete(self) -> None:
        """Called by httptools at the end of a reply, informational ones included."""
        if self.done:
            return
        status = self._parser.get_status_code()
        if status in _INFORMATIONAL and status != _SWITCHING_PROTOCOLS:
            self._head_done = False
            self._headers.clear()
            self._parts.clear()
        else:
            self._finish()

    def _part(self) -> str:
        return "body" if self._head_done else "head"

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise FramingError("the server switched to another protocol") from None
        except httptools.HttpParserError as error:
            if not self.done:
                raise FramingError(f"the reply's {self._part()} is malformed: {error}") from error
            self.reusable = False  # bytes behind a whole reply
        if self.done and (
            self.status < _INFORMATIONAL.start or self.status == _SWITCHING_PROTOCOLS
        ):
            raise FramingError(f"the reply has the status {self.status}")

    def _feed_head(self, data: bytes, room: int) -> bytes:
        """Feed what may still be head, and return the rest: so the bound holds to the byte."""
        if self._head_done:
            return data
        if room > 0:
            self._parse(data[:room])
        if not self._head_done and not self.done:
            raise FramingError(f"the reply's head is longer than {self._head_bytes_max} bytes")
        return data[max(room, 0) :]

    def _check_body(self, received: int) -> None:
        # Until the body is whole the framing of chunks counts too, and has the head's room for it.
        too_long = (
            len(self.body) > self._body_bytes_max
            if self.done
            else received > self._head_bytes_max + self._body_bytes_max
        )
        if too_long:
            raise FramingError(f"the reply's body is longer than {self._body_bytes_max} bytes")

    def _ends_with_connection(self) -> bool:
        if not self._head_done:
            return False
        headers = {name.lower(): value.lower() for name, value in self._headers.items()}
        if b"content-length" in headers or b"transfer-encoding" in headers:
            return False
        options = [option.strip() for option in headers.get(b"connection", b"").split(b",")]
        return b"close" in options or self._parser.get_http_version() == "1.0"

    def _finish(self) -> None:
        self.status = self._parser.get_status_code()
        self.body = b"".join(self._parts)
        self.reusable = self._parser.should_keep_alive()
        self.done = True
