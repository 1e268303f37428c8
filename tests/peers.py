"""Servers on real TLS for the transports' tests: each answers as its script says, however rudely.

A script is a function that takes the ``Line`` after each request and writes what it likes. What the
server saw is counted here, in another thread than the client's.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import select
import socket
import ssl
import struct
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Self

import trustme

from hongbao.client.transport import HttpRequest, HttpResponse, Origin

if TYPE_CHECKING:
    from types import TracebackType

    from hongbao.client.transport import Method, SentHeaders

MCH_ID = "10000100"
OTHER_MCH_ID = "10000200"
BODY = b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"
OK_HEAD = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\n"
OK = OK_HEAD + b"Content-Length: %d\r\nConnection: keep-alive\r\n\r\n%b" % (len(BODY), BODY)
GOOD = HttpResponse(
    200,
    {
        b"Server": b"nginx",
        b"Content-Type": b"text/plain",
        b"Content-Length": b"%d" % len(BODY),
        b"Connection": b"keep-alive",
    },
    BODY,
)
"""What ``OK`` is to whoever reads it."""
LONGEST_SECONDS = 20.0  # no thread of a server outlives its test by more
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class World(NamedTuple):
    """Certificates: good ones, and one for each way to be wrong."""

    ca: trustme.CA
    stranger_ca: trustme.CA
    server: trustme.LeafCert
    server_of_another_name: trustme.LeafCert
    expired_server: trustme.LeafCert
    merchant: trustme.LeafCert
    other_merchant: trustme.LeafCert
    expired_merchant: trustme.LeafCert
    stranger: trustme.LeafCert


@cache
def world() -> World:
    """The same for all tests of a process: making keys takes time."""
    ca, stranger_ca = trustme.CA(), trustme.CA()
    long_ago = PAST - dt.timedelta(days=365)
    return World(
        ca=ca,
        stranger_ca=stranger_ca,
        server=ca.issue_cert("localhost", "127.0.0.1", "api.example"),
        server_of_another_name=ca.issue_cert("elsewhere.example"),
        expired_server=ca.issue_cert("127.0.0.1", not_before=long_ago, not_after=PAST),
        merchant=ca.issue_cert("merchant.example", common_name=MCH_ID),
        other_merchant=ca.issue_cert("other.example", common_name=OTHER_MCH_ID),
        expired_merchant=ca.issue_cert(
            "merchant.example", common_name=MCH_ID, not_before=long_ago, not_after=PAST
        ),
        stranger=stranger_ca.issue_cert("merchant.example", common_name=MCH_ID),
    )


def client_tls(certificate: trustme.LeafCert | None = None) -> ssl.SSLContext:
    """A context that trusts the test's CA, and shows a certificate if one is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    world().ca.configure_trust(context)
    if certificate is not None:
        certificate.configure_cert(context)
    return context


