"""Serves the console on this machine, by uvicorn in a thread, until it is told to end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import uvicorn

from hongbao.console.app import console_app
from hongbao.errors import ConfigurationError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from hongbao.console.live import LivePages
    from hongbao.console.site import ConsoleSite

_GRACE_SECONDS = 2
"""Answers that are under way may take so long; streams end at once."""
_START_SECONDS_MAX = 30.0


@contextmanager
def serving(site: ConsoleSite) -> Iterator[str]:
    """Serve a console, and give its address.

    Args:
        site: the console; port 0 in its settings takes a free one.

    Raises:
        ConfigurationError: if nothing can listen there.
    """
    host = site.settings.host
    listener = _listening(host, site.settings.port)
    found = listener.getsockname()[1]
    app = console_app(site)
    server = _ConsoleServer(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the gate reads them itself, of trusted proxies alone
            timeout_graceful_shutdown=_GRACE_SECONDS,
        ),
        app,
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="console")
    thread.start()
    try:
        _wait_for(server, thread)
        yield f"http://{f'[{host}]' if ':' in host else host}:{found}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class _ConsoleServer(uvicorn.Server):
    """Ends live streams before it waits for answers that are under way.

    Args:
        config: uvicorn's.
        app: the console.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._live: LivePages = app.state.live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.close()
        await super().shutdown(sockets)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            setting=f"port {port} of {host}",
            problem=f"cannot be listened on ({error.strerror})",
            remedy="Give another --port, or end what has it.",
        ) from None
    return listener


def _wait_for(server: uvicorn.Server, thread: Thread) -> None:
    """Until it answers; it imports a little, and starts in a moment."""
    until = monotonic() + _START_SECONDS_MAX
    while not server.started:
        if not thread.is_alive() or monotonic() > until:
            raise ConfigurationError(
                setting="console", problem="did not start", remedy="Its log says why."
            )
        sleep(0.01)
