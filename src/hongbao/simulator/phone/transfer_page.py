"""The page on which a user confirms a V3 transfer, plain or in the look of a red packet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.simulator.clock import beijing_text
from hongbao.simulator.phone.frame import (
    big_amount,
    screen,
    transfer_path,
    user_path,
)
from hongbao.simulator.phone.lists import transfer_state
from hongbao.simulator.phone.markup import Markup, element
from hongbao.simulator.phone.packet_page import coin
from hongbao.simulator.phone.threads import TRANSFERS
from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.transfer.confirming import look_at_page
from hongbao.simulator.transfer.packages import package_of
from hongbao.wire.transfer.state import FINAL, TransferState

if TYPE_CHECKING:
    from hongbao.simulator.phone.frame import PhoneView
    from hongbao.simulator.transfer.confirming import ConfirmPage
    from hongbao.simulator.transfer.order import SimulatedTransfer


def transfer_screen(view: PhoneView, transfer: SimulatedTransfer) -> Markup:
    """What the page shows, as ``transfer.confirming`` has it."""
    params = {
        "mchId": transfer.mch_id,
        "appId": transfer.appid,
        "package": package_of(view.world, transfer),
    }
    words = view.words
    up = user_path(view.openid, "chat", TRANSFERS)
    try:
        page = look_at_page(view.world, params, view.openid)
    except ClaimRefused as refused:
        said = element("p", refused.reason, class_="empty", lang="zh-CN")
        return screen(view, words.transfers, said, up=user_path(view.openid))
    if page.look == "RED_PACKET" and page.can_confirm:
        content = _red_packet(view, transfer, page)
    else:
        content = _plain(view, transfer, page)
    return screen(view, words.transfers, content, up=up)


def _red_packet(view: PhoneView, transfer: SimulatedTransfer, page: ConfirmPage) -> Markup:
    words = view.words
    head = element(
        "div",
        element("p", element("strong", page.perception), class_="sender", lang="zh-CN"),
        element("p", words.sent_you, class_="sent"),
        element("p", page.remark, class_="wishing"),
        class_="lid",
    )
    button = coin(view, transfer_path(view.openid, transfer, "confirm"))
    until = element("p", _until(view, transfer), class_="until")
    return element("div", element("div", head, button, until, class_="card"), class_="veil")


def _plain(view: PhoneView, transfer: SimulatedTransfer, page: ConfirmPage) -> Markup:
    words = view.words
    state = words.transfer_over if _is_over(view, transfer) else transfer_state(words, transfer)
    facts = element(
        "dl",
        element("dt", words.reason),
        element("dd", page.perception, lang="zh-CN"),
        element("dt", words.note),
        element("dd", page.remark),
    )
    more: list[Markup] = []
    if page.can_confirm:
        more = [_confirming(view, transfer), element("p", _until(view, transfer), class_="until")]
    elif transfer.returned_at is not None:
        more = [element("p", words.transfer_back, class_="until")]
    elif transfer.state is TransferState.SUCCESS:
        more = [element("p", words.saved, class_="saved")]
    return element(
        "div",
        element("p", state, class_="state"),
        big_amount(words, page.amount),
        facts,
        *more,
        class_="confirming",
        data_live="confirming",
    )


def _confirming(view: PhoneView, transfer: SimulatedTransfer) -> Markup:
    words = view.words
    agrees = None
    if transfer.document.get("authorization_info"):
        box = element("input", type="checkbox", name="agrees", value="1")
        agrees = element("p", element("label", box, f" {words.agrees}"))
    return element(
        "form",
        agrees,
        element("button", words.confirm, class_="confirm", data_once=True),
        method="post",
        action=transfer_path(view.openid, transfer, "confirm"),
    )


def _until(view: PhoneView, transfer: SimulatedTransfer) -> str:
    end = transfer.created_at + view.world.settings.transfer_confirm_seconds
    return view.words.until.format(moment=beijing_text(end)[:16])


def _is_over(view: PhoneView, transfer: SimulatedTransfer) -> bool:
    """Whether the user can get it no more: also in the time before WeChat closes it."""
    if transfer.state is TransferState.WAIT_USER_CONFIRM:
        return not view.world.transfers.may_confirm(transfer)
    ended = transfer.state in FINAL and transfer.state is not TransferState.SUCCESS
    return ended or transfer.state is TransferState.CANCELING
