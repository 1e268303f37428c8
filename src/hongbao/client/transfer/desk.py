"""What both clients of V3 transfers do without a network."""

from __future__ import annotations

import time
from os import urandom
from typing import TYPE_CHECKING, Any, TypeVar

from hongbao.client.transfer.call import ObservedTransfer, TransferCall
from hongbao.client.transfer.linked_file import (
    BillContent,
    Link,
    LinkedFileCall,
    ReceiptContent,
)
from hongbao.client.transfer.notifications import NotificationReader
from hongbao.errors import InvalidRequest
from hongbao.sentences import say
from hongbao.wire.transfer.front_end import FrontEndParams
from hongbao.wire.transfer.preparing import prepare, restore

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.wire.bill.body import BodyFacts
    from hongbao.wire.bill.request import FundFlow
    from hongbao.wire.transfer.messages import TransferMessage
    from hongbao.wire.transfer.preparing import Prepared
    from hongbao.wire.transfer.replies import BillLink, ElectronicReceipt, TransferTaken

ReplyT = TypeVar("ReplyT")

_NONCE_BYTES = 16
RECEIPT_SECONDS = 60.0


def _nonce() -> str:
    return urandom(_NONCE_BYTES).hex()


class TransferDesk:
    """The part of a client that needs no network.

    Attributes:
        credentials: who pays.
        notifications: reads what WeChat sends to a ``notify_url``.
    """

    def __init__(
        self,
        credentials: V3Credentials,
        *,
        nonce: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.credentials = credentials
        self.notifications = NotificationReader(credentials, clock=clock)
        self._nonce = _nonce if nonce is None else nonce
        self._clock = clock

    def prepare(self, message: TransferMessage[ReplyT]) -> Prepared[ReplyT]:
        """Make the bytes of a message, to be kept before they are sent with ``send``.

        Raises:
            InvalidRequest: the message does not fit the merchant.
            ConfigurationError: no key of WeChat's holds now.
        """
        return prepare(message, self.credentials, now=self._clock())

    def restore(self, call: str, body: bytes, wechatpay_serial: str) -> Prepared[TransferTaken]:
        """The transfer that was kept, to be sent again byte for byte with ``send``.

        Args:
            call: ``prepared.endpoint.name``.
            body: ``prepared.body``.
            wechatpay_serial: ``prepared.wechatpay_serial``.

        Raises:
            InvalidRequest: these are not the bytes of such a transfer.
        """
        return restore(call, body, wechatpay_serial)

    def front_end_params(self, package: str, *, app_id: str | None = None) -> FrontEndParams:
        """What opens the page on which the user confirms, for mini program, H5 and app.

        What the page answers says that it was shown, not that anything was paid.

        Args:
            package: ``package_info`` of ``TransferTaken``, as it came.
            app_id: under which the transfer was made; the merchant's if left out.

        Raises:
            InvalidRequest: there is no package.
        """
        if not package:
            rule = say("the package_info of a transfer that waits for its user")
            raise InvalidRequest(field="package", rule=rule, found="nothing")
        return FrontEndParams(
            mch_id=self.credentials.mch_id,
            app_id=app_id or self.credentials.app_id,
            package=package,
        )

    def _call(self, prepared: Prepared[ReplyT]) -> TransferCall[ReplyT]:
        return TransferCall(prepared, self.credentials, nonce=self._nonce(), clock=self._clock)

    def _receipt(
        self, receipt: ElectronicReceipt, number: str, to: str | PathLike[str]
    ) -> LinkedFileCall[str]:
        if not receipt.is_finished:
            rule = say("of a receipt that is FINISHED")
            raise InvalidRequest(field="state", rule=rule, found=receipt.state[:32])
        return LinkedFileCall(
            Link(receipt.download_url, number, "fetch_receipt"),
            self.credentials,
            nonce=self._nonce(),
            timestamp=int(self._clock()),
            to=to,
            content=ReceiptContent(receipt),
        )

    def _bill(
        self, link: BillLink, asked: FundFlow, to: str | PathLike[str]
    ) -> LinkedFileCall[BodyFacts]:
        return LinkedFileCall(
            Link(link.download_url, asked.mch_billno, "download_fund_flow"),
            self.credentials,
            nonce=self._nonce(),
            timestamp=int(self._clock()),
            to=to,
            content=BillContent(link),
        )


def observed_as(prepared: Prepared[Any]) -> ObservedTransfer:
    """What log and hooks see of it."""
    return ObservedTransfer(prepared.endpoint, prepared.number)
