"""One connection of a port: reads requests and sends the answers, as the answers say.

It knows bytes, HTTP and time-outs; the port knows what a request means.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from math import inf
from typing import TYPE_CHECKING, Protocol, cast

from hongbao.simulator.answers import page
from hongbao.simulator.server.http import CONTINUE, RequestReader, reply_bytes
from hongbao.simulator.server.port_limits import ConnectionPhase
from hongbao.simulator.server.tls import TlsEnd, TlsFailed

if TYPE_CHECKING:
    import ssl
    from http import HTTPStatus

    from hongbao.simulator.exchange import Answer
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.server.port_limits import PortLimits
    from hongbao.simulator.server.tls import Certificate

_IPV4_MAPPED = "::ffff:"
_RESET = struct.pack("ii", 1, 0)  # linger for 0 seconds: close with a reset instead of a FIN
_HTTP_ON_TLS = page(
    400,
    "400 The plain HTTP request was sent to HTTPS port",
    "400 Bad Request",
    "The plain HTTP request was sent to HTTPS port",
)


class Owner(Protocol):
    """What a connection needs from its port."""

    @property
    def context(self) -> ssl.SSLContext | None:
        """The TLS context; None for plain HTTP."""
        ...

    @property
    def limits(self) -> PortLimits:
        """The port's bounds."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether the port is stopping."""
        ...

    def admits(self, connection: Connection, /) -> bool:
        """Whether a new connection may stay."""
        ...

    def answer(self, request: Request, connection: Connection, /) -> Answer:
        """Answer one request without waiting."""
        ...

    def forget(self, connection: Connection, /) -> None:
        """Note that a connection has ended."""
        ...

    def date(self) -> str:
        """The present in HTTP's format."""
        ...


