"""V3 transfers: do others sign, verify, seal and open as hongbao does?

Keys are made for the run. What is compared is bytes: RSA's PKCS#1 v1.5 gives the same signature for
the same text, and what one side has sealed the other has to open.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hongbao.wire.transfer import signing
from hongbao.wire.transfer.assumptions import TransferAssumptions
from hongbao.wire.transfer.authorizations import QueryAuthorization
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer, Transfer
from hongbao.wire.transfer.preparing import prepare
from hongbao.wire.transfer.wechat_keys import WechatKey, WechatKeys
from interop.driver import Driver
from interop.environments import CACHE, install, started
from interop.recording import FOLDER
from interop.sdks import Kind, Sdk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.wire.transfer.messages import TransferMessage

RECORDED = FOLDER / "transfers" / "signatures.json"
_AT = 1_795_910_400
_NONCE = "7B723711AE49EC8EFABAFB4446D559D2"
_API_V3_KEY = "SimulatorOnlyKey0NeverInRealUse0"
_NAME = "测试甲"
_REPLY = '{"message":"秋季","state":"SUCCESS"}'

TRANSFER_SDKS = (
    Sdk(
        name="wechatpayv3",
        kind=Kind.PYTHON,
        package="wechatpayv3==2.0.4",
        driver="wechatpayv3_driver.py",
        calls=frozenset(),
    ),
    Sdk(
        name="wechatpay-axios-plugin-v3",
        kind=Kind.NODE,
        package="wechatpay-axios-plugin@0.9.6",
        also=("axios@1.21.1", "fast-xml-parser@5.12.1"),
        driver="axios_v3_driver.mjs",
        calls=frozenset(),
    ),
)
"""Those whose functions for signing and sealing are compared with hongbao's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What an SDK and hongbao make of one thing.

    Attributes:
        sdk: its package.
        what: the thing.
        agree: whether it is the same.
    """

    sdk: str
    what: str
    agree: bool


_OPEN_TO_ALL = TransferAssumptions(authorizations=True)


@dataclass(frozen=True)
class _Payer:
    """A merchant with keys of this run."""

    private_key: rsa.RSAPrivateKey
    wechat_keys: WechatKeys
    mch_id: str = "1900012345"
    app_id: str = "wx00aa11bb22cc33dd"
    serial_no: str = "4A1F00C0FFEE00112233445566778899AABBCC01"
    assumptions: TransferAssumptions = _OPEN_TO_ALL


def _messages() -> dict[str, TransferMessage[Any]]:
    number = "HB20261129A000000000000000001"
    return {
        "a transfer in the look of a red packet": Transfer(
            out_bill_no=number,
            transfer_scene_id="1000",
            openid="oINTEROP_made_up_00000000042",
            transfer_amount=8800,
            transfer_remark='秋季="抽奖" & <发财>\\',
            transfer_scene_report_infos={"活动名称": "秋季", "奖励说明": "一等奖"},
            user_recv_style="RED_PACKET",
        ),
        "a query": QueryTransfer(number),
        "a cancel without a body": CancelTransfer(number),
        "a query with a query string": QueryAuthorization("AUTH202611290001"),
    }


def compare(sdk: Sdk) -> list[Agreement]:
    """Have an SDK do all it can.

    Raises:
        Skipped: it cannot be had here.
        DriverFailed: its driver gave no answer.
    """
    ours, wechats = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    serial = "PUB_KEY_ID_0119000123452026112900291100000001"
    key = WechatKey(serial=serial, public_key=wechats.public_key())
    payer = _Payer(ours, WechatKeys([key]))
    installed = install(sdk, CACHE)
    with Driver(started(installed, None), installed.folder) as driver:
        return [
            Agreement(sdk=sdk.package, what=what, agree=bool(agree))
            for what, agree in _compared(driver, payer, wechats)
        ]


def _compared(
    driver: Driver, payer: _Payer, wechats: rsa.RSAPrivateKey
) -> Iterator[tuple[str, bool]]:
    keys = {"private_key": _private(payer.private_key), "public_key": _public(wechats)}

    def ask(call: str, **step: object) -> str:
        value: str = driver.carry_out({"call": call, **keys, **step})["value"]
        return value  # "verify" gives a bool, which is asked for its truth alone

    when = {"timestamp": _AT, "nonce": _NONCE}
    whose = {"mch_id": payer.mch_id, "serial_no": payer.serial_no}
    for what, message in _messages().items():
        asked = prepare(message, payer, now=_AT)
        method, text = asked.endpoint.method, asked.body.decode()
        signed = signing.request_text(method, asked.path, str(_AT), _NONCE, asked.body)
        theirs = ask("sign", method=method, path=asked.path, body=text, **when, **whose)
        yield f"signs {what}", theirs == signing.sign(payer.private_key, signed)
    reply = signing.sign(wechats, signing.reply_text(str(_AT), _NONCE, _REPLY.encode()))
    yield "verifies a reply", bool(ask("verify", signature=reply, body=_REPLY, **when))
    yield "refuses another reply", not ask("verify", signature=reply, body="{}", **when)
    sealed = AESGCM(_API_V3_KEY.encode()).encrypt(b"c7319a898c5f", _REPLY.encode(), b"a")
    text = b64encode(sealed).decode()
    resource = {"nonce": "c7319a898c5f", "ciphertext": text, "associated_data": "a"}
    opened = ask("open", resource=resource, api_v3_key=_API_V3_KEY)
    yield "opens a notification", opened == _REPLY
    theirs = signing.unseal(wechats, b64decode(ask("seal", text=_NAME)))
    yield "seals a name that hongbao opens", theirs == _NAME
    ours = signing.seal(payer.private_key.public_key(), _NAME)
    yield "opens a name that hongbao seals", ask("unseal", sealed=ours) == _NAME


def write(found: list[Agreement]) -> None:
    """Keep what was found."""
    RECORDED.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1)
    RECORDED.write_text(text + "\n", encoding="utf-8")


def read() -> list[Agreement]:
    """What was found last."""
    return [Agreement(**one) for one in json.loads(RECORDED.read_text(encoding="utf-8"))]


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