def server_tls(
    certificate: trustme.LeafCert | None = None,
    *,
    asks: bool = False,
    version: ssl.TLSVersion | None = None,
) -> ssl.SSLContext:
    """A server's context; ``asks`` for a client certificate, speaks one ``version`` alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (certificate or world().server).configure_cert(context)
    if asks:
        world().ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


class Line:
    """The server's end of one connection.

    Attributes:
        request: the last one that came.
    """

    def __init__(self, tls: ssl.SSLSocket, peer: Peer) -> None:
        self.tls = tls
        self.peer = peer
        self.open = True
        self.request = b""

    def send(self, data: bytes) -> None:
        """Write."""
        self.tls.sendall(data)

    def deliver(self) -> None:
        """Return when the client's system has all that was sent: later than ``send`` does.

        Loopback too hands packets on in its own time, on a busy machine after milliseconds.
        """
        while struct.unpack("i", fcntl.ioctl(self.tls, termios.TIOCOUTQ, bytes(4)))[0]:
            self.peer.stopping.wait(0.001)

    def say_goodbye(self) -> None:
        """End in good order: close_notify, then FIN."""
        self.open = False
        self.tls.settimeout(0.0)
        with suppress(OSError):
            self.tls.unwrap()
        self.tls.close()

    def hang_up(self) -> None:
        """FIN without close_notify, as if the line were cut."""
        self.open = False
        self.tls.close()

    def reset(self) -> None:
        """RST, as from a process that was killed."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.hang_up()

    def drip(self, data: bytes, *, seconds_each: float) -> None:
        """One byte after another, each in a TLS record."""
        for at in range(len(data)):
            if self.peer.stopping.wait(seconds_each):
                return
            self.send(data[at : at + 1])

    def stall(self) -> None:
        """Answer nothing until the client leaves or the test ends."""
        while not self.peer.stopping.is_set():
            if select.select([self.tls], [], [], 0.02)[0]:
                self.hang_up()
                return

    def stall_unread(self) -> None:
        """Read nothing, answer nothing, until the test ends."""
        self.peer.stopping.wait()
        self.hang_up()

    def read_request(self) -> bytes | None:
        """One whole request, or None at the end."""
        head, end = b"", b"\r\n\r\n"
        while end not in head:
            piece = self.tls.recv(65536)
            if not piece:
                return None
            head += piece
        head, _, body = head.partition(end)
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or b"0")
        while len(body) < length:
            piece = self.tls.recv(65536)
            if not piece:
                return None
            body += piece
        return head + end + body


Script = Callable[[Line], None]


def answer(data: bytes) -> Script:
    """Write this after each request."""
    return lambda line: line.send(data)


class Peer:
    """A server with a thread for each connection, for a ``with`` statement.

    Args:
        script: called after each request; a good answer if left out.
        tls: its TLS.
        greeting: called before the first request.
        abrupt: whether the line of a refused client is cut at once, which may destroy the alert.

    Attributes:
        requests: all requests that came whole, in the order of coming.
        handshakes: how many TLS connections stood.
        refused: the errors of those handshakes that failed here.
        stopping: set when the test is over.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        greeting: Script | None = None,
        abrupt: bool = False,
    ) -> None:
        self.requests: list[bytes] = []
        self.handshakes = 0
        self.refused: list[OSError] = []
        self.stopping = threading.Event()
        self._script = script or answer(OK)
        self._greeting = greeting
        self._abrupt = abrupt
        self._tls = tls or server_tls()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def origin(self) -> Origin:
        """Where it listens."""
        return Origin("127.0.0.1", self._listener.getsockname()[1])

    def request(
        self,
        body: bytes = b"<xml/>",
        path: str = "/pay",
        *,
        method: Method = "POST",
        headers: SentHeaders = (),
    ) -> HttpRequest:
        """A request to it."""
        return HttpRequest(method, self.origin, path, headers, body)

    def serve_with(self, tls: ssl.SSLContext) -> None:
        """Be another server from the next connection on."""
        self._tls = tls

    def answer_with(self, script: Script) -> None:
        """Have another script from the next request on."""
        self._script = script

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    # TLS's own would take the session away from the thread that is using it.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(LONGEST_SECONDS)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            raw.settimeout(LONGEST_SECONDS)
            thread = threading.Thread(target=self._serve, args=(raw,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        tls = self._tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._lines.add(tls)
        with tls, suppress(OSError):
            if not self._shake_hands(tls):
                return
            line = Line(tls, self)
            if self._greeting is not None:
                self._greeting(line)
            while line.open and (request := line.read_request()) is not None:
                line.request = request
                with self._lock:
                    self.requests.append(request)
                self._script(line)
        with self._lock:
            self._lines.discard(tls)

    def _shake_hands(self, tls: ssl.SSLSocket) -> bool:
        try:
            tls.do_handshake()
        except OSError as error:
            self.refused.append(error)
            # Closed at once, its RST could overtake the alert on the way to the client.
            while not self._abrupt and socket.socket.recv(tls, 4096):
                pass
            return False
        with self._lock:
            self.handshakes += 1
        return True
