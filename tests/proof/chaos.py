"""A gate where all goes wrong by chance: databases fail, processes freeze and die, clocks jump."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from crashing import Crash
from hongbao.errors import BookUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

T = TypeVar("T")


class Odds(NamedTuple):
    """How probable each trouble is at each passage.

    Attributes:
        fails: the database fails before anything was changed.
        hiccups: the database breaks off after the commit, so that nobody knows of it.
        freezes: everything stands still for a while, before or after the work; often for longer
            than a lease, so that a zombie wakes up.
        dies: the process dies, before or after the work.
    """

    fails: float
    hiccups: float
    freezes: float
    dies: float


FREEZES_SECONDS = (1.0, 20.0, 61.0, 95.0, 200.0, 4_000.0)


class ChaosGate:
    """One process's gate.

    Args:
        dice: its own.
        odds: how bad it is.
    """

    def __init__(self, dice: Random, odds: Odds) -> None:
        self._dice = dice
        self._odds = odds
        self._dead = False

    async def books(self, work: Callable[[], T]) -> T:
        """As ``Gate.books``."""
        await self._passing()
        if self._happens(self._odds.fails):
            raise BookUnavailable(problem="the database is away", undone=True)
        done = work()
        if self._happens(self._odds.hiccups):
            raise BookUnavailable(problem="the connection broke", undone=False)
        await self._passing()
        return done

    async def wechat(self, work: Callable[[], T]) -> T:
        """As ``Gate.wechat``."""
        await self._passing()
        try:
            return work()
        finally:
            await self._passing()

    async def _passing(self) -> None:
        """Before and after each work."""
        if self._happens(self._odds.freezes):
            await asyncio.sleep(self._dice.choice(FREEZES_SECONDS))
        if self._dead or self._happens(self._odds.dies):
            self._dead = True
            raise Crash

    def _happens(self, odds: float) -> bool:
        return self._dice.random() < odds
