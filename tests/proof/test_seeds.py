"""Whole systems in which everything goes wrong, each decided by a seed.

``PROOF_SEEDS`` says which: a number of them from 0, or a range such as ``17-17``; ``PROOF_LIVES``
with which books each goes on after all has gone wrong: one kind each, or ``all``;
``PROOF_SECONDS`` for how long: seeds that do not fit are skipped.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from kinds import ALL

from laws import check
from second_life import Life
from seeded_system import SeededSystem

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof_stage import Payers
    from shelf import Shelf

_FIRST, _, _LAST = os.environ.get("PROOF_SEEDS", "54").rpartition("-")
SEEDS = range(int(_FIRST), int(_LAST) + 1) if _FIRST else range(int(_LAST))
LIVES = list(Life)
EACH = [(seed, life) for seed in SEEDS for life in (LIVES if ALL else [LIVES[seed % len(LIVES)]])]
UNTIL = time.monotonic() + float(os.environ.get("PROOF_SECONDS", "inf"))


def _on_postgresql(seed: int) -> bool:
    return seed % 9 == 8  # of every life, since there are four


@pytest.mark.parametrize(
    ("seed", "life"),
    [
        pytest.param(seed, life, marks=[pytest.mark.postgres] if _on_postgresql(seed) else [])
        for seed, life in EACH
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
    system = SeededSystem(seed, payers, shelf, life)
    try:
        system.rage()
        check(system.stage, ended=False)
        system.lose_the_books()
        system.recover()
        check(system.stage, ended=True)
    except BaseException as error:
        again = f"PROOF_SEEDS={seed}-{seed} PROOF_LIVES=all python -m pytest"
        error.add_note(f"{again} 'tests/proof/test_seeds.py::{request.node.name}'")
        raise
    record_property(life.value, 1)
