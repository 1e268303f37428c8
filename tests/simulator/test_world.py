"""The life of a packet as the clock moves, quotas by Beijing day, users, settings of a world."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongbao.errors import InvalidRequest
from hongbao.simulator.claims import claim_packet
from hongbao.simulator.clock import ManualClock, beijing_text
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.money_audit import BooksDisagree, check
from hongbao.simulator.settings import FOREIGN_PREFIX
from hongbao.simulator.split import split_at_random
from hongbao.simulator.world import World
from hongbao.wire.messages import Query, QueryWork
from hongbao.wire.status import Status
from stage import (
    ALICE,
    BOB,
    DAY,
    HOUR,
    MCH_ID,
    MINI,
    OFFICIAL,
    Stage,
    a_merchant,
    group,
    message_of,
    mini,
    normal,
    preorder,
    work,
)


def test_an_unclaimed_packet_goes_back_after_24_hours() -> None:
    """SENT until the last second, then RFUND_ING, then REFUND with time and amount."""
    stage = Stage()
    sent = stage.clock.now()
    stage.ask(normal())
    stage.clock.advance(DAY - 1)
    assert stage.ask(Query("N1")).status is Status.SENT
    stage.clock.advance(1)
    assert stage.ask(Query("N1")).status is Status.RFUND_ING
    assert stage.world.totals().in_flight == 100
    stage.clock.advance(900)
    info = stage.ask(Query("N1"))
    assert (info.status, info.refund_amount, info.claims) == (Status.REFUND, 100, ())
    assert info.refund_time is not None
    assert info.refund_time.timestamp() == sent + DAY + 900
    assert stage.merchant.basic.balance == 1_000_000
    check(stage.world)


def test_a_claimed_packet_is_received_and_stays_so() -> None:
    stage = Stage()
    stage.ask(normal())
    stage.clock.advance(31)
    claim_packet(stage.world, mch_id=MCH_ID, mch_billno="N1", openid=ALICE)
    stage.clock.advance(10 * DAY)
    info = stage.ask(Query("N1"))
    assert (info.status, info.refund_amount, info.claimed_amount) == (Status.RECEIVED, 0, 100)
    (share,) = info.claims
    assert share.openid == ALICE
    assert share.rcv_time is not None
    assert info.send_time is not None
    assert (share.rcv_time - info.send_time).total_seconds() == 31
    assert stage.world.wallet(ALICE) == 100
    check(stage.world)


def test_of_a_group_what_friends_left_goes_back() -> None:
    """RECEIVED from the first claim on; the rest is REFUND a day later, and it adds up."""
    stage = Stage()
    stage.ask(group())
    for openid in (BOB, ALICE, "oTEST_carol"):
        claim_packet(stage.world, mch_id=MCH_ID, mch_billno="G1", openid=openid)
    info = stage.ask(Query("G1"))
    assert (info.status, info.hb_type, info.total_num) == (Status.RECEIVED, "GROUP", 5)
    assert [share.openid for share in info.claims] == ["oTEST_carol", ALICE, BOB]
    stage.clock.advance(DAY + 900)
    info = stage.ask(Query("G1"))
    assert info.status is Status.REFUND
    assert info.refund_amount + info.claimed_amount == 1000
    assert stage.world.totals() == (1000, info.claimed_amount, info.refund_amount)
    check(stage.world)


def test_a_group_that_is_claimed_whole_returns_nothing() -> None:
    stage = Stage()
    stage.ask(group())
    for number in range(5):
        claim_packet(stage.world, mch_id=MCH_ID, mch_billno="G1", openid=f"oTEST_{number}")
    stage.clock.advance(2 * DAY)
    info = stage.ask(Query("G1"))
    assert (info.status, info.claimed_amount, info.refund_amount) == (Status.RECEIVED, 1000, 0)
    check(stage.world)


def test_a_preorder_waits_72_hours() -> None:
    stage = Stage()
    stage.ask(preorder())
    stage.clock.advance(3 * DAY - 1)
    assert stage.ask(Query("H1")).status is Status.SENT
    stage.clock.advance(901)
    assert stage.ask(Query("H1")).status is Status.REFUND


def test_a_wecom_packet_is_found_by_its_own_query_alone() -> None:
    """And its claim stands flat in the reply."""
    stage = Stage()
    stage.ask(work())
    stage.ask(normal())
    assert stage.code(Query("W1")) == "NOT_FOUND"
    assert stage.code(QueryWork("N1")) == "NOT_FOUND"
    info = stage.ask(QueryWork("W1"))
    assert (info.status, info.claims, info.sender_name) == (Status.SENT, (), "小王")
    claim_packet(stage.world, mch_id=MCH_ID, mch_billno="W1", openid=ALICE)
    info = stage.ask(QueryWork("W1"))
    assert (info.status, info.claimed_amount) == (Status.RECEIVED, 100)


def test_a_slow_sending_is_sending_though_it_is_paid() -> None:
    """The 24 hours begin when it is sent."""
    stage = Stage()
    stage.merchant.delivery = Delivery(seconds=2 * HOUR)
    assert stage.code(normal()) == "SUCCESS"
    assert stage.ask(Query("N1")).status is Status.SENDING
    assert stage.world.totals().in_flight == 100
    stage.clock.advance(2 * HOUR)
    assert stage.ask(Query("N1")).status is Status.SENT
    stage.clock.advance(DAY - 1)
    assert stage.ask(Query("N1")).status is Status.SENT
    stage.clock.advance(1)
    assert stage.ask(Query("N1")).status is Status.RFUND_ING


def test_a_query_answers_for_30_days() -> None:
    stage = Stage()
    stage.ask(normal())
    stage.clock.advance(30 * DAY)
    assert stage.ask(Query("N1")).status is Status.REFUND
    stage.clock.advance(1)
    assert stage.code(Query("N1")) == "NOT_FOUND"
    assert stage.code(normal()) == "SUCCESS"
    assert stage.payments("N1") == 1


def test_a_far_jump_of_the_clock_lets_all_steps_happen_at_their_own_times() -> None:
    stage = Stage()
    sent = stage.clock.now()
    stage.ask(normal())
    stage.clock.advance(20 * DAY)
    info = stage.ask(Query("N1"))
    assert info.refund_time is not None
    assert info.refund_time.timestamp() == sent + DAY + 900


def test_the_days_quotas_end_at_midnight_in_beijing() -> None:
    """Not at midnight UTC, which is 8:00 there."""
    stage = Stage()
    stage.merchant.limits.user_packets_per_day = 1
    assert stage.code(normal("N1")) == "SUCCESS"
    stage.clock.advance(12 * HOUR - 1)
    assert beijing_text(stage.clock.now()) == "2026-11-23 23:59:59"
    assert stage.code(normal("N2")) == "SENDNUM_LIMIT"
    stage.clock.advance(1)
    assert stage.code(normal("N2")) == "SUCCESS"
    assert stage.code(normal("N3")) == "SENDNUM_LIMIT"
    stage.clock.advance(8 * HOUR)
    assert stage.code(normal("N3")) == "SENDNUM_LIMIT"


def test_the_defaults_are_ten_packets_and_1000_yuan_a_user_a_day() -> None:
    stage = Stage()
    for number in range(10):
        assert stage.code(normal(f"A{number}")) == "SUCCESS"
    assert stage.code(normal("A10")) == "SENDNUM_LIMIT"
    for number in range(5):
        assert stage.code(normal(f"B{number}", re_openid=BOB, total_amount=20_000)) == "SUCCESS"
    assert stage.code(normal("B5", re_openid=BOB, total_amount=100)) == "RCVDAMOUNT_LIMIT"


def test_the_default_is_30_calls_a_second_queries_included() -> None:
    stage = Stage(merchant=a_merchant(limits=type(a_merchant().limits)()))
    codes = [stage.code(Query("N1")) for _ in range(31)]
    assert codes == ["NOT_FOUND"] * 30 + ["FREQ_LIMIT"]
    stage.clock.advance(1)
    assert stage.code(Query("N1")) == "NOT_FOUND"


def test_what_is_refused_uses_up_no_quota() -> None:
    stage = Stage()
    stage.merchant.limits.user_packets_per_day = 1
    stage.merchant.basic.top_up(-1_000_000)
    assert stage.code(normal("N1")) == "NOTENOUGH"
    assert stage.code(normal("N2")) == "NOTENOUGH"
    stage.merchant.basic.top_up(1000)
    assert stage.code(normal("N2")) == "SUCCESS"
    assert stage.code(normal("N1")) == "SENDNUM_LIMIT"


def test_a_days_amount_may_be_used_up_to_the_last_fen() -> None:
    stage = Stage()
    stage.merchant.limits.amount_per_day = 200
    assert stage.code(normal("N1")) == "SUCCESS"
    assert stage.code(normal("N2", re_openid=BOB)) == "SUCCESS"
    assert stage.code(normal("N3")) == "SENDAMOUNT_LIMIT"


def test_a_group_counts_as_one_packet_of_its_first_receiver_and_not_by_its_amount() -> None:
    """Its amount is many people's."""
    stage = Stage()
    stage.merchant.limits.user_amount_per_day = 100
    stage.merchant.limits.user_packets_per_day = 2
    assert stage.code(group("G1")) == "SUCCESS"
    assert stage.code(normal("N1")) == "SUCCESS"
    assert stage.code(normal("N2")) == "SENDNUM_LIMIT"


