"""Books that are lost at every point at which a worker can die, and what they pay afterwards.

With ``PROOF_LIVES=all`` each point is followed by every kind of books, else some by one in turn;
on a server, each way by every kind, else by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kinds import ALL

import second_life
from crashing import Crash, CrashingGate, points
from laws import check
from paths import PATHS
from proof_stage import DAY, HOUR, MCH_ID, Stage
from second_life import Life

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof_stage import Payers
    from shelf import Shelf

LIVES = [life for life in Life if life is not Life.FIRST]


@pytest.mark.long
@pytest.mark.parametrize("name", PATHS)
def test_whenever_the_books_are_lost_whoever_is_reopened_is_paid_once(
    name: str,
    payers: Payers,
    on_sqlite: Shelf,
    record_property: Callable[[str, object], None],
) -> None:
    whole = CrashingGate()
    for number, life in enumerate(LIVES):
        gate = whole if not number else CrashingGate()
        _live(name, life, number, payers, on_sqlite, gate)
        record_property(life.value, 1)
    for number, (at, side) in enumerate(
        points(whole.passages, way=list(PATHS).index(name), every=5)
    ):
        for life in LIVES if ALL else [LIVES[number % len(LIVES)]]:
            _live(name, life, number, payers, on_sqlite, CrashingGate(at, side))
            record_property(life.value, 1)


@pytest.mark.parametrize("life", LIVES)
def test_books_on_a_server_are_lost_like_others(
    life: Life, payers: Payers, on_postgresql: Shelf
) -> None:
    first, each = (0, 1) if ALL else (list(Life).index(life) % len(LIVES), len(LIVES))
    for number, name in list(enumerate(PATHS))[first::each]:
        _live(name, life, number, payers, on_postgresql, CrashingGate())


def _live(  # noqa: PLR0917  # the same for both tests
    name: str, life: Life, number: int, payers: Payers, shelf: Shelf, gate: CrashingGate
) -> None:
    """A campaign, a worker that may die, and other books after it."""
    path, stage = PATHS[name], Stage(payers, shelf)
    stage.campaign("list", path.dues)
    shelf.keep()
    if life is Life.REOPENED:
        second_life.refuse_and_reopen(stage, number=number)
    path.sets(stage, "list")
    try:
        if gate.kills:
            stage.live(gate)
        else:
            # Until all is paid that is paid at once.
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
    check(stage, ended=True)
