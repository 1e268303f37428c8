"""Servers that mean harm against both clients over httpx: nothing that is not whole is accepted."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from peers import OK_HEAD, Line, Peer, world

from hongbao import AsyncRedPack, Limits, Merchant, OutcomeUnknown, RedPack, SendNormal
from hongbao.client.httpx_adapter import AsyncHttpxTransport, HttpxTransport
from hongbao.wire import document

if TYPE_CHECKING:
    from collections.abc import Callable

    from peers import Script

pytestmark = pytest.mark.long  # it waits for real time-outs

SEND = SendNormal(
    mch_billno="N1",
    re_openid="oTEST_openid_0000000000000001",
    total_amount=100,
    send_name="商户",
    wishing="恭喜发财",
    act_name="春节",
    remark="一等奖",
)


def _reply(payer: Merchant) -> bytes:
    """What accepts it, if it comes whole."""
    said = {
        "return_code": "SUCCESS",
        "result_code": "SUCCESS",
        "mch_billno": SEND.mch_billno,
        "mch_id": payer.mch_id,
        "wxappid": payer.app_id,
        "re_openid": SEND.re_openid,
        "total_amount": "100",
        "send_listid": "1000041701202611230000000000001",
    }
    return document.encode(said.items())


def _over_httpx(payer: Merchant) -> Any:
    transport = HttpxTransport(payer, limits=Limits())
    try:
        return RedPack(payer, transport=transport).call(SEND)
    finally:
        transport.close()


def _over_async_httpx(payer: Merchant) -> Any:
    async def run() -> Any:
        transport = AsyncHttpxTransport(payer, limits=Limits())
        try:
            return await AsyncRedPack(payer, transport=transport).call(SEND)
        finally:
            await transport.aclose()

    return asyncio.run(run())


def _over_ours(payer: Merchant) -> Any:
    with RedPack(payer) as red_pack:
        return red_pack.call(SEND)


@pytest.fixture(params=[_over_ours, _over_httpx, _over_async_httpx])
def call(request: pytest.FixtureRequest) -> Any:
    """One send, over each transport that knows httpx, and over our own."""
    return request.param


@pytest.fixture
def payer_of() -> Callable[[Peer], Merchant]:
    """A merchant whose WeChat is a peer."""

    def make(peer: Peer) -> Merchant:
        certificate = world().merchant
        return Merchant(
            app_id="wx00aa11bb22cc33dd",
            mch_id="10000100",
            key="Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya",
            client_ip="203.0.113.7",
            cert_pem=certificate.cert_chain_pems[0].bytes(),
            key_pem=certificate.private_key_pem.bytes(),
            ca_pem=world().ca.cert_pem.bytes(),
            base_url=f"https://127.0.0.1:{peer.origin.port}",
            total_seconds=5.0,
        )

    return make


def _then(end: Script, write: Callable[[bytes], bytes]) -> Callable[[bytes], Script]:
    def of(whole: bytes) -> Script:
        def script(line: Line) -> None:
            with suppress(OSError):
                line.send(write(whole))
                end(line)

        return script

    return of


def _length(number: int, data: bytes) -> bytes:
    return OK_HEAD + b"Content-Length: %d\r\n\r\n%b" % (number, data)


HOSTILE = {
    "cut, with a length": _then(Line.hang_up, lambda it: _length(len(it), it[:-8])),
    "cut, without one": _then(
        Line.hang_up, lambda it: OK_HEAD + b"Connection: close\r\n\r\n" + it[:-8]
    ),
    "ended in order too early": _then(
        Line.say_goodbye, lambda it: OK_HEAD + b"Connection: close\r\n\r\n" + it[:-8]
    ),
    "a length that lies": _then(Line.say_goodbye, lambda it: _length(len(it) - 6, it)),
    "a chunk that is cut": _then(
        Line.hang_up,
        lambda it: OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b" % (len(it), it[:-1]),
    ),
    "packed": _then(
        Line.say_goodbye,
        lambda it: (
            OK_HEAD
            + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
            % (len(gzip.compress(it)), gzip.compress(it))
        ),
    ),
    "a bomb that is packed": _then(
        Line.say_goodbye,
        lambda it: (
            OK_HEAD
            + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
            + gzip.compress(it + b" " * 50_000_000, 1)
        ),
    ),
    "a head that never ends": _then(Line.say_goodbye, lambda _: OK_HEAD + b"X: y\r\n" * 200_000),
    "a body that is too long": _then(
        Line.say_goodbye, lambda it: _length(3_000_000, it + b" " * (3_000_000 - len(it)))
    ),
    "two documents": _then(Line.say_goodbye, lambda it: _length(2 * len(it), it + it)),
    "a redirect": _then(
        Line.say_goodbye,
        lambda it: _length(len(it), it).replace(b"200 OK", b"302 Found\r\nLocation: /elsewhere"),
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_that_is_not_whole_is_accepted_and_nothing_is_sent_twice(
    call: Any, payer_of: Any, hostile: Any
) -> None:
    with Peer() as peer:
        payer = payer_of(peer)
        peer.answer_with(hostile(_reply(payer)))
        with pytest.raises(OutcomeUnknown) as caught:
            call(payer)
        assert caught.value.mch_billno == "N1"
        assert len(peer.requests) == 1


def test_the_same_reply_is_accepted_when_it_is_whole(call: Any, payer_of: Any) -> None:
    with Peer() as peer:
        payer = payer_of(peer)
        whole = _reply(payer)
        peer.answer_with(lambda line: line.send(_length(len(whole), whole)))
        assert call(payer).mch_billno == "N1"
