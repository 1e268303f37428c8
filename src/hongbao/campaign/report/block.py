"""Rows of a report, written as a part of a file."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Block(NamedTuple):
    """Rows that follow each other.

    Attributes:
        length: how many rows.
        data: as the file has them.
        top: the first of them, as text.
    """

    length: int
    data: bytes
    top: Sequence[Sequence[str]]


class Form(Protocol):
    """How rows are written into files of one kind. It can be given to another process."""

    def block(self, rows: Sequence[Sequence[str]]) -> Block:
        """Write rows."""
        ...


def blocks(form: Form, rows: Iterable[Sequence[str]], *, of: int) -> Iterator[Block]:
    """Write rows, so many at a time."""
    coming = iter(rows)
    while some := list(islice(coming, of)):
        yield form.block(some)
