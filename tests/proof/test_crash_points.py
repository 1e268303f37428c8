"""Every point at which a worker can die, on every way that a payout can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crashing import Crash, CrashingGate, Side
from laws import check
from paths import PATHS
from proof_stage import Stage

if TYPE_CHECKING:
    from paths import Path
    from proof_stage import Payers
    from shelf import Shelf


@pytest.mark.long
@pytest.mark.parametrize("name", PATHS)
def test_whenever_a_worker_dies_another_one_ends_it_and_nobody_is_paid_twice(
    name: str, payers: Payers, shelf: Shelf
) -> None:
    path, stage = PATHS[name], Stage(payers, shelf)
    whole = CrashingGate()
    _live(stage, path, "whole", whole)
    points = [(at, side) for at in range(1, whole.passages + 1) for side in Side]
    for at, side in points:
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
