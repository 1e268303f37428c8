"""Makes the next thing while this one waits.

It is begun on a word, where the caller is about to wait for something outside Python: two threads
that both run Python take turns, and are slower than one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

T = TypeVar("T")


class Ahead(Generic[T]):
    """Things that are made one after the other, one of them ahead.

    Args:
        things: made in a thread, one at a time; nobody else may use what makes them until this is
            closed.
    """

    def __init__(self, things: Iterator[T]) -> None:
        self._things = things
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hongbao ahead")
        self._coming: Future[T | None] | None = None

    def close(self) -> None:
        """Wait for what is being made, and make nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def begin(self) -> None:
        """Begin to make the next thing, if that has not begun."""
        self._begun()

    def take(self) -> T | None:
        """The next thing; None after the last. What making it raises is raised here."""
        made = self._begun().result()
        self._coming = None
        return made

    def _begun(self) -> Future[T | None]:
        if self._coming is None:
            self._coming = self._pool.submit(next, self._things, None)
        return self._coming
