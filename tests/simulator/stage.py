"""A small simulated WeChat for tests, and requests to it built by the wire that clients use."""

from __future__ import annotations

import random
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from hongbao.errors import OutcomeUnknown, Refused
from hongbao.simulator.app import App, Exchange
from hongbao.simulator.clock import ManualClock
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import Faults
from hongbao.simulator.merchant import AppKind, FundAccount, MerchantLimits, SimulatedMerchant
from hongbao.simulator.settings import Settings
from hongbao.simulator.world import World
from hongbao.wire import document, signature
from hongbao.wire.assumptions import Assumptions
from hongbao.wire.caution import GroupPacketWarning
from hongbao.wire.codec import complete, decode, encode
from hongbao.wire.messages import (
    Preorder,
    Query,
    QueryWork,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
)

if TYPE_CHECKING:
    from hongbao.simulator.app import Answer
    from hongbao.simulator.journal import RecordedRequest
    from hongbao.simulator.packet import Packet
    from hongbao.wire.endpoints import Endpoint
    from hongbao.wire.messages import Message

ReplyT = TypeVar("ReplyT")

MCH_ID = "1900012345"
KEY = "Zk7Qm2Xr9Tb4Lw8Hs5Nd1Vc6Gf3Jp0Ya"
OFFICIAL = "wx00aa11bb22cc33dd"
MINI = "wx11aa22bb33cc44dd"
MOBILE = "wx22aa33bb44cc55dd"
CORP = "ww00aa11bb22cc33dd"
SECRET = "AppSecret_ForTest_0123456789abcdefghijklmno"
SUB = "1900067890"
SUB_APP = "wx33aa44bb55cc66dd"
ALICE = "oTEST_alice_000000000000001"
BOB = "oTEST_bob_00000000000000002"
NOON = 1795406400.0
"""2026-11-23 12:00:00 in Beijing."""
HOUR = 3600.0
DAY = 24 * HOUR

