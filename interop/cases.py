"""What every SDK is asked to do: each call in each situation, and some oddities of theirs.

A case says what a world needs before the call, and what the caller says. What must come of it
stands in ``expectations``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hongbao.client.sync import RedPack
from hongbao.simulator.settings import ContentType
from hongbao.wire.caution import GroupPacketWarning
from hongbao.wire.messages import SendGroup, SendNormal, SendWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from hongbao.testing.wechat import SimulatedWeChat
    from hongbao.wire.messages import Message
    from interop.sdks import Sdk

    Prepare: TypeAlias = Callable[[SimulatedWeChat], None]

NUMBER = "1999000001202611230000000001"
RECEIVER = "oINTEROP_made_up_00000000001"
FRIEND = "oINTEROP_made_up_00000000002"
SUB_MCH_ID = "1999000077"
SUB_APP_ID = "wx0000000000de0077"
LONG_NUMBER_SEED = 14527
"""With it ``random.randint(1000, 10000)`` draws 10000 first, as it does once in 9001 times."""

_TEXTS = {"wishing": "恭喜 & <发财>", "act_name": "秋季抽奖", "remark": "一等奖"}
PLAIN_TEXTS = {"wishing": "恭喜发财"}
"""In place of those of ``PACKETS``, for SDKs that cannot send these."""
_TO_ONE = {"mch_billno": NUMBER, "re_openid": RECEIVER, "total_amount": "100", **_TEXTS}
_QUERY = {"mch_billno": NUMBER}
PACKETS: dict[str, dict[str, str]] = {
    "normal": {**_TO_ONE, "total_num": "1", "send_name": "测试商户"},
    "group": {**_TO_ONE, "total_num": "3", "total_amount": "300", "send_name": "测试商户"},
    "mini": {**_TO_ONE, "total_num": "1", "send_name": "测试商户"},
    "work": {**_TO_ONE, "sender_name": "小王"},
    "preorder": {
        "mch_billno": NUMBER,
        "send_name": "测试商户",
        "hb_type": "NORMAL",
        "total_amount": "200",
        "total_num": "1",
        **_TEXTS,
        "risk_cntl": "NORMAL",
    },
    "query": _QUERY,
    "query_work": _QUERY,
}
"""What the caller says in each call, in WeChat's words. All of it is made up."""

CALLS = {
    "normal": "sendredpack",
    "group": "sendgroupredpack",
    "mini": "sendminiprogramhb",
    "query": "gethbinfo",
    "work": "sendworkwxredpack",
    "query_work": "queryworkwxredpack",
    "preorder": "hbpreorder",
}

