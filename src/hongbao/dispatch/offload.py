"""Runs blocking calls to the books outside the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def inline(work: Callable[[], T]) -> T:
    """Run it in the event loop, so that a test is deterministic."""
    return work()


class Threads:
    """Runs calls in its own threads.

    Args:
        count: how many threads. One for SQLite, which writes one transaction after another; two
            for PostgreSQL, where claiming and recording overlap.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="hongbao books")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run it in a thread while the event loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait for the calls in progress, and end the threads."""
        self._pool.shutdown()
