"""The asyncio client: the same methods as the blocking one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from hongbao.client import flows
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.method import describe, explain
from hongbao.client.observe import Observer
from hongbao.client.redpack import RedPackCall
from hongbao.client.signer import ClaimSigner
from hongbao.client.transport import Limits, as_transport_error
from hongbao.wire import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType
    from typing import Self

    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook
    from hongbao.client.transport import AsyncTransport
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
        hooks: told of every call's begin and end.
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
        merchant = self.merchant
        started = time.monotonic()
        deadline = started + merchant.total_seconds
        observer = self._observer
        ends = observer.begin(message)
        try:
            encoded = RedPackCall(message, merchant, nonce=self._nonce())
            flow = flows.call(encoded, merchant.origins)
            request = next(flow)
            while True:
                remaining = deadline - time.monotonic()
                try:
                    response = await self.transport.send(request, timeout_seconds=remaining)
                except Exception as error:  # noqa: BLE001  # see ``as_transport_error``
                    request = flow.throw(as_transport_error(error))
                else:
                    request = flow.send(response)
        except StopIteration as end:
            observer.succeeded(message, ends, started)
            value: ReplyT = end.value
            return value
        except BaseException as error:
            observer.failed(message, ends, started, error)
            raise

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
