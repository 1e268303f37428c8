"""Serves ``wsgi_app`` for whoever has no server: plain HTTP, behind the proxy that ends TLS."""

from __future__ import annotations

from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from hongbao.engine.notify_app import wsgi_app
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.engine.confirmations import Confirmations

REQUEST_SECONDS = 10.0
"""WeChat gives up after five; whoever sends slower than this is somebody else."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def log_message(self, *_: object) -> None:
        """Nothing: a path may hold anything."""


@contextmanager
def serving(confirmations: Confirmations, *, host: str, port: int) -> Iterator[str]:
    """Serve as long as this lasts; gives the URL, to which a merchant's name is added.

    Raises:
        ConfigurationError: if it cannot listen there.
    """
    try:
        server = make_server(
            host, port, wsgi_app(confirmations), server_class=_Server, handler_class=_Handler
        )
    except OSError as error:
        raise ConfigurationError(
            setting=f"{host}:{port}",
            problem=say(
                "cannot be listened on ({strerror})",
                strerror=error.strerror or type(error).__name__,
            ),
            remedy=say("Give another --port or --host."),
        ) from None
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
