"""The page on which a user confirms a transfer or agrees to an authorisation, without a phone.

It is opened with what a front end gives to ``requestMerchantTransfer``; what is wrong with that is
said in the words that users report. That it went well says that it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.transfer.order import SimulatedAuthorization, SimulatedTransfer
from hongbao.simulator.transfer.packages import order_of_package
from hongbao.wire.transfer.scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """What the user sees.

    Attributes:
        look: ``CONFIRM_PAGE``, ``RED_PACKET``, or ``AUTHORIZATION``.
        amount: fen; 0 for an authorisation alone.
        perception: the words that say to the user what it is.
        remark: of the merchant.
        state: where it stands.
        can_confirm: whether its button works.
    """

    look: str
    amount: int
    perception: str
    remark: str = field(repr=False)
    state: str
    can_confirm: bool


def app_params(query: str) -> dict[str, str]:
    """What an app gave to ``WXOpenBusinessView`` as its query."""
    return dict(parse_qsl(query))


def look_at_page(world: World, params: Mapping[str, str], openid: str) -> ConfirmPage:
    """A user opens the page.

    Raises:
        ClaimRefused: the page says that something is wrong.
    """
    found = _found(world, params, openid)
    if isinstance(found, SimulatedAuthorization):
        waits = found.state == "WAIT_USER_CONFIRM"
        name = str(found.document["user_display_name"])
        return ConfirmPage(
            look="AUTHORIZATION",
            amount=0,
            perception="",
            remark=name,
            state=found.state,
            can_confirm=waits,
        )
    document = found.document
    scene = SCENES.get(document["transfer_scene_id"])
    usual = scene.perceptions[0] if scene else ""
    return ConfirmPage(
        look=document.get("user_recv_style", {}).get("type", "CONFIRM_PAGE"),
        amount=found.amount,
        perception=document.get("user_recv_perception", usual),
        remark=document["transfer_remark"],
        state=found.state.value,
        can_confirm=world.transfers.may_confirm(found),
    )


def confirm_page(
    world: World, params: Mapping[str, str], openid: str, *, ends: str = "", agrees: bool = True
) -> ConfirmPage:
    """A user opens the page and confirms.

    Args:
        world: the world.
        params: ``mchId``, ``appId`` and ``package``.
        openid: who.
        ends: why the user does not get it after all: a ``fail_reason``.
        agrees: on a page that asks for an authorisation beside, whether the user agrees to it.

    Raises:
        ClaimRefused: the page says that something is wrong, or its time is over.
    """
    found = _found(world, params, openid)
    book = world.transfers
    if isinstance(found, SimulatedAuthorization):
        if found.state != "WAIT_USER_CONFIRM":
            raise ClaimRefused("package", "授权单已失效")
        if agrees:
            book.agree(found)
        return look_at_page(world, params, openid)
    if not book.may_confirm(found):
        raise ClaimRefused("package", "转账单已失效，无法收款")
    asked = found.document.get("authorization_info")
    book.confirm(found, ends)
    if asked and agrees:
        authorization = book.find_authorization(found.mch_id, asked["out_authorization_no"])
        if authorization is not None and authorization.state == "WAIT_USER_CONFIRM":
            book.agree(authorization)
    return look_at_page(world, params, openid)


def _found(
    world: World, params: Mapping[str, str], openid: str
) -> SimulatedTransfer | SimulatedAuthorization:
    world.settle()
    package = params.get("package", "")
    found = order_of_package(world, package)
    if found is None:
        raise ClaimRefused("package", "package_info信息有误")
    if params.get("mchId") != found.mch_id:
        raise ClaimRefused("mchId", "mchId与转账单不匹配")
    if params.get("appId") != found.document["appid"]:
        raise ClaimRefused("appId", "appId与转账单不匹配")
    if openid != found.openid:
        raise ClaimRefused("openid", "当前用户与收款用户不一致")
    return found
