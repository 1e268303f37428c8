"""The two drivers of a flow: each carries what it asks for and gives it what came back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from hongbao.client.transport import as_transport_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hongbao.client.flows import Flow
    from hongbao.client.transport import HttpRequest, HttpResponse

ReplyT = TypeVar("ReplyT")


def drive(
    flow: Flow[ReplyT],
    exchange: Callable[[HttpRequest, float], HttpResponse],
    deadline: float,
    *,
    broken: Callable[[Exception], None] | None = None,
) -> ReplyT:
    """What a flow returns.

    Args:
        flow: asks for exchanges.
        exchange: makes one, within seconds.
        deadline: of ``monotonic``, for all of them.
        broken: called with what broke an exchange off; what it raises ends the call.

    Raises:
        HongbaoError: what the flow raises.
    """
    try:
        request = next(flow)
        while True:
            try:
                response = exchange(request, deadline - time.monotonic())
            except Exception as error:  # noqa: BLE001  # see ``as_transport_error``
                if broken is not None:
                    broken(error)
                request = flow.throw(as_transport_error(error))
            else:
                request = flow.send(response)
    except StopIteration as end:
        value: ReplyT = end.value
        return value


async def drive_async(
    flow: Flow[ReplyT],
    exchange: Callable[[HttpRequest, float], Awaitable[HttpResponse]],
    deadline: float,
    *,
    broken: Callable[[Exception], None] | None = None,
) -> ReplyT:
    """As ``drive``."""
    try:
        request = next(flow)
        while True:
            try:
                response = await exchange(request, deadline - time.monotonic())
            except Exception as error:  # noqa: BLE001  # see ``as_transport_error``
                if broken is not None:
                    broken(error)
                request = flow.throw(as_transport_error(error))
            else:
                request = flow.send(response)
    except StopIteration as end:
        value: ReplyT = end.value
        return value
