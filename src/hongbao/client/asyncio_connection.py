"""One TLS connection of an event loop, as an ``asyncio.Protocol``: one exchange at a time.

The border between "nothing sent" and "maybe sent" runs through ``AsyncioConnection.exchange``.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from hongbao.client import failures
from hongbao.client.framing import FramingError, ReplyReader
from hongbao.client.readiness import readable
from hongbao.client.transport import MaybeSent, NothingSent
from hongbao.sentences import say, sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.proxy import Route
    from hongbao.client.readiness import Poll
    from hongbao.client.transport import HttpResponse, Limits, TransportError


class AsyncioConnection(asyncio.Protocol):
    """A connection that is open, or was.

    Attributes:
        stale_at: until when it may be used again.
        reader: knows whether the last reply left it fit for another request.
        fileno: the socket's number.
        has_come: whether anything lies in the socket that the loop has not read yet.
        usable: whether nothing has happened to it since the last reply.
        lost: done when the loop has let go of the socket.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        route: Route,
        limits: Limits,
        when_lost: Callable[[AsyncioConnection], None],
    ) -> None:
        self._loop = loop
        self._route = route
        self._when_lost = when_lost
        self._transport: asyncio.Transport | None = None
        self._outcome: asyncio.Future[HttpResponse] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._broken_by: BaseException | None = None
        self._fresh = True
        self.fileno = -1
        self.stale_at = 0.0
        self.reader = ReplyReader(limits)
        self.has_come: Poll = lambda _: True
        self.usable = True
        self.lost = loop.create_future()

    async def hear_before_first_byte(self) -> None:
        """See whether a server that speaks TLS 1.3 has refused our certificate already.

        Its verdict comes after the client's side of the handshake is over. What is usually there
        to be read are session tickets, which yield no data.

        Raises:
            NothingSent: it has, or it spoke or hung up before the request.
        """
        if self.has_come(0):
            await asyncio.sleep(0)  # the loop reads it
            await asyncio.sleep(0)  # and says what became of the connection
        if self.usable:
            return
        if self._broken_by is None:
            raise NothingSent(say("the server spoke or hung up before the request"))
        raise failures.not_connected(self._route, self._broken_by) from self._broken_by

    def is_fit(self, now: float) -> bool:
        """Whether an idle one may be used again.

        What lies unread in its socket is its end, or nothing that was asked for.
        """
        return self.usable and now < self.stale_at and not self.has_come(0)

    def start(self, data: bytes, deadline: float) -> asyncio.Future[HttpResponse]:
        """Write the request; the future has the reply, or ``MaybeSent``.

        Raises:
            NothingSent: no byte was handed to the TLS layer.
        """
        loop = self._loop
        if loop.time() >= deadline:
            raise NothingSent(say("the time was up before the first byte"))
        self._outcome = outcome = loop.create_future()
        self._deadline = deadline
        if self._timer is None or self._timer.when() > deadline:
            self._set_timer()
        # From here on the request may have been sent, whatever happens.
        self._transport.write(data)  # type: ignore[union-attr]  # open: it was connected
        return outcome

    def abort(self) -> None:
        """Close it, without a close_notify: lengths say where a request ends."""
        self.usable = False
        outcome = self._outcome
        if outcome is not None and outcome.done() and not outcome.cancelled():
            outcome.exception()  # whoever was cancelled will not ask: it is not overlooked
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop once TLS is up."""
        self._transport = cast("asyncio.Transport", transport)
        self.fileno = transport.get_extra_info("socket").fileno()
        self.has_come = readable(self.fileno)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        outcome = self._outcome
        if outcome is None or outcome.done():
            self.usable = False  # nobody asked for this
            return
        try:
            response = self.reader.feed(data)
        except FramingError as error:
            self._fail(MaybeSent(sentence_of(error)), error)
        else:
            if response is not None:
                self._fresh = False
                outcome.set_result(response)

    def eof_received(self) -> None:
        """Called by the loop at a close_notify, and at an end without one too."""
        self.usable = False
        outcome = self._outcome
        if outcome is None or outcome.done() or not self._ended_in_order():
            return
        try:
            outcome.set_result(self.reader.eof())
        except FramingError as error:
            self._fail(MaybeSent(sentence_of(error)), error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the socket is closed, by whomever."""
        self.usable = False
        self._broken_by = exc
        if self._timer is not None:
            self._timer.cancel()
        if not self.lost.done():
            self.lost.set_result(None)
        self._fail(failures.maybe_sent(exc, started=self.reader.started, fresh=self._fresh), exc)
        self._when_lost(self)

    def _ended_in_order(self) -> bool:
        """Whether the server has said that nothing more comes, by a TLS close_notify."""
        tls: ssl.SSLObject = self._transport.get_extra_info("ssl_object")  # type: ignore[union-attr]  # open
        try:
            return not tls.read(1)
        except ssl.SSLZeroReturnError:
            return True
        except ssl.SSLError:  # it would wait for more
            return False

    def _set_timer(self) -> None:
        """One timer serves many exchanges: most end long before it rings."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._outcome is None or self._outcome.done():
            return
        if self._loop.time() < self._deadline:  # set for an earlier exchange
            self._set_timer()
            return
        error = TimeoutError()
        self._fail(
            failures.maybe_sent(error, started=self.reader.started, fresh=self._fresh), error
        )

    def _fail(self, error: TransportError, cause: BaseException | None) -> None:
        if self._outcome is not None and not self._outcome.done():
            error.__cause__ = cause
            self._outcome.set_exception(error)
