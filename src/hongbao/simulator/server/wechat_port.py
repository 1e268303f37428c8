"""WeChat's port: TLS with client certificates, and what nginx does in front of ``App``.

It knows the caller and the connection; ``App`` knows what a request means.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hongbao.simulator.answers import BAD_CERTIFICATE, page
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.server.port import Port
from hongbao.wire.bill.request import DOWNLOADFUNDFLOW
from hongbao.wire.endpoints import ENDPOINTS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from hongbao.simulator.exchange import Answer, Application
    from hongbao.simulator.server.connection import Connection
    from hongbao.simulator.server.http import Request
    from hongbao.simulator.server.port_limits import PortLimits

_PATHS = frozenset(endpoint.path for endpoint in (*ENDPOINTS, DOWNLOADFUNDFLOW))
_NOT_ALLOWED = page(405, "405 Not Allowed", "405 Not Allowed")


class Frontend:
    """Passes requests from a port to the application, and answers some as nginx would.

    Args:
        app: the application.
        now: the present in seconds since the epoch, for the validity of certificates. It is the
            machine's time, not the simulated one, since the client's own TLS uses that.
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
                request.query,
            )
        )


def wechat_port(
    app: Application,
    *,
    context: ssl.SSLContext,
    limits: PortLimits | None = None,
    now: Callable[[], float] = time.time,
) -> Port:
    """A port that looks like WeChat to its callers, not started yet.

    Args:
        app: answers the requests.
        context: see ``tls.server_context``.
        limits: see ``PortLimits``.
        now: see ``Frontend``.
    """
    frontend = Frontend(app, now=now)
    return Port(frontend.answer, context=context, limits=limits, refuses=app.refuses_connection)
