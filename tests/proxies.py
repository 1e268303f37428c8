"""A small HTTP proxy for tests: it takes CONNECT and leads on, or does something rude instead.

It is another program's part, played over real sockets in threads of its own: what the client says
to it is counted here.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self, TypeAlias

from peers import LONGEST_SECONDS

from hongbao.client.proxy import Proxy
from hongbao.client.transport import Origin

if TYPE_CHECKING:
    from types import TracebackType

STANDS = b"HTTP/1.1 200 Connection established\r\n\r\n"
_TLS_HEAD_BYTES = 5  # RFC 8446, section 5.1: type, version, length


class Tunnel:
    """One connection of a client's, after its CONNECT has come.

    Attributes:
        head: what the client said.
        client: the socket towards it.
        stands: what it answers when the tunnel stands.
        proxy: whose it is.
    """

    def __init__(self, client: socket.socket, head: bytes, proxy: ProxyServer) -> None:
        self.client = client
        self.head = head
        self.stands = STANDS
        self.proxy = proxy

    def drip(self, data: bytes, *, seconds_each: float) -> None:
        """One byte after another."""
        for at in range(len(data)):
            if self.proxy.stopping.wait(seconds_each):
                return
            self.say(data[at : at + 1])

    def say(self, data: bytes) -> None:
        """Write to the client."""
        self.client.sendall(data)

    def reset(self) -> None:
        """RST, as from a process that was killed."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.close()

    def stall(self) -> None:
        """Say nothing until the client leaves or the test ends."""
        while not self.proxy.stopping.is_set():
            if select.select([self.client], [], [], 0.02)[0] and not self.client.recv(65536):
                return

    def lead_on(self, *, up_max: int | None = None, down_max: int | None = None) -> None:
        """Carry bytes both ways, until one side ends or a bound is reached; then cut.

        Args:
            up_max: the last of so many TLS records from the client is not carried any more.
            down_max: the last of so many TLS records from the server is the last that is carried.
        """
        host, _, port = self.head.split(b" ")[1].decode().rpartition(":")
        where = self.proxy.leads_to or (host.strip("[]"), int(port))
        with socket.create_connection(where, LONGEST_SECONDS) as server:
            self.say(self.stands)
            up = Flow(server, None if up_max is None else up_max - 1)
            down = Flow(self.client, down_max)
            while not (self.proxy.stopping.is_set() or up.over or down.over):
                for sock in select.select([self.client, server], [], [], 0.02)[0]:
                    data = sock.recv(65536)
                    if not data:
                        return
                    if sock is self.client:
                        self.proxy.heard += data
                    (down if sock is server else up).carry(data)


class Flow:
    """The bytes of one direction.

    Args:
        to: where they go.
        records_max: how many TLS records; all if left out.

    Attributes:
        carried: all so far.
        over: whether there was more than may be carried, or exactly as much.
    """

    def __init__(self, to: socket.socket, records_max: int | None) -> None:
        self.carried = b""
        self.over = False
        self._to = to
        self._records_max = records_max
        self._came = b""

    def carry(self, data: bytes) -> None:
        """Write it on, up to the bound."""
        self._came += data
        end = len(self._came)
        if self._records_max is not None:
            bound = _end_of_records(self._came, self._records_max)
            self.over = bound <= end
            end = min(bound, end)
        self._to.sendall(self._came[len(self.carried) : end])
        self.carried = self._came[:end]


def _end_of_records(data: bytes, count: int) -> int:
    """Where so many TLS records end, as far as their heads have come."""
    at = 0
    for _ in range(count):
        if len(data) < at + _TLS_HEAD_BYTES:
            return len(data) + 1
        at += _TLS_HEAD_BYTES + int.from_bytes(data[at + 3 : at + 5], "big")
    return at


Manner: TypeAlias = Callable[[Tunnel], object]


def refuse(status: bytes) -> Manner:
    """Answer so to every CONNECT."""
    body = b"<h1>No</h1>"
    answer = b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
    return lambda tunnel: tunnel.say(answer)


class ProxyServer:
    """A proxy with a thread for each connection, for a ``with`` statement.

    Args:
        manner: what it does after each CONNECT; leads on if left out.
        leads_to: where it leads in any case: then only it knows the host's name.

    Attributes:
        heads: what clients said, in the order of coming.
        heard: what came from clients inside tunnels.
        stopping: set when the test is over.
        port: where it listens.
    """

    def __init__(
        self, manner: Manner = Tunnel.lead_on, *, leads_to: tuple[str, int] | None = None
    ) -> None:
        self.heads: list[bytes] = []
        self.heard = b""
        self.stopping = threading.Event()
        self.leads_to = leads_to
        self._manner = manner
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def url(self) -> str:
        """As a setting names it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def proxy(self) -> Proxy:
        """As a transport takes it."""
        return Proxy(origin=Origin("127.0.0.1", self.port))

    def behave(self, manner: Manner) -> None:
        """Do something else from the next CONNECT on."""
        self._manner = manner

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
        for thread in self._threads:
            thread.join(LONGEST_SECONDS)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(LONGEST_SECONDS)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
            self.heads.append(head)
            self._manner(Tunnel(client, head, self))
