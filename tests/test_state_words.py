"""Whatever stands in a table of words has its words in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hongbao.errors import Disposition
from hongbao.ledger.model.campaign import DecisionKind
from hongbao.ledger.model.event import EventKind
from hongbao.ledger.model.payout import State, Task
from hongbao.ledger.model.standing import Phase
from hongbao.ledger.model.wait import Cause
from hongbao.state_words import (
    CAUSES,
    DECISIONS,
    EVENTS,
    HISTORY,
    MONEY,
    PHASES,
    STATES,
    TASKS,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLES = [
    (STATES, State), (PHASES, Phase), (TASKS, Task), (CAUSES, Cause), (MONEY, Disposition),
    (DECISIONS, DecisionKind), (HISTORY, EventKind),
]  # fmt: skip


@pytest.mark.parametrize(("table", "known"), TABLES)
def test_nothing_is_left_without_words(table: Mapping[Any, Any], known: Iterable[Any]) -> None:
    assert table.keys() == set(known)


@pytest.mark.parametrize("table", [*(table for table, _ in TABLES), EVENTS])
def test_each_is_said_in_english_and_in_chinese(table: Mapping[Any, Any]) -> None:
    for row in table.values():
        for words in [row] if isinstance(row, Words) else row:
            assert words.en
            assert words.en.isascii()
            assert words.zh
            assert not words.zh.replace("day_yuan_max", "").isascii()
