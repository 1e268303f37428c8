"""What carries one HTTP exchange to WeChat, and the border that decides about money.

A transport sends a request once or not at all. Whether its failure means "never sent" or "maybe
sent" is the one thing that it must know exactly: see ``NothingSent`` and ``MaybeSent``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Literal,
    NamedTuple,
    Protocol,
    TypeAlias,
    runtime_checkable,
)

from hongbao.errors import InvalidRequest
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Method: TypeAlias = Literal["GET", "POST"]
"""A reply to any other might end elsewhere than ``framing`` looks for its end."""

SentHeaders: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values, as they are written."""

_METHODS = ("GET", "POST")
# RFC 9110, section 5: a name is a token; a value is visible, with blanks inside only. It allows
# other letters than ASCII's too, but everybody reads them differently.
_NAME = re.compile("[0-9A-Za-z!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"(?:[!-~](?:[ -~\t]*[!-~])?)?")
_VISIBLE = re.compile("[!-~]+")
# Who writes a request says by these where it ends, what may follow and how the reply may come.
_OF_THE_TRANSPORT = frozenset(
    {
        *("host", "user-agent", "content-length", "transfer-encoding", "accept-encoding"),
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect"),
    }
)


Receive: TypeAlias = "Callable[[bytes], None]"
"""Takes a piece of a body as it comes. What it raises ends the exchange."""


class Origin(NamedTuple):
    """A host and its port."""

    host: str
    port: int

    @property
    def authority(self) -> str:
        """As it stands in a URL: an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class HttpRequest(NamedTuple):
    """One request, over TLS.

    Attributes:
        method: ``GET`` or ``POST``.
        origin: where it goes.
        path: with its query; written as it stands, so it is percent-encoded already.
        headers: written in this order. ``Host``, ``User-Agent`` and all that says where the request
            ends are left to the transport.
        body: empty if there is none.
    """

    method: Method
    origin: Origin
    path: str
    headers: SentHeaders
    body: bytes

    def __repr__(self) -> str:
        # A path may name an order, a header holds a signature, the body an openid.
        return f"HttpRequest({self.method} {self.origin.authority}, {len(self.body)} bytes)"


class HttpResponse(NamedTuple):
    """One whole reply.

    Attributes:
        status: such as 200.
        headers: names and values as they came; nothing of them is understood here. Of a name that
            came more than once, one is kept. WeChat's content types are not to be relied on.
        body: as it came, empty if there was none.
    """

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, whose name may be in any case; None if there is none.

        Read as Latin-1, in which every byte is a character: no header makes a reply unreadable.
        """
        wanted, found = name.lower(), None
        for each, value in self.headers.items():
            if each.decode("latin-1").lower() == wanted:
                found = value.strip(b" \t").decode("latin-1")
        return found


def check_head(request: HttpRequest) -> None:
    """Let no request through whose head would not be read as it was meant.

    Raises:
        InvalidRequest: if a part of it would end its line, or belongs to the transport. No value is
            quoted: a signature may stand there.
    """
    if request.method not in _METHODS:
        raise _not_written(
            "method", say("one of {names}", names=", ".join(_METHODS)), request.method
        )
    # A blank or a line break would end the line: what follows would be another header.
    for field, text in (("host", request.origin.host), ("path", request.path)):
        if not _is(text, _VISIBLE):
            raise _not_written(field, say("visible ASCII without blanks"), text)
    for name, value in request.headers:
        if not _is(name, _NAME):
            raise _not_written("headers", say("named by a token of RFC 9110"), name)
        if name.lower() in _OF_THE_TRANSPORT:
            raise InvalidRequest(
                field=name, rule=say("left out: the transport writes it"), found=say("it given")
            )
        if not _is(value, _VALUE):
            raise _not_written(name, say("a header of visible ASCII, blanks inside only"), value)


def _is(value: object, what: re.Pattern[str]) -> bool:
    return isinstance(value, str) and what.fullmatch(value) is not None


def _not_written(field: str, rule: str, value: object) -> InvalidRequest:
    found = f"a {type(value).__name__}"
    if isinstance(value, str):
        strange = next((char for char in value if not " " < char <= "~"), None)
        found = say("{count} characters", count=len(value))
        found += "" if strange is None else f" with U+{ord(strange):04X}"
    return InvalidRequest(field=field, rule=rule, found=found)


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


def as_transport_error(error: Exception) -> TransportError | InvalidRequest:
    """What a transport raised, or ought to have raised.

    ``InvalidRequest`` says that nothing was sent, nor ever will be. One that breaks its word and
    raises anything else has said nothing about how far it came, so the request may have been sent.
    """
    if isinstance(error, (TransportError, InvalidRequest)):
        return error
    unforeseen = MaybeSent(say("the transport failed with {kind}", kind=type(error).__name__))
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
        headers_max: of a reply, by their names. WeChat sends about 10.
        body_bytes_max: of a reply. WeChat's are about 1 KiB.
        download_bytes_max: of a reply that is taken as it comes: a bill of 18 million rows.
    """

    connect_seconds: float = 5.0
    connections_max: int = 64
    idle_seconds: float = 60.0
    head_bytes_max: int = 16 * 1024
    headers_max: int = 100
    body_bytes_max: int = 1024 * 1024
    download_bytes_max: int = 4 * 1024**3


class Transport(Protocol):
    """Carries requests for the blocking driver, from any number of threads."""

    def send(self, request: HttpRequest, *, timeout_seconds: float) -> HttpResponse:
        """Exchange once within ``timeout_seconds``.

        Raises:
            NothingSent: no byte of the request was handed over.
            MaybeSent: one was, and no whole reply came.
            InvalidRequest: it cannot be written (``check_head``); nothing was sent.
        """
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


@runtime_checkable
class DownloadTransport(Protocol):
    """A ``Transport`` that can also give a body piece by piece, such as all of hongbao's own."""

    def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``Transport.send``; ``receive`` takes the body, and the response has none.

        Raises:
            MaybeSent: also if ``receive`` raised.
        """
        ...


@runtime_checkable
class AsyncDownloadTransport(Protocol):
    """The same of an ``AsyncTransport``."""

    async def download(
        self, request: HttpRequest, receive: Receive, *, timeout_seconds: float
    ) -> HttpResponse:
        """As ``DownloadTransport.download``."""
        ...
