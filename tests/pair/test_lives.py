"""Packets live their lives: sent, claimed, returned, and what a query says at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hongbao import (
    Disposition,
    OutcomeUnknown,
    PacketNotFound,
    Query,
    QueryWork,
    RedPack,
    Refused,
    Status,
)
from lines import OPENIDS, group, mini_program, normal, preorder, work

if TYPE_CHECKING:
    from hongbao.testing.wechat import SimulatedWeChat
    from lines import Line

DAY = 86_400


def test_a_normal_packet_is_sent_claimed_and_received(line: Line) -> None:
    accepted = line.call(normal("N1"))
    assert line.call(Query("N1")).status is Status.SENT
    line.wechat.claim("N1", OPENIDS["sendredpack"])
    info = line.call(Query("N1"))
    assert info.status is Status.RECEIVED
    assert [(claim.openid, claim.amount) for claim in info.claims] == [(accepted.re_openid, 100)]
    assert line.wechat.wallet(accepted.re_openid) == 100


def test_unclaimed_money_goes_back_after_a_day(line: Line) -> None:
    line.call(normal("N1"))
    line.wechat.advance(DAY + 900)
    info = line.call(Query("N1"))
    assert (info.status, info.refund_amount, info.claims) == (Status.REFUND, 100, ())
    assert info.refund_time is not None
    assert line.wechat.totals().in_flight == 0


def test_every_claim_of_a_group_packet_comes_back_and_the_rest_returns(line: Line) -> None:
    line.call(group("G1"))
    line.wechat.claim("G1", OPENIDS["sendgroupredpack"])
    line.wechat.claim("G1", "oFriend_00000000000000000001")
    info = line.call(Query("G1"))
    assert len(info.claims) == 2
    line.wechat.advance(DAY + 900)
    info = line.call(Query("G1"))
    assert len(info.claims) == 2
    assert info.claimed_amount + info.refund_amount == 900


def test_a_mini_program_packet_is_claimed_with_signed_parameters(line: Line) -> None:
    accepted = line.call(mini_program("M1"))
    wechat = line.wechat
    with RedPack(
        wechat.merchant(mini_program=True),
        transport=wechat.transport(),
        clock=lambda: 1_795_406_400,
    ) as red_pack:
        params = red_pack.claim_params(accepted.package).as_dict()
    wechat.claim_mini_program(params, OPENIDS["sendminiprogramhb"])
    assert wechat.wallet(OPENIDS["sendminiprogramhb"]) == 100


def test_a_preordered_packet_is_drawn_by_its_ticket(line: Line) -> None:
    preordered = line.call(preorder("H1"))
    line.wechat.draw(preordered.sp_ticket, "oWinner_0000000000000000001")
    assert line.wechat.wallet("oWinner_0000000000000000001") == 200


def test_a_wecom_packet_is_sent_with_two_signatures_and_queried(line: Line) -> None:
    line.call(work("W1"))
    line.wechat.claim("W1", OPENIDS["sendworkwxredpack"])
    info = line.call(QueryWork("W1"))
    assert info.status is Status.RECEIVED
    assert info.claimed_amount == 100


def test_a_number_that_nobody_sent_is_unknown_and_not_failed(line: Line) -> None:
    with pytest.raises(PacketNotFound) as caught:
        line.call(Query("NOBODY"))
    assert isinstance(caught.value, OutcomeUnknown)
    assert caught.value.err_code == "NOT_FOUND"


def test_money_that_was_short_is_paid_by_the_same_number_after_a_top_up(line: Line) -> None:
    wechat = line.wechat
    account = wechat.simulated().paying_account
    wechat.top_up(-account.balance)
    with pytest.raises(Refused) as caught:
        line.call(normal("N1"))
    assert (caught.value.err_code, caught.value.disposition) == ("NOTENOUGH", Disposition.OPEN)
    info = line.call(Query("N1"))
    assert info.status is Status.SENDING
    assert info.reason
    wechat.top_up(100)
    line.call(normal("N1"))
    assert wechat.payments("N1") == 1
    assert line.call(Query("N1")).status is Status.SENT


def test_the_same_number_with_another_amount_is_unknown_for_the_first_may_have_paid(
    line: Line,
) -> None:
    line.call(normal("N1"))
    for other in (normal("N1", total_amount=200), normal("N1", re_openid="oOther_000000001")):
        with pytest.raises(OutcomeUnknown):
            line.call(other)
    assert line.wechat.payments("N1") == 1
    assert line.wechat.totals().debited == 100


def test_a_service_provider_sends_for_its_sub_merchant(wechat_in_memory: SimulatedWeChat) -> None:
    simulated = wechat_in_memory.simulated()
    simulated.provider = True
    simulated.sub_merchants["1900000999"] = frozenset({"wxshop"})
    provider = wechat_in_memory.service_provider()
    shop = provider.sub_merchant("1900000999", msgappid="wxshop")
    with RedPack(shop, transport=wechat_in_memory.transport()) as red_pack:
        assert red_pack.call(normal("N1")).mch_billno == "N1"
        assert red_pack.query("N1").status is Status.SENT
    stranger = provider.sub_merchant("1900000998", msgappid="wxshop")
    with (
        RedPack(stranger, transport=wechat_in_memory.transport()) as red_pack,
        pytest.raises(Refused) as caught,
    ):
        red_pack.call(normal("N2"))
    assert caught.value.err_code == "ACCEPTMODE_ERROR"
