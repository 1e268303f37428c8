"""What a user sees of a packet or a transfer, and what a tap on it does.

A tap is one of the operations of ``claims`` and ``transfer.confirming``, as the control port has
them; a tap on what is open already does nothing, so that none pays twice.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from hongbao.simulator import claims, tokens
from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.transfer.confirming import confirm_page
from hongbao.simulator.transfer.packages import package_of
from hongbao.wire import endpoints, signature
from hongbao.wire.status import Status
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from hongbao.simulator.packet import Packet, Received
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.world import World

_GUEST = "oGUEST"
_SCANNED = 1011
"""The scene of a mini program opened by a scanned code: only so can a packet be claimed."""


class Stance(StrEnum):
    """Where a packet stands for one user."""

    UNSENT = "unsent"
    """It is being sent: the user does not see it."""
    FAILED = "failed"
    """It was never sent: the user does not see it."""
    CLOSED = "closed"
    """It can be opened."""
    OPENED = "opened"
    """The user has opened it."""
    GONE = "gone"
    """Others have taken all of it."""
    EXPIRED = "expired"
    """Its time is over, and what was left went back."""
    FOREIGN = "foreign"
    """It is another user's."""


def stance(packet: Packet, openid: str) -> Stance:
    """Where a packet stands for a user, in the state in which the world was last settled."""
    if packet.status is Status.SENDING:
        return Stance.UNSENT
    if packet.status is Status.FAILED:
        return Stance.FAILED
    if share(packet, openid) is not None:
        return Stance.OPENED
    if packet.re_openid not in ("", openid) and not packet.is_group:
        return Stance.FOREIGN
    if packet.claimed == packet.total_amount:
        return Stance.GONE
    open_yet = packet.status in (Status.SENT, Status.RECEIVED)
    return Stance.CLOSED if open_yet else Stance.EXPIRED


def share(packet: Packet, openid: str) -> Received | None:
    """What the user got of a packet."""
    return next((claim for claim in packet.claims if claim.openid == openid), None)


def best(packet: Packet) -> Received | None:
    """The luckiest share of a group packet, once all are taken; the first of equal ones."""
    if not packet.is_group or packet.claimed != packet.total_amount:
        return None
    return max(packet.claims, key=lambda claim: claim.amount)


def open_packet(world: World, packet: Packet, openid: str) -> None:
    """A user presses 開. On a packet that they have opened already it does nothing.

    Raises:
        ClaimRefused: if they get nothing.
    """
    if share(packet, openid) is not None:
        return
    if packet.endpoint is endpoints.SENDMINIPROGRAMHB:
        params = _mini_program_params(world, packet)
        claims.claim_mini_program(world, params, openid=openid, scene=_SCANNED)
    elif packet.endpoint is endpoints.HBPREORDER and not packet.claims:
        claims.draw_ticket(world, sp_ticket=tokens.ticket_of(world, packet), openid=openid)
    else:
        claims.claim_packet(
            world, mch_id=packet.mch_id, mch_billno=packet.mch_billno, openid=openid
        )


def open_for_all(world: World, packet: Packet, people: list[str]) -> int:
    """Everybody opens a packet until nothing is left: its receiver, those given, then guests.

    Returns:
        How many shares were opened.
    """
    takers = [packet.re_openid, *people] if packet.is_group else [packet.re_openid]
    if packet.is_group:
        takers += [f"{_GUEST}_{packet.serial}_{number:02d}" for number in range(packet.people)]
    opened = 0
    for openid in takers:
        if openid and stance(packet, openid) is Stance.CLOSED:
            try:
                open_packet(world, packet, openid)
            except ClaimRefused:
                continue  # such as a user of another appid
            opened += 1
    return opened


def confirm_transfer(
    world: World, transfer: SimulatedTransfer, openid: str, *, agrees: bool
) -> None:
    """A user confirms a transfer. Of one that they have confirmed already it does nothing.

    Args:
        world: the world.
        transfer: which.
        openid: who.
        agrees: on a page that asks for an authorisation beside, whether the user agrees to it.

    Raises:
        ClaimRefused: if it is another user's, or its time is over.
    """
    confirmed = (TransferState.TRANSFERING, TransferState.SUCCESS)
    if transfer.openid == openid and transfer.state in confirmed:
        return
    params = {
        "mchId": transfer.mch_id,
        "appId": transfer.appid,
        "package": package_of(world, transfer),
    }
    confirm_page(world, params, openid, agrees=agrees)


def _mini_program_params(world: World, packet: Packet) -> dict[str, str]:
    """What the merchant's server would give to its mini program."""
    app_id = packet.terms.wxappid
    time_stamp, nonce = str(int(world.clock.now())), secrets.token_hex(16)
    package = quote(tokens.package_of(world, packet), safe="")
    sign = signature.pay_sign(
        app_id=app_id,
        nonce_str=nonce,
        package=package,
        time_stamp=time_stamp,
        key=world.merchant(packet.mch_id).key,
    )
    return {
        "timeStamp": time_stamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "MD5",
        "paySign": sign,
    }
