"""Four ways from a client to the simulated WeChat: either driver, over real TLS or in memory."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hongbao import (
    AsyncRedPack,
    GroupPacketWarning,
    Preorder,
    Query,
    QueryWork,
    RedPack,
    SendGroup,
    SendMiniProgram,
    SendNormal,
    SendWork,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hongbao import (
        Merchant,
        Message,
    )
    from hongbao.testing.wechat import SimulatedWeChat

ReplyT = TypeVar("ReplyT")

TEXTS: dict[str, Any] = {"wishing": "恭喜发财", "act_name": "春节", "remark": "一等奖"}
OPENIDS = {
    "sendredpack": "oNormal_0000000000000000001",
    "sendminiprogramhb": "oMini_000000000000000000001",
    "sendgroupredpack": "oGroup_00000000000000000001",
    "sendworkwxredpack": "oWork_000000000000000000001",
}


LINES = {
    "blocking-tls": (False, False),
    "blocking-memory": (False, True),
    "asyncio-tls": (True, False),
    "asyncio-memory": (True, True),
}
"""Whether the client is the asynchronous one, and whether nothing leaves the process."""


class Line(Protocol):
    """One way to make a call."""

    wechat: SimulatedWeChat

    def call(self, message: Message[ReplyT], **changes: Any) -> ReplyT:
        """Make one call; ``changes`` are other settings of the merchant."""
        ...


class BlockingLine:
    """``RedPack``; over TLS unless ``in_memory``."""

    def __init__(self, wechat: SimulatedWeChat, *, in_memory: bool) -> None:
        self.wechat = wechat
        self._in_memory = in_memory

    def call(self, message: Message[ReplyT], **changes: Any) -> ReplyT:
        """As ``Line.call``."""
        transport = self.wechat.transport() if self._in_memory else None
        with RedPack(_payer(self.wechat, message, changes), transport=transport) as red_pack:
            return red_pack.call(message)


class AsyncLine:
    """``AsyncRedPack``; over TLS unless ``in_memory``."""

    def __init__(self, wechat: SimulatedWeChat, *, in_memory: bool) -> None:
        self.wechat = wechat
        self._in_memory = in_memory

    def call(self, message: Message[ReplyT], **changes: Any) -> ReplyT:
        """As ``Line.call``."""

        async def run() -> ReplyT:
            transport = self.wechat.async_transport() if self._in_memory else None
            payer = _payer(self.wechat, message, changes)
            async with AsyncRedPack(payer, transport=transport) as red_pack:
                return await red_pack.call(message)

        return asyncio.run(run())


def _payer(wechat: SimulatedWeChat, message: Message[Any], changes: dict[str, Any]) -> Merchant:
    mini_program = message.ENDPOINT.name == "sendminiprogramhb"
    return wechat.merchant(mini_program=mini_program, **changes)


def normal(billno: str = "N1", **changes: Any) -> SendNormal:
    openid = OPENIDS["sendredpack"]
    told = {"re_openid": openid, "total_amount": 100, "send_name": "商户", **TEXTS} | changes
    return SendNormal(mch_billno=billno, **told)


def mini_program(billno: str = "M1") -> SendMiniProgram:
    openid = OPENIDS["sendminiprogramhb"]
    return SendMiniProgram(
        mch_billno=billno, re_openid=openid, total_amount=100, send_name="商户", **TEXTS
    )


def group(billno: str = "G1") -> SendGroup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GroupPacketWarning)
        return SendGroup(
            mch_billno=billno,
            re_openid=OPENIDS["sendgroupredpack"],
            total_amount=900,
            total_num=3,
            send_name="商户",
            **TEXTS,
        )


def preorder(billno: str = "H1") -> Preorder:
    return Preorder(mch_billno=billno, total_amount=200, send_name="商户", **TEXTS)


def work(billno: str = "W1") -> SendWork:
    return SendWork(
        mch_billno=billno,
        re_openid=OPENIDS["sendworkwxredpack"],
        total_amount=100,
        sender_name="张三",
        **TEXTS,
    )


SENDS: dict[str, Callable[[str], Message[Any]]] = {
    "sendredpack": normal,
    "sendminiprogramhb": mini_program,
    "sendgroupredpack": group,
    "hbpreorder": preorder,
    "sendworkwxredpack": work,
}
QUERIES: dict[str, Callable[[str], Message[Any]]] = {
    "gethbinfo": Query,
    "queryworkwxredpack": QueryWork,
}
