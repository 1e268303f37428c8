"""One connection to a receiver: one post at a time, and of each reply its status.

The framing is llhttp's, through httptools. httpx was weighed: of the 1,490 microseconds of CPU that
a delivery took with it, 900 were its own (pools, events, redirects), for what no webhook needs.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, cast

import httptools

from hongbao.client.readiness import readable

if TYPE_CHECKING:
    from hongbao.client.readiness import Poll

IDLE_SECONDS = 5.0
"""How long an unused connection is kept: many receivers close theirs after so much."""

_HEAD_MAX, _REPLY_MAX = 16 * 1024, 20 * 1024  # bytes, as they come
_INFORMATIONAL = range(100, 200)


class ReplyMalformed(OSError):
    """What came is no reply of HTTP, or its head has no end."""


class ReplyHead(NamedTuple):
    """What counts of a reply.

    Attributes:
        status: such as 204.
        retry_after: the header of that name as Latin-1; None if there is none.
    """

    status: int
    retry_after: str | None


class ReceiverConnection(asyncio.Protocol):
    """A connection that is open, or was.

    Attributes:
        reusable: whether another post may follow the last one.
        lost: done when the loop has let go of the socket.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._has_come: Poll = lambda _: True
        self._parser = httptools.HttpResponseParser(self)
        self._reply: asyncio.Future[ReplyHead] | None = None
        self._head: ReplyHead | None = None
        self._status_line_read = False
        self._retry_after: bytes | None = None
        self._came = 0
        self._stale_at = 0.0
        self.reusable = False
        self.lost: asyncio.Future[None] = self._loop.create_future()

    @property
    def silent(self) -> bool:
        """Whether nothing has come since the last post."""
        return not self._came

    def is_fit(self) -> bool:
        """Whether an idle one may be used again: what lies unread in it can only be its end."""
        return self.reusable and self._loop.time() < self._stale_at and not self._has_come(0)

    async def post(self, request: bytes) -> ReplyHead:
        """Write a request, head and body, and wait for its reply.

        A long body is not read to its end, and then the connection is not used again.

        Raises:
            OSError: if there is no reply.
        """
        self.reusable = False  # unless all goes well: whoever is cancelled leaves half a reply
        self._reply = self._loop.create_future()
        self._head = self._retry_after = None
        self._came = 0
        if self._transport is None or self.lost.done():
            raise ConnectionResetError
        self._transport.write(request)
        return await self._reply

    def abort(self) -> None:
        """Close it at once."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)
        self._has_come = readable(transport.get_extra_info("socket").fileno())

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._reply is None or self._reply.done():
            self.reusable = False  # nobody asked for this
            return
        self._came += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.reusable = False  # the reply may be whole, and what comes behind it no other one
            if self._status_line_read:
                self._keep_head()
            self._end(ReplyMalformed(type(error).__name__))
            return
        if self._head is None and self._came > _HEAD_MAX:
            self._end(ReplyMalformed())
        elif self._came > _REPLY_MAX:  # body or trailers: nobody reads either
            self._end(None)

    def eof_received(self) -> None:
        """Called by the loop, which closes the connection then."""
        self.reusable = False
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.reusable = False
        if not self.lost.done():
            self.lost.set_result(None)
        self._end(exc)

    def on_status(self, _: bytes) -> None:
        """Called by httptools, if there is a reason behind the status."""
        self._status_line_read = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools."""
        self._status_line_read = True
        if name.lower() == b"retry-after":
            self._retry_after = value

    def on_headers_complete(self) -> None:
        """Called by httptools."""
        self._keep_head()
        self._status_line_read, self._retry_after = False, None

    def on_message_complete(self) -> None:
        """Called by httptools, behind an informational reply too."""
        if self._head is None or self._reply is None:
            return
        if self._reply.done():
            self.reusable = False  # another reply behind the one that was asked for
            return
        self.reusable = self._parser.should_keep_alive()
        self._stale_at = self._loop.time() + IDLE_SECONDS
        self._end(None)

    def _keep_head(self) -> None:
        """Keep what counts. Whatever is wrong behind a status line makes it no other status."""
        status = self._parser.get_status_code()
        if self._head is None and status not in _INFORMATIONAL:
            after = self._retry_after
            self._head = ReplyHead(status, None if after is None else after.decode("latin-1"))

    def _end(self, error: Exception | None) -> None:
        """Give what has come: with a status all is said, whatever became of the body."""
        if self._reply is None or self._reply.done():
            return
        if self._head is not None:
            self._reply.set_result(self._head)
        else:
            self._reply.set_exception(error or ConnectionResetError())
