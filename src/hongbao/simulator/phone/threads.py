"""A user's chats: which messages arrive where. Values only; ``lists`` shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hongbao.simulator.packet import Packet
from hongbao.simulator.phone.taps import Stance, stance
from hongbao.simulator.transfer.order import SimulatedTransfer
from hongbao.wire import endpoints
from hongbao.wire.transfer.state import TransferState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.simulator.phone.inbox import Inbox

Item: TypeAlias = Packet | SimulatedTransfer

SERVICE, MINI, GROUP, SHAKE, TRANSFERS = "service", "mini", "group", "shake", "transfers"
"""The chats that are not an account's; that one has its appid for a name."""


@dataclass(slots=True, kw_only=True)
class Thread:
    """One chat.

    Attributes:
        name: as links spell it: one of the above, or an appid.
        sender: who writes there, if it is an account.
        items: what arrived, oldest first.
        unread: how many wait for a tap.
    """

    name: str
    sender: str = ""
    items: list[Item] = field(default_factory=list)
    unread: int = 0

    @property
    def moment(self) -> float:
        """When the last message came."""
        return arrived(self.items[-1])


def threads_of(inbox: Inbox, openid: str, *, follows: bool) -> list[Thread]:
    """A user's chats, that with the latest message first.

    Args:
        inbox: all messages, kept up.
        openid: the user.
        follows: whether the user follows the merchants' accounts. If not, packets come as service
            messages.
    """
    found: dict[str, Thread] = {}
    own = inbox.packets(openid)
    for packet in own:
        _put(found, _place(packet, follows=follows), packet, openid)
    for packet in inbox.shared():
        if packet.re_openid != openid and packet.claims:
            _put(found, GROUP, packet, openid)
    for packet in inbox.drawn():
        _put(found, SHAKE, packet, openid)
    for transfer in inbox.transfers(openid):
        _put(found, TRANSFERS, transfer, openid)
    return sorted(found.values(), key=lambda thread: thread.moment, reverse=True)


def name_of(packet: Packet) -> str:
    """Who sends a packet, as its user reads it."""
    terms = packet.terms
    return terms.send_name or terms.sender_name or terms.agentid or packet.mch_id


def arrived(item: Item) -> float:
    """When a message came."""
    return item.created_at if isinstance(item, SimulatedTransfer) else item.sent_at or 0.0


def _place(packet: Packet, *, follows: bool) -> str:
    if packet.endpoint is endpoints.SENDMINIPROGRAMHB:
        return MINI
    if packet.endpoint is endpoints.SENDWORKWXREDPACK or follows:
        return packet.terms.wxappid
    return SERVICE


def _put(found: dict[str, Thread], name: str, item: Item, openid: str) -> None:
    if isinstance(item, Packet):
        if item.sent_at is None:
            return
        waits = stance(item, openid) is Stance.CLOSED
    else:
        waits = item.state is TransferState.WAIT_USER_CONFIRM
    thread = found.setdefault(name, Thread(name=name))
    thread.items.append(item)
    thread.unread += waits
    if isinstance(item, Packet) and name not in (SERVICE, MINI, GROUP, SHAKE):
        thread.sender = name_of(item)


def named(threads: Iterable[Thread], name: str) -> Thread | None:
    """The chat of a name."""
    return next((thread for thread in threads if thread.name == name), None)
