"""One call as a generator: it yields a request, is sent a response, and returns a value or raises.

It knows what may be repeated and what a failed exchange means, and nothing of sockets, clocks or
threads.
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
from hongbao.errors import NotSent, OutcomeUnknown
from hongbao.wire.codec import Payer, decode, encode, failure

if TYPE_CHECKING:
    from hongbao.client.transport import (
        Origin,
        TransportError,
    )
    from hongbao.errors import HongbaoError
    from hongbao.wire.messages import Message

ReplyT = TypeVar("ReplyT")

Flow: TypeAlias = Generator[HttpRequest, HttpResponse, ReplyT]


class Account(Payer, Protocol):
    """A payer and where its calls go: a ``Merchant`` or a ``ServiceProvider``."""

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The first host, and the second where there is one."""
        ...


_HEADERS = (("Accept", "*/*"), ("Content-Type", "text/xml; charset=utf-8"))
_OK = 200
_BAD_REQUEST = 400
_SERVER_ERROR = 500

# nginx's own pages, which stand in front of WeChat: the request went no further.
_CERTIFICATE_PAGES = (
    (b"No required SSL certificate was sent", "HTTP_400_NO_CERTIFICATE"),
    (b"The SSL certificate error", "HTTP_400_BAD_CERTIFICATE"),
)


def call(message: Message[ReplyT], merchant: Account, *, nonce: str) -> Flow[ReplyT]:
    """Make one call.

    A send goes to the second host only when not one byte went to the first; a query also when its
    reply was lost, since asking twice costs nothing. Nothing else is ever repeated here.

    Raises:
        InvalidRequest: the message does not fit the merchant; nothing was yielded.
        NotSent: not one byte went to any host.
        Refused: WeChat refused a send.
        OutcomeUnknown: anything else that is no success.
    """
    body = encode(message, merchant, nonce=nonce)
    endpoint = message.ENDPOINT
    failures: list[TransportError] = []
    for origin in merchant.origins:
        try:
            response = yield HttpRequest("POST", origin, endpoint.path, _HEADERS, body)
        except NothingSent as error:
            failures.append(error)
        except MaybeSent as error:
            failures.append(error)
            if endpoint.moves_money:
                break
        else:
            if endpoint.moves_money or response.status < _SERVER_ERROR:
                return read(response, message, merchant)
            failures.append(MaybeSent(f"HTTP {response.status}"))
    raise _failed(message, merchant, failures) from failures[-1]


def read(response: HttpResponse, message: Message[ReplyT], merchant: Account) -> ReplyT:
    """What a response says.

    Raises:
        Refused: as for ``call``.
        OutcomeUnknown: as for ``call``.
    """
    if response.status == _OK:
        return decode(response.body, message, merchant)
    if response.status == _BAD_REQUEST:
        for text, err_code in _CERTIFICATE_PAGES:
            if text in response.body:
                text_of_page = {"err_code": err_code, "err_code_des": text.decode()}
                raise failure(message, text_of_page)
    raise _unknown(message, f"HTTP {response.status}")


def _failed(
    message: Message[Any], merchant: Account, failures: list[TransportError]
) -> HongbaoError:
    """What it means that no host gave a response; there is one failure for each that was tried."""
    hosts = [origin.host for origin in merchant.origins]
    why = "; ".join([f"{host}: {error.why}" for host, error in zip(hosts, failures, strict=False)])
    if all(isinstance(error, NothingSent) for error in failures):
        return NotSent(mch_billno=message.mch_billno, endpoint=message.ENDPOINT.name, why=why)
    last = failures[-1]
    if isinstance(last, MaybeSent) and last.certificate_alert:
        alert = {"err_code": "TLS_CERTIFICATE_ALERT", "err_code_des": last.certificate_alert}
        return failure(message, alert)
    return _unknown(message, why)


def _unknown(message: Message[Any], why: str) -> OutcomeUnknown:
    return OutcomeUnknown(mch_billno=message.mch_billno, endpoint=message.ENDPOINT.name, why=why)
