"""A V3 call for ``flows``: signed JSON over HTTPS, and what each response says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from hongbao.wire.transfer.preparing import authorization
from hongbao.wire.transfer.reading import decode, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao.client.transport import HttpResponse, Method, SentHeaders
    from hongbao.errors import HongbaoError
    from hongbao.wire.transfer.endpoints import TransferEndpoint
    from hongbao.wire.transfer.preparing import Prepared, TransferPayer

ReplyT = TypeVar("ReplyT")


class ObservedTransfer(NamedTuple):
    """What log and hooks see."""

    ENDPOINT: TransferEndpoint
    mch_billno: str


class TransferCall(Generic[ReplyT]):
    """A ``flows.Encoded`` of what was prepared. Its signature is made now, its bytes were before.

    Args:
        prepared: what is sent.
        payer: who sends it.
        nonce: letters and digits.
        clock: seconds since the epoch.
    """

    __slots__ = ("_clock", "_payer", "_prepared", "headers")

    def __init__(
        self,
        prepared: Prepared[ReplyT],
        payer: TransferPayer,
        *,
        nonce: str,
        clock: Callable[[], float],
    ) -> None:
        self._prepared = prepared
        self._payer = payer
        self._clock = clock
        signed = authorization(prepared, payer, nonce=nonce, timestamp=int(clock()))
        headers = [("Authorization", signed), ("Accept", "application/json")]
        if prepared.body:
            headers.append(("Content-Type", "application/json"))
        if prepared.wechatpay_serial:
            headers.append(("Wechatpay-Serial", prepared.wechatpay_serial))
        self.headers: SentHeaders = tuple(headers)

    @property
    def number(self) -> str:
        """As ``flows.Encoded``."""
        return self._prepared.number

    @property
    def name(self) -> str:
        """As ``flows.Encoded``."""
        return self._prepared.endpoint.name

    @property
    def moves_money(self) -> bool:
        """As ``flows.Encoded``."""
        return self._prepared.endpoint.moves_money

    @property
    def method(self) -> Method:
        """As ``flows.Encoded``."""
        return self._prepared.endpoint.method

    @property
    def path(self) -> str:
        """As ``flows.Encoded``."""
        return self._prepared.path

    @property
    def body(self) -> bytes:
        """As ``flows.Encoded``."""
        return self._prepared.body

    def read(self, response: HttpResponse) -> ReplyT:
        """As ``flows.Encoded``."""
        return decode(
            response.status,
            response.header,
            response.body,
            self._prepared,
            self._payer,
            now=self._clock(),
        )

    def certificate_refused(self, alert: str) -> HongbaoError:
        """As ``flows.Encoded``: V3 shows no certificate, so that the alert says nothing more."""
        return unknown(self._prepared, f"TLS alert: {alert}")
