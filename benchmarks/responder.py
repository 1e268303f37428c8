"""A TLS server that answers every POST with the same bytes: the least that a server can cost.

It runs in a process of its own, so that the client's CPU is the client's alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import trustme
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from hongbao import Merchant
from hongbao.wire import document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized
    from pathlib import Path

MCH_ID = "1900012345"
BILLNO = "1900012345202611230000000042"
OPENID = "oBENCH_openid_000000000000001"

PACKET: dict[str, Any] = {
    "mch_billno": BILLNO,
    "re_openid": OPENID,
    "total_amount": 100,
    "send_name": "测试商户",
    "wishing": "谢谢参与",
    "act_name": "秋季抽奖",
    "remark": "一等奖",
}
"""What is sent, and what the reply is about."""

REPLY = document.encode(
    {
        "return_code": "SUCCESS",
        "return_msg": "发放成功",
        "result_code": "SUCCESS",
        "err_code": "SUCCESS",
        "err_code_des": "发放成功",
        "mch_billno": BILLNO,
        "mch_id": MCH_ID,
        "wxappid": "wx00aa11bb22cc33dd",
        "re_openid": OPENID,
        "total_amount": "100",
        "send_listid": "1000041701202611230000000000001",
    }.items(),
    bare=frozenset({"total_amount"}),
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/plain\r\n"
    b"Connection: keep-alive\r\nContent-Length: %d\r\n\r\n%s" % (len(REPLY), REPLY)
)


class Served(NamedTuple):
    """What it answers.

    Attributes:
        response: to each request, the same bytes.
        ends: how a request's body ends, by which it is known to be whole.
        wants_certificate: whether the client must show one.
    """

    response: bytes = RESPONSE
    ends: bytes = b"</xml>"
    wants_certificate: bool = True


A_PACKET = Served()


class Responder(NamedTuple):
    """One that runs.

    Attributes:
        merchant: whose calls go there.
        handshakes: how many connections it has seen.
    """

    merchant: Merchant
    handshakes: Synchronized[int]


@contextmanager
def responder(
    folder: Path, *, delay_seconds: float = 0.0, served: Served = A_PACKET
) -> Iterator[Responder]:
    """Run it in a process of its own.

    Args:
        folder: where the certificates are put: ``ca.pem``, ``cert.pem``, ``key.pem``, and the last
            two as ``cert.p12``.
        delay_seconds: how long it waits before each reply.
        served: what it answers.
    """
    # WeChat's server and the merchants have RSA keys of 2,048 bits; that counts in handshakes.
    kind = trustme.KeyType.RSA
    ca = trustme.CA(key_type=kind)
    server = ca.issue_cert("localhost", "127.0.0.1", key_type=kind)
    client = ca.issue_cert("bench.invalid", common_name=MCH_ID, key_type=kind)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    server.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    client.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    client.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "cert.p12").write_bytes(_p12(client))
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    handshakes = spawning.Value("i", 0)
    arguments = (str(folder), delay_seconds, served, theirs, handshakes)
    process = spawning.Process(target=_serve, args=arguments, daemon=True)
    process.start()
    try:
        merchant = Merchant(
            app_id="wx00aa11bb22cc33dd",
            mch_id=MCH_ID,
            key="Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya",
            cert_path=folder / "cert.pem",
            key_path=folder / "key.pem",
            ca_path=folder / "ca.pem",
            base_url=f"https://127.0.0.1:{ours.recv()}",
            client_ip="203.0.113.7",
        )
        yield Responder(merchant, handshakes)
    finally:
        process.terminate()
        process.join()


def _p12(client: trustme.LeafCert) -> bytes:
    """As WeChat gives it: the password is the merchant's number."""
    key = serialization.load_pem_private_key(client.private_key_pem.bytes(), password=None)
    certificate = x509.load_pem_x509_certificate(client.cert_chain_pems[0].bytes())
    kind = serialization.BestAvailableEncryption(MCH_ID.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    return pkcs12.serialize_key_and_certificates(b"merchant", key, certificate, None, kind)


class _Answer(asyncio.Protocol):
    """Knows the end of a body by its last bytes, and answers each."""

    def __init__(self, delay_seconds: float, served: Served, handshakes: Synchronized[int]) -> None:
        self._served = served
        self._delay_seconds = delay_seconds
        self._handshakes = handshakes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not say that it is
        with self._handshakes.get_lock():
            self._handshakes.value += 1

    def data_received(self, data: bytes) -> None:
        if not data.rstrip().endswith(self._served.ends):
            return
        if self._delay_seconds:
            loop = asyncio.get_running_loop()
            loop.call_later(self._delay_seconds, self._transport.write, self._served.response)
        else:
            self._transport.write(self._served.response)


def _serve(
    folder: str,
    delay_seconds: float,
    served: Served,
    ready: Connection,
    handshakes: Synchronized[int],
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem")
    context.load_verify_locations(f"{folder}/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED if served.wants_certificate else ssl.CERT_NONE

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Answer(delay_seconds, served, handshakes), "127.0.0.1", 0, ssl=context
        )
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())  # so that it is not what everybody waits for
