"""One V3 transfer by hongbao's client and by wechatpayv3, to a server that signs one reply.

In turns, each in a process of its own. Both sign with RSA and verify the reply; what a signature
alone takes is told apart, since nobody can do without it.
"""

from __future__ import annotations

import json
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from client_peers import TRANSFER_CONTENDERS
from hongbao.wire.transfer import signing
from interop.environments import Skipped, environment
from line import Line
from responder import Served, responder

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from client_peers import Ready

_CALLS, _WARM_UP = 200, 20
_SECONDS_MAX = 180.0
_KEY_ID = "PUB_KEY_ID_0119000123452026112900291100000001"
_NUMBER = "HB20261129A000000000000000001"
_PAYER = {
    "app_id": "wx00aa11bb22cc33dd",
    "mch_id": "1900012345",
    "api_v3_key": "SimulatorOnlyKey0NeverInRealUse0",
    "serial_no": "4A1F00C0FFEE00112233445566778899AABBCC01",
    "public_key_id": _KEY_ID,
}
_TRANSFER = {
    "out_bill_no": _NUMBER,
    "transfer_scene_id": "1000",
    "openid": "oBENCH_openid_000000000000001",
    "transfer_amount": 8800,
    "transfer_remark": "秋季抽奖",
    "notify_url": "https://pay.example.test/notify",
    "transfer_scene_report_infos": [
        {"info_type": "活动名称", "info_content": "秋季抽奖"},
        {"info_type": "奖励说明", "info_content": "一等奖"},
    ],
}
_REPLY = json.dumps(
    {
        "create_time": "2026-11-29T08:00:01+08:00",
        "out_bill_no": _NUMBER,
        "package_info": "affffddafdfafddffda==",
        "state": "WAIT_USER_CONFIRM",
        "transfer_bill_no": "1330000012345292611290000000000001",
    }
).encode()


def lines(folder: Path, console: Console, rounds: int) -> list[Line]:
    """The figures; none if the other client cannot be had here."""
    try:
        ours, theirs = (contender.prepare() for contender in TRANSFER_CONTENDERS)
    except Skipped as why:
        console.print(f"wechatpayv3 is left out: {why}", markup=False)
        return []
    folder.mkdir(exist_ok=True)
    merchants, wechats = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    _put(folder, merchants, wechats)
    mine: list[float] = []
    ratios: list[float] = []
    signatures: list[float] = []
    for _ in range(rounds):
        with responder(folder, served=_served(wechats)) as server:
            origin = server.merchant.origins[0]
            first, signature = _run(ours, origin.host, origin.port, folder)
            second, _ = _run(theirs, origin.host, origin.port, folder)
        mine.append(first)
        ratios.append(second / first)
        signatures.append(signature)
    milliseconds = median(mine) * 1e3
    signing_milliseconds = median(signatures) * 1e3
    return [
        Line("V3 transfer, one by one: wechatpayv3 / whole call", median(ratios), "x", 4.0, True),
        Line("V3 transfer: whole call, CPU", milliseconds, "ms", 3.0),
        Line("V3 transfer: of it RSA signing, CPU", signing_milliseconds, "ms", 1.0),
    ]


def _run(ready: Ready, host: str, port: int, folder: Path) -> tuple[float, float]:
    """The CPU seconds of a call, and of a signature alone if that is told."""
    done = subprocess.run(
        [*ready.command, host, str(port), str(folder), str(_WARM_UP), str(_CALLS), "1"],
        cwd=ready.folder, env=environment(folder / "ca.pem"), capture_output=True, text=True,
        check=False, timeout=_SECONDS_MAX,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{ready.command} failed: {(done.stderr or done.stdout)[-2000:]}")
    told, *signature = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(told)
    return found["cpu_seconds"] / _CALLS, float(signature[0]) if signature else 0.0


def _put(folder: Path, merchants: rsa.RSAPrivateKey, wechats: rsa.RSAPrivateKey) -> None:
    said = {"payer": _PAYER, "transfer": _TRANSFER}
    (folder / "transfer.json").write_text(json.dumps(said), encoding="utf-8")
    private = merchants.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = wechats.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "merchant_key.pem").write_bytes(private)
    (folder / "wechat_public.pem").write_bytes(public)


def _served(wechats: rsa.RSAPrivateKey) -> Served:
    """A reply that is signed now; in five minutes nobody believes it."""
    timestamp, nonce = str(int(time.time())), "0123456789ABCDEF0123456789ABCDEF"
    signature = signing.sign(wechats, signing.reply_text(timestamp, nonce, _REPLY))
    head = (
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/json\r\n"
        f"Wechatpay-Timestamp: {timestamp}\r\nWechatpay-Nonce: {nonce}\r\n"
        f"Wechatpay-Serial: {_KEY_ID}\r\nWechatpay-Signature: {signature}\r\n"
        f"Wechatpay-Signature-Type: {signing.SCHEME}\r\n"
        f"Connection: keep-alive\r\nContent-Length: {len(_REPLY)}\r\n\r\n"
    )
    return Served(head.encode() + _REPLY, ends=b"}", wants_certificate=False)
