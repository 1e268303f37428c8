"""What every asyncio client has: as ``blocking_client``, to be awaited."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from hongbao.client import flows
from hongbao.client.asyncio_transport import AsyncioTransport
from hongbao.client.download import cannot_download
from hongbao.client.driving import drive_async
from hongbao.client.observe import Observer
from hongbao.client.transport import AsyncDownloadTransport, Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType
    from typing import Self

    from hongbao.client.bill_file import FileCall
    from hongbao.client.flows import Encoded
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook, Observed
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.client.transport import AsyncTransport, HttpRequest, HttpResponse, Origin

ReplyT = TypeVar("ReplyT")


class AsyncioClient:
    """An asynchronous context manager.

    Attributes:
        transport: what carries the calls.
    """

    transport: AsyncTransport
    _owned: AsyncioTransport | None = None

    def _connect(
        self,
        payer: AnyMerchant | V3Credentials,
        transport: AsyncTransport | None,
        limits: Limits | None,
        hooks: Sequence[Hook],
    ) -> None:
        if transport is None:
            limits = limits or Limits(connect_seconds=payer.connect_seconds)
            transport = self._owned = AsyncioTransport(
                payer.context, limits=limits, proxy=payer.http_proxy
            )
        self._payer = payer
        self.transport = transport
        self._observer = Observer(payer.mch_id, hooks)

    def _exchange(self, request: HttpRequest, seconds: float) -> Awaitable[HttpResponse]:
        return self.transport.send(request, timeout_seconds=seconds)

    async def _carry(self, make: Callable[[], Encoded[ReplyT]], observed: Observed) -> ReplyT:
        payer, observer = self._payer, self._observer
        started = time.monotonic()
        ends = observer.begin(observed)
        try:
            flow = flows.call(make(), payer.origins)
            value = await drive_async(flow, self._exchange, started + payer.total_seconds)
        except BaseException as error:
            observer.failed(observed, ends, started, error)
            raise
        observer.succeeded(observed, ends, started)
        return value

    async def _download(
        self, call: FileCall[ReplyT], origins: tuple[Origin, ...], deadline: float
    ) -> ReplyT:
        transport = self.transport
        if not isinstance(transport, AsyncDownloadTransport):
            raise cannot_download()

        def exchange(request: HttpRequest, seconds: float) -> Awaitable[HttpResponse]:
            return transport.download(request, call.begin(), timeout_seconds=seconds)

        try:
            flow = flows.call(call, origins)
            answer = await drive_async(flow, exchange, deadline, broken=call.raise_failure)
            await asyncio.to_thread(call.keep)
        finally:
            call.drop()
        return answer

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