# Wide open, so that the simulator and not the message judges amounts.
LENIENT = Assumptions(amount_min=1, amount_max=10**9, group_total_max=10**9, group_people_max=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays, as far as the wire asks."""

    mch_id: str = MCH_ID
    app_id: str = OFFICIAL
    key: str = KEY
    client_ip: str | None = "203.0.113.7"
    provider_mode: bool = False
    sub_mch_id: str | None = None
    msgappid: str | None = None
    corp_id: str | None = CORP
    work_secret: str | None = SECRET
    assumptions: Assumptions = LENIENT


PAYER = Payer()
MINI_PAYER = Payer(app_id=MINI)
PROVIDER = Payer(provider_mode=True, sub_mch_id=SUB, msgappid=SUB_APP)
_TEXTS = {"wishing": "谢谢参与", "act_name": "秋季抽奖", "remark": "一等奖"}


def normal(mch_billno: str = "N1", **changes: Any) -> SendNormal:
    said = {"re_openid": ALICE, "total_amount": 100, "send_name": "测试商户"}
    return SendNormal(mch_billno=mch_billno, **{**said, **_TEXTS, **changes})


def mini(mch_billno: str = "M1", **changes: Any) -> SendMiniProgram:
    said = {"re_openid": ALICE, "total_amount": 100, "send_name": "测试商户"}
    return SendMiniProgram(mch_billno=mch_billno, **{**said, **_TEXTS, **changes})


def group(mch_billno: str = "G1", **changes: Any) -> SendGroup:
    said = {"re_openid": ALICE, "total_amount": 1000, "total_num": 5, "send_name": "测试商户"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        return SendGroup(mch_billno=mch_billno, **{**said, **_TEXTS, **changes})


def preorder(mch_billno: str = "H1", **changes: Any) -> Preorder:
    said = {"total_amount": 200, "send_name": "测试商户"}
    return Preorder(mch_billno=mch_billno, **{**said, **_TEXTS, **changes})


def work(mch_billno: str = "W1", **changes: Any) -> SendWork:
    said = {"re_openid": ALICE, "total_amount": 100, "sender_name": "小王"}
    return SendWork(mch_billno=mch_billno, **{**said, **_TEXTS, **changes})


SENDS = {"S": normal, "G": group, "M": mini, "H": preorder, "W": work}
"""A message of each call that costs money, by the call's letter."""


def payer_of(letter: str) -> Payer:
    return MINI_PAYER if letter == "M" else PAYER


def message_of(letter: str, mch_billno: str = "A1", **changes: Any) -> Message[Any]:
    if letter == "Q":
        return Query(mch_billno)
    if letter == "V":
        return QueryWork(mch_billno)
    return SENDS[letter](mch_billno, **changes)


def a_merchant(**changes: Any) -> SimulatedMerchant:
    said: dict[str, Any] = {
        "mch_id": MCH_ID,
        "key": KEY,
        "appids": {
            OFFICIAL: AppKind.OFFICIAL_ACCOUNT,
            MINI: AppKind.MINI_PROGRAM,
            MOBILE: AppKind.MOBILE_APP,
            CORP: AppKind.CORP,
        },
        "work_secrets": {CORP: SECRET},
        "basic": FundAccount.holding(1_000_000),
        "limits": MerchantLimits(calls_per_second=None),
    }
    return SimulatedMerchant(**{**said, **changes})


@dataclass(slots=True, kw_only=True)
class Stage:
    """One world with one merchant at noon."""

    merchant: SimulatedMerchant = field(default_factory=a_merchant)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    seed: int = 1
    world: World = field(init=False)
    app: App = field(init=False)

    def __post_init__(self) -> None:
        settings = Settings(same_number_seconds=0.0)  # the clock stands still
        dice = random.Random(self.seed)
        self.world = World(clock=self.clock, dice=dice, settings=settings)
        self.world.add_merchant(self.merchant)
        self.app = App(self.world)

    def set(self, **changes: Any) -> None:
        """Change the world's settings."""
        self.world.settings = replace(self.world.settings, **changes)

    def fail(self, *rules: dict[str, Any], **odds: Any) -> None:
        """Script faults, as JSON says them."""
        self.app.faults = Faults(parse_plan({"rules": list(rules), **odds}))

    def ask(self, message: Message[ReplyT], payer: Payer | None = None) -> ReplyT:
        """Say a message and read the reply as a client does."""
        payer = payer or payer_of(message.ENDPOINT.letter)
        return decode(self.say(message, payer).body, message, payer)

    def say(self, message: Message[Any], payer: Payer | None = None, **extra: Any) -> Answer:
        """Say a message; what comes back is not read."""
        payer = payer or payer_of(message.ENDPOINT.letter)
        body = encode(message, payer, nonce="n0nceABCDEF1234567890")
        return self.post(message.ENDPOINT.path, body, **extra)

    def post(
        self,
        path: str,
        body: bytes,
        *,
        certificate: str | None = MCH_ID,
        remote_ip: str = "127.0.0.1",
        expired: bool = False,
    ) -> Answer:
        """One request."""
        return self.app.handle(Exchange(path, body, certificate, remote_ip, expired))

    def code(self, message: Message[Any], payer: Payer | None = None) -> str:
        """What a message is answered: SUCCESS or the err_code, as a client understands it."""
        try:
            self.ask(message, payer)
        except (Refused, OutcomeUnknown) as error:
            return error.err_code or type(error).__name__
        return "SUCCESS"

    def packet(self, mch_billno: str) -> Packet:
        """A packet as it is now."""
        self.world.settle()
        packet = self.world.find(self.merchant.mch_id, mch_billno)
        assert packet is not None
        return packet

    def last(self) -> RecordedRequest:
        """The journal's last entry."""
        return list(self.app.journal)[-1]

    def payments(self, mch_billno: str) -> int:
        """How many times money moved for a number, by two counts that must agree."""
        by_journal = self.app.journal.payments(MCH_ID, mch_billno)
        assert by_journal == self.world.payments(MCH_ID, mch_billno)
        return by_journal


def fields_of(message: Message[Any], payer: Payer | None = None) -> dict[str, str]:
    """All fields of a message but ``sign``, to be changed."""
    return complete(message, payer or payer_of(message.ENDPOINT.letter), nonce="n0nceABC")


def signed(said: dict[str, str], *, key: str = KEY) -> bytes:
    """A document of any fields, rightly signed over all of them."""
    return document.encode({**said, "sign": signature.sign_md5(said, key)}.items())


def reply_of(answer: Answer) -> dict[str, str]:
    """The flat fields of a reply."""
    return document.decode(answer.body).fields


def code_answered(stage: Stage, endpoint: Endpoint, body: bytes) -> str:
    """The err_code of the reply to any bytes."""
    return reply_of(stage.post(endpoint.path, body))["err_code"]
