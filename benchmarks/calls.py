"""What a call costs the client's CPU, beside the least that Python's own TLS can do."""

from __future__ import annotations

import asyncio
import socket
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from hongbao import AsyncRedPack, Limits, RedPack, SendNormal
from hongbao.wire.codec import encode
from responder import BILLNO, OPENID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from multiprocessing.sharedctypes import Synchronized

    from hongbao import Merchant

ROUNDS = 9
CALLS = 1_000
AT_ONCE = 64
POOL_SIZE = 8

_READ_BYTES = 16 * 1024
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"Content-Length: "

PACKET: dict[str, Any] = {
    "mch_billno": BILLNO,
    "re_openid": OPENID,
    "total_amount": 100,
    "send_name": "测试商户",
    "wishing": "谢谢参与",
    "act_name": "秋季抽奖",
    "remark": "一等奖",
}


def one_by_one(merchant: Merchant) -> tuple[float, float]:
    """CPU microseconds of a call of ours, and of the same bytes over a raw ``ssl`` socket."""
    raw, ours = [], []
    body = _request(merchant)
    with RedPack(merchant) as red_pack, _connect(merchant) as connection:
        for _ in range(ROUNDS):
            raw.append(_cpu(lambda: _raw_loop(connection, body)))
            ours.append(_cpu(lambda: _our_loop(red_pack)))
    return median(ours), median(raw)


def handshakes(merchant: Merchant, seen: Synchronized[int]) -> int:
    """How many TLS handshakes 1,000 sends make, 64 at once over a pool of ``POOL_SIZE``."""
    before = seen.value

    async def run() -> None:
        async with AsyncRedPack(merchant, limits=Limits(connections_max=POOL_SIZE)) as red_pack:

            async def calls() -> None:
                for _ in range(CALLS // AT_ONCE):
                    await red_pack.send_normal(**PACKET)

            await asyncio.gather(*[calls() for _ in range(AT_ONCE)])

    asyncio.run(run())
    return seen.value - before


def at_once(merchant: Merchant) -> tuple[float, float]:
    """The same with 64 calls at once on asyncio, against hand-made streams."""
    return asyncio.run(_at_once(merchant))


async def _at_once(merchant: Merchant) -> tuple[float, float]:
    raw, ours = [], []
    body = _request(merchant)
    origin = merchant.origins[0]
    streams = [
        await asyncio.open_connection(origin.host, origin.port, ssl=merchant.context)
        for _ in range(AT_ONCE)
    ]
    async with AsyncRedPack(merchant) as red_pack:

        async def stream_calls(number: int) -> None:
            reader, writer = streams[number]
            for _ in range(CALLS // AT_ONCE):
                writer.write(body)
                await writer.drain()
                head = await reader.readuntil(_HEAD_END)
                await reader.readexactly(_body_length(head))

        async def our_calls(_: int) -> None:
            for _ in range(CALLS // AT_ONCE):
                await red_pack.send_normal(**PACKET)

        for _ in range(ROUNDS):
            raw.append(await _cpu_async(stream_calls))
            ours.append(await _cpu_async(our_calls))
    for _, writer in streams:
        writer.close()
        await writer.wait_closed()
    return median(ours), median(raw)


def _request(merchant: Merchant) -> bytes:
    """The bytes of one call as they stand on the wire."""
    message = SendNormal(**PACKET)
    body = encode(message, merchant, nonce="0123456789abcdef0123456789abcdef")
    head = (
        f"POST {message.ENDPOINT.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _connect(merchant: Merchant) -> socket.socket:
    origin = merchant.origins[0]
    plain = socket.create_connection((origin.host, origin.port))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return merchant.context.wrap_socket(plain, server_hostname=origin.host)


def _raw_loop(connection: socket.socket, body: bytes) -> None:
    for _ in range(CALLS):
        connection.sendall(body)
        received = connection.recv(_READ_BYTES)
        while (end := received.find(_HEAD_END)) < 0:
            received += connection.recv(_READ_BYTES)
        whole = end + len(_HEAD_END) + _body_length(received)
        while len(received) < whole:
            received += connection.recv(_READ_BYTES)


def _body_length(head: bytes) -> int:
    """As much of a reply's head as even the barest client must read."""
    at = head.index(_LENGTH) + len(_LENGTH)
    return int(head[at : head.index(b"\r\n", at)])


def _our_loop(red_pack: RedPack) -> None:
    for _ in range(CALLS):
        red_pack.send_normal(**PACKET)


def _cpu(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) / CALLS * 1e6


async def _cpu_async(work: Callable[[int], Awaitable[None]]) -> float:
    started = time.process_time()
    await asyncio.gather(*[work(number) for number in range(AT_ONCE)])
    done = CALLS // AT_ONCE * AT_ONCE
    return (time.process_time() - started) / done * 1e6
