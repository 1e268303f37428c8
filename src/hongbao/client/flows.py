"""One call as a generator: it yields a request, is sent a response, and returns a value or raises.

It knows what may be repeated and what a failed exchange means, and nothing of sockets, clocks or
threads, nor of what the bytes say: it is given them, and a reader of what comes back.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from hongbao.client.transport import (
    HttpRequest,
    HttpResponse,
    MaybeSent,
    NothingSent,
)
from hongbao.english import SEMICOLON, joined
from hongbao.errors import NotSent, OutcomeUnknown
from hongbao.sentences import say

if TYPE_CHECKING:
    from hongbao.client.transport import Method, Origin, SentHeaders, TransportError
    from hongbao.errors import HongbaoError

ReplyT = TypeVar("ReplyT")
ReplyT_co = TypeVar("ReplyT_co", covariant=True)

Flow: TypeAlias = Generator[HttpRequest, HttpResponse, ReplyT]

_SERVER_ERROR = 500


class Encoded(Protocol[ReplyT_co]):
    """A call that is encoded, and reads what comes back.

    Attributes:
        number: of the order that it is about.
        name: of the call, such as ``"sendredpack"``.
        moves_money: whether it may cost money. One that does not may be asked twice.
        method: see ``HttpRequest``.
        path: see ``HttpRequest``.
        headers: see ``HttpRequest``.
        body: see ``HttpRequest``.
    """

    @property
    def number(self) -> str: ...  # noqa: D102 - see above

    @property
    def name(self) -> str: ...  # noqa: D102 - see above

    @property
    def moves_money(self) -> bool: ...  # noqa: D102 - see above

    @property
    def method(self) -> Method: ...  # noqa: D102 - see above

    @property
    def path(self) -> str: ...  # noqa: D102 - see above

    @property
    def headers(self) -> SentHeaders: ...  # noqa: D102 - see above

    @property
    def body(self) -> bytes: ...  # noqa: D102 - see above

    def read(self, response: HttpResponse) -> ReplyT_co:
        """What a response says.

        Raises:
            Refused: a send was refused.
            OutcomeUnknown: anything else that is no success.
        """
        ...

    def certificate_refused(self, alert: str) -> HongbaoError:
        """What it means that the server refused our certificate with this TLS alert."""
        ...


def call(encoded: Encoded[ReplyT], origins: tuple[Origin, ...]) -> Flow[ReplyT]:
    """Make one call.

    A send goes to the second host only when not one byte went to the first; a query also when its
    reply was lost, since asking twice costs nothing. Nothing else is ever repeated here.

    Args:
        encoded: the call.
        origins: the first host, and the second where there is one.

    Raises:
        NotSent: not one byte went to any host.
        Refused: a send was refused.
        OutcomeUnknown: anything else that is no success.
    """
    moves_money = encoded.moves_money
    failures: list[TransportError] = []
    for origin in origins:
        try:
            response = yield HttpRequest(
                encoded.method, origin, encoded.path, encoded.headers, encoded.body
            )
        except NothingSent as error:
            failures.append(error)
        except MaybeSent as error:
            failures.append(error)
            if moves_money:
                break
        else:
            if moves_money or response.status < _SERVER_ERROR:
                return encoded.read(response)
            failures.append(MaybeSent(say("HTTP {status}", status=response.status)))
    raise _failed(encoded, origins, failures) from failures[-1]


def _failed(
    encoded: Encoded[Any], origins: tuple[Origin, ...], failures: list[TransportError]
) -> HongbaoError:
    """What it means that no host gave a response; there is one failure for each that was tried."""
    tried = zip(origins, failures, strict=False)
    why = joined(
        [say("{host}: {why}", host=it.host, why=error.why) for it, error in tried], SEMICOLON
    )
    if all(isinstance(error, NothingSent) for error in failures):
        return NotSent(mch_billno=encoded.number, endpoint=encoded.name, why=why)
    last = failures[-1]
    if isinstance(last, MaybeSent) and last.certificate_alert:
        return encoded.certificate_refused(last.certificate_alert)
    return OutcomeUnknown(mch_billno=encoded.number, endpoint=encoded.name, why=why)
