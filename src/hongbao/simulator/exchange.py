"""The simulator's input and output without a socket: a request, an answer, and who gives it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE: Mapping[bytes, bytes] = MappingProxyType({})


class Exchange(NamedTuple):
    """One request as the server read it.

    Attributes:
        path: the URL's path as it was sent, without a query.
        body: the body as it came.
        certificate_mch_id: the common name of the client certificate that was presented and
            trusted; None if none was presented.
        remote_ip: the client's address.
        certificate_expired: whether that certificate has expired.
        method: such as ``POST``.
        headers: the headers, with names in lower case.
        query: the URL's query as it was sent, without the question mark.
    """

    path: str
    body: bytes
    certificate_mch_id: str | None
    remote_ip: str
    certificate_expired: bool = False
    method: str = "POST"
    headers: Mapping[bytes, bytes] = _NONE
    query: str = ""

    def __repr__(self) -> str:
        # The body holds an openid and a signature.
        return f"Exchange({self.path}, {len(self.body)} bytes, from {self.certificate_mch_id})"


class Answer(NamedTuple):
    """Tells the server how to answer.

    Attributes:
        status: the HTTP status.
        body: the whole body.
        content_type: the header of that name; left out if empty.
        delay_seconds: how long to wait before the first byte.
        cut: if set, the connection is closed after this many bytes of the whole HTTP reply; 0
            loses the reply.
        hang: if set, no reply is ever sent and the connection stays open.
        headers: more headers, which are sent unchanged.
    """

    status: int
    body: bytes
    content_type: str = "text/plain"
    delay_seconds: float = 0.0
    cut: int | None = None
    hang: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        # The body may hold an openid, a package or a ticket.
        return f"Answer({self.status}, {len(self.body)} bytes, cut={self.cut}, hang={self.hang})"


class Application(Protocol):
    """Answers requests: ``App``, or a test's own."""

    def handle(self, exchange: Exchange, /) -> Answer:
        """Answer one request without waiting."""
        ...

    def refuses_connection(self) -> bool:
        """Whether to refuse the next connection."""
        ...
