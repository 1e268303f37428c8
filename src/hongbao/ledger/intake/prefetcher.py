"""Prepares the next item in a thread while the caller stores the current one.

The caller says when to begin: when it is about to wait for something outside Python, since two
threads that both run Python are slower than one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

T = TypeVar("T")


class Prefetcher(Generic[T]):
    """Items that are made one after the other, one of them in advance.

    Args:
        things: makes the items, one at a time and in a thread. Nobody else may use it until this
            is closed.
    """

    def __init__(self, things: Iterator[T]) -> None:
        self._things = things
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hongbao ahead")
        self._coming: Future[T | None] | None = None

    def close(self) -> None:
        """Wait for the item that is being made, and make no more."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self) -> None:
        """Begin to make the next item, unless that has begun."""
        self._begun()

    def take(self) -> T | None:
        """The next item; None after the last. An error in making it is raised here."""
        made = self._begun().result()
        self._coming = None
        return made

    def _begun(self) -> Future[T | None]:
        if self._coming is None:
            self._coming = self._pool.submit(next, self._things, None)
        return self._coming
