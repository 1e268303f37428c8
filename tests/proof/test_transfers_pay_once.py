"""Transfers: whatever goes wrong, nobody is paid twice, nobody is lost, and locked money adds up.

``PROOF_TRANSFER_SEEDS`` says which seeds: a number of them from 0, or a range such as ``17-17``.
``PROOF_LIVES=all`` lets a worker die at every point of every way, on both databases, and every seed
go on with every kind of books; ``PROOF_SECONDS`` says for how long: what does not fit is skipped.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from kinds import ALL

import second_life
from crashing import Crash, CrashingGate, Side, points
from proof_stage import DAY, HOUR, MCH_ID
from second_life import Life
from seeded_transfers import SeededTransfers
from transfer_paths import TRANSFER_PATHS
from transfer_stage import TransferStage, check_transfers

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof_stage import Payers
    from shelf import Shelf

_FIRST, _, _LAST = os.environ.get("PROOF_TRANSFER_SEEDS", "18").rpartition("-")
SEEDS = range(int(_FIRST), int(_LAST) + 1) if _FIRST else range(int(_LAST))
LIVES = list(Life)
UNTIL = time.monotonic() + float(os.environ.get("PROOF_SECONDS", "inf"))
SHELVES = ["on_sqlite", pytest.param("on_postgresql", marks=pytest.mark.postgres)]


def _on_postgresql(seed: int) -> bool:
    return seed % 9 == 8  # of every life, since there are four


@pytest.mark.parametrize(
    ("seed", "life"),
    [
        pytest.param(seed, life, marks=[pytest.mark.postgres] if _on_postgresql(seed) else [])
        for seed in SEEDS
        for life in (LIVES if ALL else [LIVES[seed % len(LIVES)]])
    ],
)
def test_whatever_goes_wrong_nobody_is_paid_twice_and_in_the_end_everybody_is_settled(
    seed: int,
    life: Life,
    payers: Payers,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    if time.monotonic() > UNTIL:
        pytest.skip("the time is up")
    shelf: Shelf = request.getfixturevalue("on_postgresql" if _on_postgresql(seed) else "on_sqlite")
    system = SeededTransfers(seed, payers, shelf, life)
    try:
        system.rage()
        check_transfers(system.stage, ended=False)
        system.lose_the_books()
        system.recover()
        check_transfers(system.stage, ended=True)
    except BaseException as error:
        again = f"PROOF_TRANSFER_SEEDS={seed}-{seed} PROOF_LIVES=all python -m pytest"
        error.add_note(f"{again} '{__file__}::{request.node.name}'")
        raise
    record_property(life.value, 1)


@pytest.mark.long
@pytest.mark.parametrize("shelf_name", SHELVES)
@pytest.mark.parametrize("name", TRANSFER_PATHS)
def test_whenever_a_worker_dies_another_one_ends_it_and_nobody_is_paid_twice(
    name: str, shelf_name: str, payers: Payers, request: pytest.FixtureRequest
) -> None:
    number = list(TRANSFER_PATHS).index(name)
    stage = TransferStage(payers, request.getfixturevalue(shelf_name))
    whole = CrashingGate()
    _live(stage, name, "whole", whole)
    for at, side in points(whole.passages, way=number, every=_EVERY[shelf_name]):
        _live(stage, name, f"{side.value}-{at}", CrashingGate(at, side))
    check_transfers(stage, ended=True)
    assert whole.passages > 5


_EVERY = {"on_sqlite": 12, "on_postgresql": 30}
"""Which part of the points is walked where not all of them are."""


def _live(stage: TransferStage, path_name: str, name: str, gate: CrashingGate) -> None:
    """A campaign, with a worker that may die and one that comes after it."""
    path = TRANSFER_PATHS[path_name]
    stage.campaign(name, path.dues)
    path.sets(stage, name)
    stage.at(2 * DAY, lambda: None)
    try:
        stage.live(gate)
    except Crash:
        stage.live()
    else:
        assert not gate.kills, f"nothing died at {name}"
    ends = tuple(payout.state for payout in stage.payouts(name))
    assert ends == path.ends, f"{name}: {ends}"


@pytest.mark.long
@pytest.mark.parametrize("name", TRANSFER_PATHS)
def test_whenever_the_books_are_lost_whoever_is_reopened_is_paid_once(
    name: str, payers: Payers, on_sqlite: Shelf, record_property: Callable[[str, object], None]
) -> None:
    lives = [life for life in LIVES if life is not Life.FIRST]
    whole = CrashingGate()
    _lose(name, lives[0], 0, payers, on_sqlite, whole)
    passages = range(1, whole.passages + 1)
    way = list(TRANSFER_PATHS).index(name)
    for turn, number in enumerate(passages if ALL else passages[::14]):
        for life in lives if ALL else [lives[(way + turn) % len(lives)]]:
            side = list(Side)[number % 2]
            _lose(name, life, number, payers, on_sqlite, CrashingGate(number, side))
            record_property(life.value, 1)


def _lose(  # noqa: PLR0917  # the same for both
    name: str, life: Life, number: int, payers: Payers, shelf: Shelf, gate: CrashingGate
) -> None:
    """A campaign, a worker that dies, and other books after it; all is refused at first."""
    path, stage = TRANSFER_PATHS[name], TransferStage(payers, shelf)
    stage.campaign("list", path.dues)
    shelf.keep()
    if life is Life.REOPENED:
        second_life.refuse_and_reopen(stage, number=number)
    path.sets(stage, "list")
    try:
        if not gate.kills:
            stage.at(HOUR / 4, gate.die)
        stage.live(gate)
    except Crash:
        pass
    second_life.begin(stage, life, number=number)
    stage.wechat.top_up(1_000_000, mch_id=MCH_ID)
    for days in (2, 6):
        stage.at(days * DAY, lambda: second_life.ask(stage))
    stage.at(7 * DAY, lambda: second_life.close(stage))
    stage.live()
    check_transfers(stage, ended=True)
