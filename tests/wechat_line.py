"""Foreign code as the client: Python's own ssl and http.client, and what they need."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hongbao.simulator.exchange import Answer
from hongbao.simulator.server.loop_thread import LoopThread
from hongbao.simulator.server.tls import server_context
from hongbao.simulator.server.wechat_port import wechat_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hongbao.simulator.exchange import Application, Exchange
    from hongbao.simulator.folder.folder import SimulatorFolder
    from hongbao.simulator.server.port import Port
    from hongbao.simulator.server.port_limits import PortLimits

SEND = "/mmpaymkttransfers/sendredpack"
WAIT_SECONDS = 10.0
"""Longer than anything here takes: only a failing test ever waits for it."""


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


class FakeApp:
    """Stands at the application's port; answers what it is told to."""

    def __init__(self, respond: Callable[[Exchange], Answer] | None = None) -> None:
        self.seen: list[Exchange] = []
        self.refuse = 0
        self._respond = respond or (
            lambda exchange: Answer(200, b"<xml>" + exchange.body + b"</xml>")
        )

    def handle(self, exchange: Exchange) -> Answer:
        """Take it down and answer it."""
        self.seen.append(exchange)
        return self._respond(exchange)

    def refuses_connection(self) -> bool:
        """As many times as was said."""
        self.refuse -= 1
        return self.refuse >= 0


@dataclass
class Line:
    """The way to a running port."""

    folder: SimulatorFolder
    port: Port
    thread: LoopThread

    def tls(
        self, *, certificate: Path | None = None, key: Path | None = None, shown: bool = True
    ) -> ssl.SSLContext:
        """A client's TLS, with the demo merchant's certificate, another one, or none."""
        context = ssl.create_default_context(cafile=str(self.folder.ca_path))
        if certificate is not None:
            context.load_cert_chain(certificate, key)
        elif shown:
            place = self.folder.merchant_path(next(iter(self.folder.merchants)))
            context.load_cert_chain(place / "apiclient_cert.pem", place / "apiclient_key.pem")
        return context

    def connect(
        self, context: ssl.SSLContext | None = None, *, host: str = "localhost"
    ) -> http.client.HTTPSConnection:
        """A connection by Python's own client."""
        return http.client.HTTPSConnection(
            host, self.port.number, context=context or self.tls(), timeout=WAIT_SECONDS
        )

    def post(
        self, body: bytes = b"a", path: str = SEND, context: ssl.SSLContext | None = None
    ) -> Reply:
        """One request on a connection of its own."""
        connection = self.connect(context)
        try:
            return ask(connection, body, path)
        finally:
            connection.close()

    def raw(
        self, context: ssl.SSLContext | None = None, *, name: str = "localhost"
    ) -> ssl.SSLSocket:
        """Bare TLS."""
        # A line that breaks without TLS's farewell raises, where Python would hide it. Connected
        # last, since up to Python 3.12 wrapping does not close what was reset before (gh-113280).
        raw = (context or self.tls()).wrap_socket(
            socket.socket(), server_hostname=name, suppress_ragged_eofs=False
        )
        try:
            raw.settimeout(WAIT_SECONDS)
            raw.connect(("127.0.0.1", self.port.number))
        except BaseException:
            raw.close()
            raise
        return raw

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Let the server take turns until it holds."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not holds():
            assert time.monotonic() < deadline
            self.thread.run(asyncio.sleep(0))

    def plain(self) -> socket.socket:
        """Bare TCP."""
        return socket.create_connection(("127.0.0.1", self.port.number), WAIT_SECONDS)


@contextmanager
def serving(
    folder: SimulatorFolder, app: Application, limits: PortLimits | None = None, **more: object
) -> Iterator[Line]:
    """WeChat's port in front of an application, in a thread of its own."""
    certificate, key = folder.server_paths
    context = server_context(certificate=certificate, key=key, client_ca=folder.ca_path)
    port = wechat_port(app, context=context, limits=limits, **more)  # type: ignore[arg-type]  # passed on
    thread = LoopThread("test server")
    try:
        thread.run(port.start("localhost", 0))
        yield Line(folder=folder, port=port, thread=thread)
    finally:
        thread.run(port.stop())
        thread.close()


def ask(
    connection: http.client.HTTPConnection,
    body: bytes = b"a",
    path: str = SEND,
    method: str = "POST",
) -> Reply:
    connection.request(method, path, body)
    with connection.getresponse() as response:
        return Reply(response.status, response.read(), dict(response.getheaders()))


def request_bytes(body: bytes = b"a", path: str = SEND, more: str = "") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    ).encode() + body


def read_all(line: socket.socket) -> bytes:
    """Everything until the server ends the connection."""
    parts = []
    while part := line.recv(65536):
        parts.append(part)
    return b"".join(parts)
