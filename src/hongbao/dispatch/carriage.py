"""How calls to the books are carried out of an event loop, whose time they must not take."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def inline(work: Callable[[], T]) -> T:
    """Do it here and now, so that a test is the same each time."""
    return work()


class Threads:
    """Does it in threads of its own.

    Args:
        count: how many. One for SQLite, which writes one transaction after another; two for
            PostgreSQL, where claiming and recording overlap.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="hongbao books")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Do it, and give others their turn meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait for what is under way, and end the threads."""
        self._pool.shutdown()
