"""Takes WeChat's notifications in a server of yours: a WSGI or an ASGI application.

The last part of the path is the merchant's name in the settings: ``https://pay.example/notify/till``
is the ``notify_url`` of ``[merchants.till]``. Nothing may read the body before, not even a proxy.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from hongbao.digits import whole_number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from hongbao.engine.confirmations import Confirmations

BODY_BYTES_MAX = 64 * 1024
"""A notification has a kilobyte or two."""


def wsgi_app(
    confirmations: Confirmations,
) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """A WSGI application that answers notifications."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status = _of_request(confirmations, environ)
        start_response(f"{status} {HTTPStatus(status).phrase}", [("Content-Length", "0")])
        return []

    return app


def _of_request(confirmations: Confirmations, environ: WSGIEnvironment) -> int:
    if environ.get("REQUEST_METHOD") != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED
    length = str(environ.get("CONTENT_LENGTH", ""))
    size = whole_number(length, digits=len(str(BODY_BYTES_MAX)))
    if size is None or size > BODY_BYTES_MAX:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    body = environ["wsgi.input"].read(size)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-"): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return confirmations.notified(_merchant(str(environ.get("PATH_INFO", ""))), headers, body)


def asgi_app(
    confirmations: Confirmations,
) -> Callable[
    [dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]],
    Awaitable[None],
]:
    """An ASGI application that answers notifications; the books are asked in another thread."""

    async def app(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more and len(body) <= BODY_BYTES_MAX:
            part = await receive()
            if part["type"] != "http.request":
                return
            body += part.get("body", b"")
            more = part.get("more_body", False)
        status: int = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if scope["method"] != "POST":
            status = HTTPStatus.METHOD_NOT_ALLOWED
        elif len(body) <= BODY_BYTES_MAX:
            merchant = _merchant(scope["path"])
            status = await asyncio.to_thread(
                confirmations.notified, merchant, scope["headers"], body
            )
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return app


def _merchant(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
