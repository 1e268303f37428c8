"""A gate at which a process dies: before or after the work of one chosen passage."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from kinds import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Crash(BaseException):
    """The process is dead: nobody catches it, and nothing of the process goes on."""


class Side(Enum):
    """When it dies."""

    BEFORE = "before"
    AFTER = "after"


def points(passages: int, *, way: int, every: int) -> list[tuple[int, Side]]:
    """Where a process dies: before and after each of its passages, if all is to be proven.

    After one and before the next the books and WeChat are alike, unless there are several ways at
    once; so one in an odd number is seen from either side in turn.

    Args:
        passages: how many there are.
        way: the number of the way, so that each begins elsewhere.
        every: one in so many is enough, unless all is to be proven.
    """
    whole = [(at, side) for at in range(1, passages + 1) for side in Side]
    return whole if ALL else whole[way % every :: every]


class CrashingGate:
    """Counts passages, to the books and to WeChat alike, and kills the process at one of them.

    Args:
        at: at which, from 1; at none if left out.
        side: before or after its work is done.

    Attributes:
        passages: how many there were.
        kills: whether it is to kill at all.
    """

    def __init__(self, at: int | None = None, side: Side = Side.BEFORE) -> None:
        self.passages = 0
        self.kills = at is not None
        self._at = at
        self._side = side
        self._dead = False

    def die(self) -> None:
        """Kill the process at its next passage."""
        self._dead = True

    async def books(self, work: Callable[[], T]) -> T:
        """As ``Gate.books``."""
        return self._pass(work)

    async def wechat(self, work: Callable[[], T]) -> T:
        """As ``Gate.wechat``."""
        return self._pass(work)

    def _pass(self, work: Callable[[], T]) -> T:
        self.passages += 1
        here = self.passages == self._at
        if self._dead or (here and self._side is Side.BEFORE):
            self._dead = True
            raise Crash
        try:
            return work()
        finally:
            if here:
                self._dead = True
                raise Crash
