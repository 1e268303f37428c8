"""The kinds of transfers: a plain page, and one that looks like a red packet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hongbao.rails.port import Issuer, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferKind(Kind):
    """A kind of transfer.

    Attributes:
        style: its ``user_recv_style``; None leaves it to WeChat.
    """

    style: str | None


REPORT_INFOS = "transfer_scene_report_infos"
_REQUIRED = ("transfer_scene_id", "transfer_remark", REPORT_INFOS)
USER_NAME = "user_name"
_OPTIONAL = ("user_recv_perception", "notify_url", USER_NAME)

TRANSFER = TransferKind(
    name="transfer",
    about="Transfer to a user, who confirms on a page of WeChat's (商家转账).",
    spellings=("transfer", "商家转账", "转账"),
    issuer=Issuer.CONFIRM_PAGE,
    required=_REQUIRED,
    optional=_OPTIONAL,
    sealed=(USER_NAME,),
    style=None,
)
TRANSFER_RED_PACKET = TransferKind(
    name="transfer_red_packet",
    about="Transfer to a user, who confirms on a page in the look of a red packet.",
    spellings=("transferredpacket", "红包样式转账", "转账红包"),
    issuer=Issuer.CONFIRM_PAGE,
    required=_REQUIRED,
    optional=_OPTIONAL,
    sealed=(USER_NAME,),
    style="RED_PACKET",
)

KINDS: Mapping[str, TransferKind] = {it.name: it for it in (TRANSFER, TRANSFER_RED_PACKET)}
"""All kinds by name. A row of a list without a kind has the first one."""
