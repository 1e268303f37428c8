"""Whatever is done in whatever order: no fen is lost or made, and no number is paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hongbao.simulator.claims import ClaimRefused, claim_mini_program, claim_packet, draw_ticket
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.money_audit import check
from hongbao.simulator.settings import RepeatOfPaid
from hongbao.simulator.tokens import package_of, ticket_of
from hongbao.wire import endpoints
from hongbao.wire.claim import claim_params
from hongbao.wire.status import Status, may_follow
from stage import ALICE, BOB, DAY, HOUR, MCH_ID, SENDS, Stage, message_of, reply_of

if TYPE_CHECKING:
    from hongbao.simulator.packet import Packet

_NUMBERS = [f"A{number}" for number in range(8)]
_OPENIDS = [ALICE, BOB, "oTEST_carol", "oTEST_dave"]
_LETTERS = sorted(SENDS)


class Life(RuleBasedStateMachine):
    """A merchant and its users, doing what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.stage.merchant.basic.top_up(-990_000)  # so that it runs out at times
        self.stage.merchant.limits.user_packets_per_day = 4
        self.seen: dict[str, Status] = {}
        self.paid: set[str] = set()

    @rule(
        letter=st.sampled_from(_LETTERS),
        mch_billno=st.sampled_from(_NUMBERS),
        openid=st.sampled_from(_OPENIDS),
        amount=st.sampled_from([1000, 1001, 5000]),
    )
    def send(self, letter: str, mch_billno: str, openid: str, amount: int) -> None:
        """Any call under any number, new or not."""
        changes = {"total_amount": amount}
        if letter != "H":
            changes["re_openid"] = openid  # type: ignore[assignment]  # both kinds of change
        before = self.stage.world.totals().debited
        reply = reply_of(self.stage.say(message_of(letter, mch_billno, **changes)))
        moved = self.stage.world.totals().debited - before
        assert moved in (0, amount)
        assert self.stage.last().paid is bool(moved)
        if moved:
            assert mch_billno not in self.paid
            self.paid.add(mch_billno)
        if reply["result_code"] == "SUCCESS":
            assert mch_billno in self.paid

    @rule(mch_billno=st.sampled_from(_NUMBERS), openid=st.sampled_from(_OPENIDS))
    def claim(self, mch_billno: str, openid: str) -> None:
        """Anybody tries to get anything, by the way that its kind wants."""
        packet = self.stage.world.find(MCH_ID, mch_billno)
        before = self.stage.world.wallet(openid)
        try:
            amount = self._claim(packet, mch_billno, openid)
        except ClaimRefused:
            amount = 0
        assert self.stage.world.wallet(openid) == before + amount

    def _claim(self, packet: Packet | None, mch_billno: str, openid: str) -> int:
        world = self.stage.world
        if packet is not None and packet.endpoint is endpoints.SENDMINIPROGRAMHB:
            params = claim_params(
                package_of(world, packet),
                app_id=packet.terms.wxappid,
                key=self.stage.merchant.key,
                time_stamp=1795406400,
                nonce_str="abc",
            )
            return claim_mini_program(world, params.as_dict(), openid=openid).amount
        if packet is not None and packet.endpoint is endpoints.HBPREORDER and not packet.claims:
            return draw_ticket(world, sp_ticket=ticket_of(world, packet), openid=openid).amount
        return claim_packet(world, mch_id=MCH_ID, mch_billno=mch_billno, openid=openid).amount

    @rule(seconds=st.sampled_from([1, 60, HOUR, 8 * HOUR, DAY - 1, DAY, 3 * DAY]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.stage.clock.advance(seconds)

    @rule(amount=st.sampled_from([-500, 100, 10_000]))
    def top_up(self, amount: int) -> None:
        """The merchant puts money in, or takes some out."""
        account = self.stage.merchant.paying_account
        if account.balance + amount >= 0:
            account.top_up(amount)

    @rule(opened=st.booleans())
    def open_operating_account(self, *, opened: bool) -> None:
        """From now on it pays from another account; what is in flight goes back whence it came."""
        self.stage.merchant.operating_opened = opened

    @rule(
        delivery=st.sampled_from(
            [
                Delivery(),
                Delivery(seconds=HOUR),
                Delivery(seconds=HOUR, told=True),
                Delivery(seconds=HOUR, told=True, ends=Status.FAILED),
            ]
        ),
        repeat=st.sampled_from(RepeatOfPaid),
    )
    def change_weather(self, delivery: Delivery, repeat: RepeatOfPaid) -> None:
        """WeChat is fast or slow, and answers repeats one way or the other."""
        self.stage.merchant.delivery = delivery
        self.stage.set(repeat_of_paid=repeat)

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        """The books agree, recomputed from every packet, account and wallet."""
        check(self.stage.world)
        totals = self.stage.world.totals()
        assert totals.debited == totals.claimed + totals.refunded + totals.in_flight

    @invariant()
    def no_packet_takes_a_step_that_is_none(self) -> None:
        """A status is only ever followed by one that may follow."""
        for packet in self.stage.world.packets():
            earlier = self.seen.get(packet.mch_billno, packet.status)
            assert may_follow(earlier, packet.status)
            self.seen[packet.mch_billno] = packet.status
            assert self.stage.payments(packet.mch_billno) <= 1


TestLife = Life.TestCase
# A shared machine pauses at will, and each example walks through many states.
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
