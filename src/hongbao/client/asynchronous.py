"""The asyncio client: the same methods as the blocking one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from hongbao.client import flows
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.download import DOWNLOAD_SECONDS, ask_for_bill, cannot_download, download_call
from hongbao.client.driving import drive_async
from hongbao.client.method import describe, explain
from hongbao.client.observe import Observer
from hongbao.client.redpack import RedPackCall
from hongbao.client.signer import ClaimSigner
from hongbao.client.transport import AsyncDownloadTransport, Limits, as_transport_error
from hongbao.wire import messages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from datetime import date
    from os import PathLike
    from types import TracebackType
    from typing import Self

    from hongbao.client.fund_flow import FundFlowAnswer, FundFlowCall
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook
    from hongbao.client.transport import AsyncTransport, HttpRequest, HttpResponse
    from hongbao.wire.bill.request import BillAccount
    from hongbao.wire.messages import Message

P = ParamSpec("P")
ReplyT = TypeVar("ReplyT")


def _method(
    message: Callable[P, Message[ReplyT]],
) -> Callable[Concatenate[AsyncRedPack, P], Coroutine[Any, Any, ReplyT]]:
    """A method that takes a message's arguments and makes the call."""

    async def method(self: AsyncRedPack, /, *args: P.args, **kwargs: P.kwargs) -> ReplyT:
        try:
            made = message(*args, **kwargs)
        except TypeError:
            explain(message, kwargs)
            raise
        return await self.call(made)

    return describe(method, message)


class AsyncRedPack(ClaimSigner):
    """``RedPack`` for asyncio and uvloop: the same methods and arguments, to be awaited.

    A call that is cancelled may have paid: unless nothing was sent yet, its outcome is unknown, and
    a query or the same number again settles it.

    Args:
        merchant: who pays.
        transport: what carries the calls; several clients may share one. Its own if left out.
        limits: of its own transport.
        hooks: called at every call's begin and end.
        nonce: makes each ``nonce_str``; the system's generator if left out.
        clock: seconds since the epoch, for claim parameters.
    """

    def __init__(
        self,
        merchant: AnyMerchant,
        *,
        transport: AsyncTransport | None = None,
        limits: Limits | None = None,
        hooks: Sequence[Hook] = (),
        nonce: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(merchant, nonce=nonce, clock=clock)
        limits = limits or Limits(connect_seconds=merchant.connect_seconds)
        self._owned: AsyncioTransport | None = None
        if transport is None:
            transport = self._owned = AsyncioTransport(
                merchant.context, limits=limits, proxy=merchant.http_proxy
            )
        self.transport: AsyncTransport = transport
        self._observer = Observer(merchant.mch_id, hooks)

    send_normal = _method(messages.SendNormal)
    send_mini_program = _method(messages.SendMiniProgram)
    send_group = _method(messages.SendGroup)
    preorder = _method(messages.Preorder)
    query = _method(messages.Query)
    send_work = _method(messages.SendWork)
    query_work = _method(messages.QueryWork)

    async def call(self, message: Message[ReplyT]) -> ReplyT:
        """As ``RedPack.call``."""
        merchant, observer = self.merchant, self._observer
        started = time.monotonic()
        ends = observer.begin(message)
        try:
            encoded = RedPackCall(message, merchant, nonce=self._nonce())
            flow = flows.call(encoded, merchant.origins)
            value = await drive_async(flow, self._exchange, started + merchant.total_seconds)
        except BaseException as error:
            observer.failed(message, ends, started, error)
            raise
        observer.succeeded(message, ends, started)
        return value

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

        It is written as it comes, unpacked if it is gzip, beside ``to``, and takes that name only
        once it is whole. WeChat makes bills from 9:00 of the next day on, to be had from 10:00,
        and gives those of the last three months.
        The loop's thread writes it, a piece at a time; a thread waits for the disk in the end.

        Args:
            bill_date: a day in Beijing.
            account: whose movements: ``BillAccount.BASIC``, or its text.
            to: the file; an older one of that name is replaced.
            compressed: ask for gzip. Of which bytes WeChat's SHA-1 is then, no page says.
            total_seconds: for the whole call, in place of the merchant's.

        Returns:
            A ``Bill``; or a ``NoBill`` if nothing moved, or it is not made yet.

        Raises:
            InvalidRequest: there is no such day or account.
            ConfigurationError: the file cannot be written; or the transport cannot download.
            NotSent: no byte left.
            OutcomeUnknown: anything else that brought no bill; ``err_code`` may say why. No money
                hangs on it. An ``UntrustedReply`` if the bytes are no bill or not those that
                WeChat's SHA-1 is of. ``mch_billno`` of these is ``20261129/Basic``.
        """
        asked = ask_for_bill(bill_date, account, compressed=compressed)
        call = download_call(asked, self.merchant, nonce=self._nonce(), to=to)
        started = time.monotonic()
        ends = self._observer.begin(asked)
        try:
            answer = await self._download(call, started + total_seconds)
            await asyncio.to_thread(call.keep)
        except BaseException as error:
            self._observer.failed(asked, ends, started, error)
            raise
        finally:
            call.drop()
        self._observer.succeeded(asked, ends, started)
        return answer

    def _exchange(self, request: HttpRequest, seconds: float) -> Awaitable[HttpResponse]:
        return self.transport.send(request, timeout_seconds=seconds)

    async def _download(self, call: FundFlowCall, deadline: float) -> FundFlowAnswer:
        if not isinstance(self.transport, AsyncDownloadTransport):
            raise cannot_download()
        flow = flows.call(call, self.merchant.origins)
        try:
            request = next(flow)
            while True:
                remaining = deadline - time.monotonic()
                try:
                    response = await self.transport.download(
                        request, call.begin(), timeout_seconds=remaining
                    )
                except Exception as error:  # noqa: BLE001  # see ``as_transport_error``
                    call.raise_failure(error)
                    request = flow.throw(as_transport_error(error))
                else:
                    request = flow.send(response)
        except StopIteration as end:
            value: FundFlowAnswer = end.value
            return value

    async def aclose(self) -> None:
        """Close the connections, unless the transport was given and so belongs to somebody else."""
        if self._owned:
            await self._owned.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
