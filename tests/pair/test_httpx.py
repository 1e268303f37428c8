"""The same calls over httpx end the same ways."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from hongbao import (
    AsyncRedPack,
    Limits,
    NotSent,
    OutcomeUnknown,
    Query,
    RedPack,
    Status,
    UntrustedReply,
)
from hongbao.client.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from lines import normal

if TYPE_CHECKING:
    from hongbao import (
        Merchant,
        Message,
    )
    from hongbao.testing.wechat import SimulatedWeChat

SMALL = Limits(body_bytes_max=100)


def _blocking(merchant: Merchant, message: Message[Any], limits: Limits | None = None) -> Any:
    transport = HttpxTransport(merchant, limits=limits)
    try:
        return RedPack(merchant, transport=transport).call(message)
    finally:
        transport.close()


def _asyncio(merchant: Merchant, message: Message[Any], limits: Limits | None = None) -> Any:
    async def run() -> Any:
        transport = AsyncHttpxTransport(merchant, limits=limits)
        try:
            return await AsyncRedPack(merchant, transport=transport).call(message)
        finally:
            await transport.aclose()

    return asyncio.run(run())


@pytest.fixture(params=[_blocking, _asyncio], ids=["blocking", "asyncio"])
def call(request: pytest.FixtureRequest) -> Any:
    """One call over httpx, with either client."""
    return request.param


def test_a_packet_is_sent_and_queried(call: Any, wechat_simulator: SimulatedWeChat) -> None:
    merchant = wechat_simulator.merchant()
    assert call(merchant, normal("N1")).send_listid
    assert call(merchant, Query("N1")).status is Status.SENT


def test_a_refused_connection_is_not_sent(call: Any, wechat_simulator: SimulatedWeChat) -> None:
    wechat_simulator.fail("refuse_connect")
    with pytest.raises(NotSent):
        call(wechat_simulator.merchant(), normal("N1"))
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        # Up to Python 3.12 nobody closes a connection of httpcore's that was reset before TLS
        # began (gh-113280): it is found here, and not in the middle of another test.
        gc.collect()
    assert wechat_simulator.journal() == []


def test_a_server_of_another_authority_is_not_sent_to(
    call: Any, wechat_simulator: SimulatedWeChat, merchant: Merchant
) -> None:
    stranger = wechat_simulator.merchant(ca_path=merchant.ca_path)
    with pytest.raises(NotSent, match="certificate"):
        call(stranger, normal("N1"))
    assert wechat_simulator.journal() == []


@pytest.mark.parametrize("fault", ["lose_request", "lose_reply", "cut_reply", "http_502"])
def test_a_lost_reply_is_unknown_and_not_repeated(
    call: Any, wechat_simulator: SimulatedWeChat, fault: str
) -> None:
    extra = {"bytes": 300} if fault == "cut_reply" else {}
    wechat_simulator.fail({"fault": fault, **extra})
    with pytest.raises(OutcomeUnknown):
        call(wechat_simulator.merchant(), normal("N1"))
    assert len(wechat_simulator.journal("N1")) == 1


def test_a_web_page_is_untrusted(call: Any, wechat_simulator: SimulatedWeChat) -> None:
    wechat_simulator.fail("html_page")
    with pytest.raises(UntrustedReply):
        call(wechat_simulator.merchant(), normal("N1"))


@pytest.mark.long
def test_a_silent_server_is_unknown_when_the_time_is_up(
    call: Any, wechat_simulator: SimulatedWeChat
) -> None:
    wechat_simulator.fail("hang")
    with pytest.raises(OutcomeUnknown):
        call(wechat_simulator.merchant(total_timeout=0.5), normal("N1"))


def test_a_reply_over_the_limit_is_unknown(call: Any, wechat_simulator: SimulatedWeChat) -> None:
    with pytest.raises(OutcomeUnknown, match="longer than 100 bytes"):
        call(wechat_simulator.merchant(), normal("N1"), SMALL)
