"""The state of the simulated WeChat: merchants, users, packets and where the money is.

Money moves only here, and only here does time have effects. It knows nothing of requests or
replies. Its clock and its source of randomness are arguments. ``App`` does the locking.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING

from hongbao.errors import InvalidRequest
from hongbao.simulator.clock import beijing_day
from hongbao.simulator.holdings import MoneyTotals, User
from hongbao.simulator.interned import Interned
from hongbao.simulator.merchant import AT_ONCE, Tally
from hongbao.simulator.packet import NEVER, Packet, Received
from hongbao.simulator.settings import FOREIGN_PREFIX, Settings
from hongbao.simulator.split import split_at_random
from hongbao.simulator.transfer.book import TransferBook
from hongbao.wire import endpoints
from hongbao.wire.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random

    from hongbao.simulator.clock import Clock
    from hongbao.simulator.holdings import Touched
    from hongbao.simulator.merchant import Delivery, SimulatedMerchant
    from hongbao.simulator.packet import Terms
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.simulator.transfer.wechat_side import WechatSide

EXPIRED = "该订单已经过期,请更换商户单号"
NEVER_SENT = "发放失败,请核实后更换商户单号"


class World:
    """Everything that WeChat would remember.

    Args:
        clock: tells the time.
        dice: the source of all randomness; a seeded ``random.Random`` makes it repeatable.
        settings: how it behaves; may be replaced at any time.

    Attributes:
        transfers: the V3 transfers, which share merchants, accounts, users and time with packets.
        wechat_side: gives WeChat's own keys of V3; they are made when they are first needed.
    """

    def __init__(self, *, clock: Clock, dice: Random, settings: Settings | None = None) -> None:
        self.clock = clock
        self.dice = dice
        self.settings = settings or Settings()
        self.secret = f"{dice.getrandbits(128):032x}"
        self.merchants: dict[str, SimulatedMerchant] = {}
        self.users: dict[str, User] = {}
        self._packets: dict[str, dict[str, Packet]] = {}
        self._agenda: list[tuple[float, int, Packet | SimulatedTransfer]] = []
        self._terms: Interned[Terms] = Interned()
        self._appids: Interned[tuple[str, ...]] = Interned()
        self._tally = Tally()
        self.packets_held = 0
        self.touched: Touched | None = None
        self.transfers = TransferBook(self)
        self.wechat_side: Callable[[], WechatSide] = _no_keys

    def add_merchant(self, merchant: SimulatedMerchant) -> None:
        """Add a merchant.

        Raises:
            InvalidRequest: if its number is taken.
        """
        if merchant.mch_id in self.merchants:
            raise InvalidRequest(field="mch_id", rule="a new number", found=merchant.mch_id)
        self.merchants[merchant.mch_id] = merchant
        self._packets[merchant.mch_id] = {}

    def merchant(self, mch_id: str) -> SimulatedMerchant:
        """A merchant by its number.

        Raises:
            InvalidRequest: if there is none.
        """
        try:
            return self.merchants[mch_id]
        except KeyError:
            found = repr(mch_id[:32])
            raise InvalidRequest(field="mch_id", rule="a known merchant", found=found) from None

    def register(self, openid: str, appid: str) -> User:
        """Register an openid under an appid."""
        user = self.users.get(openid)
        if user is None:
            user = self.users[openid] = User(openid, self._appids.keep((appid,)))
        elif appid not in user.appids:
            user.appids = self._appids.keep((*user.appids, appid))
        if self.touched is not None:
            self.touched.users[openid] = user
        return user

    def knows(self, openid: str, appid: str) -> bool:
        """Whether an openid may belong to an appid: see ``Settings.strict_openids``."""
        user = self.users.get(openid)
        if user is not None:
            return appid in user.appids
        return not self.settings.strict_openids and not openid.startswith(FOREIGN_PREFIX)

    def wallet(self, openid: str) -> int:
        """The fen that a user has claimed."""
        user = self.users.get(openid)
        return 0 if user is None else user.wallet

    def find(self, mch_id: str, mch_billno: str) -> Packet | None:
        """A packet in the state in which ``settle`` last left it."""
        packets = self._packets.get(mch_id)
        return None if packets is None else packets.get(mch_billno)

    def packets(self) -> Iterator[Packet]:
        """All packets, settled, by merchant and in the order in which they came."""
        self.settle()
        for packets in self._packets.values():
            yield from packets.values()

    def packets_of(self, mch_id: str) -> Iterable[Packet]:
        """A merchant's packets in the state in which ``settle`` last left them."""
        return self._packets[mch_id].values()

    def packets_after(self, mch_id: str, count: int) -> list[Packet]:
        """A merchant's packets after its first ones, in order; costs nothing for those before."""
        held = self._packets[mch_id]
        latest = list(islice(reversed(held.values()), max(0, len(held) - count)))
        latest.reverse()
        return latest

    def payments(self, mch_id: str, mch_billno: str) -> int:
        """How many times money was taken for a number. More than 1 is a bug in the simulator."""
        packet = self.find(mch_id, mch_billno)
        return 0 if packet is None else packet.payments

    def totals(self, mch_id: str | None = None) -> MoneyTotals:
        """Where the money is, of one merchant or of all.

        Raises:
            InvalidRequest: if there is no such merchant.
        """
        self.settle()
        tally = self._tally if mch_id is None else self.merchant(mch_id).tally
        return MoneyTotals(tally.debited, tally.claimed, tally.refunded)

    def settle(self) -> float:
        """Apply everything that is due by now, in order, and return the present.

        Each packet takes a few steps in its life, so the cost of a call depends on what came due
        since the last one, not on how many packets there are.
        """
        now = self.clock.now()
        agenda = self._agenda
        while agenda and agenda[0][0] <= now:
            due, _, order = heappop(agenda)
            if order.due_at != due:
                continue
            if isinstance(order, Packet):
                self._step(order, due)
            else:
                self.transfers.step(order, due)
            self.transfers.settle_short(due)
        self.transfers.settle_short(now)
        return now

    def order(
        self,
        merchant: SimulatedMerchant,
        *,
        mch_billno: str,
        terms: Terms,
        re_openid: str,
        amount: int,
    ) -> Packet:
        """Store an order under its number; nothing is paid yet."""
        now = self.clock.now()
        self.packets_held += 1
        packet = Packet(
            serial=self.packets_held,
            mch_id=merchant.mch_id,
            mch_billno=mch_billno,
            terms=self._terms.keep(terms),
            re_openid=re_openid,
            total_amount=amount,
            created_at=now,
            called_at=now,
        )
        self._packets[merchant.mch_id][mch_billno] = packet
        self.touch(packet)
        return packet

    def touch(self, packet: Packet) -> None:
        """Note that a packet has changed."""
        if self.touched is not None:
            self.touched.packets[packet.serial] = packet

    def wait_for(self, transfer: SimulatedTransfer, due_at: float) -> None:
        """Have a transfer's next step at a time."""
        # Packets have the serials above 0, so that the order among both is always the same.
        heappush(self._agenda, (due_at, -transfer.serial, transfer))

    def count_transfer(
        self, mch_id: str, *, debited: int = 0, claimed: int = 0, refunded: int = 0
    ) -> None:
        """Count a transfer's money: locked, in the user's wallet, or returned."""
        for tally in (self.merchants[mch_id].tally, self._tally):
            tally.debited += debited
            tally.claimed += claimed
            tally.refunded += refunded

    def refuse(self, packet: Packet, reason: str) -> None:
        """Leave an order unpaid for now. A repeat may still pay it until it expires."""
        packet.reason = reason
        self.touch(packet)
        if packet.due_at == NEVER:
            self._wait(packet, packet.created_at + self.settings.order_lifetime_seconds)

    def pay(self, packet: Packet, delivery: Delivery = AT_ONCE) -> bool:
        """Accept an order: take its money and send it, at the speed of its delivery.

        Returns:
            Whether money moved.
        """
        now = self.clock.now()
        packet.reason = ""
        packet.pending = delivery.told
        self.touch(packet)
        pays = delivery.ends is Status.SENT
        if pays:
            self._debit(packet)
        if pays and delivery.seconds <= 0:
            self._send(packet, now)
        else:
            self._wait(packet, now + delivery.seconds)
        return pays

    def give(self, packet: Packet, openid: str) -> Received:
        """Give a user the packet or its next share. The caller has checked that it is theirs."""
        now = self.clock.now()
        received = Received(openid, self._next_share(packet), now)
        packet.claims += (received,)
        packet.claimed += received.amount
        if packet.status is Status.SENT:
            packet.step(Status.RECEIVED)
        if packet.claimed == packet.total_amount:
            packet.due_at = NEVER
        self._tally.claimed += received.amount
        self.merchants[packet.mch_id].tally.claimed += received.amount
        self.register(openid, packet.terms.wxappid).wallet += received.amount
        self.touch(packet)
        return received

    def recall(self, packet: Packet) -> None:
        """Restore a packet of an earlier run; call it in the order of the serials.

        Its merchant's account, totals and day and its users' wallets are recomputed from it.
        """
        merchant = self.merchants[packet.mch_id]
        packet.terms = self._terms.keep(packet.terms)
        self._packets[packet.mch_id][packet.mch_billno] = packet
        self.packets_held = packet.serial
        if packet.due_at != NEVER:
            heappush(self._agenda, (packet.due_at, packet.serial, packet))
        debited = packet.total_amount * packet.payments
        if packet.account is not None:
            packet.account.recall(debited=debited, refunded=packet.refunded)
        for tally in (merchant.tally, self._tally):
            tally.debited += debited
            tally.claimed += packet.claimed
            tally.refunded += packet.refunded
        for claim in packet.claims:
            self.register(claim.openid, packet.terms.wxappid).wallet += claim.amount
        self._recall_day(merchant, packet)

    def _recall_day(self, merchant: SimulatedMerchant, packet: Packet) -> None:
        now = self.clock.now()
        today, day = merchant.today, beijing_day(now)
        today.turn(now)
        if packet.paid_at is not None and beijing_day(packet.paid_at) == day:
            _count(merchant, packet)
        # A preordered packet counts towards the limits of the user who drew it.
        drawn = packet.claims[0] if packet.claims and not packet.re_openid else None
        if drawn is not None and beijing_day(drawn.moment) == day:
            today.count_for(drawn.openid, drawn.amount)

    def restart(self) -> None:
        """Forget packets, users and totals. Merchants keep their settings and top-ups."""
        for merchant in self.merchants.values():
            merchant.restart()
            self._packets[merchant.mch_id] = {}
        self.users.clear()
        self._agenda.clear()
        self.transfers.restart()
        self._tally = Tally()
        self.packets_held = 0
        self.touched = None  # the keeper saves the whole world again

    def _next_share(self, packet: Packet) -> int:
        if not packet.is_group:
            return packet.total_amount
        if packet.shares is None:
            packet.shares = split_at_random(packet.total_amount, packet.people, self.dice)
            packet.shares.reverse()
        return packet.shares.pop()

    def _debit(self, packet: Packet) -> None:
        merchant = self.merchants[packet.mch_id]
        amount = packet.total_amount
        packet.account = merchant.paying_account
        packet.account.debit(amount)
        packet.payments += 1
        packet.paid_at = self.clock.now()
        merchant.tally.debited += amount
        self._tally.debited += amount
        _count(merchant, packet)

    def _send(self, packet: Packet, moment: float) -> None:
        packet.step(Status.SENT)
        packet.pending = False
        packet.sent_at = moment
        preorder = packet.endpoint is endpoints.HBPREORDER
        settings = self.settings
        self._wait(
            packet, moment + (settings.ticket_seconds if preorder else settings.claim_seconds)
        )

    def _step(self, packet: Packet, moment: float) -> None:
        """Take the next step of a packet that is due."""
        self.touch(packet)
        match packet.status:
            case Status.SENDING if packet.account is not None:
                self._send(packet, moment)
            case Status.SENDING:
                packet.step(Status.FAILED)
                packet.reason = NEVER_SENT if packet.pending else EXPIRED
                packet.pending, packet.due_at = False, NEVER
            case Status.SENT | Status.RECEIVED:
                packet.step(Status.RFUND_ING)
                self._wait(packet, moment + self.settings.refund_seconds)
            case Status.RFUND_ING:
                self._refund(packet, moment)
            case Status.FAILED | Status.REFUND:
                raise AssertionError(f"{packet.mch_billno} is {packet.status} and due")

    def _refund(self, packet: Packet, moment: float) -> None:
        packet.step(Status.REFUND)
        packet.refunded_at, packet.due_at = moment, NEVER
        if packet.account is None:
            raise AssertionError(f"{packet.mch_billno} comes back and was never paid")
        packet.account.refund(packet.refunded)
        self.merchants[packet.mch_id].tally.refunded += packet.refunded
        self._tally.refunded += packet.refunded

    def _wait(self, packet: Packet, due_at: float) -> None:
        packet.due_at = due_at
        heappush(self._agenda, (due_at, packet.serial, packet))


def _no_keys() -> WechatSide:
    raise AssertionError("nobody has given this world keys of V3")


def _count(merchant: SimulatedMerchant, packet: Packet) -> None:
    """Count a packet towards the limits of the day on which it is paid."""
    amount = packet.total_amount
    merchant.today.count(amount)
    if packet.re_openid:
        # The first receiver of a group packet gets one share, whose amount no source limits.
        merchant.today.count_for(packet.re_openid, 0 if packet.is_group else amount)
