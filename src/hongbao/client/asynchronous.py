"""The asyncio client: the same methods as the blocking one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from hongbao.client.asyncio_client import AsyncioClient
from hongbao.client.download import DOWNLOAD_SECONDS, ask_for_bill, download_call
from hongbao.client.method import describe, explain
from hongbao.client.redpack import RedPackCall
from hongbao.client.signer import ClaimSigner
from hongbao.client.transport import Limits
from hongbao.wire import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import date
    from os import PathLike

    from hongbao.client.fund_flow import FundFlowAnswer
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook
    from hongbao.client.transport import AsyncTransport
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


class AsyncRedPack(ClaimSigner, AsyncioClient):
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
        self._connect(merchant, transport, limits, hooks)

    send_normal = _method(messages.SendNormal)
    send_mini_program = _method(messages.SendMiniProgram)
    send_group = _method(messages.SendGroup)
    preorder = _method(messages.Preorder)
    query = _method(messages.Query)
    send_work = _method(messages.SendWork)
    query_work = _method(messages.QueryWork)

    async def call(self, message: Message[ReplyT]) -> ReplyT:
        """As ``RedPack.call``."""
        return await self._carry(
            lambda: RedPackCall(message, self.merchant, nonce=self._nonce()), message
        )

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
            answer = await self._download(call, self.merchant.origins, started + total_seconds)
        except BaseException as error:
            self._observer.failed(asked, ends, started, error)
            raise
        self._observer.succeeded(asked, ends, started)
        return answer
