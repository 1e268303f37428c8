"""Transfers go on with time as WeChat's do, and their money is in one place at any moment."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transfer_samples import VECTORS, getter

from hongbao.simulator.money_audit import check
from hongbao.simulator.refusal import ClaimRefused
from hongbao.simulator.settings import CancelRace, LowBalance
from hongbao.simulator.transfer.confirming import confirm_page, look_at_page
from hongbao.simulator.transfer.notices import REPEATS_SECONDS
from hongbao.simulator.transfer.notifying import write_notice
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer
from hongbao.wire.transfer.notification import NotificationRefused, TransferFinished
from hongbao.wire.transfer.notification import read_notification as read
from stage import HOUR
from v3_stage import BOB, NUMBER, V3Stage, a_transfer

if TYPE_CHECKING:
    from hongbao.simulator.transfer.notifying import SentNotice

MINUTE = 60.0


@pytest.fixture
def stage() -> V3Stage:
    return V3Stage()


def state(stage: V3Stage, number: str = NUMBER) -> str:
    return stage.code(QueryTransfer(number))


def page(stage: V3Stage, package: str, openid: str = BOB, **how: Any) -> str:
    return confirm_page(stage.world, stage.params(package), openid, **how).state


@pytest.mark.parametrize(("known", "end"), [("", "SUCCESS"), ("张三", "SUCCESS"), ("李四", "FAIL")])
def test_a_name_that_is_not_the_users_fails_once_the_user_confirms(
    stage: V3Stage, known: str, end: str
) -> None:
    taken = stage.ask(a_transfer(user_name="张三"))
    stage.world.register(BOB, "wx00aa11bb22cc33dd").name = known
    assert page(stage, taken.package_info) == end
    found = stage.world.transfers.find(VECTORS["mch_id"], NUMBER)
    assert found is not None
    assert found.fail_reason == ("NAME_NOT_CORRECT" if end == "FAIL" else "")
    check(stage.world)


def test_money_is_locked_until_the_user_has_it(stage: V3Stage) -> None:
    taken = stage.ask(a_transfer())
    totals = stage.world.totals()
    assert (totals.debited, totals.in_flight, stage.world.wallet(BOB)) == (100, 100, 0)
    assert page(stage, taken.package_info) == "SUCCESS"
    assert (stage.world.totals().in_flight, stage.world.wallet(BOB)) == (0, 100)
    assert state(stage) == "SUCCESS"
    check(stage.world)


def test_it_takes_time_where_the_settings_say_so(stage: V3Stage) -> None:
    stage.set(transfer_locking_seconds=5.0, transfer_paying_seconds=7.0)
    assert stage.ask(a_transfer()).state == "ACCEPTED"
    assert stage.world.totals().debited == 0
    stage.clock.advance(5)
    package = stage.ask(a_transfer()).package_info
    assert page(stage, package) == "TRANSFERING"
    assert stage.world.wallet(BOB) == 0
    stage.clock.advance(7)
    assert state(stage) == "SUCCESS"


def test_a_user_who_never_confirms_is_closed_late_and_not_at_24_hours(stage: V3Stage) -> None:
    package = stage.ask(a_transfer()).package_info
    stage.clock.advance(24 * HOUR)
    assert state(stage) == "WAIT_USER_CONFIRM"
    with pytest.raises(ClaimRefused, match="失效"):
        page(stage, package)
    stage.clock.advance(46 * MINUTE)
    assert state(stage) == "WAIT_USER_CONFIRM"
    stage.clock.advance(MINUTE)
    info = stage.ask(QueryTransfer(NUMBER))
    assert (info.state, info.fail_reason) == ("FAIL", "OVERDUE_CLOSE")
    assert stage.merchant.basic.balance == 1_000_000
    check(stage.world)


def test_a_user_may_fail_after_confirming(stage: V3Stage) -> None:
    package = stage.ask(a_transfer()).package_info
    assert page(stage, package, ends="REAL_NAME_CHECK_FAIL") == "FAIL"
    assert stage.transfer().fail_reason == "REAL_NAME_CHECK_FAIL"
    assert stage.world.totals().refunded == 100
    check(stage.world)


def test_a_cancel_takes_time_and_can_be_repeated(stage: V3Stage) -> None:
    stage.ask(a_transfer())
    for _ in range(2):
        assert stage.ask(CancelTransfer(NUMBER)).state == "CANCELING"
    stage.clock.advance(2)
    assert state(stage) == "CANCELLED"
    assert stage.ask(CancelTransfer(NUMBER)).state == "CANCELLED"
    check(stage.world)


@pytest.mark.parametrize("race", CancelRace)
def test_a_confirmation_races_a_cancel(stage: V3Stage, race: CancelRace) -> None:
    stage.set(transfer_cancel_race=race)
    package = stage.ask(a_transfer()).package_info
    stage.ask(CancelTransfer(NUMBER))
    if race is CancelRace.USER:
        assert page(stage, package) == "SUCCESS"
    else:
        with pytest.raises(ClaimRefused):
            page(stage, package)
    stage.clock.advance(10)
    assert state(stage) == ("SUCCESS" if race is CancelRace.USER else "CANCELLED")
    check(stage.world)


def test_what_is_over_is_not_cancelled(stage: V3Stage) -> None:
    page(stage, stage.ask(a_transfer()).package_info)
    assert stage.code(CancelTransfer(NUMBER)) == "INVALID_REQUEST"
    assert stage.code(CancelTransfer("HBUNKNOWN1")) == "INVALID_REQUEST"


@pytest.mark.parametrize("low", LowBalance)
def test_a_low_balance_refuses_or_waits(stage: V3Stage, low: LowBalance) -> None:
    stage.set(transfer_low_balance=low)
    stage.merchant.basic.top_up(-999_950)
    expected = "PROCESSING" if low is LowBalance.PROCESSING else "NOT_ENOUGH"
    assert stage.code(a_transfer()) == expected
    held = low is not LowBalance.NOT_ENOUGH
    assert state(stage) == ("PROCESSING" if held else "NOT_FOUND")
    stage.merchant.basic.top_up(50)
    assert state(stage) == ("WAIT_USER_CONFIRM" if held else "NOT_FOUND")
    assert stage.world.totals().debited == (100 if held else 0)
    check(stage.world)


def test_a_balance_that_never_comes_ends_after_a_day(stage: V3Stage) -> None:
    stage.merchant.basic.top_up(-1_000_000)
    stage.ask(a_transfer())
    stage.clock.advance(24 * HOUR)
    assert state(stage) == "FAIL"
    stage.merchant.basic.top_up(1_000)
    assert state(stage) == "FAIL"
    check(stage.world)


def test_one_that_waits_for_a_balance_can_be_cancelled(stage: V3Stage) -> None:
    stage.merchant.basic.top_up(-1_000_000)
    stage.ask(a_transfer())
    stage.ask(CancelTransfer(NUMBER))
    stage.merchant.basic.top_up(1_000)
    stage.clock.advance(2)
    assert state(stage) == "CANCELLED"
    assert stage.merchant.basic.balance == 1_000


def test_transfers_are_paid_from_the_operating_account_where_there_is_one(stage: V3Stage) -> None:
    stage.merchant.operating_opened = True
    stage.merchant.operating.top_up(100)
    stage.ask(a_transfer())
    assert (stage.merchant.operating.balance, stage.merchant.basic.balance) == (0, 1_000_000)


def test_a_query_does_not_know_what_was_just_taken_nor_what_is_old(stage: V3Stage) -> None:
    stage.set(transfer_hidden_seconds=60.0, transfer_not_found_status=400)
    stage.ask(a_transfer())
    assert state(stage) == "NOT_FOUND"
    stage.clock.advance(60)
    assert state(stage) == "WAIT_USER_CONFIRM"
    stage.clock.advance(30 * 24 * HOUR)
    assert state(stage) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "openid", "field"),
    [
        ({"package": "damaged"}, BOB, "package"),
        ({"package": "-"}, BOB, "package"),
        ({"mchId": "1900099999"}, BOB, "mchId"),
        ({"appId": "wxother"}, BOB, "appId"),
        ({}, "oAnother", "openid"),
    ],
)
def test_the_page_says_what_is_wrong_with_what_it_was_given(
    stage: V3Stage, changes: dict[str, str], openid: str, field: str
) -> None:
    params = stage.params(stage.ask(a_transfer()).package_info) | changes
    with pytest.raises(ClaimRefused) as caught:
        look_at_page(stage.world, params, openid)
    assert caught.value.field == field


@pytest.mark.parametrize("style", [None, "CONFIRM_PAGE", "RED_PACKET"])
def test_the_page_looks_as_it_was_asked_to(stage: V3Stage, style: str | None) -> None:
    package = stage.ask(a_transfer(user_recv_style=style)).package_info
    seen = look_at_page(stage.world, stage.params(package), BOB)
    assert seen.look == (style or "CONFIRM_PAGE")
    assert (seen.amount, seen.perception, seen.can_confirm) == (100, "活动奖励", True)
    assert state(stage) == "WAIT_USER_CONFIRM", "looking confirms nothing"


def _read(stage: V3Stage, sent: SentNotice) -> Any:
    return read(
        getter(sent.headers),
        sent.body,
        keys=stage.payer.wechat_keys,
        api_v3_key=VECTORS["api_v3_key"],
        mch_id=stage.merchant.mch_id,
        now=stage.clock.now(),
    )


def test_an_end_is_reported_again_until_it_is_taken(stage: V3Stage) -> None:
    stage.set(transfer_both_spellings=True)
    page(stage, stage.ask(a_transfer()).package_info)
    notices = stage.world.transfers.notices
    seen: list[str] = []
    for seconds in REPEATS_SECONDS:
        (notice,) = notices.due(stage.clock.now())
        event = _read(stage, write_notice(stage.world, notice, platform=len(seen) % 2 == 1))
        assert isinstance(event, TransferFinished)
        assert event.transfer.document["mchid"] == stage.merchant.mch_id
        seen.append(event.event_id)
        notices.sent(notice, stage.clock.now(), taken=False)
        assert notices.due(stage.clock.now()) == []
        stage.clock.advance(seconds)
    (notice,) = notices.due(stage.clock.now())
    notices.sent(notice, stage.clock.now(), taken=True)
    stage.clock.advance(30 * 24 * HOUR)
    assert notices.due(stage.clock.now()) == []
    assert set(seen) == {"EV-1795406400000000001"}
    sent = write_notice(stage.world, notice)
    assert isinstance(_read(stage, sent._replace(body=sent.body + b" ")), NotificationRefused)


def test_what_names_no_notify_url_is_not_reported(stage: V3Stage) -> None:
    page(stage, stage.ask(a_transfer(notify_url=None)).package_info)
    assert list(stage.world.transfers.notices) == []


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "cancel", "confirm", "fail", "wait", "top up", "take out"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(_STEPS, st.sampled_from(CancelRace), st.sampled_from(LowBalance))
def test_whatever_happens_no_fen_is_lost_and_nobody_has_two(
    steps: list[tuple[str, int]], race: CancelRace, low: LowBalance
) -> None:
    stage = V3Stage()
    stage.set(transfer_cancel_race=race, transfer_low_balance=low, transfer_locking_seconds=1.0)
    stage.merchant.basic.top_up(-999_800)
    packages: dict[int, str] = {}
    for step, index in steps:
        number = f"HB2026112300{index}"
        match step:
            case "send":
                stage.code(a_transfer(number))
                found = stage.world.transfers.find(stage.merchant.mch_id, number)
                if found is not None and found.is_locked:
                    packages[index] = stage.ask(a_transfer(number)).package_info or ""
            case "cancel":
                stage.code(CancelTransfer(number))
            case "confirm" | "fail":
                ends = "OPENID_INVALID" if step == "fail" else ""
                with suppress(ClaimRefused):
                    page(stage, packages.get(index, ""), ends=ends)
            case "wait":
                stage.clock.advance(9 * HOUR)
            case "top up":
                stage.merchant.basic.top_up(100)
            case _:
                stage.merchant.basic.top_up(-min(100, stage.merchant.basic.balance))
        check(stage.world)
    stage.clock.advance(60 * HOUR)
    check(stage.world)
    assert stage.world.totals().in_flight == 0
    assert all(it.payments <= 1 for it in stage.world.transfers.transfers())
