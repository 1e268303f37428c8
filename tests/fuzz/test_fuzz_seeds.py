"""No finding of a fuzz comes back: each input that was kept goes through its target again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from targets import SEEDS, TARGETS, seeds_of

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = [(name, path) for name in TARGETS for path in seeds_of(name)]


@pytest.mark.parametrize(
    ("name", "seed"), [pytest.param(name, path, id=f"{name}-{path.name}") for name, path in _KEPT]
)
def test_the_laws_hold_for_every_seed(name: str, seed: Path) -> None:
    TARGETS[name].run(seed.read_bytes())


def test_every_target_has_seeds_and_every_seed_a_target() -> None:
    assert {path.name for path in SEEDS.iterdir() if path.is_dir()} == set(TARGETS)
    assert all(len(seeds_of(name)) >= 5 for name in TARGETS)
