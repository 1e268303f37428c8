"""Keeps what requests have in common while a list is checked: each distinct content once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.ledger.store.terms import content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hongbao.campaign.spool import Spool

_REMEMBERED = 20_000
_WAITING_MAX = 2_000


class TermsKeeper:
    """Numbers contents, and keeps them in a spool.

    Args:
        spool: where.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._waiting: list[tuple[int, str, bytes]] = []

    def number(self, body: Mapping[str, object]) -> int:
        """The number of a content; a new one if it is new, or was last seen long ago."""
        text, digest = content(body)
        number = self._numbers.get(text)
        if number is not None:
            return number
        if len(self._numbers) >= _REMEMBERED:
            self._numbers.clear()
        self._count += 1
        self._numbers[text] = self._count
        self._waiting.append((self._count, text, digest))
        if len(self._waiting) >= _WAITING_MAX:
            self.flush()
        return self._count

    def flush(self) -> None:
        """Keep all of them now."""
        self._spool.add_terms(self._waiting)
        self._waiting.clear()
