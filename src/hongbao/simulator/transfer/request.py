"""Reads a V3 request: the call, its signature over the bytes that came, its body.

It decides nothing; ``rules`` does.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from hongbao.simulator.api_request import NOBODY
from hongbao.simulator.transfer.wechat_side import MerchantV3
from hongbao.wire.transfer import json_body, signing
from hongbao.wire.transfer.endpoints import find
from hongbao.wire.transfer.json_body import MalformedJson

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Exchange
    from hongbao.simulator.merchant import SimulatedMerchant
    from hongbao.simulator.transfer.wechat_side import WechatSigningKey
    from hongbao.simulator.world import World
    from hongbao.wire.transfer.endpoints import TransferEndpoint

NO_V3 = MerchantV3(api_v3_key="")
_FIELD = re.compile(r'([a-z_]+)="([^"]*)"')
_OWN_NUMBERS = ("out_bill_no", "transfer_bill_no", "out_authorization_no")


@dataclass(slots=True, kw_only=True, repr=False)
class V3Request:
    """One V3 request.

    Attributes:
        world: the world that received it.
        now: when it came.
        remote_ip: the caller's address.
        method: such as ``POST``.
        path: without its query.
        target: with its query, as it was sent.
        headers: with names in lower case.
        body: as it came.
        endpoint: the call; None if there is none of this method and path, or it is a file's.
        numbers: those in its path.
        query: as it was sent.
        said: what ``Authorization`` says, by its names.
        merchant: looked up by ``mchid``, or ``NOBODY``.
        v3: what it has of V3.
        document: the body; None if it has none, or is malformed.
        problem: why the body is malformed; empty if it is not.
        reply_key: the key of WeChat's that the caller asks the reply to be signed with.
    """

    world: World
    now: float
    remote_ip: str
    method: str
    path: str
    target: str
    headers: dict[str, str]
    body: bytes
    endpoint: TransferEndpoint | None
    numbers: dict[str, str]
    query: str
    said: dict[str, str]
    merchant: SimulatedMerchant
    v3: MerchantV3
    document: dict[str, Any] | None = None
    problem: str = ""
    reply_key: WechatSigningKey = field(repr=False)

    @property
    def number(self) -> str:
        """The order's number, in the path or the body; empty if there is none."""
        for name in _OWN_NUMBERS:
            found = self.numbers.get(name) or (self.document or {}).get(name)
            if isinstance(found, str):
                return found
        return ""

    @property
    def openid(self) -> str:
        """The receiver, or an empty text."""
        found = (self.document or {}).get("openid")
        return found if isinstance(found, str) else ""

    @property
    def signed_text(self) -> bytes:
        """What the signature of these bytes must be of."""
        nonce, timestamp = self.said.get("nonce_str", ""), self.said.get("timestamp", "")
        return signing.request_text(self.method, self.target, timestamp, nonce, self.body)

    def is_signed(self) -> bool:
        """Whether the signature is right, over the bytes that came."""
        key = self.v3.certificates.get(self.said.get("serial_no", "").upper())
        if key is None:
            return False
        try:
            claimed = b64decode(self.said.get("signature", ""), validate=True)
            key.verify(claimed, self.signed_text, PKCS1v15(), SHA256())
        except (InvalidSignature, NotBase64, ValueError):
            return False
        return True


def read_v3_request(world: World, exchange: Exchange, now: float) -> V3Request:
    """Read a request. Any bytes are accepted."""
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in exchange.headers.items()
    }
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    said = dict(_FIELD.findall(rest)) if scheme == signing.SCHEME else {}
    merchant = world.merchants.get(said.get("mchid", ""), NOBODY)
    v3 = merchant.v3 or NO_V3
    found = find(exchange.method, exchange.path)
    endpoint, numbers = found or (None, {})
    document, problem = _document(world, exchange.body)
    return V3Request(
        world=world,
        now=now,
        remote_ip=exchange.remote_ip,
        method=exchange.method,
        path=exchange.path,
        target=f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path,
        headers=headers,
        body=exchange.body,
        endpoint=endpoint,
        numbers=numbers,
        query=exchange.query,
        said=said,
        merchant=merchant,
        v3=v3,
        document=document,
        problem=problem,
        reply_key=_reply_key(world, headers.get("wechatpay-serial", ""), v3),
    )


def _document(world: World, body: bytes) -> tuple[dict[str, Any] | None, str]:
    if not body or (body == b"null" and world.settings.transfer_null_body):
        return None, ""
    try:
        return json_body.decode(body), ""
    except MalformedJson as error:
        return None, str(error)


def _reply_key(world: World, serial: str, v3: MerchantV3) -> WechatSigningKey:
    """As it is asked for; else the key that the merchant has."""
    side = world.wechat_side()
    asked = side.find(serial)
    if asked is not None and v3.serves(asked):
        return asked
    return side.platform if v3.platform_in_use else side.public
