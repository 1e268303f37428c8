"""The engine and numbers that WeChat refuses and yet knows: paid once, and nobody is forgotten."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from kinds import ALL

from hongbao.errors import LedgerError
from hongbao.ledger.model.payout import PAID, State
from hongbao.simulator.merchant import Delivery
from hongbao.simulator.settings import Settings
from laws import check
from proof_stage import DAY, HOUR, MCH_ID, Due, Stage

if TYPE_CHECKING:
    from proof_stage import Payers
    from shelf import Shelf

KINDS = ("normal", "group")
CODES = ("OPENID_ERROR", "PARAM_ERROR", "SENDAMOUNT_LIMIT", "FREQ_LIMIT", "NOTENOUGH", "CA_ERROR")


def _stage(payers: Payers, shelf: Shelf, *dues: Due, **settings: Any) -> Stage:
    stage = Stage(payers, shelf, settings=Settings(**settings))
    stage.wechat.simulated(MCH_ID).limits.calls_per_second = None
    stage.campaign("spring", list(dues))
    for hours in (1, 25, 49):
        stage.at(hours * HOUR, lambda: _resume(stage))
    return stage


def _resume(stage: Stage) -> None:
    """A person has looked at why it stands still."""
    with suppress(LedgerError):
        stage.book.resume("spring", by="boss")


def _dues(kind: str) -> list[Due]:
    shared = kind == "group"
    return [
        Due(
            str(number),
            kind,
            f"oTEST_payee_{number:016d}",
            600 if shared else 100,
            3 if shared else 1,
        )
        for number in range(3)
    ]


def _settled(stage: Stage) -> list[State]:
    stage.at(3 * DAY, stage.wechat.recover)
    stage.live()
    check(stage, ended=True)
    return [payout.state for payout in stage.payouts()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", CODES)
def test_a_refused_number_that_is_held_is_paid_by_a_repeat_or_not_at_all(
    payers: Payers, shelf: Shelf, kind: str, code: str
) -> None:
    stage = _stage(payers, shelf, *_dues(kind))
    stage.wechat.fail({"fault": "refused_but_held", "err_code": code, "nth": 1, "times": 2})
    states = _settled(stage)
    assert set(states) <= PAID | {State.REFUSED}


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", CODES if ALL else CODES[::2])
@pytest.mark.parametrize("seconds", [0.0, 600.0])
def test_a_refused_number_that_was_paid_all_the_same_is_called_paid(
    payers: Payers, shelf: Shelf, kind: str, code: str, seconds: float
) -> None:
    """At once, or some minutes later while a query says SENDING."""
    stage = _stage(payers, shelf, *_dues(kind))
    stage.wechat.simulated(MCH_ID).delivery = Delivery(seconds=seconds)
    stage.wechat.fail({"fault": "answer", "err_code": code, "after": True, "nth": 1, "times": 2})
    assert all(state in PAID for state in _settled(stage))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", CODES)
def test_a_refused_number_that_was_paid_is_not_called_cancelled(
    payers: Payers, shelf: Shelf, kind: str, code: str
) -> None:
    """What was refused so that it may be sent again is asked about before it is taken back."""
    stage = _stage(payers, shelf, *_dues(kind))
    stage.wechat.fail({"fault": "answer", "err_code": code, "after": True, "nth": 1, "times": 1})
    stage.at(1, lambda: stage.book.cancel("spring", by="boss", reason="a mistake"))
    stage.live()
    check(stage, ended=True)


@pytest.mark.parametrize("seconds", [1.0, 60.0])
def test_a_long_pause_between_two_sends_of_one_number_is_kept_sooner_or_later(
    payers: Payers, shelf: Shelf, seconds: float
) -> None:
    """However long WeChat's second is: the engine comes again later each time."""
    stage = _stage(payers, shelf, *_dues("normal"), same_number_seconds=seconds)
    stage.wechat.fail({"fault": "lose_reply", "endpoint": "sendredpack", "nth": 1, "times": 3})
    stage.lies.set(lambda name, nth: "NOT_FOUND" if name == "gethbinfo" and nth < 4 else None)
    assert all(state in PAID for state in _settled(stage))
