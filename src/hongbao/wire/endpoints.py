"""The seven calls as data: paths, the fields that each one knows, what their replies echo.

WeChat recomputes a signature over the fields that it knows for the call, so a field that is not in
a call's table here must never be signed for it. Sources: the official page of each call;
``sign_type`` and ``sub_appid`` belong to none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hongbao.wire import fields as f


class Need(Enum):
    """When a call must have a field."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    PROVIDER = "provider"
    """Required in service-provider mode, and refused in ordinary mode."""


_REQUIRED, _OPTIONAL, _PROVIDER = Need.REQUIRED, Need.OPTIONAL, Need.PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call.

    Attributes:
        name: the last part of its path, as people say it.
        letter: its letter in the table of error codes.
        moves_money: whether a call may cost money, so that its outcome is the merchant's concern. A
            query's is not.
        known: every field that the server knows for it, with when it is needed; ``sign`` included.
        constants: fields with one legal value.
        appid_field: how the payer's appid is spelt here.
        of_wecom: whether that appid is the WeCom corporation's.
        echoed: the fields of an accepted call that the reply must repeat.
        reply_signed: whether WeChat signs its reply. Where it does not, TLS alone vouches for it.
        folder: where its path begins.
        path: of the URL.
        required: the names of what must always be there, but for ``sign``.
        signed_order: the names of all known fields but ``sign``, in the order in which they are
            signed.
        numbers: the names that stand bare, without CDATA.
        provider_mode: whether the call can be made on behalf of a sub-merchant.
        declares_ip: whether it has a ``client_ip``.
    """

    name: str
    letter: str
    moves_money: bool
    known: dict[f.Field, Need]
    constants: dict[str, str] = field(default_factory=dict)
    appid_field: str
    of_wecom: bool = False
    echoed: tuple[str, ...]
    reply_signed: bool = False
    folder: str = "/mmpaymkttransfers"
    path: str = field(init=False)
    required: tuple[str, ...] = field(init=False)
    signed_order: tuple[str, ...] = field(init=False)
    numbers: frozenset[str] = field(init=False)
    provider_mode: bool = field(init=False)
    declares_ip: bool = field(init=False)

    def __post_init__(self) -> None:
        names = [known.name for known in self.known if known.name != f.SIGN.name]
        required = [name for name in names if self.need(name) is _REQUIRED]
        numbers = frozenset(known.name for known in self.known if known.high is not None)
        object.__setattr__(self, "path", f"{self.folder}/{self.name}")
        object.__setattr__(self, "required", tuple(required))
        object.__setattr__(self, "signed_order", tuple(sorted(names)))
        object.__setattr__(self, "numbers", numbers)
        object.__setattr__(self, "provider_mode", f.SUB_MCH_ID in self.known)
        object.__setattr__(self, "declares_ip", f.CLIENT_IP in self.known)

    def need(self, name: str) -> Need | None:
        """When a field is needed; None for a field that the call does not know."""
        return next((need for known, need in self.known.items() if known.name == name), None)


_ECHOED_SEND = ("mch_billno", "mch_id", "wxappid", "re_openid", "total_amount")

_EVERY_CALL = dict.fromkeys((f.NONCE_STR, f.SIGN, f.MCH_BILLNO, f.MCH_ID), _REQUIRED)
_TO_A_USER = {
    **dict.fromkeys((f.WXAPPID, f.RE_OPENID, f.WISHING, f.ACT_NAME, f.REMARK), _REQUIRED),
    f.SCENE_ID: _OPTIONAL,
}
_FOR_A_SUB_MERCHANT = dict.fromkeys((f.SUB_MCH_ID, f.MSGAPPID), _PROVIDER)

SENDREDPACK = Endpoint(
    name="sendredpack",
    letter="S",
    moves_money=True,
    # https://pay.weixin.qq.com/doc/v2/merchant/4011974053
    known={
        **_EVERY_CALL,
        **_TO_A_USER,
        **_FOR_A_SUB_MERCHANT,
        f.SEND_NAME: _REQUIRED,
        f.TOTAL_AMOUNT: _REQUIRED,
        f.TOTAL_NUM: _REQUIRED,
        f.CLIENT_IP: _REQUIRED,
        f.RISK_INFO: _OPTIONAL,
        f.CONSUME_MCH_ID: _OPTIONAL,
    },
    constants={"total_num": "1"},
    appid_field="wxappid",
    echoed=_ECHOED_SEND,
)

SENDGROUPREDPACK = Endpoint(
    name="sendgroupredpack",
    letter="G",
    moves_money=True,
    # Marked as switched off since 2024-06-05; no page in the new tree. A client_ip is a foreign
    # field here.
    known={
        **_EVERY_CALL,
        **_TO_A_USER,
        **_FOR_A_SUB_MERCHANT,
        f.SEND_NAME: _REQUIRED,
        f.GROUP_TOTAL_AMOUNT: _REQUIRED,
        f.GROUP_TOTAL_NUM: _REQUIRED,
        f.AMT_TYPE: _REQUIRED,
        f.RISK_INFO: _OPTIONAL,
        f.CONSUME_MCH_ID: _OPTIONAL,
    },
    constants={"amt_type": "ALL_RAND"},
    appid_field="wxappid",
    echoed=_ECHOED_SEND,
)

SENDMINIPROGRAMHB = Endpoint(
    name="sendminiprogramhb",
    letter="M",
    moves_money=True,
    # https://pay.weixin.qq.com/doc/v2/partner/4011941282
    known={
        **_EVERY_CALL,
        **_TO_A_USER,
        **_FOR_A_SUB_MERCHANT,
        f.SEND_NAME: _REQUIRED,
        f.TOTAL_AMOUNT: _REQUIRED,
        f.TOTAL_NUM: _REQUIRED,
        f.NOTIFY_WAY: _REQUIRED,
    },
    constants={"total_num": "1", "notify_way": "MINI_PROGRAM_JSAPI"},
    appid_field="wxappid",
    echoed=_ECHOED_SEND,
)

GETHBINFO = Endpoint(
    name="gethbinfo",
    letter="Q",
    moves_money=False,
    # https://pay.weixin.qq.com/doc/v2/partner/4011983160
    known={
        **_EVERY_CALL,
        f.APPID: _REQUIRED,
        f.BILL_TYPE: _REQUIRED,
    },
    constants={"bill_type": "MCHT"},
    appid_field="appid",
    echoed=("mch_billno", "mch_id"),
)

HBPREORDER = Endpoint(
    name="hbpreorder",
    letter="H",
    moves_money=True,
    # The Shake-nearby pages of the official-account documentation.
    known={
        **_EVERY_CALL,
        f.WXAPPID: _REQUIRED,
        f.SEND_NAME: _REQUIRED,
        f.PREORDER_HB_TYPE: _REQUIRED,
        f.PREORDER_TOTAL_AMOUNT: _REQUIRED,
        f.PREORDER_TOTAL_NUM: _REQUIRED,
        f.AMT_TYPE: _REQUIRED,
        f.PREORDER_WISHING: _REQUIRED,
        f.ACT_NAME: _REQUIRED,
        f.PREORDER_REMARK: _REQUIRED,
        f.AUTH_MCHID: _REQUIRED,
        f.AUTH_APPID: _REQUIRED,
        f.RISK_CNTL: _REQUIRED,
    },
    constants={
        "amt_type": "ALL_RAND",
        "auth_mchid": "1000052601",
        "auth_appid": "wxbf42bd79c4391863",
    },
    appid_field="wxappid",
    echoed=("mch_billno", "mch_id", "wxappid", "total_amount"),
    reply_signed=True,
)

SENDWORKWXREDPACK = Endpoint(
    name="sendworkwxredpack",
    letter="W",
    moves_money=True,
    # https://developer.work.weixin.qq.com/document/path/90275
    known={
        **_EVERY_CALL,
        **_TO_A_USER,
        f.TOTAL_AMOUNT: _REQUIRED,
        f.SENDER_NAME: _OPTIONAL,
        f.AGENTID: _OPTIONAL,
        f.SENDER_HEADER_MEDIA_ID: _OPTIONAL,
        f.WORKWX_SIGN: _REQUIRED,
    },
    appid_field="wxappid",
    of_wecom=True,
    echoed=_ECHOED_SEND,
    reply_signed=True,
)

QUERYWORKWXREDPACK = Endpoint(
    name="queryworkwxredpack",
    letter="V",
    moves_money=False,
    # https://developer.work.weixin.qq.com/document/path/90276
    known={
        **_EVERY_CALL,
        f.APPID: _REQUIRED,
    },
    appid_field="appid",
    of_wecom=True,
    echoed=("mch_billno", "mch_id"),
    reply_signed=True,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    SENDREDPACK,
    SENDGROUPREDPACK,
    SENDMINIPROGRAMHB,
    GETHBINFO,
    HBPREORDER,
    SENDWORKWXREDPACK,
    QUERYWORKWXREDPACK,
)
