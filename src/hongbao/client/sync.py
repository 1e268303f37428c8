"""The blocking client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from hongbao.client.blocking_client import BlockingClient
from hongbao.client.download import DOWNLOAD_SECONDS, ask_for_bill, download_call
from hongbao.client.method import describe, explain
from hongbao.client.redpack import RedPackCall
from hongbao.client.signer import ClaimSigner
from hongbao.client.transport import Limits
from hongbao.wire import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from os import PathLike

    from hongbao.client.fund_flow import FundFlowAnswer
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook
    from hongbao.client.transport import Transport
    from hongbao.wire.bill.request import BillAccount
    from hongbao.wire.messages import Message

P = ParamSpec("P")
ReplyT = TypeVar("ReplyT")


def _method(message: Callable[P, Message[ReplyT]]) -> Callable[Concatenate[RedPack, P], ReplyT]:
    """A method that takes a message's arguments and makes the call."""

    def method(self: RedPack, /, *args: P.args, **kwargs: P.kwargs) -> ReplyT:
        try:
            made = message(*args, **kwargs)
        except TypeError:
            explain(message, kwargs)
            raise
        return self.call(made)

    return describe(method, message)


class RedPack(ClaimSigner, BlockingClient):
    """Send and query red packets. Safe to share among threads; usable as a context manager.

    Each method takes the fields of its message as keyword arguments in WeChat's spelling (see
    ``hongbao.wire.messages``) and makes one call. None invents an order number, and none repeats a
    send.

    Every method raises ``InvalidRequest`` (nothing was sent), ``NotSent`` (no byte left),
    ``Refused`` (sends only) or ``OutcomeUnknown``; the last three carry ``mch_billno``.

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
        transport: Transport | None = None,
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

    def call(self, message: Message[ReplyT]) -> ReplyT:
        """Make the call of a message that is made already.

        Raises:
            InvalidRequest: the message does not fit the merchant.
            NotSent: no byte left.
            Refused: WeChat refused a send.
            OutcomeUnknown: anything else that is no success.
        """
        return self._carry(
            lambda: RedPackCall(message, self.merchant, nonce=self._nonce()), message
        )

    def download_fund_flow(
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
            answer = self._download(call, self.merchant.origins, started + total_seconds)
        except BaseException as error:
            self._observer.failed(asked, ends, started, error)
            raise
        self._observer.succeeded(asked, ends, started)
        return answer
