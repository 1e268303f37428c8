"""The call that fetches WeChat's platform certificates: also by who has none of them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.client.transfer.call import TransferCall
from hongbao.sentences import say
from hongbao.wire.transfer import json_body
from hongbao.wire.transfer.certificates import read_list
from hongbao.wire.transfer.endpoints import CERTIFICATES
from hongbao.wire.transfer.json_body import IncompleteObject, MalformedJson
from hongbao.wire.transfer.preparing import Prepared
from hongbao.wire.transfer.reading import decode, untrusted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.client.transport import HttpResponse
    from hongbao.wire.transfer.wechat_keys import WechatKey

_OK = 200


class CertificatesCall(TransferCall[tuple["WechatKey", ...]]):
    """A ``flows.Encoded`` of the list.

    The first list of all is signed by a key that is in it. What is in it was sealed with the APIv3
    key, which nobody else has; so it is opened first, and then has to vouch for itself.

    Attributes:
        asked: what is asked.
    """

    __slots__ = ("_credentials", "_now", "asked")

    def __init__(
        self, credentials: V3Credentials, *, nonce: str, clock: Callable[[], float]
    ) -> None:
        key = credentials.wechat_keys.preferred(clock())
        self._credentials = credentials
        self._now = clock
        self.asked = Prepared(
            endpoint=CERTIFICATES,
            number=credentials.mch_id,
            path=CERTIFICATES.template,
            body=b"",
            wechatpay_serial=key.serial if key else "",
            expected={},
            reader=lambda document: read_list(document, credentials.api_v3_key),
        )
        super().__init__(self.asked, credentials, nonce=nonce, clock=clock)

    def read(self, response: HttpResponse) -> tuple[WechatKey, ...]:
        """As ``flows.Encoded``."""
        payer = self._credentials
        if response.status == _OK:
            try:
                document = json_body.decode(response.body)
                payer = payer.with_wechat_keys(read_list(document, payer.api_v3_key))
            except (MalformedJson, IncompleteObject) as error:
                raise untrusted(
                    self.asked, say("the list does not open: {error}", error=error)
                ) from error
        return decode(
            response.status,
            response.header,
            response.body,
            self.asked,
            payer,
            now=self._now(),
        )
