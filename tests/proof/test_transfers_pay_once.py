"""Transfers: whatever goes wrong, nobody is paid twice, nobody is lost, and locked money adds up.

``PROOF_TRANSFER_SEEDS`` says which seeds: a number of them from 0, or a range such as ``17-17``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from crashing import Crash, CrashingGate, Side
from hongbao.ledger.model.payout import State
from proof_stage import DAY, HOUR, Due
from second_life import Life
from seeded_transfers import SeededTransfers
from transfer_stage import TransferStage, check_transfers

if TYPE_CHECKING:
    from proof_stage import Gate, Payers
    from shelf import Shelf

_FIRST, _, _LAST = os.environ.get("PROOF_TRANSFER_SEEDS", "40").rpartition("-")
SEEDS = range(int(_FIRST), int(_LAST) + 1) if _FIRST else range(int(_LAST))
LIVES = list(Life)

DUES = (
    Due("first", "transfer", amount=150),
    Due("second", "transfer_red_packet", "oTEST_payee_0000000000000002", amount=200),
)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_goes_wrong_nobody_is_paid_twice_and_in_the_end_everybody_is_settled(
    seed: int, payers: Payers, on_sqlite: Shelf
) -> None:
    system = SeededTransfers(seed, payers, on_sqlite, LIVES[seed % len(LIVES)])
    try:
        system.rage()
        check_transfers(system.stage, ended=False)
        system.lose_the_books()
        system.recover()
        check_transfers(system.stage, ended=True)
    except BaseException as error:
        error.add_note(f"PROOF_TRANSFER_SEEDS={seed}-{seed} python -m pytest {__file__}")
        raise


@pytest.mark.long
@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ("confirmed", "none"),
        ("confirmed", "lose_reply"),
        ("confirmed", "unsigned_reply"),
        ("confirmed", "probe_reply"),
        ("left", "none"),
        ("cancelled", "none"),
        ("cancelled", "lose_reply"),
    ],
)
def test_whenever_a_worker_dies_another_one_ends_it_and_nobody_is_paid_twice(
    way: str, fault: str, payers: Payers, on_sqlite: Shelf
) -> None:
    stage = TransferStage(payers, on_sqlite)
    whole = CrashingGate()
    _live(stage, way, "whole", fault, whole)
    points = [(at, side) for at in range(1, whole.passages + 1) for side in Side]
    for at, side in points:
        _live(stage, way, f"{side.value}-{at}", fault, CrashingGate(at, side))
    check_transfers(stage, ended=True)
    assert whole.passages > 5


ENDS = {"confirmed": State.RECEIVED, "left": State.REFUSED, "cancelled": State.REFUSED}


def _live(stage: TransferStage, way: str, name: str, fault: str, gate: Gate) -> None:
    """A campaign, with a worker that may die and one that comes after it."""
    stage.wechat.recover()
    if fault != "none":
        stage.wechat.fail({"fault": fault, "nth": 1})
    stage.campaign(name, DUES)
    payees = {due.payee for due in DUES}
    if way == "confirmed":
        for hours in (2, 10, 20):
            stage.at(hours * HOUR, lambda: stage.claim(name, payees))
    if way == "cancelled":
        stage.at(2 * HOUR, lambda: stage.book.cancel(name, by="boss", reason="a mistake"))
    stage.at(2 * DAY, lambda: None)
    try:
        stage.live(gate)
    except Crash:
        stage.live()
    ends = {payout.state for payout in stage.payouts(name)}
    assert ends == {ENDS[way]}, f"{name}: {ends}"
