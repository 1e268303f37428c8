"""One merchant pays by two rails: each channel has its own pace, limits, hours and stop.

Its keys are the merchant's, so that nobody is paid under one key by both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from desk import DAY, HOUR, MERCHANT_STOP, UNLIMITED, accepted, postponed, refused, step
from hongbao.errors import KeyReused, LedgerCode, LedgerError
from hongbao.ledger.audits.audit_report import FindingCode
from hongbao.ledger.model.campaign import Entry, Plan
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.limits import PayerLimits
from hongbao.ledger.model.payout import SECOND, State
from hongbao.ledger.read.figures import ChannelQueue
from hongbao.ledger.store.schema import CAMPAIGN, CHANNEL
from standing import payment, plan
from tampering import disarmed

if TYPE_CHECKING:
    from desk import Desk
    from hongbao.ledger.model.campaign import Campaign

LOYAL = "oUSER_loyal_0000000000000001"


def by_both(
    desk: Desk,
    count: int = 1,
    *,
    packets: PayerLimits = UNLIMITED,
    transfers: PayerLimits = UNLIMITED,
) -> tuple[Campaign, Campaign]:
    """An approved list of one merchant by each rail: red packets, and transfers."""
    return (
        desk.campaign(count, name="packets", rail="redpack", limits=packets),
        desk.campaign(count, name="transfers", rail="transfer", limits=transfers),
    )


def under(desk: Desk, name: str, *, rail: str, key: str) -> int:
    """Store a row under a key in a list by a rail, and return the list's number in the books."""
    begun = desk.book.begin_import(
        Plan(
            name=name, channel_id=desk.channel(rail=rail), profile="demo", budget=None,
            source="list.csv", source_digest=bytes(32),
        ),
        by="anna",
    )  # fmt: skip
    [terms_id] = desk.book.terms([{"wishing": "恭喜发财"}])
    row = Entry(key, "normal", "oUSER_of_the_key", 100, 1, terms_id)
    desk.book.submit(begun.id, [[row]], by="anna")
    return begun.id


def due_by(desk: Desk, campaign: Campaign) -> int:
    """How many payouts of a campaign a claim of everything takes."""
    return sum(job.payout.campaign_id == campaign.id for job in desk.jobs())


def test_a_merchant_has_one_number_and_a_channel_for_each_rail(desk: Desk) -> None:
    first, second = desk.channel(rail="redpack"), desk.channel(rail="transfer")
    other = desk.channel("1900099999", rail="redpack")
    assert desk.channel(rail="redpack") == first != second
    shown = [(it.id, it.number, it.rail) for it in desk.book.channels()]
    assert shown == [
        (first, "1900012345", "redpack"),
        (second, "1900012345", "transfer"),
        (other, "1900099999", "redpack"),
    ]
    own, same, another = (it.merchant_id for it in desk.book.channels())
    assert own == same != another
    assert desk.book.audit().findings == ()


def test_the_pace_of_one_channel_does_not_hold_up_the_other(desk: Desk) -> None:
    packets, transfers = by_both(
        desk, 200, packets=PayerLimits(rate=10), transfers=PayerLimits(rate=100)
    )
    jobs = desk.jobs(horizon_seconds=1)
    taken = [sum(job.payout.campaign_id == it.id for job in jobs) for it in (packets, transfers)]
    assert taken == [10, 100]
    assert {(job.payout.campaign_id, job.channel_id) for job in jobs} == {
        (packets.id, packets.channel_id),
        (transfers.id, transfers.channel_id),
    }
    desk.book.record("worker-1", [], slow=[packets.channel_id])
    slowed, steady = desk.book.channels()
    assert (slowed.rate, slowed.slowed) == (5, True)
    assert (steady.rate, steady.slowed) == (100, False)


def test_a_stop_of_one_channel_lets_the_other_pay_and_is_lifted_by_itself(desk: Desk) -> None:
    packets, transfers = by_both(desk, 2)
    desk.book.record("worker-1", [], stops=[(packets.id, MERCHANT_STOP)])
    stops = {it.rail: it.stop for it in desk.book.channels()}
    assert stops == {"redpack": MERCHANT_STOP, "transfer": None}
    assert desk.book.standing("packets").merchant_stop == MERCHANT_STOP
    assert desk.book.standing("transfers").merchant_stop is None
    assert {job.payout.campaign_id for job in desk.jobs()} == {transfers.id}
    desk.book.resume("transfers", by="bert")
    assert desk.jobs() == []
    desk.book.resume("packets", by="bert")
    assert {job.payout.campaign_id for job in desk.jobs()} == {packets.id}
    assert desk.book.audit().findings == ()


def test_who_stops_all_stops_each_channel_and_is_told_how_many_merchants_they_are(
    desk: Desk,
) -> None:
    packets, transfers = by_both(desk, 2)
    assert desk.book.stop_all(by="anna", reason="wrong list") == 1
    assert desk.jobs() == []
    assert desk.book.resume_all(by="bert") == 1
    assert {job.payout.campaign_id for job in desk.jobs()} == {packets.id, transfers.id}
    assert desk.book.audit().findings == ()


