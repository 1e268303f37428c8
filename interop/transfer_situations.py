"""V3 transfers by each SDK's own calls, in situations: what WeChat has then, what they hand back.

Each has a simulator of its own, over real TLS; those that call WeChat's own host alone come by its
proxy. What an SDK takes for a result, and whether it calls twice by itself, is what counts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hongbao.simulator.fault_script import parse_plan
from hongbao.simulator.simulator import Simulator
from interop.driver import Driver
from interop.environments import CACHE, install, started
from interop.recording import FOLDER
from interop.sdks import Kind, Sdk
from interop.transfers import TRANSFER_SDKS

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDED = FOLDER / "transfers" / "situations.json"

SITUATION_SDKS = (
    *TRANSFER_SDKS,
    Sdk(
        name="wechatpay-go",
        kind=Kind.GO,
        package="github.com/wechatpay-apiv3/wechatpay-go@v0.2.20",
        driver="wechatpay_go",
        calls=frozenset(),
    ),
    Sdk(
        name="wechatpay-java",
        kind=Kind.JAVA,
        package="com.github.wechatpay-apiv3:wechatpay-java:0.2.17",
        driver="wechatpay_java",
        calls=frozenset(),
    ),
    Sdk(
        name="wechatpay-node-v3",
        kind=Kind.NODE,
        package="wechatpay-node-v3@2.2.1",
        also=("superagent@8.0.6", "@fidm/x509@1.2.1"),
        driver="node_v3_driver.mjs",
        calls=frozenset(),
    ),
    Sdk(
        name="gopay-v3",
        kind=Kind.GO,
        package="github.com/go-pay/gopay@v1.5.123",
        driver="gopay_v3",
        calls=frozenset(),
    ),
    Sdk(
        name="WxJava-v3",
        kind=Kind.JAVA,
        package="com.github.binarywang:weixin-java-pay:4.7.9-20251224.161447",
        driver="wxjava_v3",
        calls=frozenset(),
    ),
    Sdk(
        name="PowerWeChat-v3",
        kind=Kind.GO,
        package="github.com/ArtisanCloud/PowerWeChat/v3@v3.4.38",
        driver="powerwechat_v3",
        calls=frozenset(),
    ),
)

_NUMBER = "HB20261129A000000000000000001"
_FIELDS: Mapping[str, Any] = {
    "out_bill_no": _NUMBER,
    "transfer_scene_id": "1000",
    "openid": "oINTEROP_made_up_00000000042",
    "transfer_amount": 8800,
    "transfer_remark": "秋季抽奖",
    "notify_url": "https://pay.example.test/notify",
    "transfer_scene_report_infos": [
        {"info_type": "活动名称", "info_content": "秋季"},
        {"info_type": "奖励说明", "info_content": "一等奖"},
    ],
}


class Situation(NamedTuple):
    """A call with something special about it.

    Attributes:
        what: for people.
        call: which.
        wanted: what an SDK on which money hangs hands back, after one call.
        fault: of the simulator's, if one hits this call.
        sent: whether the number was transferred before, without a fault.
        changes: what the request says beside, or in place of, the usual.
    """

    what: str
    call: str
    wanted: str
    fault: str = ""
    sent: bool = False
    changes: Mapping[str, Any] = {}


_WAITS, _ERROR = "result WAIT_USER_CONFIRM", "error"
SITUATIONS: dict[str, Situation] = {
    "taken": Situation("nothing is in the way", "transfer", _WAITS),
    "again": Situation("the same bytes come again", "transfer", _WAITS, sent=True),
    "refused": Situation(
        "the scene is not the merchant's", "transfer", "refused INVALID_REQUEST",
        changes={"transfer_scene_id": "9999"},
    ),
    "lost": Situation(
        "it is taken, and the connection ends before the reply", "transfer", _ERROR, "lose_reply"
    ),
    "web page": Situation(
        "a gateway answers with a web page and status 200", "transfer", _ERROR, "html_page"
    ),
    "query": Situation("the number is known", "query", _WAITS, sent=True),
    "query, unknown number": Situation("nobody has sent it", "query", "refused NOT_FOUND"),
    "cancel": Situation("it waits for its user", "cancel", "result CANCELING", sent=True),
    "cancel, unknown number": Situation("nobody has sent it", "cancel", "refused INVALID_REQUEST"),
    "cancel, lost": Situation(
        "it is taken back, and the reply is lost", "cancel", _ERROR, "lose_reply", sent=True
    ),
}  # fmt: skip

KNOWN: dict[str, dict[str, str]] = {
    # Its results of queries and cancels have no field for a code.
    "PowerWeChat/v3@v3.4.38": {
        "query, unknown number": "result",
        "cancel, unknown number": "result",
    },
    # A body of nil is sent as `null`, which WeChat does not take for none.
    "wechatpay-go@v0.2.20": {
        "cancel": "refused PARAM_ERROR",
        "cancel, unknown number": "refused PARAM_ERROR",
    },
    # A page that is no JSON is {}. What it signs of a POST without a body lacks the empty line that
    # stands for one.
    "wechatpay-node-v3@2.2.1": {
        "web page": "result",
        "cancel": "refused SIGN_ERROR",
        "cancel, unknown number": "refused SIGN_ERROR",
    },
    # OkHttp's retries are on: when a kept connection breaks it asks again by itself.
    "wechatpay-java:0.2.17": {
        "lost": "error, after 2 calls",
        "cancel, lost": "error, after 2 calls",
    },
}
"""What an SDK is known to do instead, by the end of its package's name and the situation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationSeen:
    """What came of a situation.

    Attributes:
        sdk: its package.
        situation: its name.
        answer: what the SDK hands its caller: ``result STATE``, ``refused CODE`` or ``error``.
        calls: how often it called.
        state: of the transfer at WeChat; empty where there is none.
    """

    sdk: str
    situation: str
    answer: str
    calls: int
    state: str

    @property
    def words(self) -> str:
        """Answer and calls, as tables have them."""
        return self.answer if self.calls == 1 else f"{self.answer}, after {self.calls} calls"