SEND_SITUATIONS = ("accepted", "refused", "systemerror", "processing", "lost", "garbled")
QUERY_SITUATIONS = ("one claim", "two claims", "not found", "systemerror", "lost", "garbled")
SITUATIONS = {
    "accepted": "nothing is in the way",
    "refused": "the merchant has no money",
    "systemerror": "WeChat answers SYSTEMERROR, whatever is asked",
    "processing": "WeChat takes the packet on and answers PROCESSING",
    "lost": "WeChat answers as it should, and the connection ends before the first byte of it",
    "garbled": "WeChat answers as it should, and a byte in the middle of the reply becomes a NUL",
    "one claim": "one user has claimed the packet",
    "two claims": "two users have claimed their shares of a group packet of three",
    "not found": "nobody has sent the packet",
    "stranger": "the server's certificate is of an authority that the SDK does not know",
    "no certificate": "the SDK was given no certificate of the merchant's, and presents none",
    "nothing": "the amount is 0",
    "again": "hongbao has sent the same packet before; the SDK repeats it, and nothing is paid",
    "provider": "the merchant is a service provider and sends for a sub-merchant",
    "own number": "the SDK draws the number itself, and the reply is lost",
    "longest own number": "the SDK draws the number itself, and draws the longest that it can",
    "fast mode": "the SDK's fast mode is switched on",
    "sign_type": "the SDK's setting for sign_type is MD5; it sends that, but does not sign it",
    "text/plain": "nothing is in the way, and WeChat's reply has that for its Content-Type",
    "refused, text/plain": "the merchant has no money, and WeChat's reply is text/plain",
    "no total_num": "total_num is left out, as the SDK's manual does with a mini program",
    "markup": "the greeting holds `&`, `<` and `>`, as every SDK's does that can send them",
    "no client_ip": "client_ip is left out",
    "its own TLS": "the SDK offers the versions of TLS that it comes with",
    "mch_id from settings": "the request leaves mch_id to the SDK's settings",
}
"""What each is, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call in one situation.

    Attributes:
        call: which.
        situation: what is special about it.
        prepare: makes the world so.
        packet: what the caller says beside, or in place of, what it says in every case; None for
            what it leaves out.
        options: what the driver is told besides.
        needs: an SDK is asked only if it can do one of these; nothing means that all are.
        trusted: whether the SDK knows the authority of the server's certificate.
        certified: whether the SDK has the merchant's certificate.
        content_type: of the reply, where it is not the SDK's own.
    """

    call: str
    situation: str
    prepare: Prepare
    packet: Mapping[str, str | None] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    trusted: bool = True
    certified: bool = True
    content_type: ContentType | None = None

    @property
    def name(self) -> str:
        """Of the case."""
        return f"{self.call}.{self.situation}"

    def step(self, payer: Mapping[str, str], *, plain_texts: bool = False) -> dict[str, Any]:
        """What the driver is told."""
        usual = PACKETS[self.call]
        plain = PLAIN_TEXTS if plain_texts and usual.keys() >= PLAIN_TEXTS.keys() else {}
        said = {**usual, **plain, **self.packet}
        packet = {name: value for name, value in said.items() if value is not None}
        return {"call": self.call, "payer": dict(payer), "packet": packet, **self.options}


def cases_of(sdk: Sdk) -> Iterator[Case]:
    """Those that an SDK is asked for."""
    for case in CASES:
        if case.call in sdk.calls and (not case.needs or case.needs & sdk.options):
            yield case


def _nothing(_: SimulatedWeChat) -> None:
    """Need nothing."""


def _failing(fault: str, *, after: Prepare = _nothing) -> Prepare:
    def prepare(wechat: SimulatedWeChat) -> None:
        after(wechat)
        wechat.fail(fault)

    return prepare


def _without_money(wechat: SimulatedWeChat) -> None:
    wechat.top_up(-wechat.simulated().paying_account.balance)


def _providing(wechat: SimulatedWeChat) -> None:
    merchant = wechat.simulated()
    merchant.provider = True
    merchant.sub_merchants = {SUB_MCH_ID: frozenset({SUB_APP_ID})}


def _send(wechat: SimulatedWeChat, message: Message[Any]) -> None:
    with RedPack(wechat.merchant(), transport=wechat.transport()) as red_pack:
        red_pack.call(message)


def _said(call: str) -> dict[str, Any]:
    """What is said of a packet in a call, but for numbers, which our messages take as such."""
    return {name: text for name, text in PACKETS[call].items() if not name.startswith("total_")}


def _sent_by_us(wechat: SimulatedWeChat) -> None:
    _send(wechat, SendNormal(**_said("normal"), total_amount=100))


def _sent_plain_by_us(wechat: SimulatedWeChat) -> None:
    _send(wechat, SendNormal(**(_said("normal") | PLAIN_TEXTS), total_amount=100))


def _one_claim(wechat: SimulatedWeChat) -> None:
    _sent_by_us(wechat)
    wechat.claim(NUMBER, RECEIVER)


def _two_claims(wechat: SimulatedWeChat) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        _send(wechat, SendGroup(**_said("group"), total_amount=300, total_num=3))
    for openid in (RECEIVER, FRIEND):
        wechat.claim(NUMBER, openid)


def _one_work_claim(wechat: SimulatedWeChat) -> None:
    _send(wechat, SendWork(**_said("work"), total_amount=100))
    wechat.claim(NUMBER, RECEIVER)


def _provided_query(wechat: SimulatedWeChat) -> None:
    _one_claim(wechat)
    _providing(wechat)


_FAULTS = {
    "systemerror": "systemerror",
    "processing": "processing",
    "lost": "lose_reply",
    "garbled": "garble_reply",
}


