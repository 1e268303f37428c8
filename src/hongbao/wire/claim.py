"""What a front end needs to let a user claim, signed on the server.

That is ``wx.sendBizRedPacket`` for mini-program packets and ``jumpHongbao`` for preordered ones.

Source: https://pay.weixin.qq.com/doc/v2/partner/4011941288 and the Shake-nearby pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hongbao.wire import signature
from hongbao.wire.risk import percent_encode


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimParams:
    """The five parameters of ``wx.sendBizRedPacket``.

    Attributes:
        time_stamp: seconds since the epoch, as text.
        nonce_str: letters and digits.
        package: percent-encoded once.
        sign_type: always ``MD5``; sent but not signed.
        pay_sign: the signature.
    """

    time_stamp: str
    nonce_str: str
    package: str = field(repr=False)
    sign_type: str
    pay_sign: str = field(repr=False)

    def as_dict(self) -> dict[str, str]:
        """In the front end's spelling, ready to be sent to it as JSON."""
        return {
            "timeStamp": self.time_stamp,
            "nonceStr": self.nonce_str,
            "package": self.package,
            "signType": self.sign_type,
            "paySign": self.pay_sign,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpHongbaoParams:
    """The parameters of ``BeaconShakehbJsBridge.invoke('jumpHongbao', ...)``."""

    openid: str = field(repr=False)
    lottery_id: str
    noncestr: str
    sign: str = field(repr=False)

    def as_dict(self) -> dict[str, str]:
        """In the front end's spelling, ready to be sent to it as JSON."""
        return {
            "openid": self.openid,
            "lottery_id": self.lottery_id,
            "noncestr": self.noncestr,
            "sign": self.sign,
        }


def claim_params(
    package: str, *, app_id: str, key: str, time_stamp: int, nonce_str: str, upper: bool = True
) -> ClaimParams:
    """Sign a mini-program packet's ``package`` for the user's claim.

    Args:
        package: as the accepted reply has it, not encoded.
        app_id: the mini program's; signed, and known to the front end anyway.
        key: the APIv2 key, which never leaves the server.
        time_stamp: seconds since the epoch.
        nonce_str: 1 to 32 letters and digits.
        upper: whether the signature is upper-case hex; users report that both work.
    """
    encoded = percent_encode(package, upper=True)
    sign = signature.pay_sign(
        app_id=app_id, nonce_str=nonce_str, package=encoded, time_stamp=str(time_stamp), key=key
    )
    return ClaimParams(
        time_stamp=str(time_stamp),
        nonce_str=nonce_str,
        package=encoded,
        sign_type="MD5",
        pay_sign=sign if upper else sign.lower(),
    )


def jump_hongbao_params(
    *, openid: str, lottery_id: str, noncestr: str, key: str
) -> JumpHongbaoParams:
    """Sign the draw of a preordered packet, with the lottery campaign's key, not the APIv2 key."""
    sign = signature.jump_hongbao_sign(
        lottery_id=lottery_id, noncestr=noncestr, openid=openid, key=key
    )
    return JumpHongbaoParams(openid=openid, lottery_id=lottery_id, noncestr=noncestr, sign=sign)
