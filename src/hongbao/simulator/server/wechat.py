"""WeChat's port: TLS that asks for the merchant's certificate, and what nginx does before ``App``.

It knows who came and how; what a request means, ``App`` knows.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from hongbao.simulator.answers import BAD_CERTIFICATE, page
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.server.port import Port
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from hongbao.simulator.exchange import Answer
    from hongbao.simulator.server.connection import Connection
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.server.port_limits import PortLimits

_PATHS = frozenset(endpoint.path for endpoint in ENDPOINTS)
_NOT_ALLOWED = page(405, "405 Not Allowed", "405 Not Allowed")


class Application(Protocol):
    """What stands behind the port: ``App``, or a test's own."""

    def handle(self, exchange: Exchange, /) -> Answer:
        """Answer one request, at once."""
        ...

    def refuses_connection(self) -> bool:
        """Whether to reset the next connection."""
        ...


class Front:
    """What stands between a port and the application.

    Args:
        app: the application.
        now: the present in seconds since the epoch, by which certificates are judged: the
            machine's, not the simulated one, since the client's own TLS goes by that.
    """

    def __init__(self, app: Application, *, now: Callable[[], float] = time.time) -> None:
        self._app = app
        self._now = now

    def answer(self, request: Request, connection: Connection) -> Answer:
        """Answer one request of a connection."""
        shown = connection.certificate
        now = self._now()
        if shown is not None:
            if now < shown.begins:
                return BAD_CERTIFICATE
            if request.method != "POST" and request.path in _PATHS:
                return _NOT_ALLOWED
        mch_id = None if shown is None else shown.common_name
        expired = shown is not None and shown.ends <= now
        return self._app.handle(
            Exchange(
                request.path,
                request.body,
                mch_id,
                connection.remote_ip,
                expired,
                request.method,
                request.headers,
            )
        )


def wechat_port(
    app: Application,
    *,
    context: ssl.SSLContext,
    limits: PortLimits | None = None,
    now: Callable[[], float] = time.time,
) -> Port:
    """A port that is WeChat to its callers, not started yet.

    Args:
        app: answers the requests.
        context: see ``tls.server_context``.
        limits: see ``PortLimits``.
        now: see ``Front``.
    """
    front = Front(app, now=now)
    return Port(front.answer, context=context, limits=limits, refuses=app.refuses_connection)