def test_the_hours_of_one_channel_are_not_those_of_the_other(desk: Desk) -> None:
    packets, transfers = by_both(desk, 2, packets=PayerLimits(opens=12 * 60, closes=13 * 60))
    assert {job.payout.campaign_id for job in desk.jobs()} == {transfers.id}
    desk.clock.pass_(2 * HOUR)
    assert {job.payout.campaign_id for job in desk.jobs()} >= {packets.id}


def test_the_money_of_a_day_is_counted_by_channel(desk: Desk) -> None:
    packets, transfers = by_both(desk, 5, packets=PayerLimits(day_amount_max=200))
    jobs = desk.jobs()
    sent = [[job for job in jobs if job.payout.campaign_id == it.id] for it in (packets, transfers)]
    assert [len(some) for some in sent] == [2, 5]
    desk.record(*((job, refused(job)) for job in sent[1]))
    desk.channel(limits=PayerLimits(day_amount_max=201))  # looks again
    assert due_by(desk, packets) == 0, "what transfers gave back is not the packets' money"
    desk.record((sent[0][0], refused(sent[0][0])))
    desk.channel(limits=PayerLimits(day_amount_max=200))
    assert due_by(desk, packets) == 1
    assert desk.book.audit().findings == ()


def test_what_a_user_may_get_in_a_day_is_counted_by_channel(desk: Desk) -> None:
    once = PayerLimits(user_day_count_max=1)
    for rail in ("redpack", "transfer"):
        desk.campaign(name=rail, rail=rail, limits=once, payees=[LOYAL, LOYAL])
    jobs = desk.jobs()
    packets, transfers = (desk.book.standing(it).campaign for it in ("redpack", "transfer"))
    assert sorted(job.payout.campaign_id for job in jobs) == [packets.id, transfers.id]
    for it in (packets, transfers):
        assert desk.book.given_today(it.channel_id, {LOYAL}) == {LOYAL: (1, 100)}
    assert desk.book.audit().findings == ()


def test_a_limit_that_one_channel_gets_does_not_hold_the_other_to_it(desk: Desk) -> None:
    packets, transfers = by_both(desk, 3)
    desk.record(*((job, postponed(job, after=HOUR)) for job in desk.jobs()))
    desk.channel(limits=PayerLimits(user_day_amount_max=50), rail="transfer")
    desk.clock.pass_(HOUR)
    assert {job.payout.campaign_id for job in desk.jobs()} == {packets.id}
    assert due_by(desk, transfers) == 0


def test_each_channel_is_claimed_by_itself(desk: Desk) -> None:
    packets, transfers = by_both(desk, 3)
    [first, *_] = desk.jobs(channels=[transfers.channel_id])
    assert first.payout.campaign_id == transfers.id
    assert first.payout.merchant_id == transfers.merchant_id == packets.merchant_id
    assert desk.jobs(channels=[transfers.channel_id]) == []
    assert {job.channel_id for job in desk.jobs()} == {packets.channel_id}