def _sends() -> Iterator[Case]:
    prepared: dict[str, Prepare] = {"accepted": _nothing, "refused": _without_money}
    for call in ("normal", "group", "mini", "work", "preorder"):
        for situation in SEND_SITUATIONS:
            if (call, situation) == ("preorder", "processing"):
                continue  # WeChat has no such answer to it
            prepare = prepared.get(situation) or _failing(_FAULTS[situation])
            yield Case(call=call, situation=situation, prepare=prepare)


def _queries() -> Iterator[Case]:
    for call, claimed in (("query", _one_claim), ("query_work", _one_work_claim)):
        yield Case(call=call, situation="one claim", prepare=claimed)
        if call == "query":
            yield Case(call=call, situation="two claims", prepare=_two_claims)
        yield Case(call=call, situation="not found", prepare=_nothing)
        for situation in ("systemerror", "lost", "garbled"):
            prepare = _failing(_FAULTS[situation], after=claimed)
            yield Case(call=call, situation=situation, prepare=prepare)


_OWN_NUMBER = Case(
    call="normal",
    situation="own number",
    prepare=_failing("lose_reply"),
    packet={"mch_billno": None},
    needs=frozenset({"own_number"}),
)
_PROVIDER = Case(
    call="normal",
    situation="provider",
    prepare=_providing,
    packet={"sub_mch_id": SUB_MCH_ID, "msgappid": SUB_APP_ID},
    needs=frozenset({"sub_merchant", "msgappid"}),
)

_PLAIN = Case(
    call="normal",
    situation="text/plain",
    prepare=_nothing,
    needs=frozenset({"content_type"}),
    content_type=ContentType.TEXT_PLAIN,
)
_NO_COUNT = Case(
    call="normal",
    situation="no total_num",
    prepare=_nothing,
    packet={"total_num": None},
    needs=frozenset({"total_num"}),
)

ODDITIES = (
    Case(call="normal", situation="stranger", prepare=_nothing, trusted=False),
    Case(
        call="normal",
        situation="no certificate",
        prepare=_nothing,
        certified=False,
        needs=frozenset({"no_certificate"}),
    ),
    Case(call="normal", situation="nothing", prepare=_nothing, packet={"total_amount": "0"}),
    Case(call="normal", situation="again", prepare=_sent_plain_by_us, packet=PLAIN_TEXTS),
    _PROVIDER,
    replace(_PROVIDER, call="mini"),
    replace(
        _PROVIDER,
        call="query",
        prepare=_provided_query,
        packet={"sub_mch_id": SUB_MCH_ID},
        needs=frozenset({"adds_sub_merchant"}),
    ),
    _OWN_NUMBER,
    _PLAIN,
    replace(_PLAIN, situation="refused, text/plain", prepare=_without_money),
    Case(
        call="normal",
        situation="markup",
        prepare=_nothing,
        packet={"wishing": _TEXTS["wishing"]},
        needs=frozenset({"markup"}),
    ),
    _NO_COUNT,
    replace(_NO_COUNT, call="mini"),
    Case(
        call="normal",
        situation="no client_ip",
        prepare=_nothing,
        options={"no_client_ip": True},
        needs=frozenset({"no_client_ip"}),
    ),
    Case(
        call="normal",
        situation="its own TLS",
        prepare=_nothing,
        options={"own_protocols": True},
        needs=frozenset({"own_protocols"}),
    ),
    replace(
        _OWN_NUMBER,
        situation="longest own number",
        prepare=_nothing,
        options={"draw_seed": LONG_NUMBER_SEED},
    ),
    Case(
        call="normal",
        situation="fast mode",
        prepare=_nothing,
        options={"fast_mode": True},
        needs=frozenset({"fast_mode"}),
    ),
    Case(
        call="normal",
        situation="sign_type",
        prepare=_nothing,
        options={"sign_type": "MD5"},
        needs=frozenset({"sign_type"}),
    ),
    Case(
        call="work",
        situation="mch_id from settings",
        prepare=_nothing,
        options={"no_mch_id": True},
        needs=frozenset({"no_mch_id"}),
    ),
)

CASES = (*_sends(), *_queries(), *ODDITIES)
