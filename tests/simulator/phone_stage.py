"""A running simulator with packets in it, and a browser that is not one: requests by hand."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from hongbao import MerchantTransfer, RedPack
from hongbao.simulator import money_audit
from hongbao.testing.wechat import SimulatedWeChat
from hongbao.wire.caution import GroupPacketWarning
from hongbao.wire.transfer.assumptions import TransferAssumptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hongbao.simulator.packet import Packet
    from hongbao.simulator.simulator import Simulator

ALICE = "oTEST_alice_000000000000001"
BOB = "oTEST_bob_00000000000000002"
TERMS: dict[str, Any] = {
    "send_name": "天虹百货",
    "wishing": "恭喜发财",
    "act_name": "抽奖",
    "remark": "一等奖",
}


class PhonePage(NamedTuple):
    """A reply of the phone view."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def words(self) -> str:
        """What a person reads on the phone, without the operator's side."""
        phone = self.text.partition("<main")[2].partition("</main>")[0]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{phone}")).strip()


@dataclass(slots=True, kw_only=True)
class PhoneStage:
    """What a test of the phone view needs."""

    simulator: Simulator
    lang: str = "zh"

    @property
    def wechat(self) -> SimulatedWeChat:
        """The simulation as programs see it."""
        return SimulatedWeChat(self.simulator.simulation)

    def now(self) -> float:
        """The simulated present."""
        return self.simulator.simulation.world.clock.now()

    def later(self, seconds: float) -> None:
        """Let time pass."""
        with self.simulator.simulation.app.lock:
            self.simulator.simulation.world.clock.advance(seconds)

    def send(self, mch_billno: str, openid: str = ALICE, *, amount: int = 1234) -> None:
        """A normal packet, over TLS."""
        with RedPack(self.wechat.merchant()) as red_pack:
            red_pack.send_normal(
                mch_billno=mch_billno, re_openid=openid, total_amount=amount, **TERMS
            )

    def send_group(self, mch_billno: str, openid: str = ALICE, *, people: int = 3) -> None:
        """A group packet of 30 yuan."""
        with RedPack(self.wechat.merchant()) as red_pack, pytest.warns(GroupPacketWarning):
            red_pack.send_group(
                mch_billno=mch_billno,
                re_openid=openid,
                total_amount=3000,
                total_num=people,
                **TERMS,
            )

    def send_to_mini_program(self, mch_billno: str, openid: str = ALICE) -> None:
        """A packet that is claimed in the mini program."""
        merchant = self.wechat.merchant(mini_program=True)
        with RedPack(merchant) as red_pack:
            red_pack.send_mini_program(
                mch_billno=mch_billno, re_openid=openid, total_amount=200, **TERMS
            )

    def transfer(self, out_bill_no: str, openid: str = ALICE, **more: Any) -> str:
        """A V3 transfer of 88 yuan, for its package."""
        with MerchantTransfer(self.wechat.credentials(), clock=self.now) as client:
            usual: dict[str, Any] = {
                "transfer_scene_id": "1000",
                "transfer_amount": 8800,
                "transfer_remark": "秋季抽奖",
                "transfer_scene_report_infos": {"活动名称": "秋季抽奖", "奖励说明": "一等奖"},
            }
            taken = client.transfer(out_bill_no=out_bill_no, openid=openid, **(usual | more))
            return str(taken.package_info)

    def ask_beside(self, out_bill_no: str, out_authorization_no: str) -> None:
        """A V3 transfer of 1 yuan that asks Alice for an authorisation beside."""
        v3 = self.simulator.simulation.world.merchant("1999000001").v3
        assert v3 is not None
        v3.authorizations_opened = True
        open_now = TransferAssumptions(authorizations=True)
        credentials = self.wechat.credentials(assumptions=open_now)
        with MerchantTransfer(credentials, clock=self.now) as client:
            client.transfer_asking_authorization(
                out_bill_no=out_bill_no,
                out_authorization_no=out_authorization_no,
                openid=ALICE,
                transfer_scene_id="1000",
                transfer_amount=100,
                transfer_remark="秋季抽奖",
                transfer_scene_report_infos={"活动名称": "秋季抽奖", "奖励说明": "一等奖"},
                user_display_name="测试甲",
                authorization_notify_url="https://pay.example.test/notify/auth",
            )

    def look(self, path: str = "", **headers: str) -> PhonePage:
        """GET a page; the path is what follows ``/phone``."""
        return self.ask("GET", f"/phone{path}", headers=headers)

    def press(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> PhonePage:
        """POST a form, as a browser does; the answer is not followed."""
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.ask("POST", f"/phone{path}", urlencode(fields), form)

    def ask(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> PhonePage:
        """One request."""
        line = http.client.HTTPConnection("127.0.0.1", self.simulator.control.number, timeout=10)
        try:
            cookie = {"Cookie": f"hongbao_phone_lang={self.lang}"}
            line.request(method, path, body, {**cookie, **(headers or {})})
            with line.getresponse() as reply:
                text = reply.read().decode("utf-8")
                return PhonePage(reply.status, dict(reply.headers), text)
        finally:
            line.close()

    def packet(self, mch_billno: str) -> Packet:
        """A packet as it is now."""
        world = self.simulator.simulation.world
        with self.simulator.simulation.app.lock:
            world.settle()
            found = world.find("1999000001", mch_billno)
        assert found is not None
        return found

    def audit(self) -> None:
        """Raise if money was made or lost."""
        with self.simulator.simulation.app.lock:
            money_audit.check(self.simulator.simulation.world)


def links(page: PhonePage) -> Iterator[str]:
    """Where a page's links lead, without ``/phone``."""
    for found in re.findall(r'href="(/phone[^"]*)"', page.text):
        yield urlsplit(found).geturl().removeprefix("/phone")
