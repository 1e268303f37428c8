"""The kinds of red packets: everything that differs between kinds is written here, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.rails.port import Issuer, Kind
from hongbao.wire.messages import (
    Query,
    QueryWork,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketKind(Kind):
    """A kind of red packet.

    Attributes:
        message: the message that pays it.
        query: the message that queries it.
    """

    message: type[SendNormal | SendMiniProgram | SendGroup | SendWork]
    query: type[Query | QueryWork]


_TEXTS = ("wishing", "act_name", "remark")

NORMAL = PacketKind(
    name="normal",
    about="Send a normal packet (sendredpack).\n\n"
    "The receiver is a follower or user of the merchant's official account.",
    spellings=("normal", "普通", "普通红包", "现金红包"),
    issuer=Issuer.OFFICIAL_ACCOUNT,
    message=SendNormal,
    query=Query,
    required=("send_name", *_TEXTS),
    optional=("scene_id", "risk_info", "consume_mch_id"),
    from_settings=("client_ip",),
)
MINI_PROGRAM = PacketKind(
    name="mini_program",
    about="Send a mini-program packet (sendminiprogramhb).\n\n"
    "The answer holds the package that `hongbao claim-params` signs, so that the user can claim "
    "the packet in the mini program.",
    spellings=("miniprogram", "小程序", "小程序红包"),
    issuer=Issuer.MINI_PROGRAM,
    message=SendMiniProgram,
    query=Query,
    required=("send_name", *_TEXTS),
    optional=("scene_id",),
    voucher=True,
)
GROUP = PacketKind(
    name="group",
    about="Send a group packet (sendgroupredpack).\n\n"
    "One user gets it and shares it with friends. WeChat marks this call as switched off since "
    "2024-06-05.",
    spellings=("group", "裂变", "裂变红包"),
    issuer=Issuer.OFFICIAL_ACCOUNT,
    message=SendGroup,
    query=Query,
    required=("send_name", *_TEXTS),
    optional=("scene_id", "risk_info", "consume_mch_id"),
    shared=True,
)
WORK = PacketKind(
    name="work",
    about="Send a WeCom packet (sendworkwxredpack).\n\n"
    "The receiver is an employee or a customer of the corporation.",
    spellings=("work", "wecom", "workwx", "企业微信", "企业微信红包", "企业红包"),
    issuer=Issuer.CORPORATION,
    message=SendWork,
    query=QueryWork,
    required=_TEXTS,
    optional=("sender_name", "agentid", "sender_header_media_id", "scene_id"),
)

KINDS: Mapping[str, PacketKind] = {kind.name: kind for kind in (NORMAL, MINI_PROGRAM, GROUP, WORK)}
"""All kinds by name. A row of a list without a kind has the first one."""
