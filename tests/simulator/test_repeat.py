"""The same number again: it pays at most once, whatever happened before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hongbao.simulator.merchant import Delivery, FundAccount
from hongbao.simulator.money_audit import check
from hongbao.simulator.settings import AmountMismatch, RepeatOfPaid
from hongbao.wire.codec import encode
from hongbao.wire.messages import Query
from hongbao.wire.status import Status
from stage import (
    ALICE,
    BOB,
    DAY,
    HOUR,
    PAYER,
    SENDS,
    Stage,
    group,
    message_of,
    mini,
    normal,
    preorder,
    reply_of,
    work,
)


@pytest.mark.parametrize("letter", SENDS)
def test_the_same_again_succeeds_again_and_pays_once(letter: str) -> None:
    """The second reply is the first one, to the byte."""
    stage = Stage()
    message = message_of(letter)
    first = stage.say(message)
    stage.clock.advance(HOUR)
    assert stage.say(message) == first
    assert stage.payments("A1") == 1
    assert stage.world.totals().debited == message.total_amount  # type: ignore[attr-defined]  # all sends have one


def test_a_repeat_may_have_another_nonce_and_come_from_another_machine() -> None:
    stage = Stage()
    message = normal()
    stage.ask(message)
    elsewhere = replace(PAYER, client_ip="198.51.100.9")
    body = encode(message, elsewhere, nonce="another")
    reply = reply_of(stage.post(message.ENDPOINT.path, body))
    assert reply["result_code"] == "SUCCESS"
    assert stage.payments("N1") == 1


@pytest.mark.parametrize("letter", SENDS)
def test_a_repeat_of_a_paid_number_can_be_set_to_be_refused(letter: str) -> None:
    """And then it says that an order exists, never that nothing was paid."""
    stage = Stage()
    stage.set(repeat_of_paid=RepeatOfPaid.REFUSE)
    message = message_of(letter)
    assert stage.code(message) == "SUCCESS"
    assert stage.code(message) == "FATAL_ERROR"
    assert stage.payments("A1") == 1


@pytest.mark.parametrize("letter", "SGMW")
def test_another_openid_is_a_fatal_error(letter: str) -> None:
    stage = Stage()
    stage.ask(message_of(letter))
    assert stage.code(message_of(letter, re_openid=BOB)) == "FATAL_ERROR"
    assert stage.payments("A1") == 1


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        ("S", "金额和原始单参数不一致"),
        ("G", "金额和原始单参数不一致"),
        ("M", "FATAL_ERROR"),
        ("H", "FATAL_ERROR"),
        ("W", "FATAL_ERROR"),
    ],
)
def test_another_amount_is_reported_by_the_phrase_where_that_is_documented(
    letter: str, expected: str
) -> None:
    stage = Stage()
    stage.ask(message_of(letter))
    other = message_of(letter, total_amount=1001)
    assert stage.code(other) == expected
    stage.set(amount_mismatch=AmountMismatch.PARAM_ERROR)
    assert stage.code(other) == "PARAM_ERROR"
    assert stage.payments("A1") == 1


def test_another_openid_is_reported_before_another_amount_and_that_before_other_fields() -> None:
    stage = Stage()
    stage.ask(normal())
    assert stage.code(normal(re_openid=BOB, total_amount=200, remark="x")) == "FATAL_ERROR"
    assert stage.code(normal(total_amount=200, remark="x")) == "金额和原始单参数不一致"
    assert stage.code(normal(remark="x")) == "FATAL_ERROR"


def test_one_number_serves_one_call() -> None:
    """A number that was a normal packet cannot be a WeCom packet too."""
    stage = Stage()
    stage.ask(normal("A1"))
    assert stage.code(work("A1")) == "FATAL_ERROR"
    assert stage.code(preorder("A1")) == "FATAL_ERROR"
    assert stage.code(mini("A1")) == "FATAL_ERROR"
    assert stage.code(group("A1")) == "金额和原始单参数不一致"  # its amount differs too
    assert stage.world.totals().debited == 100


def test_two_merchants_may_use_one_number() -> None:
    """Numbers are unique within a merchant, not in the world."""
    stage = Stage()
    other = Stage(seed=2).merchant
    other.mch_id = "1900099999"
    stage.world.add_merchant(other)
    stage.ask(normal())
    payer = replace(PAYER, mch_id=other.mch_id)
    reply = reply_of(stage.say(normal(), payer, certificate=other.mch_id))
    assert reply["result_code"] == "SUCCESS"
    assert stage.world.totals().debited == 200
    assert stage.world.totals(other.mch_id).debited == 100
    check(stage.world)


def _no_money(stage: Stage) -> None:
    stage.merchant.basic.top_up(-stage.merchant.basic.balance)


def _too_much_for_the_user(stage: Stage) -> None:
    stage.merchant.limits.user_amount_per_day = 0


def _too_many_for_the_user(stage: Stage) -> None:
    stage.merchant.limits.user_packets_per_day = 0


def _too_much_today(stage: Stage) -> None:
    stage.merchant.limits.amount_per_day = 0


def _risk(stage: Stage) -> None:
    stage.merchant.risky_openids[ALICE] = 1


def _mend(stage: Stage) -> None:
    stage.merchant.basic.top_up(1000)
    stage.merchant.limits.user_amount_per_day = None
    stage.merchant.limits.user_packets_per_day = None
    stage.merchant.limits.amount_per_day = None
    stage.merchant.risky_openids.clear()


_OPEN_REFUSALS = [
    (_no_money, "NOTENOUGH"),
    (_too_much_for_the_user, "RCVDAMOUNT_LIMIT"),
    (_too_many_for_the_user, "SENDNUM_LIMIT"),
    (_too_much_today, "SENDAMOUNT_LIMIT"),
    (_risk, "NO_AUTH"),
]


@pytest.mark.parametrize(("spoil", "code"), _OPEN_REFUSALS)
@pytest.mark.parametrize("letter", "SMW")
def test_a_refusal_for_money_limits_or_risk_stays_alive_and_pays_when_it_comes_again(
    spoil: object, code: str, letter: str
) -> None:
    """The trap of SENDING: refused, and paid later under the same number."""
    assert callable(spoil)
    stage = Stage()
    spoil(stage)
    message = message_of(letter)
    assert stage.code(message) == code
    info = stage.ask(message_of("V" if letter == "W" else "Q"))
    assert (info.status, bool(info.reason)) == (Status.SENDING, True)
    assert stage.code(message) == code
    assert stage.payments("A1") == 0
    _mend(stage)
    assert stage.code(message) == "SUCCESS"
    info = stage.ask(message_of("V" if letter == "W" else "Q"))
    assert (info.status, info.reason) == (Status.SENT, "")
    assert stage.payments("A1") == 1
    check(stage.world)


def test_the_reason_is_that_of_the_latest_refusal() -> None:
    stage = Stage()
    _no_money(stage)
    stage.code(normal())
    first = stage.ask(Query("N1")).reason
    _risk(stage)
    assert stage.code(normal()) == "NO_AUTH"
    assert stage.ask(Query("N1")).reason != first


def test_a_refused_order_fails_in_the_end_and_its_number_is_dead() -> None:
    """Counted from the first call, not from the last one."""
    stage = Stage(merchant=Stage().merchant)
    _no_money(stage)
    stage.code(normal())
    stage.clock.advance(23 * HOUR)
    assert stage.code(normal()) == "NOTENOUGH"
    stage.clock.advance(HOUR)
    assert stage.ask(Query("N1")).status is Status.FAILED
    stage.merchant.basic.top_up(1000)
    reply = reply_of(stage.say(normal()))
    assert reply["err_code"] == "SEND_FAILED"
    assert reply["err_code_des"] == "该订单已经过期,请更换商户单号"
    assert stage.payments("N1") == 0
    assert stage.code(normal("N2")) == "SUCCESS"


def test_how_long_a_refused_order_lives_is_a_setting() -> None:
    stage = Stage()
    stage.set(order_lifetime_seconds=72 * HOUR)
    _no_money(stage)
    stage.code(normal())
    stage.clock.advance(71 * HOUR)
    stage.merchant.basic.top_up(100)
    assert stage.code(normal()) == "SUCCESS"
    stage.clock.advance(HOUR)  # where it would have expired
    assert stage.ask(Query("N1")).status is Status.SENT


def test_a_repeat_in_another_state_is_refused_and_the_order_stands() -> None:
    """A refusal of a repeat cancels nothing."""
    stage = Stage()
    stage.ask(normal())
    stage.merchant.product_opened = False
    assert stage.code(normal()) == "PRODUCT_AUTHORITY_UNOPEN"
    assert stage.ask(Query("N1")).status is Status.SENT
    assert stage.payments("N1") == 1


def test_a_paid_order_is_not_measured_by_limits_again() -> None:
    stage = Stage()
    stage.ask(normal())
    _no_money(stage)
    _risk(stage)
    _too_much_today(stage)
    assert stage.code(normal()) == "SUCCESS"
    assert stage.payments("N1") == 1


def test_a_repeat_after_the_money_went_back_still_pays_nothing() -> None:
    stage = Stage()
    stage.ask(normal())
    stage.clock.advance(2 * DAY)
    assert stage.ask(Query("N1")).status is Status.REFUND
    assert stage.code(normal()) == "SUCCESS"
    assert stage.payments("N1") == 1
    assert stage.world.totals() == (100, 0, 100)


def test_surplus_calls_leave_no_order() -> None:
    stage = Stage()
    stage.merchant.limits.calls_per_second = 1
    assert stage.code(normal("N1")) == "SUCCESS"
    assert stage.code(normal("N2")) == "FREQ_LIMIT"
    stage.clock.advance(1)
    assert stage.code(Query("N2")) == "NOT_FOUND"
    stage.clock.advance(1)
    assert stage.code(normal("N2")) == "SUCCESS"


def test_an_order_in_processing_is_told_so_until_it_is_sent() -> None:
    stage = Stage()
    stage.merchant.delivery = Delivery(seconds=HOUR, told=True)
    assert stage.code(normal()) == "PROCESSING"
    assert stage.ask(Query("N1")).status is Status.SENDING
    assert stage.code(normal()) == "PROCESSING"
    assert stage.payments("N1") == 1
    stage.clock.advance(HOUR)
    assert stage.ask(Query("N1")).status is Status.SENT
    assert stage.code(normal()) == "SUCCESS"
    assert stage.payments("N1") == 1
    check(stage.world)


def test_an_order_in_processing_may_fail_and_was_never_paid() -> None:
    stage = Stage()
    stage.merchant.delivery = Delivery(seconds=HOUR, told=True, ends=Status.FAILED)
    assert stage.code(normal()) == "PROCESSING"
    stage.clock.advance(HOUR)
    info = stage.ask(Query("N1"))
    assert (info.status, bool(info.reason)) == (Status.FAILED, True)
    assert stage.code(normal()) == "SEND_FAILED"
    assert stage.world.totals() == (0, 0, 0)
    check(stage.world)


def test_money_goes_back_to_the_account_that_paid() -> None:
    """Even if the merchant pays from the other one by then."""
    stage = Stage()
    stage.ask(normal("N1"))
    stage.merchant.operating_opened = True
    stage.merchant.operating = FundAccount.holding(500)
    stage.ask(normal("N2", total_amount=500))
    assert (stage.merchant.basic.balance, stage.merchant.operating.balance) == (999_900, 0)
    assert stage.code(normal("N3")) == "NOTENOUGH"
    stage.merchant.operating_opened = False
    stage.clock.advance(2 * DAY)
    stage.world.settle()
    assert (stage.merchant.basic.balance, stage.merchant.operating.balance) == (1_000_000, 500)
    check(stage.world)
