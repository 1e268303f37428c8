"""What every blocking client has: a transport, its own if none is given, and how it downloads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from hongbao.client import flows
from hongbao.client.blocking_transport import BlockingTransport
from hongbao.client.download import cannot_download
from hongbao.client.driving import drive
from hongbao.client.observe import Observer
from hongbao.client.transport import DownloadTransport, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from hongbao.client.bill_file import FileCall
    from hongbao.client.flows import Encoded
    from hongbao.client.merchant import AnyMerchant
    from hongbao.client.observe import Hook, Observed
    from hongbao.client.transfer.credentials import V3Credentials
    from hongbao.client.transport import HttpRequest, HttpResponse, Origin, Transport

ReplyT = TypeVar("ReplyT")


class BlockingClient:
    """A context manager, safe to share among threads.

    Attributes:
        transport: what carries the calls.
    """

    transport: Transport
    _owned: BlockingTransport | None = None

    def _connect(
        self,
        payer: AnyMerchant | V3Credentials,
        transport: Transport | None,
        limits: Limits | None,
        hooks: Sequence[Hook],
    ) -> None:
        if transport is None:
            limits = limits or Limits(connect_seconds=payer.connect_seconds)
            transport = self._owned = BlockingTransport(
                payer.context, limits=limits, proxy=payer.http_proxy
            )
        self._payer = payer
        self.transport = transport
        self._observer = Observer(payer.mch_id, hooks)

    def _exchange(self, request: HttpRequest, seconds: float) -> HttpResponse:
        return self.transport.send(request, timeout_seconds=seconds)

    def _carry(self, make: Callable[[], Encoded[ReplyT]], observed: Observed) -> ReplyT:
        payer, observer = self._payer, self._observer
        started = time.monotonic()
        ends = observer.begin(observed)
        try:
            flow = flows.call(make(), payer.origins)
            value = drive(flow, self._exchange, started + payer.total_seconds)
        except BaseException as error:
            observer.failed(observed, ends, started, error)
            raise
        observer.succeeded(observed, ends, started)
        return value

    def _download(
        self, call: FileCall[ReplyT], origins: tuple[Origin, ...], deadline: float
    ) -> ReplyT:
        transport = self.transport
        if not isinstance(transport, DownloadTransport):
            raise cannot_download()

        def exchange(request: HttpRequest, seconds: float) -> HttpResponse:
            return transport.download(request, call.begin(), timeout_seconds=seconds)

        try:
            flow = flows.call(call, origins)
            answer = drive(flow, exchange, deadline, broken=call.raise_failure)
            call.keep()
        finally:
            call.drop()
        return answer

    def close(self) -> None:
        """Close the connections, unless the transport was given and so belongs to somebody else."""
        if self._owned:
            self._owned.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
