"""Whole systems in which everything goes wrong, each decided by a seed.

``PROOF_SEEDS`` says which: a number of them from 0, or a range such as ``17-17``;
``PROOF_SECONDS`` for how long: seeds that do not fit are skipped.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from laws import check
from seeded_system import SeededSystem

if TYPE_CHECKING:
    from proof_stage import Payers
    from shelf import Shelf

_FIRST, _, _LAST = os.environ.get("PROOF_SEEDS", "200").rpartition("-")
SEEDS = range(int(_FIRST), int(_LAST) + 1) if _FIRST else range(int(_LAST))
UNTIL = time.monotonic() + float(os.environ.get("PROOF_SECONDS", "inf"))


def _on_postgresql(seed: int) -> bool:
    return seed % 8 == 7


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[pytest.mark.postgres] if _on_postgresql(seed) else [])
        for seed in SEEDS
    ],
)
def test_whatever_goes_wrong_nobody_is_paid_twice_and_in_the_end_everybody_is_settled(
    seed: int, payers: Payers, request: pytest.FixtureRequest
) -> None:
    if time.monotonic() > UNTIL:
        pytest.skip("the time is up")
    shelf: Shelf = request.getfixturevalue("on_postgresql" if _on_postgresql(seed) else "on_sqlite")
    system = SeededSystem(seed, payers, shelf)
    try:
        system.rage()
        check(system.stage, ended=False)
        system.recover()
        check(system.stage, ended=True)
    except BaseException as error:
        error.add_note(f"PROOF_SEEDS={seed}-{seed} python -m pytest tests/proof/test_seeds.py")
        raise
