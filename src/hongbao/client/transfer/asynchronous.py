"""The asyncio client of V3 merchant transfers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from hongbao.client.asyncio_client import AsyncioClient
from hongbao.client.download import DOWNLOAD_SECONDS
from hongbao.client.fund_flow import Bill, NoBill
from hongbao.client.method import describe
from hongbao.client.transfer.certificates_call import CertificatesCall
from hongbao.client.transfer.desk import RECEIPT_SECONDS, TransferDesk, observed_as
from hongbao.client.transfer.linked_file import ReceiptFile
from hongbao.client.transport import Limits
from hongbao.errors import TransferNotFound
from hongbao.wire.bill.request import FundFlow
from hongbao.wire.transfer import authorizations, messages
from hongbao.wire.transfer.bill import NO_STATEMENT, AskForBillLink
from hongbao.wire.transfer.reading import NoStatement

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import date
    from os import PathLike

    from hongbao.client.fund_flow import FundFlowAnswer
    from hongbao.client.observe import Hook
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.client.transport import AsyncTransport
    from hongbao.wire.bill.request import BillAccount
    from hongbao.wire.transfer.messages import TransferMessage
    from hongbao.wire.transfer.preparing import Prepared
    from hongbao.wire.transfer.replies import ElectronicReceipt
    from hongbao.wire.transfer.wechat_keys import WechatKey

P = ParamSpec("P")
ReplyT = TypeVar("ReplyT")


def _method(
    message: Callable[P, TransferMessage[ReplyT]],
) -> Callable[Concatenate[AsyncMerchantTransfer, P], Coroutine[None, None, ReplyT]]:
    """A method that takes a message's arguments and makes the call."""

    async def method(self: AsyncMerchantTransfer, /, *args: P.args, **kwargs: P.kwargs) -> ReplyT:
        return await self.call(message(*args, **kwargs))

    return describe(method, message)


class AsyncMerchantTransfer(TransferDesk, AsyncioClient):
    """As ``MerchantTransfer``, on one event loop; usable as an asynchronous context manager.

    A call that is cancelled after its first byte may have been taken: it is unknown.

    Args:
        credentials: who pays.
        transport: what carries the calls; several clients may share one. Its own if left out.
        limits: of its own transport.
        hooks: called at every call's begin and end.
        nonce: makes each ``nonce_str``; the system's generator if left out.
        clock: seconds since the epoch, by which calls are signed and replies are judged.
    """

    def __init__(
        self,
        credentials: V3Credentials,
        *,
        transport: AsyncTransport | None = None,
        limits: Limits | None = None,
        hooks: Sequence[Hook] = (),
        nonce: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(credentials, nonce=nonce, clock=clock)
        self._connect(credentials, transport, limits, hooks)

    transfer = _method(messages.Transfer)
    query = _method(messages.QueryTransfer)
    query_by_wechats_number = _method(messages.QueryTransferByWechatsNumber)
    cancel = _method(messages.CancelTransfer)
    apply_receipt = _method(messages.ApplyReceipt)
    query_receipt = _method(messages.QueryReceipt)
    transfer_asking_authorization = _method(authorizations.TransferAskingAuthorization)
    transfer_under_authorization = _method(authorizations.TransferUnderAuthorization)
    ask_authorization = _method(authorizations.AskAuthorization)
    query_authorization = _method(authorizations.QueryAuthorization)
    close_authorization = _method(authorizations.CloseAuthorization)

    async def call(self, message: TransferMessage[ReplyT]) -> ReplyT:
        """Make the call of a message: ``send(prepare(message))``.

        Raises:
            InvalidRequest: the message does not fit the merchant.
            NotSent: no byte left.
            Refused: WeChat refused a transfer.
            OutcomeUnknown: anything else that is no success.
        """
        return await self.send(self.prepare(message))

    async def send(self, prepared: Prepared[ReplyT]) -> ReplyT:
        """Send bytes that were prepared, or were sent before. Only the signature is made anew.

        Raises:
            NotSent: no byte left.
            Refused: WeChat refused a transfer. On any but the first send of its number that says
                nothing of the others: query it.
            OutcomeUnknown: anything else that is no success.
        """
        return await self._carry(lambda: self._call(prepared), observed_as(prepared))

    async def platform_certificates(self) -> tuple[WechatKey, ...]:
        """Fetch WeChat's platform certificates; none if the merchant has its public key only.

        ``credentials.with_wechat_keys(...)`` of them is a copy that knows them too.

        Raises:
            NotSent: no byte left.
            OutcomeUnknown: anything else that brought no list.
        """
        call = CertificatesCall(self.credentials, nonce=self._nonce(), clock=self._clock)
        try:
            return await self._carry(lambda: call, observed_as(call.asked))
        except TransferNotFound:
            return ()

    async def fetch_receipt(
        self,
        receipt: ElectronicReceipt,
        out_bill_no: str,
        *,
        to: str | PathLike[str],
        total_seconds: float = RECEIPT_SECONDS,
    ) -> ReceiptFile:
        """Have a finished receipt in a file, which takes its name only once its hash is right.

        Args:
            receipt: of ``query_receipt``, in the last ten minutes.
            out_bill_no: whose receipt.
            to: the file, a PDF; an older one of that name is replaced.
            total_seconds: for the whole call.

        Raises:
            InvalidRequest: the receipt is not finished.
            ConfigurationError: the file cannot be written; or the transport cannot download.
            NotSent: no byte left.
            OutcomeUnknown: anything else that brought no file.
        """
        call = self._receipt(receipt, out_bill_no, to)
        found = await self._download(call, call.origins, time.monotonic() + total_seconds)
        return ReceiptFile(path=call.file, hash_type=receipt.hash_type, hash_value=found)

    async def download_fund_flow(
        self,
        bill_date: date,
        account: BillAccount | str,
        *,
        to: str | PathLike[str],
        compressed: bool = False,
        total_seconds: float = DOWNLOAD_SECONDS,
    ) -> FundFlowAnswer:
        """Have the fund-flow bill (资金账单) of a day and account in a file.

        As ``RedPack.download_fund_flow``. Transfers leave the operating account where there is
        one: ask for both.

        Args:
            bill_date: a day in Beijing.
            account: whose movements: ``BillAccount.OPERATION``, or its text.
            to: the file; an older one of that name is replaced.
            compressed: ask for gzip.
            total_seconds: for both calls together.

        Returns:
            A ``Bill``; or a ``NoBill`` if nothing moved, or it is not made yet.

        Raises:
            InvalidRequest: there is no such day or account.
            ConfigurationError: the file cannot be written; or the transport cannot download.
            NotSent: no byte left.
            OutcomeUnknown: anything else that brought no bill. No money hangs on it.
        """
        asked = FundFlow(bill_date=bill_date, account=account, compressed=compressed)
        deadline = time.monotonic() + total_seconds
        try:
            link = await self.call(AskForBillLink(asked))
        except NoStatement as error:
            why = NO_STATEMENT[error.err_code or ""]
            return NoBill(bill_date=asked.bill_date, account=asked.of_account, why=why)
        call = self._bill(link, asked, to)
        facts = await self._download(call, call.origins, deadline)
        return Bill(
            bill_date=asked.bill_date,
            account=asked.of_account,
            path=call.file,
            **facts._asdict(),
        )
