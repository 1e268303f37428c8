"""The fixtures that hongbao brings along, used as a user would."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hongbao import AsyncRedPack, NotSent, OutcomeUnknown, RedPack, Status
from hongbao.simulator.claims import ClaimRefused

if TYPE_CHECKING:
    from hongbao import Merchant
    from hongbao.testing.wechat import SimulatedWeChat

OPENID = "oTEST_openid_0000000000000001"
TEXTS = {"send_name": "测试商户", "wishing": "谢谢参与", "act_name": "秋季抽奖", "remark": "一等奖"}


def test_a_packet_is_sent_claimed_and_queried_over_tls(
    wechat_simulator: SimulatedWeChat, wechat_merchant: Merchant
) -> None:
    with RedPack(wechat_merchant) as red_pack:
        red_pack.send_normal(mch_billno="A1", re_openid=OPENID, total_amount=100, **TEXTS)
        assert wechat_simulator.claim("A1", OPENID).amount == 100
        assert red_pack.query(mch_billno="A1").status is Status.RECEIVED
    assert wechat_simulator.wallet(OPENID) == 100
    assert wechat_simulator.totals() == (100, 100, 0)
    wechat_simulator.audit()


def test_the_same_in_memory(wechat_in_memory: SimulatedWeChat) -> None:
    red_pack = RedPack(wechat_in_memory.merchant(), transport=wechat_in_memory.transport())
    red_pack.send_normal(mch_billno="A1", re_openid=OPENID, total_amount=100, **TEXTS)
    wechat_in_memory.advance(25 * 3600)
    assert red_pack.query(mch_billno="A1").status is Status.REFUND
    assert wechat_in_memory.totals() == (100, 0, 100)
    wechat_in_memory.audit()


def test_the_same_in_memory_with_asyncio(wechat_in_memory: SimulatedWeChat) -> None:
    async def send() -> int:
        transport = wechat_in_memory.async_transport()
        red_pack = AsyncRedPack(wechat_in_memory.merchant(), transport=transport)
        sends = [
            red_pack.send_normal(mch_billno=f"A{n}", re_openid=OPENID, total_amount=100, **TEXTS)
            for n in range(5)
        ]
        await asyncio.gather(*sends)
        return transport.sent

    assert asyncio.run(send()) == 5
    assert wechat_in_memory.totals().debited == 500


def test_a_mini_program_packet_is_claimed_by_its_parameters(
    wechat_in_memory: SimulatedWeChat,
) -> None:
    merchant = wechat_in_memory.merchant(mini_program=True)
    red_pack = RedPack(merchant, transport=wechat_in_memory.transport())
    accepted = red_pack.send_mini_program(
        mch_billno="M1", re_openid=OPENID, total_amount=100, **TEXTS
    )
    params = red_pack.claim_params(accepted.package).as_dict()
    with pytest.raises(ClaimRefused, match="paySign"):
        wechat_in_memory.claim_mini_program(params | {"nonceStr": "another"}, OPENID)
    assert wechat_in_memory.claim_mini_program(params, OPENID, scene=1011).amount == 100


@pytest.mark.parametrize("where", ["wechat_simulator", "wechat_in_memory"])
def test_faults_mean_the_same_over_tls_and_in_memory(
    where: str, request: pytest.FixtureRequest
) -> None:
    wechat: SimulatedWeChat = request.getfixturevalue(where)
    transport = wechat.transport() if where == "wechat_in_memory" else None
    with RedPack(wechat.merchant(total_seconds=0.5), transport=transport) as red_pack:

        def send(billno: str) -> None:
            red_pack.send_normal(mch_billno=billno, re_openid=OPENID, total_amount=100, **TEXTS)

        wechat.fail("refuse_connect")
        with pytest.raises(NotSent):
            send("N")
        for fault in (
            "hang",
            "lose_request",
            "lose_reply",
            "cut_reply",
            "garble_reply",
            "http_502",
        ):
            wechat.fail({"fault": fault, **({"bytes": 200} if fault == "cut_reply" else {})})
            with pytest.raises(OutcomeUnknown):
                send(fault.replace("_", ""))
        wechat.fail({"fault": "delay", "seconds": 1})
        with pytest.raises(OutcomeUnknown):
            send("late")
        wechat.recover()
        send("good")
    paid = {entry.mch_billno for entry in wechat.journal() if entry.paid}
    assert paid == {"losereply", "cutreply", "garblereply", "late", "good"}
    assert len(wechat.journal()) == 8, "one request a call that could connect"


def test_every_test_gets_a_fresh_world(
    wechat_simulator: SimulatedWeChat, wechat_in_memory: SimulatedWeChat
) -> None:
    """Both can be had at once, and know nothing of each other."""
    for wechat in (wechat_simulator, wechat_in_memory):
        assert wechat.journal() == []
        assert wechat.totals() == (0, 0, 0)
        assert list(wechat.world.merchants) == [wechat.mch_id]
    assert wechat_simulator.world is not wechat_in_memory.world


def test_the_plugin_costs_next_to_nothing_until_it_is_used() -> None:
    """Pytest loads it in every project that has hongbao installed."""
    code = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import hongbao; theirs = set(sys.modules)\n"
        "import hongbao.testing.plugin; print(*sorted(set(sys.modules) - theirs))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["hongbao.testing", "hongbao.testing.plugin"]
