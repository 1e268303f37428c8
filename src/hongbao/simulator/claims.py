"""What users do: open a packet, claim one in a mini program, draw a ticket, as WeChat allows it.

WeChat tells its users only that a claim failed; here the refusal names the field that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hongbao.simulator import tokens
from hongbao.simulator.claim_sign import check_sign, decoded_package
from hongbao.simulator.refusal import ClaimRefused
from hongbao.wire import endpoints
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.simulator.merchant import SimulatedMerchant
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.world import World

__all__ = ["ClaimRefused", "ClaimResult", "claim_mini_program", "claim_packet", "draw_ticket"]

CLAIM_SCENES = frozenset({1011, 1025, 1047, 1124})
"""Claiming works in a mini program that was opened in one of these ways, all by a scanned code.

Users report this. It has nothing to do with ``scene_id``.
"""

_IGNORES_RISK = frozenset({"IGN_FREQ_LMT", "IGN_FREQ_DAY_LMT"})
_IGNORES_LIMITS = frozenset({"IGN_DAY_LMT", "IGN_FREQ_DAY_LMT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """The money that a user got.

    Attributes:
        mch_id: the merchant who sent the packet.
        mch_billno: the packet's number.
        openid: the user.
        amount: fen.
        moment: when, in seconds since the epoch.
    """

    mch_id: str
    mch_billno: str
    openid: str = field(repr=False)
    amount: int
    moment: float


def claim_packet(world: World, *, mch_id: str, mch_billno: str, openid: str) -> ClaimResult:
    """A user opens a normal, WeCom or group packet from the message that brought it.

    Any user may take one share of a group packet.

    Raises:
        ClaimRefused: if there is no such packet, it is not theirs, or nothing is left of it.
    """
    world.settle()
    packet = world.find(mch_id, mch_billno)
    if packet is None:
        raise ClaimRefused("mch_billno", "no such packet")
    if packet.endpoint is endpoints.SENDMINIPROGRAMHB:
        raise ClaimRefused("mch_billno", "a mini-program packet is claimed by its claim parameters")
    if packet.endpoint is endpoints.HBPREORDER and not packet.claims:
        raise ClaimRefused("mch_billno", "a preordered packet is drawn by its ticket first")
    return _give(world, packet, openid)


def claim_mini_program(
    world: World, params: Mapping[str, object], *, openid: str, scene: int | None = None
) -> ClaimResult:
    """A user's mini program calls ``wx.sendBizRedPacket``.

    Args:
        world: the world with the packet.
        params: ``timeStamp``, ``nonceStr``, ``package``, ``signType`` and ``paySign``. ``appId``
            is optional: WeChat knows the mini program's own.
        openid: the user.
        scene: how the mini program was opened, as its ``onLaunch`` says; None skips the check.

    Raises:
        ClaimRefused: naming the parameter that is wrong, and how.
    """
    if scene is not None and scene not in CLAIM_SCENES:
        raise ClaimRefused("scene", "the mini program was not opened by scanning a code")
    world.settle()
    package = decoded_package(params)
    packet = tokens.packet_of_package(world, package)
    if packet is None:
        raise ClaimRefused("package", "it is not one that was given out, or it was changed")
    check_sign(params, package=package, packet=packet, merchant=world.merchant(packet.mch_id))
    return _give(world, packet, openid)


def draw_ticket(world: World, *, sp_ticket: str, openid: str) -> ClaimResult:
    """A user wins a preordered packet and opens it. Of a group packet they get the first share.

    A preorder names no user, so the user's limits and risk control are checked here, unless its
    ``risk_cntl`` turns them off.

    Raises:
        ClaimRefused: if the ticket is invalid or used, or the user may not have the packet.
    """
    now = world.settle()
    packet = tokens.packet_of_ticket(world, sp_ticket)
    if packet is None:
        raise ClaimRefused("sp_ticket", "it is not one that was given out, or it was changed")
    if packet.claims:
        raise ClaimRefused("sp_ticket", "it is drawn already")
    merchant = world.merchant(packet.mch_id)
    merchant.today.turn(now)
    ignored = packet.terms.risk_cntl
    if ignored not in _IGNORES_RISK and merchant.refuses(openid):
        raise ClaimRefused("openid", "risk control refuses this user")
    if ignored not in _IGNORES_LIMITS:
        _check_limits(packet, merchant, openid)
    claimed = _give(world, packet, openid)
    merchant.today.count_for(openid, claimed.amount)
    return claimed


def _check_limits(packet: Packet, merchant: SimulatedMerchant, openid: str) -> None:
    packets, had = merchant.today.of_user(openid)
    packets_max = merchant.limits.user_packets_per_day
    if packets_max is not None and packets >= packets_max:
        raise ClaimRefused("openid", "this user has had the day's number of packets")
    amount_max = merchant.limits.user_amount_per_day
    # The share of a group packet is not known yet.
    amount = 0 if packet.is_group else packet.total_amount
    if amount_max is not None and had + amount > amount_max:
        raise ClaimRefused("openid", "this user has had the day's amount")


def _give(world: World, packet: Packet, openid: str) -> ClaimResult:
    """Give the user the packet or a share, if something is left and it is theirs."""
    if not openid:
        raise ClaimRefused("openid", "missing")
    if packet.re_openid and not packet.is_group and openid != packet.re_openid:
        raise ClaimRefused("openid", "the packet is for another user")
    _check_open(packet)
    if any(claim.openid == openid for claim in packet.claims):
        raise ClaimRefused("openid", "this user has claimed already")
    if packet.claimed == packet.total_amount:
        raise ClaimRefused("mch_billno", "all of it is claimed")
    if not world.knows(openid, packet.terms.wxappid):
        raise ClaimRefused("openid", "it does not belong to the packet's appid")
    received = world.give(packet, openid)
    return ClaimResult(
        mch_id=packet.mch_id,
        mch_billno=packet.mch_billno,
        openid=openid,
        amount=received.amount,
        moment=received.moment,
    )


def _check_open(packet: Packet) -> None:
    match packet.status:
        case Status.SENT | Status.RECEIVED:
            return
        case Status.SENDING:
            raise ClaimRefused("mch_billno", "it is not sent yet")
        case Status.FAILED:
            raise ClaimRefused("mch_billno", "it was never sent")
        case Status.RFUND_ING | Status.REFUND:
            raise ClaimRefused("mch_billno", "it has expired and its money went back")
