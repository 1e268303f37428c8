"""The same calls over httpx end the same ways."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from peers import Peer, answer, world

from hongbao import (
    AsyncRedPack,
    InvalidRequest,
    Limits,
    NotSent,
    OutcomeUnknown,
    Query,
    RedPack,
    Status,
    UntrustedReply,
)
from hongbao.client.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from hongbao.client.transport import MaybeSent
from lines import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hongbao import (
        Merchant,
        Message,
    )
    from hongbao.client.transport import HttpRequest, HttpResponse, Method
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


@pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
def exchange(request: pytest.FixtureRequest) -> Any:
    """One exchange of a transport by itself."""

    def blocking(merchant: Merchant, asked: HttpRequest, limits: Limits) -> HttpResponse:
        transport = HttpxTransport(merchant, limits=limits)
        try:
            return transport.send(asked, timeout_seconds=10)
        finally:
            transport.close()

    async def awaited(merchant: Merchant, asked: HttpRequest, limits: Limits) -> HttpResponse:
        transport = AsyncHttpxTransport(merchant, limits=limits)
        try:
            return await transport.send(asked, timeout_seconds=10)
        finally:
            await transport.aclose()

    asynchronous: bool = request.param
    return (lambda *told: asyncio.run(awaited(*told))) if asynchronous else blocking


def _signed(method: Method = "POST", value: str = "x/y") -> Callable[[Peer], HttpRequest]:
    return lambda peer: peer.request(b"", "/a?b=c%20d", method=method, headers=(("Accept", value),))


@pytest.fixture
def peer(wechat_simulator: SimulatedWeChat) -> Iterator[tuple[Peer, Merchant]]:
    """A server that answers whatever it likes, and a merchant who trusts it."""
    with Peer(answer(b"HTTP/1.1 200 OK\r\nX: \xff\r\nY: y\r\nContent-Length: 2\r\n\r\n{}")) as it:
        ca = world().ca.cert_pem.bytes()
        yield it, wechat_simulator.merchant(ca_path=None, ca_pem=ca)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_method_path_and_headers_go_out_and_headers_come_back(
    exchange: Any, peer: tuple[Peer, Merchant], method: Method
) -> None:
    server, merchant = peer
    response = exchange(merchant, _signed(method)(server), Limits())
    assert (response.status, response.body) == (200, b"{}")
    assert (response.header("x"), response.header("Y")) == ("ÿ", "y")
    (request,) = server.requests
    assert request.startswith(f"{method} /a?b=c%20d HTTP/1.1\r\n".encode())
    lines = request.lower().split(b"\r\n")
    assert {b"accept: x/y", b"accept-encoding: identity"} <= set(lines)
    assert (b"content-length: 0" in lines) is (method == "POST")


def test_a_header_that_would_break_the_request_is_refused(
    exchange: Any, peer: tuple[Peer, Merchant]
) -> None:
    server, merchant = peer
    with pytest.raises(InvalidRequest):
        exchange(merchant, _signed(value="x\r\nContent-Length: 0")(server), Limits())
    assert server.requests == []


@pytest.mark.parametrize("limits", [Limits(headers_max=2), Limits(head_bytes_max=10)])
def test_a_head_over_the_limits_may_have_been_sent(
    exchange: Any, peer: tuple[Peer, Merchant], limits: Limits
) -> None:
    server, merchant = peer
    with pytest.raises(MaybeSent, match=r"more than 2 headers|head is longer than 10 bytes"):
        exchange(merchant, _signed()(server), limits)


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
        call(wechat_simulator.merchant(total_seconds=0.5), normal("N1"))


def test_a_reply_over_the_limit_is_unknown(call: Any, wechat_simulator: SimulatedWeChat) -> None:
    with pytest.raises(OutcomeUnknown, match="longer than 100 bytes"):
        call(wechat_simulator.merchant(), normal("N1"), SMALL)