def play_all(sdk: Sdk) -> list[SituationSeen]:
    """Have an SDK do all of it.

    Raises:
        Skipped: it cannot be had here.
        DriverFailed: its driver gave no answer.
    """
    installed = install(sdk, CACHE)
    with Simulator.start(CACHE / "wechat-v3", proxy_port_number=0) as running:
        environment = started(installed, running.folder.ca_path)
        with Driver(environment, installed.folder) as driver:
            return [
                _play(sdk, name, situation, driver, running)
                for name, situation in SITUATIONS.items()
            ]


def _play(
    sdk: Sdk, name: str, situation: Situation, driver: Driver, running: Simulator
) -> SituationSeen:
    app = running.simulation.app
    app.restart()
    payer = running.simulation.credentials()
    paths = payer["key_path"], payer["public_key_path"]
    key, public = (Path(path).read_text(encoding="utf-8") for path in paths)
    serial = next(iter(running.simulation.folder.merchant_v3(payer["mch_id"]).certificates))
    step = {
        "payer": {**payer, "serial_no": serial},
        "private_key": key,
        "public_key": public,
        "proxy_url": running.proxy_url,
        "transfer": {"appid": payer["app_id"], **_FIELDS, **situation.changes},
    }
    if situation.sent:
        driver.carry_out({"call": "transfer", **step})
    if situation.fault:
        app.script(parse_plan({"rules": [{"fault": situation.fault}], "seed": 0, "odds": {}}))
    before = len(app.journal)
    said = driver.carry_out({"call": situation.call, **step})
    calls = sum(1 for entry in list(app.journal)[before:] if entry.mch_billno == _NUMBER)
    found = running.simulation.world.transfers.find(payer["mch_id"], _NUMBER)
    detail = said.get("state") or said.get("code") or ""
    answer = said["kind"] if said["kind"] == "error" else f"{said['kind']} {detail}".strip()
    return SituationSeen(
        sdk=sdk.package, situation=name, answer=answer, calls=calls,
        state="" if found is None else found.state.value,
    )  # fmt: skip


def wanted(seen: SituationSeen) -> str:
    """What it must be: what a payer needs, or what the SDK is known to do instead."""
    known = next((it for end, it in KNOWN.items() if seen.sdk.endswith(end)), {})
    return known.get(seen.situation, SITUATIONS[seen.situation].wanted)


def write(found: list[SituationSeen]) -> None:
    """Keep what was seen."""
    text = json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1)
    RECORDED.write_text(text + "\n", encoding="utf-8")


def read() -> list[SituationSeen]:
    """What was seen last."""
    if not RECORDED.exists():
        return []
    return [SituationSeen(**one) for one in json.loads(RECORDED.read_text(encoding="utf-8"))]
