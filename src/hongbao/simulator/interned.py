"""One copy of each of several equal values: a campaign's packets share most of what they say."""

from __future__ import annotations

from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")

SHARED_MAX = 10_000
"""How many different values are shared; more would cost more memory than they save."""


class Interned(Generic[ValueT]):
    """Holds one copy of each of several equal values."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[ValueT, ValueT] = {}

    def keep(self, value: ValueT) -> ValueT:
        """An equal value that may already be in use elsewhere."""
        if len(self._values) < SHARED_MAX:
            return self._values.setdefault(value, value)
        return self._values.get(value, value)
