"""What no source settles of transfers is a setting, and each of them shows in what is answered."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from hongbao.simulator.bill_rows import rows_of_day
from hongbao.simulator.clock import beijing_day
from hongbao.simulator.settings import Settings
from hongbao.simulator.transfer.confirming import confirm_page
from hongbao.wire.bill.request import BillAccount
from hongbao.wire.transfer.messages import CancelTransfer, QueryTransfer
from stage import NOON
from v3_stage import BOB, NUMBER, V3Stage, a_transfer


@pytest.fixture
def stage() -> V3Stage:
    return V3Stage()


def state(stage: V3Stage) -> str:
    return stage.code(QueryTransfer(NUMBER))


def in_bill(stage: V3Stage) -> list[tuple[str, str, int]]:
    rows = rows_of_day(stage.world, stage.merchant, BillAccount.BASIC, beijing_day(NOON))
    return [(row.name, row.direction.name, row.amount) for row in rows]


def test_the_user_has_as_long_as_the_settings_say_and_the_lag_comes_on_top(stage: V3Stage) -> None:
    stage.set(transfer_confirm_seconds=60.0, transfer_close_lag_seconds=10.0)
    stage.ask(a_transfer())
    stage.clock.advance(69)
    assert state(stage) == "WAIT_USER_CONFIRM"
    stage.clock.advance(1)
    assert state(stage) == "FAIL"


def test_a_cancel_takes_as_long_as_the_settings_say(stage: V3Stage) -> None:
    stage.set(transfer_cancel_seconds=30.0)
    stage.ask(a_transfer())
    assert stage.ask(CancelTransfer(NUMBER)).state == "CANCELING"
    stage.clock.advance(29)
    assert state(stage) == "CANCELING"
    stage.clock.advance(1)
    assert state(stage) == "CANCELLED"


def test_a_number_is_answered_again_for_as_long_as_the_settings_say(stage: V3Stage) -> None:
    stage.set(transfer_repeat_seconds=100.0)
    same = stage.prepared(a_transfer())
    stage.send(same)
    stage.clock.advance(99)
    assert stage.send(same).state == "WAIT_USER_CONFIRM"
    stage.clock.advance(1)
    assert stage.code(a_transfer()) == "INVALID_REQUEST"
    assert state(stage) == "WAIT_USER_CONFIRM"


def test_bills_name_transfers_and_their_return_as_the_settings_say(stage: V3Stage) -> None:
    stage.set(transfer_bill_name="付款", transfer_bill_returned_name="退回")
    stage.set(transfer_cancel_seconds=0.0)
    stage.ask(a_transfer())
    stage.ask(CancelTransfer(NUMBER))
    stage.clock.advance(1)
    assert state(stage) == "CANCELLED"
    assert in_bill(stage) == [("付款", "OUT", 100), ("退回", "IN", 100)]


def test_what_was_locked_and_came_back_is_in_the_bill_if_the_settings_say_so(
    stage: V3Stage,
) -> None:
    stage.set(transfer_unpaid_in_bill=False, transfer_cancel_seconds=0.0)
    package = stage.ask(a_transfer("HB20261123A002")).package_info
    confirm_page(stage.world, stage.params(package), BOB)
    stage.ask(a_transfer())
    stage.ask(CancelTransfer(NUMBER))
    stage.clock.advance(1)
    assert state(stage) == "CANCELLED"
    assert in_bill(stage) == [("商家转账", "OUT", 100)]


def test_each_setting_of_transfers_is_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_v3_*.py"))
    names = [known.name for known in fields(Settings) if known.name.startswith("transfer_")]
    assert len(names) > 10
    assert [name for name in names if f"{name}=" not in tests] == []