def test_an_openid_that_is_known_under_another_appid_is_refused() -> None:
    stage = Stage()
    stage.world.register(ALICE, MINI)
    assert stage.code(normal()) == "OPENID_ERROR"
    assert stage.code(mini()) == "SUCCESS"
    assert stage.code(normal("N2", re_openid=f"{FOREIGN_PREFIX}1")) == "OPENID_ERROR"
    assert stage.code(normal("N3", re_openid=BOB)) == "SUCCESS"


def test_a_strict_world_knows_its_users() -> None:
    stage = Stage()
    stage.set(strict_openids=True)
    assert stage.code(normal()) == "OPENID_ERROR"
    stage.world.register(ALICE, OFFICIAL)
    assert stage.code(normal()) == "SUCCESS"


def test_restart_forgets_packets_and_keeps_merchants() -> None:
    stage = Stage()
    stage.ask(normal())
    claim_packet(stage.world, mch_id=MCH_ID, mch_billno="N1", openid=ALICE)
    stage.ask(normal("N2"))
    stage.app.restart()
    assert stage.world.totals() == (0, 0, 0)
    assert stage.merchant.basic.balance == 1_000_000
    assert (stage.world.wallet(ALICE), len(stage.app.journal)) == (0, 0)
    stage.clock.advance(2 * DAY)
    check(stage.world)
    assert stage.code(normal()) == "SUCCESS"


