"""What goes into the simulator and what comes out, without a socket: one request, one answer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONE: Mapping[bytes, bytes] = MappingProxyType({})


class Exchange(NamedTuple):
    """One request as the server read it.

    Attributes:
        path: of the URL, without a query.
        body: as it came.
        certificate_mch_id: the common name of the client certificate that was presented and
            trusted; None if none was presented.
        remote_ip: where the connection came from.
        certificate_expired: whether that certificate has run out.
        method: such as ``POST``.
        headers: names in lower case.
    """

    path: str
    body: bytes
    certificate_mch_id: str | None
    remote_ip: str
    certificate_expired: bool = False
    method: str = "POST"
    headers: Mapping[bytes, bytes] = _NONE

    def __repr__(self) -> str:
        # The body holds an openid and a signature.
        return f"Exchange({self.path}, {len(self.body)} bytes, from {self.certificate_mch_id})"


class Answer(NamedTuple):
    """What the server has to do.

    Attributes:
        status: the HTTP status.
        body: the whole body.
        content_type: the header; left out if empty.
        delay_seconds: how long to wait before the first byte.
        cut: if set, only so many bytes of the whole HTTP reply are sent, then the connection is
            closed; 0 means that the reply is lost.
        hang: if set, nothing is ever answered and the connection stays open.
        headers: more of them, written as they stand.
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
