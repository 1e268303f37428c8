"""WeChat's V2 signatures: what string is signed, and with what.

Keys come in as arguments and go nowhere else.

Each ends in upper-case hex. An empty value is not signed; a literal ``0`` is. Sources: the official
signature page as restated in the protocol notes, and the vectors under ``tests/wire``.
"""

from __future__ import annotations

import hmac
from hashlib import md5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKWX_SIGNED = (
    "act_name",
    "mch_billno",
    "mch_id",
    "nonce_str",
    "re_openid",
    "total_amount",
    "wxappid",
)
"""The seven fields under ``workwx_sign``.

Https://developer.work.weixin.qq.com/document/path/90281
"""


def signing_string(fields: Mapping[str, str]) -> str:
    """``k1=v1&k2=v2``: names in byte order, raw values, without ``sign`` and without empty ones."""
    return "&".join(
        [f"{name}={fields[name]}" for name in sorted(fields) if fields[name] and name != "sign"]
    )


def sign_md5(fields: Mapping[str, str], key: str) -> str:
    """The signature of every red packet call: MD5 with the APIv2 key behind the signing string."""
    return digest_md5(f"{signing_string(fields)}&key={key}".encode())


def sign_hmac_sha256(fields: Mapping[str, str], key: str) -> str:
    """The signature of the bills.

    HMAC-SHA256, with the key both in the string and as the HMAC's key.
    """
    text = f"{signing_string(fields)}&key={key}"
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest().upper()


def workwx_sign(fields: Mapping[str, str], secret: str) -> str:
    """The inner signature of a WeCom packet: seven fields, and the WeCom application's secret."""
    seven = {name: fields[name] for name in WORKWX_SIGNED if name in fields}
    return digest_md5(f"{signing_string(seven)}&secret={secret}".encode())


def pay_sign(*, app_id: str, nonce_str: str, package: str, time_stamp: str, key: str) -> str:
    """The signature of ``wx.sendBizRedPacket``: four fields; ``signType`` is sent but not signed.

    Args:
        app_id: the mini program's; signed but not sent.
        nonce_str: as sent.
        package: percent-encoded once as a whole, as sent.
        time_stamp: seconds since the epoch, as sent.
        key: the APIv2 key.
    """
    fields = {"appId": app_id, "nonceStr": nonce_str, "package": package, "timeStamp": time_stamp}
    return sign_md5(fields, key)


def jump_hongbao_sign(*, lottery_id: str, noncestr: str, openid: str, key: str) -> str:
    """The signature of ``jumpHongbao``, with the key of the lottery campaign."""
    return sign_md5({"lottery_id": lottery_id, "noncestr": noncestr, "openid": openid}, key)


def digest_md5(signed: bytes) -> str:
    """Upper-case hex MD5."""
    return md5(signed, usedforsecurity=False).hexdigest().upper()


def verify_md5(fields: Mapping[str, str], key: str) -> bool:
    """Whether ``fields["sign"]`` is right, in either case, compared in constant time."""
    claimed = fields.get("sign", "").upper().encode()
    return hmac.compare_digest(claimed, sign_md5(fields, key).encode())
