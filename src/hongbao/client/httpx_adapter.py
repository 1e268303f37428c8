"""The same calls over httpx, for users who need its SOCKS proxies. Only this module imports httpx.

It costs several times the CPU of the transport of our own. httpx limits each read and write by
itself, so a reply's head that trickles in may take longer than the whole call's time; the body is
held to it here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from hongbao.client.transport import HttpResponse, Limits, MaybeSent, NothingSent

if TYPE_CHECKING:
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.transport import HttpRequest

# What httpx raises before the first byte of the request is written, as tried on each of them.
_BEFORE_FIRST_BYTE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}


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
        self._limits = limits or Limits(connect_seconds=merchant.connect_timeout)
        self._client = httpx.Client(**_options(merchant, proxy, self._limits))

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``Transport.send``."""
        body = _Body(self._limits, timeout_seconds)
        try:
            with self._client.stream(
                "POST", _url(request), content=request.body, headers=_HEADERS, timeout=body.timeout
            ) as response:
                for chunk in response.iter_raw():
                    body.add(chunk)
                return HttpResponse(response.status_code, bytes(body.received))
        except _BEFORE_FIRST_BYTE as error:
            raise NothingSent(_why(error)) from error
        except httpx.HTTPError as error:
            raise MaybeSent(_why(error)) from error

    def close(self) -> None:
        """As ``Transport.close``."""
        self._client.close()


class AsyncHttpxTransport:
    """The same for ``AsyncRedPack``."""

    def __init__(
        self, merchant: AnyMerchant, *, proxy: str | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits(connect_seconds=merchant.connect_timeout)
        self._client = httpx.AsyncClient(**_options(merchant, proxy, self._limits))

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``AsyncTransport.send``."""
        body = _Body(self._limits, timeout_seconds)
        try:
            async with self._client.stream(
                "POST", _url(request), content=request.body, headers=_HEADERS, timeout=body.timeout
            ) as response:
                async for chunk in response.aiter_raw():
                    body.add(chunk)
                return HttpResponse(response.status_code, bytes(body.received))
        except _BEFORE_FIRST_BYTE as error:
            raise NothingSent(_why(error)) from error
        except httpx.HTTPError as error:
            raise MaybeSent(_why(error)) from error

    async def aclose(self) -> None:
        """As ``AsyncTransport.aclose``."""
        await self._client.aclose()


class _Body:
    """A reply's body on its way in, held to the limits."""

    def __init__(self, limits: Limits, timeout_seconds: float) -> None:
        self.received = bytearray()
        self.timeout = httpx.Timeout(
            timeout_seconds, connect=min(limits.connect_seconds, timeout_seconds)
        )
        self._bytes_max = limits.body_bytes_max
        self._deadline = time.monotonic() + timeout_seconds

    def add(self, chunk: bytes) -> None:
        self.received += chunk
        if len(self.received) > self._bytes_max:
            raise MaybeSent(f"the reply is longer than {self._bytes_max} bytes")
        if time.monotonic() > self._deadline:
            raise MaybeSent("the time was up before the reply was whole")


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


def _url(request: HttpRequest) -> httpx.URL:
    origin = request.origin
    return httpx.URL(scheme="https", host=origin.host, port=origin.port, path=request.path)


def _why(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}"