class Connection(asyncio.Protocol):
    """One connection; asyncio creates it and calls it.

    Attributes:
        phase: what it is doing.
        remote_ip: the client's address, in IPv4 if it has one.
        certificate: the client's certificate; None if it sent none.
    """

    def __init__(self, port: Owner) -> None:
        self.phase = ConnectionPhase.IDLE if port.context is None else ConnectionPhase.HANDSHAKE
        self.remote_ip = ""
        self.certificate: Certificate | None = None
        self._tls = None if port.context is None else TlsEnd(port.context)
        self._port = port
        self._reader = RequestReader(port.limits.http)
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._delay: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._full = False
        self._reading = True
        self._eof = False

    # Called by asyncio -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection, or reset it."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._port.admits(self):
            self._reset()
            return
        peer = self._transport.get_extra_info("peername")
        self.remote_ip = _ipv4(peer[0])
        self._enter(self.phase)

    def data_received(self, data: bytes) -> None:
        """Decrypt and parse the data, and answer whole requests."""
        if self.phase in _DEAF:
            return
        if self._tls is not None:
            try:
                data = self._tls.receive(data)
            except TlsFailed as failure:
                self._tls_failed(self._tls, failure)
                return
            self._write_raw(self._tls.outgoing())
            if self.phase is ConnectionPhase.HANDSHAKE and self._tls.established:
                self.certificate = self._tls.client_certificate()
                self._enter(ConnectionPhase.IDLE)
        if data:
            self._reader.feed(data)
            self._go_on()
        if self._said_farewell() and self.phase in _BETWEEN:
            self._close()

    def eof_received(self) -> bool:
        """Note that the client will send nothing more; an answer that is due is still sent."""
        self._eof = True
        return self.phase is ConnectionPhase.ANSWERING

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Clean up after the connection, whichever side has ended it."""
        self.phase = ConnectionPhase.CLOSED
        for timer in (self._delay, self._watch):
            if timer is not None:
                timer.cancel()
        self._port.forget(self)

    def pause_writing(self) -> None:
        """Note that the client does not read."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on: the client reads again."""
        self._full = False
        self._go_on()

    # Called by the port ------------------------------------------------------------------------

    def stop(self) -> None:
        """Finish the answer in progress, if there is one, and close."""
        if self.phase is ConnectionPhase.HANGING:
            self.abort()
        elif self.phase is not ConnectionPhase.ANSWERING:
            self._close()

    def abort(self) -> None:
        """Close now, with a reset if data was still to be sent."""
        if self.phase is not ConnectionPhase.CLOSED:
            self._transport.abort()

    # The requests of the connection, one at a time ----------------------------------------------

    def _go_on(self) -> None:
        """Answer the whole requests while the client reads; then wait for more."""
        reader = self._reader
        while reader.requests and self.phase in _BETWEEN and not self._full:
            self._start(reader.requests.popleft())
        if self.phase in _BETWEEN:
            self._wait_for_more()
        self._read_or_not()

    def _start(self, request: Request) -> None:
        self._enter(ConnectionPhase.ANSWERING)
        answer = self._port.answer(request, self)
        if answer.hang:
            self._reader.requests.clear()
            self._enter(ConnectionPhase.HANGING)
        elif answer.delay_seconds > 0:
            loop = asyncio.get_running_loop()
            self._delay = loop.call_later(answer.delay_seconds, self._finish_late, request, answer)
        else:
            self._finish(request, answer)

    def _finish_late(self, request: Request, answer: Answer) -> None:
        self._finish(request, answer)
        self._go_on()

    def _finish(self, request: Request, answer: Answer) -> None:
        more = bool(self._reader.requests) or not self._said_farewell()
        keep_alive = request.keep_alive and more and not self._port.stopping
        self._say(answer, keep_alive=keep_alive, head=request.method == "HEAD")
        if answer.cut is not None:
            self._close(farewell=False)
        elif keep_alive:
            self._enter(ConnectionPhase.IDLE)
        else:
            self._linger()

    def _wait_for_more(self) -> None:
        reader = self._reader
        if reader.wants_continue:
            reader.wants_continue = False
            self._write(CONTINUE)
        if reader.refused is not None:
            self._refuse(reader.refused)
        elif reader.receiving and self.phase is ConnectionPhase.IDLE:
            self._enter(ConnectionPhase.RECEIVING)

    def _refuse(self, status: HTTPStatus) -> None:
        title = f"{status.value} {status.phrase}"
        self._say(page(status, title, title))
        self._linger()

    def _tls_failed(self, tls: TlsEnd, failure: TlsFailed) -> None:
        if failure.spoke_http:
            self._tls = None
            self._say(_HTTP_ON_TLS)
        else:
            self._write_raw(tls.outgoing())
        self._linger()

    def _say(self, answer: Answer, *, keep_alive: bool = False, head: bool = False) -> None:
        whole = reply_bytes(answer, date=self._port.date(), keep_alive=keep_alive, head=head)
        if answer.cut is None:
            self._write(whole)
        else:
            self._write(whole[: min(answer.cut, len(whole) - 1)])

    # The line ----------------------------------------------------------------------------------

    def _said_farewell(self) -> bool:
        return self._eof or (self._tls is not None and self._tls.ended)

    def _write(self, data: bytes) -> None:
        if self._tls is not None and data:
            try:
                data = self._tls.send(data)
            except TlsFailed:
                self.abort()
                return
        self._write_raw(data)

    def _write_raw(self, data: bytes) -> None:
        if data:
            self._transport.write(data)

    def _read_or_not(self) -> None:
        """Stop reading while a client sends faster than it is answered."""
        wanted = len(self._reader.requests) < self._port.limits.pipelined_max
        if wanted is self._reading or self.phase is ConnectionPhase.CLOSED:
            return
        self._reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _linger(self) -> None:
        """Tell the client that nothing will follow, and let it close.

        Closing at once would reset the connection if the client were still sending, and a reset
        can overtake the reply.
        """
        if self._port.stopping or self._eof:
            self._close()
            return
        if self._tls is not None:
            self._write_raw(self._tls.farewell())
        self._transport.write_eof()
        self._reader.requests.clear()
        self._enter(ConnectionPhase.LINGERING)

    def _close(self, *, farewell: bool = True) -> None:
        if farewell and self._tls is not None:
            self._write_raw(self._tls.farewell())
        self._reader.requests.clear()
        self._enter(ConnectionPhase.LINGERING)
        self._transport.close()

    def _reset(self) -> None:
        line = cast("socket.socket", self._transport.get_extra_info("socket"))
        self.phase = ConnectionPhase.CLOSED
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    # Time --------------------------------------------------------------------------------------

    def _enter(self, phase: ConnectionPhase) -> None:
        """Enter a phase and start its time-out. One timer serves all phases."""
        self.phase = phase
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._port.limits.seconds_of(phase)
        if self._watch is not None and self._watch.when() > self._deadline:
            self._watch.cancel()
            self._watch = None
        if self._watch is None and self._deadline < inf:
            self._watch = loop.call_at(self._deadline, self._on_time)

    def _on_time(self) -> None:
        loop = asyncio.get_running_loop()
        self._watch = None
        if loop.time() < self._deadline:
            if self._deadline < inf:
                self._watch = loop.call_at(self._deadline, self._on_time)
        elif self.phase is ConnectionPhase.IDLE:
            self._close()
        else:
            self._transport.abort()


_BETWEEN = frozenset({ConnectionPhase.IDLE, ConnectionPhase.RECEIVING})
_DEAF = frozenset({ConnectionPhase.HANGING, ConnectionPhase.LINGERING, ConnectionPhase.CLOSED})


def _ipv4(address: str) -> str:
    """An address in IPv4 if it has one: WeChat's IP lists contain only IPv4."""
    if address == "::1":
        return "127.0.0.1"
    return address.removeprefix(_IPV4_MAPPED)
