"""What carries one HTTP exchange to WeChat, and the border that decides about money.

A transport sends a request once or not at all. Whether its failure means "never sent" or "maybe
sent" is the one thing that it must know exactly: see ``NothingSent`` and ``MaybeSent``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Origin(NamedTuple):
    """A host and its port."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """As it stands in a URL: an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class HttpRequest(NamedTuple):
    """One POST, over TLS."""

    origin: Origin
    path: str
    body: bytes


class HttpResponse(NamedTuple):
    """One whole reply. Its headers decide nothing.

    WeChat's content types are not to be relied on.
    """

    status: int
    body: bytes


class TransportError(Exception):
    """The exchange failed; ``why`` says how, without secrets and without the body."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NothingSent(TransportError):
    """No byte of the request was handed to the TLS layer."""


class MaybeSent(TransportError):
    """At least one byte of the request was handed over and no whole reply came back.

    Attributes:
        certificate_alert: the name of the TLS alert, where the server refused the client
            certificate with one. Under TLS 1.3 that shows only when the reply is read.
    """

    def __init__(self, why: str, *, certificate_alert: str | None = None) -> None:
        super().__init__(why)
        self.certificate_alert = certificate_alert


def as_transport_error(error: Exception) -> TransportError:
    """What a transport raised, or ought to have raised.

    One that breaks its word and raises anything else has said nothing about how far it came, so
    the request may have been sent.
    """
    if isinstance(error, TransportError):
        return error
    unforeseen = MaybeSent(f"the transport failed with {type(error).__name__}")
    unforeseen.__cause__ = error
    return unforeseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a transport, each with its reason.

    Attributes:
        connect_seconds: for DNS, TCP, a proxy's tunnel and TLS together.
        connections_max: open connections for each origin; a caller beyond that waits within its own
            deadline.
        idle_seconds: how long an unused connection is kept. nginx closes after 75 s by default.
        head_bytes_max: of a reply's status line and headers. WeChat sends under 1 KiB.
        body_bytes_max: of a reply. WeChat's are about 1 KiB.
    """

    connect_seconds: float = 5.0
    connections_max: int = 64
    idle_seconds: float = 60.0
    head_bytes_max: int = 16 * 1024
    body_bytes_max: int = 1024 * 1024


class Transport(Protocol):
    """Carries requests for the blocking driver, from any number of threads."""

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once within ``timeout_seconds``, or raise ``NothingSent`` or ``MaybeSent``."""
        ...

    def close(self) -> None:
        """Close all connections; a later ``send`` raises ``NothingSent``."""
        ...


class AsyncTransport(Protocol):
    """Carries requests for the asyncio driver."""

    async def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """As ``Transport.send``.

        A cancellation after the first byte passes through as ``CancelledError``.
        """
        ...

    async def aclose(self) -> None:
        """As ``Transport.close``."""
        ...
