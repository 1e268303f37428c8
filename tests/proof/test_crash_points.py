"""Every point at which a worker can die, on every way that a payout can go.

With ``PROOF_LIVES=all`` on both sides of each passage; else on one side of some, fewer of them on
PostgreSQL, and each way has others.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from virtual_time import run

from crashing import Crash, CrashingGate, points
from hongbao.ledger.model.mandate import Mandate
from hongbao.ledger.model.payout import State
from laws import check
from paths import PATHS
from proof_stage import Due, OpenGate, Stage

if TYPE_CHECKING:
    from paths import Path
    from proof_stage import Gate, Payers
    from shelf import Shelf

ASKED = (Due("first", amount=150), Due("second", payee="oTEST_payee_0000000000000002", amount=200))
"""What a program asks for: what it is sure to have asked for before, it asks for once more."""
MANDATE = Mandate(total=350, day_amount=350, day_count=2, largest=200)


def _every(shelf: Shelf) -> int:
    return 15 if shelf.url.startswith("postgresql") else 5


@pytest.mark.long
@pytest.mark.parametrize("name", PATHS)
def test_whenever_a_worker_dies_another_one_ends_it_and_nobody_is_paid_twice(
    name: str, payers: Payers, shelf: Shelf
) -> None:
    path, stage = PATHS[name], Stage(payers, shelf)
    whole = CrashingGate()
    _live(stage, path, "whole", whole)
    for at, side in points(whole.passages, way=list(PATHS).index(name), every=_every(shelf)):
        _live(stage, path, f"{side.value} {at}", CrashingGate(at, side))
    check(stage, ended=True)
    assert whole.passages > 5


def _live(stage: Stage, path: Path, name: str, gate: CrashingGate) -> None:
    """A campaign, with a worker that may die and one that comes after it."""
    stage.campaign(name, path.dues)
    path.sets(stage, name)
    try:
        stage.live(gate)
    except Crash:
        stage.live()
    else:
        assert not gate.kills, f"nothing died at {name}"
    ends = tuple(payout.state for payout in stage.payouts(name))
    assert ends == path.ends, f"{name}: {ends}"


@pytest.mark.long
@pytest.mark.parametrize("fault", ["none", "lose_reply"])
def test_whenever_a_program_with_a_worker_dies_it_asks_again_and_everybody_is_paid_once(
    fault: str, payers: Payers, shelf: Shelf
) -> None:
    stage = Stage(payers, shelf)
    whole = CrashingGate()
    _serve(stage, "whole", fault, whole)
    for at, side in points(whole.passages, way=len(fault), every=_every(shelf)):
        _serve(stage, f"{side.value} {at}", fault, CrashingGate(at, side))
    check(stage, ended=True)
    assert whole.passages > 10


def _serve(stage: Stage, name: str, fault: str, gate: CrashingGate) -> None:
    """A program with a worker of its own, of which nobody remembers what it did when it dies."""
    stage.wechat.recover()
    if fault != "none":
        stage.wechat.fail({"fault": fault, "endpoint": "sendredpack", "nth": 1})
    stage.stand(name, MANDATE)
    try:
        _ask(stage, name, gate)
    except Crash:
        _ask(stage, name, OpenGate())
    else:
        assert not gate.kills, f"nothing died at {name}"
    payouts = stage.payouts(name)
    assert [payout.key for payout in payouts] == [f"{name}/{due.key}" for due in ASKED]
    assert {payout.state for payout in payouts} == {State.RETURNED}, name
    assert stage.book.standing(name).planned == 350


def _ask(stage: Stage, name: str, gate: Gate) -> None:
    for number in range(1, len(ASKED) + 1):
        for due in ASKED[:number]:
            run(stage.time, partial(gate.books, partial(stage.enqueue, name, due)))
        stage.live(gate)


def test_books_restored_from_before_a_program_had_asked_pay_nobody_again_when_it_asks_again(
    payers: Payers, shelf: Shelf
) -> None:
    stage = Stage(payers, shelf)
    stage.stand("refunds", MANDATE)
    shelf.keep()
    first = [stage.enqueue("refunds", due) for due in ASKED]
    stage.live()
    shelf.restore()
    assert stage.payouts("refunds") == []
    again = [stage.enqueue("refunds", due) for due in ASKED]
    assert [payout.billno for payout in again] == [payout.billno for payout in first]
    stage.live()
    check(stage, ended=True)
