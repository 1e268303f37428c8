"""What there is for each user: packets and transfers, found without a walk over all of them.

It only reads the world, and keeps up with it: each look costs what came since the last one.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from hongbao.simulator.transfer.order import CONFIRMED_BY_USER
from hongbao.wire import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hongbao.simulator.packet import Packet
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.world import World

PEOPLE_SHOWN_MAX = 30
SHARED_KEPT_MAX = 200
"""How many group and preordered packets are shown to everybody; older ones are found by number."""


class Inbox:
    """The packets and transfers of each user, oldest first. ``keep_up`` before each use."""

    def __init__(self) -> None:
        self._last_transfer: SimulatedTransfer | None = None
        self._forget(None)

    def keep_up(self, world: World) -> None:
        """Settle the world and take in what is new in it; begin anew if it was reset."""
        world.settle()
        if self._was_reset(world):
            self._forget(world)
        for mch_id in world.merchants:
            for packet in world.packets_after(mch_id, self._seen.get(mch_id, 0)):
                self._add(packet)
                self._seen[mch_id] = self._seen.get(mch_id, 0) + 1
                self._last[mch_id] = packet
        for transfer in world.transfers.transfers_after(self._transfers_seen):
            self._transfers_seen += 1
            self._last_transfer = transfer
            if transfer.call in CONFIRMED_BY_USER:
                self._place(transfer.openid)[1].append(transfer)

    def packets(self, openid: str) -> list[Packet]:
        """Those that are for this user, group packets among them."""
        return self._found(openid)[0]

    def transfers(self, openid: str) -> list[SimulatedTransfer]:
        """Those that this user confirms."""
        return self._found(openid)[1]

    def shared(self) -> list[Packet]:
        """Group packets, which anybody may open once the first receiver has shared them."""
        return self._groups

    def drawn(self) -> list[Packet]:
        """Preordered packets, which have no receiver."""
        return self._preorders

    def people(self, world: World) -> list[str]:
        """Openids: those who received something last, then registered ones."""
        latest = list(islice(reversed(self._by_openid), PEOPLE_SHOWN_MAX))
        room = PEOPLE_SHOWN_MAX - len(latest)
        known = self._by_openid
        return latest + list(islice((it for it in world.users if it not in known), room))

    def everybody(self) -> Iterable[str]:
        """Every openid that has received something."""
        return self._by_openid

    def knows(self, world: World, openid: str) -> bool:
        """Whether there is anything about this user."""
        return openid in self._by_openid or openid in world.users

    def _was_reset(self, world: World) -> bool:
        if world is not self._world:
            return True
        packets = self._last.values()
        if any(world.find(it.mch_id, it.mch_billno) is not it for it in packets):
            return True
        last = self._last_transfer
        return last is not None and world.transfers.find(last.mch_id, last.out_bill_no) is not last

    def _forget(self, world: World | None) -> None:
        self._world = world
        self._seen: dict[str, int] = {}
        self._last: dict[str, Packet] = {}
        self._transfers_seen = 0
        self._last_transfer = None
        self._by_openid: dict[str, tuple[list[Packet], list[SimulatedTransfer]]] = {}
        self._groups: list[Packet] = []
        self._preorders: list[Packet] = []

    def _add(self, packet: Packet) -> None:
        if packet.endpoint is endpoints.HBPREORDER:
            _append(self._preorders, packet)
            return
        if packet.is_group:
            _append(self._groups, packet)
        self._place(packet.re_openid)[0].append(packet)

    def _place(self, openid: str) -> tuple[list[Packet], list[SimulatedTransfer]]:
        place = self._by_openid.pop(openid, ([], []))
        self._by_openid[openid] = place  # at the end: who received something last
        return place

    def _found(self, openid: str) -> tuple[list[Packet], list[SimulatedTransfer]]:
        return self._by_openid.get(openid, ([], []))


def _append(packets: list[Packet], packet: Packet) -> None:
    packets.append(packet)
    if len(packets) > SHARED_KEPT_MAX:
        del packets[0]
