"""A small simulated WeChat with V3, and requests to it, signed by the wire or by hand."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from transfer_samples import (
    MERCHANT_KEY,
    PLATFORM,
    PLATFORM_KEY,
    PUBLIC,
    VECTORS,
    WECHAT_KEY,
    TransferringPayer,
    getter,
)

from hongbao.errors import OutcomeUnknown, Refused
from hongbao.simulator.app import App
from hongbao.simulator.clock import ManualClock
from hongbao.simulator.exchange import Exchange
from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.faults import Faults
from hongbao.simulator.settings import Settings
from hongbao.simulator.transfer.wechat_side import MerchantV3, WechatSide, WechatSigningKey
from hongbao.simulator.world import World
from hongbao.wire.transfer.assumptions import TransferAssumptions
from hongbao.wire.transfer.messages import Transfer
from hongbao.wire.transfer.preparing import authorization_of, prepare
from hongbao.wire.transfer.reading import decode
from stage import NOON, a_merchant

if TYPE_CHECKING:
    from hongbao.simulator.exchange import Answer
    from hongbao.simulator.merchant import SimulatedMerchant
    from hongbao.simulator.transfer.order import SimulatedTransfer
    from hongbao.wire.transfer.messages import TransferMessage
    from hongbao.wire.transfer.preparing import Prepared

BOB = "oTEST_bob_00000000000000002"
NUMBER = "HB20261123A001"
NONCE = "n0nceABCDEF1234567890"
# Wide open, so that the simulator and not the message judges.
LENIENT = TransferAssumptions(
    amount_min=1,
    name_required_from=10**9,
    name_refused_below=1,
    number_length_min=1,
    red_packet_max=10**9,
    red_packet_unsure_scenes=True,
    authorizations=True,
    scenes={},
)
SIDE = WechatSide(
    public=WechatSigningKey(serial=PUBLIC.serial, private_key=WECHAT_KEY),
    platform=WechatSigningKey(
        serial=PLATFORM.serial,
        private_key=PLATFORM_KEY,
        certificate_pem=VECTORS["platform_certificate"].encode(),
        not_before="2026-01-01T08:00:00+08:00",
        not_after="2046-01-01T08:00:00+08:00",
    ),
)


def a_transfer(out_bill_no: str = NUMBER, **changes: Any) -> Transfer:
    told: dict[str, Any] = {
        "transfer_scene_id": "1000",
        "openid": BOB,
        "transfer_amount": 100,
        "transfer_remark": "秋季抽奖",
        "transfer_scene_report_infos": {"活动名称": "秋季抽奖", "奖励说明": "一等奖"},
        "notify_url": "https://pay.example.test/notify",
    }
    return Transfer(out_bill_no=out_bill_no, **(told | changes))


def _merchant() -> SimulatedMerchant:
    merchant = a_merchant(mch_id=VECTORS["mch_id"])
    merchant.v3 = MerchantV3(
        api_v3_key=VECTORS["api_v3_key"],
        certificates={VECTORS["serial_no"]: MERCHANT_KEY.public_key()},
        authorizations_opened=True,
    )
    return merchant


@dataclass(slots=True, kw_only=True)
class V3Stage:
    """One world with one merchant at noon."""

    merchant: SimulatedMerchant = field(default_factory=_merchant)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    payer: TransferringPayer = field(default_factory=lambda: TransferringPayer(assumptions=LENIENT))
    world: World = field(init=False)
    app: App = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(clock=self.clock, dice=random.Random(1), settings=Settings())
        self.world.wechat_side = lambda: SIDE
        self.world.add_merchant(self.merchant)
        self.app = App(self.world)

    @property
    def v3(self) -> MerchantV3:
        """What the merchant has of V3."""
        assert self.merchant.v3 is not None
        return self.merchant.v3

    def set(self, **changes: Any) -> None:
        """Change the world's settings."""
        self.world.settings = replace(self.world.settings, **changes)

    def fail(self, *rules: dict[str, Any]) -> None:
        """Script faults, as JSON says them."""
        self.app.faults = Faults(parse_plan({"rules": list(rules)}))

    def prepared(self, message: TransferMessage[Any]) -> Prepared[Any]:
        """The bytes of a message."""
        return prepare(message, self.payer, now=self.clock.now())

    def ask(self, message: TransferMessage[Any]) -> Any:
        """Say a message and read the reply as a client does."""
        return self.send(self.prepared(message))

    def send(self, asked: Prepared[Any]) -> Any:
        """Send bytes and read the reply as a client does."""
        answer = self.say(asked.endpoint.method, asked.path, asked.body)
        headers = getter(dict(answer.headers))
        now = self.clock.now()
        return decode(answer.status, headers, answer.body, asked, self.payer, now=now)

    def say(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        remote_ip: str = "127.0.0.1",
        signed_body: bytes | None = None,
        at: float | None = None,
        **headers: str | None,
    ) -> Answer:
        """One request, signed by the merchant; headers by their names, with _ for -."""
        signed = authorization_of(
            method,
            target,
            body if signed_body is None else signed_body,
            self.payer,
            nonce=NONCE,
            timestamp=int(self.clock.now() if at is None else at),
        )
        usual = {
            "authorization": signed,
            "accept": "application/json",
            "user_agent": "test/1.0",
            "content_type": "application/json" if body else None,
            "wechatpay_serial": PUBLIC.serial,
        }
        said = {
            name.replace("_", "-").encode(): value.encode("latin-1")
            for name, value in (usual | headers).items()
            if value is not None
        }
        path, _, query = target.partition("?")
        return self.app.handle(
            Exchange(path, body, None, remote_ip, method=method, headers=said, query=query)
        )

    def code(self, message: TransferMessage[Any]) -> str:
        """What a message is answered: its state, or the code."""
        try:
            return str(self.ask(message).state)
        except (Refused, OutcomeUnknown) as error:
            return error.err_code or type(error).__name__

    def transfer(self, out_bill_no: str = NUMBER) -> SimulatedTransfer:
        """A transfer as it is now."""
        self.world.settle()
        found = self.world.transfers.find(self.merchant.mch_id, out_bill_no)
        assert found is not None
        return found

    def params(self, package: str) -> dict[str, str]:
        """What a front end gives to the page."""
        return {"mchId": self.merchant.mch_id, "appId": self.payer.app_id, "package": package}


def said(answer: Answer) -> dict[str, Any]:
    """What a reply says."""
    found: dict[str, Any] = json.loads(answer.body)
    return found