def test_two_workers_claim_two_channels_of_one_merchant_at_once(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    packets, transfers = by_both(desk, 3)
    with desk.transaction() as held:
        held.execute(
            CHANNEL.select()
            .where(CHANNEL.c.id == packets.channel_id)
            .with_for_update(key_share=True)
        )
        assert {job.payout.campaign_id for job in desk.jobs()} == {transfers.id}
    assert {job.payout.campaign_id for job in desk.jobs()} == {packets.id}


def test_queues_and_campaigns_say_by_which_rail_they_pay(desk: Desk) -> None:
    by_both(desk, 2)
    begin = desk.clock.now
    desk.clock.pass_(30)
    assert desk.book.queues() == [
        ChannelQueue("1900012345", "redpack", 2, begin, 30 * SECOND),
        ChannelQueue("1900012345", "transfer", 2, begin, 30 * SECOND),
    ]
    rails = {it.campaign.name: it.campaign.rail for it in desk.book.campaigns()}
    assert rails == {"packets": "redpack", "transfers": "transfer"}


def test_a_clock_that_was_put_right_moves_the_times_of_both(desk: Desk) -> None:
    desk.clock.pass_(3 * DAY)
    packets, transfers = by_both(desk, 2)
    desk.record(*((job, postponed(job, after=HOUR)) for job in desk.jobs()))
    desk.clock.pass_(-3 * DAY)
    desk.jobs()
    desk.clock.pass_(HOUR)
    assert {job.payout.campaign_id for job in desk.jobs()} == {packets.id, transfers.id}


def test_a_key_of_one_rail_is_refused_by_the_other_with_the_names_of_both_lists(
    desk: Desk,
) -> None:
    under(desk, "packets", rail="redpack", key="order/1")
    with pytest.raises(KeyReused) as refusal:
        under(desk, "transfers", rail="transfer", key="order/1")
    assert refusal.value.key == "order/1"
    assert refusal.value.differences == (
        ("rail", "redpack (campaign packets)", "transfer (campaign transfers)"),
    )
    under(desk, "more packets", rail="redpack", key="order/1")
    assert [it.campaign.rows for it in desk.book.campaigns()] == [1, 0, 0]
    assert len(desk.book.find("order/1")) == 1


def test_a_key_that_was_cancelled_before_any_call_may_go_to_the_other_rail(desk: Desk) -> None:
    under(desk, "packets", rail="redpack", key="order/1")
    desk.book.cancel("packets", by="anna", reason="by transfer")
    under(desk, "transfers", rail="transfer", key="order/1")
    [holder] = desk.book.payouts_of("transfers")
    assert holder.state is State.WAITING
    assert desk.book.audit().findings == ()


def test_a_key_that_one_rail_was_called_for_is_never_the_others(desk: Desk) -> None:
    packets, _ = by_both(desk)
    [job] = [job for job in desk.jobs() if job.payout.campaign_id == packets.id]
    desk.record((job, refused(job)))
    with pytest.raises(KeyReused, match="rail was redpack"):
        under(desk, "again", rail="transfer", key="packets/0")


def test_a_program_is_refused_a_key_of_the_other_rail_and_a_campaign_of_it(desk: Desk) -> None:
    under(desk, "transfers", rail="transfer", key="order/1")
    draft = desk.book.stand(plan(desk), by="anna")
    desk.book.approve("refunds", digest=draft.digest, by="bert")
    with pytest.raises(KeyReused, match=r"rail was transfer \(campaign transfers\)"):
        desk.book.append("refunds", payment("order/1"), by="shop")
    with pytest.raises(KeyReused, match=r"and is now redpack \(campaign refunds\)"):
        desk.book.appended("refunds", payment("order/1"))
    with pytest.raises(LedgerError, match=r"redpack.* not 'demo'.*transfer") as refusal:
        desk.book.append("refunds", payment("order/2", rail="transfer"), by="shop")
    assert refusal.value.code is LedgerCode.OTHER_PAYER


def test_a_list_by_one_rail_does_not_go_on_by_the_other(desk: Desk) -> None:
    under(desk, "spring", rail="redpack", key="order/1")
    with pytest.raises(LedgerError, match="paid by 'demo' with redpack") as refusal:
        under(desk, "spring", rail="transfer", key="order/2")
    assert refusal.value.code is LedgerCode.OTHER_PAYER


def test_a_supplement_is_paid_by_the_rail_of_its_campaign(desk: Desk) -> None:
    desk.draft(name="spring", rail="redpack")
    late = Plan(
        name="spring+1", channel_id=desk.channel(rail="transfer"), profile="demo", budget=None,
        source="late.csv", source_digest=bytes(32), parent="spring",
    )  # fmt: skip
    with pytest.raises(LedgerError, match="spring is paid by 'demo' with redpack") as refusal:
        desk.book.begin_import(late, by="anna")
    assert refusal.value.code is LedgerCode.OTHER_PAYER


def test_a_person_acts_on_a_payout_of_either_channel(desk: Desk) -> None:
    packets, transfers = by_both(desk)
    jobs = {job.payout.campaign_id: job for job in desk.jobs()}
    handed = step(jobs[transfers.id], EventKind.HANDED_OVER, State.IN_DOUBT, code="NOT_FOUND")
    desk.record((jobs[packets.id], accepted(jobs[packets.id])), (jobs[transfers.id], handed))
    assert desk.jobs() == []
    desk.book.query_now(jobs[transfers.id].payout.id, by="anna")
    [asked] = desk.jobs()
    assert (asked.payout.campaign_id, asked.channel_id) == (transfers.id, transfers.channel_id)
    assert desk.book.audit().findings == ()


@pytest.mark.parametrize("column", ["rail", "channel_id"])
def test_an_audit_finds_a_channel_or_a_campaign_that_was_given_to_another_rail(
    desk: Desk, column: str
) -> None:
    packets, transfers = by_both(desk)
    with desk.transaction() as connection, disarmed(connection):
        if column == "rail":
            change = update(CHANNEL).where(CHANNEL.c.id == packets.channel_id).values(rail="gold")
        else:
            to = transfers.channel_id
            change = update(CAMPAIGN).where(CAMPAIGN.c.id == packets.id).values(channel_id=to)
        connection.execute(change)
    found = {(it.code, it.subject, it.words) for it in desk.book.audit().findings}
    expected = {
        "rail": (
            FindingCode.MERCHANT,
            "merchant 1900012345 (gold)",
            "rail is gold, recorded was redpack",
        ),
        "channel_id": (
            FindingCode.DECISION,
            "campaign packets",
            f"channel_id is {transfers.channel_id}, recorded was {packets.channel_id}",
        ),
    }
    assert expected[column] in found