def test_a_seed_repeats_a_world() -> None:
    """The same requests to two worlds of one seed get the same bytes."""
    replies = []
    for _ in range(2):
        stage = Stage(seed=7)
        stage.ask(group())
        claimed = claim_packet(stage.world, mch_id=MCH_ID, mch_billno="G1", openid=ALICE)
        replies.append((claimed.amount, stage.say(mini()), stage.say(preorder())))
    assert replies[0] == replies[1]


def test_merchants_have_numbers_of_their_own() -> None:
    stage = Stage()
    with pytest.raises(InvalidRequest, match="mch_id"):
        stage.world.add_merchant(a_merchant())
    with pytest.raises(InvalidRequest, match="mch_id"):
        stage.world.merchant("1")


def test_secrets_and_openids_stay_out_of_reprs() -> None:
    stage = Stage()
    stage.merchant.risky_openids[ALICE] = 3
    claimed = None
    stage.ask(normal(re_openid=ALICE))
    claimed = claim_packet(stage.world, mch_id=MCH_ID, mch_billno="N1", openid=ALICE)
    shown = f"{stage.merchant!r}{claimed!r}{stage.world.users[ALICE]!r}{stage.packet('N1')!r}"
    for secret in (stage.merchant.key, *stage.merchant.work_secrets.values(), ALICE):
        assert secret not in shown


def test_check_finds_lost_money() -> None:
    """The audit is worth something: each kind of slip is seen."""
    stage = Stage()
    stage.ask(normal())
    packet = stage.packet("N1")
    check(stage.world)
    packet.payments = 2
    with pytest.raises(BooksDisagree, match="payments"):
        check(stage.world)
    packet.payments = 1
    stage.merchant.basic.balance += 1
    with pytest.raises(BooksDisagree, match="balance"):
        check(stage.world)
    stage.merchant.basic.balance -= 1
    stage.world.register(ALICE, OFFICIAL).wallet = 5
    with pytest.raises(BooksDisagree, match="wallets"):
        check(stage.world)


@pytest.mark.parametrize("letter", "SGMHW")
def test_numbers_of_wechat_are_unique_digits(letter: str) -> None:
    stage = Stage()
    numbers = set()
    for count in range(5):
        value = stage.ask(message_of(letter, f"A{count}"))
        numbers.add(value.detail_id if letter == "H" else value.send_listid)
    assert len(numbers) == 5
    assert all(len(number) == 31 and number.isdigit() for number in numbers)


@given(st.integers(1, 1000), st.integers(0, 100_000), st.integers())
def test_a_split_gives_everyone_at_least_a_fen_and_adds_up(
    people: int, more: int, seed: int
) -> None:
    shares = split_at_random(people + more, people, random.Random(seed))
    assert len(shares) == people
    assert min(shares) >= 1
    assert sum(shares) == people + more


def test_a_split_needs_a_fen_a_head() -> None:
    with pytest.raises(ValueError, match="cannot be split"):
        split_at_random(4, 5, random.Random(1))


def test_a_world_without_merchants_answers_nobody() -> None:
    world = World(clock=ManualClock(0), dice=random.Random(0))
    assert world.totals().in_flight == 0
    assert world.payments("1", "2") == 0
