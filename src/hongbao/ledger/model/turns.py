"""Whose turn it is among a merchant's queries, sends and looks, when calls are short. Pure.

Queries go first, because they settle what may be paid; but a send has every second turn, so that
the list goes on, and a look every tenth, so that it never waits for ever.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from hongbao.ledger.model.payout import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

TURNS = (
    Task.QUERY, Task.SEND, Task.QUERY, Task.SEND, Task.QUERY,
    Task.SEND, Task.QUERY, Task.SEND, Task.LOOK, Task.SEND,
)  # fmt: skip
"""A round. A task that has nothing to do leaves its turn to the first in this order: query, send,
look."""


def in_turn(turn: int, most: int, due: Mapping[Task, Sequence[T]]) -> list[tuple[Task, T]]:
    """Choose what is done, in this order.

    Args:
        turn: how many turns there were ever before.
        most: how many to choose.
        due: what could be done, most urgent first.
    """
    busy = [task for task in Task if due.get(task)]
    if len(busy) == 1:
        (task,) = busy
        return [(task, one) for one in due[task][:most]]
    waiting = {task: deque(due[task]) for task in busy}
    chosen: list[tuple[Task, T]] = []
    while waiting and len(chosen) < most:
        task = TURNS[(turn + len(chosen)) % len(TURNS)]
        if task not in waiting:
            task = min(waiting)
        chosen.append((task, waiting[task].popleft()))
        if not waiting[task]:
            del waiting[task]
    return chosen
