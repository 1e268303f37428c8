"""Shares a channel's calls among queries, sends, looks and cancels by weighted round robin. Pure.

Queries go first, because they settle what may be paid; but every second turn is a send's, so that
the list makes progress, every tenth a look's, so that it never waits for ever, and every tenth a
cancel's.
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
    Task.SEND, Task.CANCEL, Task.SEND, Task.LOOK, Task.SEND,
)  # fmt: skip
"""A round. A task that has nothing to do leaves its turn to the first in this order: query, send,
look, cancel."""


def choose(turn: int, most: int, due: Mapping[Task, Sequence[T]]) -> list[tuple[Task, T]]:
    """Choose what to do, in this order.

    Args:
        turn: how many turns there have ever been.
        most: how many to choose.
        due: what could be done, the most urgent first.
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
