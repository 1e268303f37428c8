"""One TLS connection over a blocking socket: opened, used for one exchange at a time, closed.

The border between "nothing sent" and "maybe sent" runs through ``BlockingConnection.exchange``.
"""

from __future__ import annotations

import socket
import ssl
from time import monotonic
from typing import TYPE_CHECKING

from hongbao.client import failures
from hongbao.client.framing import FramingError, ReplyReader
from hongbao.client.readiness import readable, wait, writable
from hongbao.client.resolver import shares
from hongbao.client.transport import MaybeSent, NothingSent
from hongbao.client.tunnel import ANSWER_BYTES_MAX, Tunnel
from hongbao.sentences import say, sentence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hongbao.client.proxy import Route
    from hongbao.client.resolver import Address
    from hongbao.client.transport import HttpResponse, Limits

TLS_RECORD_BYTES_MAX = 16 * 1024  # one read never yields more: RFC 8446, section 5.1
_NOT_YET = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


class BlockingConnection:
    """One TLS connection; used by one thread at a time.

    Attributes:
        stale_at: until when it may be used again.
        reader: knows whether the last reply left it fit for another request.
        has_come: whether anything has come to be read; ``readiness.readable``.
    """

    __slots__ = ("_fresh", "_route", "_tls", "has_come", "reader", "stale_at")

    def __init__(self, tls: ssl.SSLSocket, route: Route, limits: Limits) -> None:
        tls.setblocking(False)  # waiting is the part of ``readiness``
        self.stale_at = 0.0
        self.reader = ReplyReader(limits)
        self.has_come = readable(tls.fileno())
        self._tls = tls
        self._route = route
        self._fresh = True

    def close(self) -> None:
        """Close it, without a close_notify: lengths say where a request ends."""
        self._tls.close()

    def hear_before_first_byte(self) -> None:
        """See whether a server that speaks TLS 1.3 has refused our certificate already.

        Its verdict comes after the client's side of the handshake is over. What is usually there
        to be read are session tickets, which yield no data.

        Raises:
            NothingSent: it has, or it spoke or hung up before the request.
        """
        if not self.has_come(0):
            return
        try:
            self._tls.recv(1)
        except _NOT_YET:
            return
        except OSError as error:
            raise failures.not_connected(self._route, error) from error
        raise NothingSent(say("the server spoke or hung up before the request"))

    def exchange(self, data: bytes, deadline: float) -> HttpResponse:
        """Write the request and read the reply.

        Raises:
            NothingSent: no byte was handed to the TLS layer.
            MaybeSent: one was, and no whole reply came.
        """
        if monotonic() >= deadline:
            raise NothingSent(say("the time was up before the first byte"))
        tls, reader, response = self._tls, self.reader, None
        # From here on the request may have been sent, whatever happens.
        try:
            try:
                sent = tls.send(data)
            except _NOT_YET:
                sent = 0
            if sent != len(data):
                self._write_rest(data[sent:], deadline)
            while response is None:
                wait(self.has_come, deadline)
                try:
                    received = tls.recv(TLS_RECORD_BYTES_MAX)
                except _NOT_YET:  # a part of a record, or a session ticket
                    continue
                response = reader.feed(received) if received else reader.eof()
        except OSError as error:
            raise failures.maybe_sent(
                self._alert_behind(error), started=reader.started, fresh=self._fresh
            ) from error
        except FramingError as error:
            raise MaybeSent(sentence_of(error)) from error
        self._fresh = False
        return response

    def _write_rest(self, data: bytes, deadline: float) -> None:
        """Write what the socket's buffer had no room for."""
        ready = has_room = writable(self._tls.fileno())
        while data:
            wait(ready, deadline)
            ready = has_room
            try:
                data = data[self._tls.send(data) :]
            except ssl.SSLWantReadError:  # the server negotiates anew, as TLS 1.2 allows
                ready = self.has_come
            except ssl.SSLWantWriteError:
                continue

    def _alert_behind(self, error: OSError) -> OSError:
        """The alert that explains why writing failed, if one lies unread."""
        if isinstance(error, TimeoutError) or failures.certificate_alert(error):
            return error
        try:
            self._tls.recv(1)
        except OSError as second:
            if failures.certificate_alert(second):
                return second
        return error


def _remaining(deadline: float) -> float:
    remaining = deadline - monotonic()
    if remaining <= 0:
        raise TimeoutError  # a socket would take 0 for "do not block"
    return remaining


def connect_to_any(
    addresses: Sequence[Address], route: Route, context: ssl.SSLContext, deadline: float
) -> ssl.SSLSocket:
    """Try one after another: addresses of the host, or of the proxy on the route.

    Raises:
        OSError: the last one's failure; or the first answer, if that was about certificates or TLS.
    """
    failure = OSError(say("the name has no address"))
    for address, until in shares(addresses, deadline, monotonic):
        try:
            return _connect_to(address, route, context, until)
        except ssl.SSLError:
            raise  # somebody answered; the next address would say the same of the certificates
        except OSError as error:
            failure = error
    raise failure


def _connect_to(
    address: Address, route: Route, context: ssl.SSLContext, deadline: float
) -> ssl.SSLSocket:
    sock: socket.socket = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        # Wrapped before it is connected: up to Python 3.12 ``wrap_socket`` does not close what was
        # reset meanwhile (gh-113280).
        # An end without close_notify must be an error, or a cut reply could pass for a whole one.
        sock = tls = context.wrap_socket(
            sock,
            server_hostname=route.origin.host.encode("ascii"),  # bytes: as in ``resolver``
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
        with failures.reaching(route):
            tls.settimeout(_remaining(deadline))
            tls.connect(address.sockaddr)
            # Nagle's algorithm would hold a request back for the server's delayed ACK, 40 ms.
            tls.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.proxy is not None:
                _open_tunnel(tls, Tunnel(route, route.proxy), deadline)
        tls.settimeout(_remaining(deadline))
        tls.do_handshake()
    except BaseException:
        sock.close()
        raise
    return tls


def _open_tunnel(tls: ssl.SSLSocket, tunnel: Tunnel, deadline: float) -> None:
    """Have a proxy lead the connection on; on the bare socket, for TLS has not begun."""
    bare = socket.socket
    bare.sendall(tls, tunnel.request)
    stands = False
    while not stands:
        tls.settimeout(_remaining(deadline))
        stands = tunnel.feed(bare.recv(tls, ANSWER_BYTES_MAX))
