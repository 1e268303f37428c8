"""Carries a client's requests to a simulated WeChat in the same process, without a socket.

A fault of the simulator means the same to the caller as over TLS: after a refused connection
nothing was sent; after any later fault the request may have been sent. No time passes: a hanging
answer is a time-out at once, and a delayed one is in time or not by its script.
"""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING

from hongbao.client.transport import HttpResponse, MaybeSent, NothingSent, check_head
from hongbao.simulator.exchange import Exchange
from hongbao.version import __version__

if TYPE_CHECKING:
    from hongbao.client.transport import HttpRequest, Receive
    from hongbao.simulator.exchange import Answer, Application

REMOTE_IP = "127.0.0.1"


class MemoryLine:
    """What both transports share: it exchanges one request after another, in memory.

    A good connection is used again, so that the simulator sees as many as over sockets.

    Args:
        app: answers the requests.
        certificate_mch_id: the merchant of the client certificate; None for no certificate.
        remote_ip: the client's address, for the merchant's IP list.

    Attributes:
        sent: how many requests were sent.
    """

    def __init__(
        self, app: Application, *, certificate_mch_id: str | None, remote_ip: str = REMOTE_IP
    ) -> None:
        self.sent = 0
        self._app = app
        self._certificate_mch_id = certificate_mch_id
        self._remote_ip = remote_ip
        self._idle = 0
        self._lock = Lock()
        self._closed = False

    def exchange(self, request: HttpRequest, timeout_seconds: float) -> HttpResponse:
        """Exchange once, or raise ``NothingSent``, ``MaybeSent`` or ``InvalidRequest``."""
        check_head(request)
        where = f"{request.origin.host}:{request.origin.port}"
        with self._lock:
            if self._closed:
                raise NothingSent("the transport is closed")
            if timeout_seconds <= 0:
                raise NothingSent(f"{where}: the time was up before connecting")
            if self._idle:
                self._idle -= 1
            elif self._app.refuses_connection():
                raise NothingSent(f"{where}: cannot connect (Connection refused)")
            self.sent += 1
        path, _, query = request.path.partition("?")
        answer = self._app.handle(
            Exchange(
                path,
                request.body,
                self._certificate_mch_id,
                self._remote_ip,
                method=request.method,
                headers={
                    b"host": request.origin.authority.encode(),
                    b"user-agent": f"hongbao/{__version__}".encode(),
                }
                | {
                    name.lower().encode("ascii"): value.encode("ascii")
                    for name, value in request.headers
                },
                query=query,
            )
        )
        if answer.hang or answer.delay_seconds >= timeout_seconds:
            raise MaybeSent("the time was up before a reply came")
        if answer.cut is not None:
            where = "before any reply" if answer.cut == 0 else "in the middle of the reply"
            raise MaybeSent(f"the connection broke {where}")
        with self._lock:
            self._idle += 1
        return HttpResponse(answer.status, _headers(answer), answer.body)

    def close(self) -> None:
        """Raise ``NothingSent`` from now on."""
        with self._lock:
            self._closed = True


def _headers(answer: Answer) -> dict[bytes, bytes]:
    sent = dict(answer.headers)
    if answer.content_type:
        sent["Content-Type"] = answer.content_type
    return {name.encode("ascii"): value.encode("ascii") for name, value in sent.items()}


class MemoryTransport:
    """A ``hongbao.client.transport.Transport`` to a simulator in this process.

    Args:
        app: such as ``Simulation.app``.
        certificate_mch_id: see ``MemoryLine``.
        remote_ip: see ``MemoryLine``.
    """

    def __init__(
        self, app: Application, *, certificate_mch_id: str | None, remote_ip: str = REMOTE_IP
    ) -> None:
        self._line = MemoryLine(app, certificate_mch_id=certificate_mch_id, remote_ip=remote_ip)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._line.sent

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once, or raise ``NothingSent`` or ``MaybeSent``."""
        return self._line.exchange(request, timeout_seconds)

    def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``send``; ``receive`` takes the body."""
        response = self._line.exchange(request, timeout_seconds)
        receive(response.body)
        return response._replace(body=b"")

    def close(self) -> None:
        """A later ``send`` raises ``NothingSent``."""
        self._line.close()


class AsyncMemoryTransport:
    """A ``hongbao.client.transport.AsyncTransport`` to a simulator in this process.

    Args:
        app: such as ``Simulation.app``.
        certificate_mch_id: see ``MemoryLine``.
        remote_ip: see ``MemoryLine``.
    """

    def __init__(
        self, app: Application, *, certificate_mch_id: str | None, remote_ip: str = REMOTE_IP
    ) -> None:
        self._line = MemoryLine(app, certificate_mch_id=certificate_mch_id, remote_ip=remote_ip)

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self._line.sent

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``MemoryTransport.send``; other tasks may run before and after."""
        await asyncio.sleep(0)
        try:
            return self._line.exchange(request, timeout_seconds)
        finally:
            await asyncio.sleep(0)  # here a cancellation meets a request that was processed

    async def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``send``; ``receive`` takes the body."""
        response = await self.send(request, timeout_seconds=timeout_seconds)
        receive(response.body)
        return response._replace(body=b"")

    async def aclose(self) -> None:
        """A later ``send`` raises ``NothingSent``."""
        self._line.close()
