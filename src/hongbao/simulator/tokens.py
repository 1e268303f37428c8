"""Makes the numbers and tokens that WeChat issues: listids, packages, tickets.

All are computed from the packet, so none is stored; a token that comes back is checked by computing
it again.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from hongbao.simulator.clock import beijing_date
from hongbao.wire import endpoints

if TYPE_CHECKING:
    from hongbao.simulator.packet import Packet
    from hongbao.simulator.world import World

_LISTID_HEAD = "1000041701"  # as in real replies; then the Beijing day, then a count
_TICKET_HEAD = "v1|"
_TOKEN_CHARS_MAX = 1024  # they are about 250 characters


def listid_of(packet: Packet) -> str:
    """WeChat's own order number: 31 digits, the same for ``send_listid`` and ``detail_id``."""
    return f"{_LISTID_HEAD}{beijing_date(packet.created_at)}{packet.serial:013d}"


def package_of(world: World, packet: Packet) -> str:
    """The package with which a mini program claims the packet, before percent-encoding."""
    sendid = packet.mch_billno.encode().hex()
    sign = _proof(world, packet)
    appid = packet.terms.wxappid
    return f"sendid={sendid}&ver=8&sign={sign}&mchid={packet.mch_id}&appid={appid}"


def ticket_of(world: World, packet: Packet) -> str:
    """The ``sp_ticket`` of a preordered packet."""
    content = f"{packet.mch_id}/{packet.mch_billno}/{_proof(world, packet)[:24]}"
    return _TICKET_HEAD + b64encode(content.encode()).decode()


def packet_of_package(world: World, package: str) -> Packet | None:
    """The mini-program packet that a decoded package was issued for."""
    if len(package) > _TOKEN_CHARS_MAX:
        return None
    try:
        said = parse_qs(package, max_num_fields=16)
        mch_billno = bytes.fromhex(said["sendid"][0]).decode()
        packet = world.find(said["mchid"][0], mch_billno)
    except (KeyError, ValueError):
        return None
    if packet is None or packet.endpoint is not endpoints.SENDMINIPROGRAMHB:
        return None
    return packet if package == package_of(world, packet) else None


def packet_of_ticket(world: World, ticket: str) -> Packet | None:
    """The preordered packet that a ticket was issued for."""
    if len(ticket) > _TOKEN_CHARS_MAX:
        return None
    try:
        content = b64decode(ticket.removeprefix(_TICKET_HEAD), validate=True).decode()
        mch_id, mch_billno, _ = content.split("/")
    except (binascii.Error, ValueError):
        return None
    packet = world.find(mch_id, mch_billno)
    if packet is None or packet.endpoint is not endpoints.HBPREORDER:
        return None
    return packet if ticket == ticket_of(world, packet) else None


def _proof(world: World, packet: Packet) -> str:
    """A digest of the packet that only this world can compute."""
    return sha256(f"{world.secret}/{packet.mch_id}/{packet.mch_billno}".encode()).hexdigest()
