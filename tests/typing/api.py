"""What type checkers must see; checked by mypy and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from hongbao import (
    Accepted,
    AcceptedGroup,
    AcceptedMiniProgram,
    AcceptedWork,
    ClaimParams,
    PacketInfo,
    Preordered,
    Query,
    RedPack,
    Status,
    WorkPacketInfo,
)

if TYPE_CHECKING:
    from hongbao import (
        AsyncRedPack,
        Merchant,
        SendNormal,
        ServiceProvider,
    )


def blocking(red_pack: RedPack, message: SendNormal) -> None:
    """Each method has the arguments of its message and returns its reply."""
    accepted = red_pack.send_normal(
        mch_billno="B1",
        re_openid="o1",
        total_amount=100,
        send_name="s",
        wishing="w",
        act_name="a",
        remark="r",
    )
    assert_type(accepted, Accepted)
    assert_type(red_pack.call(message), Accepted)
    assert_type(red_pack.query("B1"), PacketInfo)
    assert_type(red_pack.query(mch_billno="B1"), PacketInfo)
    assert_type(red_pack.query_work("B1"), WorkPacketInfo)
    assert_type(red_pack.query("B1").status, Status | str)
    assert_type(red_pack.claim_params("sendid=1"), ClaimParams)
    red_pack.query(1)  # type: ignore[arg-type]  # a number is no order number
    red_pack.send_normal(mch_billno="B1")  # type: ignore[call-arg]  # fields are missing
    red_pack.send_normal("B1")  # type: ignore[call-arg]  # keywords only


async def asynchronous(red_pack: AsyncRedPack) -> None:
    """The same, awaited."""
    assert_type(await red_pack.query("B1"), PacketInfo)
    assert_type(await red_pack.call(Query("B1")), PacketInfo)
    mini_program = await red_pack.send_mini_program(
        mch_billno="B1",
        re_openid="o1",
        total_amount=100,
        send_name="s",
        wishing="w",
        act_name="a",
        remark="r",
    )
    assert_type(mini_program, AcceptedMiniProgram)
    assert_type(
        await red_pack.send_group(
            mch_billno="B1",
            re_openid="o1",
            total_amount=300,
            total_num=3,
            send_name="s",
            wishing="w",
            act_name="a",
            remark="r",
        ),
        AcceptedGroup,
    )
    assert_type(
        await red_pack.send_work(
            mch_billno="B1",
            re_openid="o1",
            total_amount=100,
            wishing="w",
            act_name="a",
            remark="r",
            agentid=1,
        ),
        AcceptedWork,
    )
    assert_type(
        await red_pack.preorder(
            mch_billno="B1",
            total_amount=100,
            send_name="s",
            wishing="w",
            act_name="a",
            remark="r",
        ),
        Preordered,
    )


def merchants(merchant: Merchant, provider: ServiceProvider) -> None:
    """Both kinds of payer are taken, and only a provider has sub-merchants."""
    RedPack(merchant)
    RedPack(provider.sub_merchant("1900000999", msgappid="wx1"))
    merchant.sub_merchant("1")  # type: ignore[attr-defined]  # an ordinary merchant has none
