"""Keeps what is made of the content that a campaign's payouts share, for the rails' callers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hongbao.rails.port import Carrier

T = TypeVar("T")

TERMS_MAX = 1_000
"""How many contents of requests are cached, a few KB each; a campaign has one or a few."""


class TermsCache(Generic[T]):
    """What was made of the contents of requests, by their ids.

    Args:
        read: ``Book.terms_body``: returns the rest of a request's content by its id.
        carrier: runs calls to the books.
        make: makes a value of a content, once.
    """

    def __init__(
        self,
        read: Callable[[int], Mapping[str, Any]],
        carrier: Carrier,
        make: Callable[[Mapping[str, Any]], T],
    ) -> None:
        self._read = read
        self._carrier = carrier
        self._make = make
        self._kept: dict[int, T] = {}
        self._reading = asyncio.Lock()

    def find(self, terms_id: int) -> T | None:
        """What is cached."""
        return self._kept.get(terms_id)

    async def fetch(self, terms_id: int) -> T:
        """Read what is not cached, once for all callers that wait for it.

        Raises:
            BookUnavailable: if the books do not answer.
        """
        async with self._reading:
            kept = self._kept
            if terms_id in kept:
                return kept[terms_id]
            found = kept[terms_id] = self._make(await self._carrier(lambda: self._read(terms_id)))
            if len(kept) > TERMS_MAX:
                del kept[next(iter(kept))]
            return found

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
