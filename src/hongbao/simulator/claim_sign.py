"""Checks the parameters of ``wx.sendBizRedPacket``, and names the mistake if they are wrong.

The rule: MD5 over exactly appId, nonceStr, package (percent-encoded once) and timeStamp, in either
hex case. Source: https://pay.weixin.qq.com/doc/v2/partner/4011941288 and users' reports.
"""

from __future__ import annotations

import re
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import unquote

from hongbao.simulator.refusal import ClaimRefused
from hongbao.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hongbao.simulator.merchant import SimulatedMerchant
    from hongbao.simulator.packet import Packet

PARAMETERS = ("timeStamp", "nonceStr", "package", "signType", "paySign")
_CHARS_MAX = 4096  # far more than a package that was encoded twice
_SECONDS = re.compile("[0-9]{10}", re.ASCII)
_MILLISECONDS = re.compile("[0-9]{13}", re.ASCII)
_NONCE = re.compile("[0-9A-Za-z]{1,32}")
_MD5 = re.compile("[0-9A-Fa-f]{32}")
_SHA256_CHARS = 64


def decoded_package(params: Mapping[str, object]) -> str:
    """Decode ``package``, after checking that all parameters are present and well-formed.

    Raises:
        ClaimRefused: naming the first parameter that is not.
    """
    for name in PARAMETERS:
        _text(params, name)
    if "appId" in params:
        _text(params, "appId")
    _check_shapes(params)
    package = _text(params, "package")
    if "=" in package or "&" in package:
        raise ClaimRefused("package", "it is not percent-encoded")
    decoded = unquote(package)
    if "%3d" in decoded.lower():
        raise ClaimRefused("package", "it is percent-encoded twice")
    return decoded


def check_sign(
    params: Mapping[str, object], *, package: str, packet: Packet, merchant: SimulatedMerchant
) -> None:
    """Check ``appId`` and ``paySign``.

    Args:
        params: the parameters, already checked by ``decoded_package``.
        package: the decoded package.
        packet: the packet that it was issued for.
        merchant: the merchant whose key signs.

    Raises:
        ClaimRefused: naming the field that was signed wrongly, if the mistake is a common one.
    """
    app_id = packet.terms.wxappid
    if params.get("appId", app_id) != app_id:
        raise ClaimRefused("appId", "the packet was sent under another appid")
    said = {name: _text(params, name) for name in ("timeStamp", "nonceStr", "package")}
    right = {"appId": app_id, **said}
    if _matches(params, right, merchant.key):
        return
    for field, reason, signed in _mistakes(right, package, merchant):
        if _matches(params, signed, merchant.key):
            raise ClaimRefused(field, reason)
    raise ClaimRefused("paySign", "it is wrong: another key, or another value than was sent")


def _check_shapes(params: Mapping[str, object]) -> None:
    time_stamp = _text(params, "timeStamp")
    if _MILLISECONDS.fullmatch(time_stamp):
        raise ClaimRefused("timeStamp", "it is in milliseconds; it must be in seconds")
    if not _SECONDS.fullmatch(time_stamp):
        raise ClaimRefused("timeStamp", "it must be 10 digits: seconds since the epoch")
    if not _NONCE.fullmatch(_text(params, "nonceStr")):
        raise ClaimRefused("nonceStr", "it must be 1 to 32 of 0-9, A-Z, a-z")
    if _text(params, "signType") != "MD5":
        raise ClaimRefused("signType", "it must be MD5")
    pay_sign = _text(params, "paySign")
    if len(pay_sign) == _SHA256_CHARS:
        raise ClaimRefused("paySign", "it is a SHA-256; it must be an MD5")
    if not _MD5.fullmatch(pay_sign):
        raise ClaimRefused("paySign", "it must be 32 hexadecimal digits")


def _text(params: Mapping[str, object], name: str) -> str:
    value = params.get(name)
    if value is None or value == "":
        raise ClaimRefused(name, "missing")
    if not isinstance(value, str):
        raise ClaimRefused(name, f"it must be a text, not a {type(value).__name__}")
    if len(value) > _CHARS_MAX:
        raise ClaimRefused(name, f"longer than {_CHARS_MAX} characters")
    return value


def _mistakes(
    right: Mapping[str, str], package: str, merchant: SimulatedMerchant
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each common mistake: the field, what is wrong with it, and what was then signed."""
    yield "signType", "it was signed; only four parameters are", {**right, "signType": "MD5"}
    yield "package", "it was signed without being encoded", {**right, "package": package}
    lower = re.sub("%..", lambda match: match.group().lower(), right["package"])
    upper = re.sub("%..", lambda match: match.group().upper(), right["package"])
    for other in (lower, upper):
        yield "package", "it was signed in another hex case than sent", {**right, "package": other}
    twice = right["package"].replace("%", "%25")
    yield "package", "it was signed encoded twice", {**right, "package": twice}
    for left_out in ("appId", "nonceStr", "package", "timeStamp"):
        signed = {name: value for name, value in right.items() if name != left_out}
        yield left_out, "it was not signed", signed
    for appid in merchant.appids:
        yield "appId", "another appid of the merchant was signed", {**right, "appId": appid}
    server = {"appid": right["appId"], "nonce_str": right["nonceStr"], "package": right["package"]}
    for name in ("timestamp", "timeStamp", "time_stamp"):
        signed = {**server, name: right["timeStamp"]}
        yield "nonceStr", "the names of the server's fields were signed", signed


def _matches(params: Mapping[str, object], signed: Mapping[str, str], key: str) -> bool:
    claimed = _text(params, "paySign").upper()
    return compare_digest(claimed, signature.sign_md5(signed, key))
