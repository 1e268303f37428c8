"""What a target is: a function that takes any bytes and raises when a law breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class LawBroken(AssertionError):
    """What must hold for any bytes does not hold for these."""


class Target(NamedTuple):
    """One surface that takes bytes of strangers.

    Attributes:
        run: takes them; raises if a law breaks. Our own errors it knows and keeps.
        bytes_max: how long the engine makes them.
        words: what they are made of: the engine puts them in at will.
    """

    run: Callable[[bytes], None]
    bytes_max: int
    words: tuple[bytes, ...]


def insist(holds: object, law: str) -> None:
    """A law.

    Raises:
        LawBroken: if it does not hold.
    """
    if not holds:
        raise LawBroken(law)
