"""The same calls over httpx, for users who need its SOCKS proxies. Only this module imports httpx.

It costs several times the CPU of the transport of our own. httpx limits each read and write by
itself, so a reply's head that trickles in may take longer than the whole call's time; the body is
held to it here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from hongbao.client.transport import (
    HttpResponse,
    Limits,
    MaybeSent,
    NothingSent,
    check_head,
)
from hongbao.sentences import say
from hongbao.version import __version__

if TYPE_CHECKING:
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.transport import HttpRequest, Receive

# What httpx raises before the first byte of the request is written, as tried on each of them.
_BEFORE_FIRST_BYTE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# The body is read as it comes, so it must not come compressed.
_HEADERS = (("User-Agent", f"hongbao/{__version__}"), ("Accept-Encoding", "identity"))


class HttpxTransport:
    """A ``Transport`` on httpx, such as ``HttpxTransport(merchant, proxy="socks5://proxy:1080")``.

    Args:
        merchant: whose certificate is used; the server is verified as always.
        proxy: the URL of an HTTP or SOCKS proxy; the merchant's if left out.
        limits: connections and the size of a reply.
    """

    def __init__(
        self, merchant: AnyMerchant, *, proxy: str | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits(connect_seconds=merchant.connect_seconds)
        self._client = httpx.Client(**_options(merchant, proxy, self._limits))

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``Transport.send``."""
        return self._exchange(request, _Reply(self._limits, timeout_seconds))

    def _exchange(self, request: HttpRequest, reply: _Reply) -> HttpResponse:
        try:
            with self._client.stream(**_written(request), timeout=reply.timeout) as response:
                reply.begin(response)
                for chunk in response.iter_raw():
                    reply.add(chunk)
                return reply.whole()
        except _BEFORE_FIRST_BYTE as error:
            raise NothingSent(_why(error)) from error
        except httpx.HTTPError as error:
            raise MaybeSent(_why(error)) from error

    def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``DownloadTransport.download``."""
        reply = _Reply(self._limits, timeout_seconds, receive)
        return self._exchange(request, reply)

    def close(self) -> None:
        """As ``Transport.close``."""
        self._client.close()


class AsyncHttpxTransport:
    """The same for ``AsyncRedPack``."""

    def __init__(
        self, merchant: AnyMerchant, *, proxy: str | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits(connect_seconds=merchant.connect_seconds)
        self._client = httpx.AsyncClient(**_options(merchant, proxy, self._limits))

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``AsyncTransport.send``."""
        return await self._exchange(request, _Reply(self._limits, timeout_seconds))

    async def _exchange(self, request: HttpRequest, reply: _Reply) -> HttpResponse:
        try:
            async with self._client.stream(**_written(request), timeout=reply.timeout) as response:
                reply.begin(response)
                async for chunk in response.aiter_raw():
                    reply.add(chunk)
                return reply.whole()
        except _BEFORE_FIRST_BYTE as error:
            raise NothingSent(_why(error)) from error
        except httpx.HTTPError as error:
            raise MaybeSent(_why(error)) from error

    async def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``AsyncDownloadTransport.download``."""
        reply = _Reply(self._limits, timeout_seconds, receive)
        return await self._exchange(request, reply)

    async def aclose(self) -> None:
        """As ``AsyncTransport.aclose``."""
        await self._client.aclose()


class _Reply:
    """A reply on its way in, held to the limits."""

    def __init__(
        self, limits: Limits, timeout_seconds: float, receive: Receive | None = None
    ) -> None:
        self._limits = limits
        self._bytes_max = limits.download_bytes_max if receive else limits.body_bytes_max
        self._receive = receive
        self._bytes = 0
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._received = bytearray()
        self.timeout = httpx.Timeout(
            max(0.0, timeout_seconds),
            connect=max(0.0, min(limits.connect_seconds, timeout_seconds)),
        )
        self._deadline = time.monotonic() + timeout_seconds

    def begin(self, response: httpx.Response) -> None:
        limits, raw = self._limits, response.headers.raw
        self._status, self._headers = response.status_code, dict(raw)
        if len(self._headers) > limits.headers_max:
            raise MaybeSent(say("the reply has more than {most} headers", most=limits.headers_max))
        if sum([len(name) + len(value) for name, value in raw]) > limits.head_bytes_max:
            raise MaybeSent(
                say(
                    "the reply's head is longer than {most} bytes",
                    most=limits.head_bytes_max,
                )
            )

    def add(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        if self._bytes > self._bytes_max:
            raise MaybeSent(say("the reply is longer than {most} bytes", most=self._bytes_max))
        if self._receive is None:
            self._received += chunk
        else:
            self._receive(chunk)
        if time.monotonic() > self._deadline:
            raise MaybeSent(say("the time was up before the reply was whole"))

    def whole(self) -> HttpResponse:
        return HttpResponse(self._status, self._headers, bytes(self._received))


def _options(merchant: AnyMerchant, proxy: str | None, limits: Limits) -> dict[str, Any]:
    return {
        "verify": merchant.context,
        "proxy": _merchants(merchant) if proxy is None else proxy,
        "trust_env": False,
        "follow_redirects": False,
        "limits": httpx.Limits(
            max_connections=limits.connections_max,
            max_keepalive_connections=limits.connections_max,
            keepalive_expiry=limits.idle_seconds,
        ),
    }


def _merchants(merchant: AnyMerchant) -> httpx.Proxy | None:
    proxy = merchant.http_proxy
    if proxy is None:
        return None
    shown = proxy.authorization
    headers = {} if shown is None else {"Proxy-Authorization": shown}
    return httpx.Proxy(f"http://{proxy}", headers=headers)


def _written(request: HttpRequest) -> dict[str, Any]:
    """The request in httpx's arguments; raises ``InvalidRequest`` as ``check_head`` does."""
    check_head(request)
    method, (host, port), path, headers, body = request
    url = httpx.URL(scheme="https", host=host, port=port, raw_path=path.encode("ascii"))
    content = body or None  # none at all, where there is none: httpx knows which methods want a 0
    return {"method": method, "url": url, "headers": [*_HEADERS, *headers], "content": content}


def _why(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"
