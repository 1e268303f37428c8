"""A red packet's call for ``flows``: signed XML by POST, and what each response says.

Beside WeChat's own replies it knows the pages of nginx, which stands before WeChat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from hongbao.errors import OutcomeUnknown
from hongbao.sentences import say
from hongbao.wire.codec import decode, encode, failure

if TYPE_CHECKING:
    from hongbao.client.transport import HttpResponse, Method, SentHeaders
    from hongbao.errors import HongbaoError
    from hongbao.wire.codec import PayingMerchant
    from hongbao.wire.messages import Message

ReplyT = TypeVar("ReplyT")

_OK = 200
_BAD_REQUEST = 400

# nginx's own pages: the request went no further.
CERTIFICATE_PAGES = (
    (b"No required SSL certificate was sent", "HTTP_400_NO_CERTIFICATE"),
    (b"The SSL certificate error", "HTTP_400_BAD_CERTIFICATE"),
)


class RedPackCall(Generic[ReplyT]):
    """A ``flows.Encoded`` of a message.

    Raises:
        InvalidRequest: the message does not fit the merchant.
    """

    __slots__ = ("_merchant", "_message", "body", "moves_money", "path")

    method: ClassVar[Method] = "POST"
    headers: ClassVar[SentHeaders] = (
        ("Accept", "*/*"),
        ("Content-Type", "text/xml; charset=utf-8"),
    )

    def __init__(self, message: Message[ReplyT], merchant: PayingMerchant, *, nonce: str) -> None:
        endpoint = message.ENDPOINT
        self._message = message
        self._merchant = merchant
        self.body = encode(message, merchant, nonce=nonce)
        self.moves_money = endpoint.moves_money
        self.path = endpoint.path

    @property
    def number(self) -> str:
        """As ``flows.Encoded``."""
        return self._message.mch_billno

    @property
    def name(self) -> str:
        """As ``flows.Encoded``."""
        return self._message.ENDPOINT.name

    def read(self, response: HttpResponse) -> ReplyT:
        """As ``flows.Encoded``."""
        if response.status == _OK:
            return decode(response.body, self._message, self._merchant)
        if response.status == _BAD_REQUEST:
            for text, err_code in CERTIFICATE_PAGES:
                if text in response.body:
                    said = {"err_code": err_code, "err_code_des": text.decode()}
                    raise failure(self._message, said)
        why = say("HTTP {status}", status=response.status)
        raise OutcomeUnknown(mch_billno=self.number, endpoint=self.name, why=why)

    def certificate_refused(self, alert: str) -> HongbaoError:
        """As ``flows.Encoded``."""
        said = {"err_code": "TLS_CERTIFICATE_ALERT", "err_code_des": alert}
        return failure(self._message, said)
