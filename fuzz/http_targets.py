"""HTTP's framing on both sides: what is a whole reply, what are whole requests."""

from __future__ import annotations

from http.client import HTTPException, HTTPResponse, IncompleteRead
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from hongbao.client.framing import FramingError, ReplyReader
from hongbao.client.redpack import RedPackCall
from hongbao.client.transport import Limits
from hongbao.errors import HongbaoError
from hongbao.simulator.server.http import HttpLimits, RequestReader
from samples import NORMAL
from stage import Payer
from target import LawBroken, Target, insist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.client.transport import HttpResponse

_ROOM = 256
_HEADERS_MAX = 8
_REPLY = Limits(head_bytes_max=_ROOM, headers_max=_HEADERS_MAX, body_bytes_max=_ROOM)
_REQUEST = HttpLimits(head_bytes_max=_ROOM, body_bytes_max=_ROOM)
_TOO_LONG = {413, 431}
_CALL = RedPackCall(NORMAL, Payer(), nonce="n")
_HEADERS = (
    *(b"\r\n", b"\r\n\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Connection: close\r\n", b"Connection: Upgrade\r\n", b"Upgrade: h2c\r\n", b"0\r\n\r\n"),
    *(
        b"Connection: keep-alive\r\n",
        b"5\r\nhello\r\n",
        b": ",
        b"gzip",
        b"Expect: 100-continue\r\n",
    ),
)
_STATUS = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n",
    b"204",
    b"400",
)
_START = (
    b"POST / HTTP/1.1\r\n",
    b"GET /a?b=c HTTP/1.0\r\n",
    b"CONNECT a:1 HTTP/1.1\r\n",
    b"https://a/",
)


def read_http_reply(data: bytes) -> None:
    """One outcome however the line cuts the bytes, and never more kept than the limits allow."""
    if not data:
        return
    size, data = data[0] or 1, data[1:]
    whole = _reply(data, len(data) or 1)
    insist(_reply(data, size) == _reply(data, 1), "pieces do not matter")
    if len(data) <= _ROOM:  # what comes behind a whole reply in one piece counts for its length
        insist(whole == _reply(data, 1), "one piece is as good as many")
    if whole is not None and not isinstance(whole, str):
        insist(len(whole.body) <= _ROOM, "a body is within the limit")
        insist(len(whole.headers) <= _HEADERS_MAX, "headers are within the limit")
        insist(_foreign_body(data, whole) in {None, whole.body}, "others read the same body")
        try:
            _CALL.read(whole)
        except HongbaoError:
            return
        insist(whole.status == 200, "only a 200 is read as a reply of WeChat's")


def _reply(data: bytes, size: int) -> HttpResponse | str | None:
    """What comes of it: a response, a refusal, or None where it waits."""
    reader = ReplyReader(_REPLY)
    try:
        for piece in _pieces(data, size):
            response = reader.feed(piece)
            if response is not None:
                return response
            kept = sum(map(len, reader._parts)) + _size(reader._came) + _size(reader._headers)
            insist(kept <= 3 * _ROOM + size, "no more is kept than the limits allow")
        return reader.eof() if data else None
    except FramingError:
        return "refused"


def _size(headers: dict[bytes, bytes]) -> int:
    return sum(len(name) + len(value) for name, value in headers.items())


def _foreign_body(data: bytes, response: HttpResponse) -> bytes | None:
    """The body as Python's own client reads it; None where it reads nothing of this status."""
    foreign = HTTPResponse(_Line(data))  # type: ignore[arg-type]  # all that it asks of a socket
    try:
        foreign.begin()
        return foreign.read() if foreign.status == response.status else None
    except IncompleteRead as error:
        raise LawBroken("what others find unfinished is not whole") from error
    except (HTTPException, ValueError):
        return None


class _Line(NamedTuple):
    """A socket, as far as ``http.client`` reads from one."""

    data: bytes

    def makefile(self, _: str) -> BytesIO:
        return BytesIO(self.data)


def read_http_request(data: bytes) -> None:
    """Requests or a status, the same ones however the line cuts the bytes; it never raises."""
    if not data:
        return
    size, data = data[0] or 1, data[1:]
    whole, cut, bytewise = (_requests(data, each) for each in (len(data) or 1, size, 1))
    insist(len(whole.requests) <= len(data), "every request takes bytes")
    if bytewise.refused in _TOO_LONG:
        return  # looked at after each read, so that larger reads let longer ones pass
    insist(whole.requests == bytewise.requests, "reads do not matter")
    insist(whole.requests == cut.requests, "pieces do not matter")
    insist(whole.refused == cut.refused, "pieces do not matter for a refusal")
    insist(whole.receiving == cut.receiving, "pieces do not matter for what is missing")


def _requests(data: bytes, size: int) -> RequestReader:
    reader = RequestReader(_REQUEST)
    for piece in _pieces(data, size):
        reader.feed(piece)
        kept = sum(map(len, reader._parts)) + len(reader._url)
        insist(kept <= 3 * _ROOM + size, "no more is kept than the limits allow")
    return reader


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


TARGETS = {
    "http_reply": Target(read_http_reply, 1024, (*_STATUS, *_HEADERS)),
    "http_request": Target(read_http_request, 1024, (*_START, *_HEADERS)),
}
